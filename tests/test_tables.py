from __future__ import annotations

import csv
import io
import json
import re
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.asking.query import Answer, Table
from kg.asking.tables import FORMATS, clean, render
from kg.errors import UsageError

XSD = "http://www.w3.org/2001/XMLSchema#"
INTEGER = ox.NamedNode(XSD + "integer")
DECIMAL = ox.NamedNode(XSD + "decimal")
METHOD = ox.NamedNode("https://kg.example.org/method/vllm")
TABLE = Table(
    ("thing", "label", "papers"),
    (
        (METHOD, ox.Literal('v"LLM", | fast'), ox.Literal("12", datatype=INTEGER)),
        (ox.NamedNode("http://e/x?a=1&b"), ox.Literal("été\n<b>", language="fr"), ox.Literal("0.5", datatype=DECIMAL)),
        (ox.BlankNode("b0"), None, None),
    ),
)
TRIPLES = (
    ox.Triple(METHOD, ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel"), ox.Literal("vLLM")),
    ox.Triple(METHOD, ox.NamedNode("https://kg.example.org/ontology#count"), ox.Literal("2", datatype=INTEGER)),
)


def text(answer: Answer, format: str | None = None, *, terminal: bool = False, width: int = 100) -> str:
    return render(answer, format, terminal=terminal, width=width).decode()


def test_a_table_for_people() -> None:
    assert text(TABLE, "table") == (
        "thing             label           papers\n"
        "----------------  --------------  ------\n"
        'method:vllm       v"LLM", | fast      12\n'
        "http://e/x?a=1&b  été <b>            0.5\n"
        "_:b0\n"
    )


def test_csv() -> None:
    assert text(TABLE, "csv") == (
        "thing,label,papers\r\n"
        'https://kg.example.org/method/vllm,"v""LLM"", | fast",12\r\n'
        'http://e/x?a=1&b,"été\n<b>",0.5\r\n'
        "_:b0,,\r\n"
    )


def test_tsv() -> None:
    assert text(TABLE, "tsv") == (
        "?thing\t?label\t?papers\n"
        '<https://kg.example.org/method/vllm>\t"v\\"LLM\\", | fast"\t12\n'
        '<http://e/x?a=1&b>\t"été\\n<b>"@fr\t0.5\n'
        "_:b0\t\t\n"
    )


def test_json() -> None:
    assert json.loads(text(TABLE, "json")) == {
        "head": {"vars": ["thing", "label", "papers"]},
        "results": {
            "bindings": [
                {
                    "thing": {"type": "uri", "value": METHOD.value},
                    "label": {"type": "literal", "value": 'v"LLM", | fast'},
                    "papers": {"type": "literal", "value": "12", "datatype": XSD + "integer"},
                },
                {
                    "thing": {"type": "uri", "value": "http://e/x?a=1&b"},
                    "label": {"type": "literal", "value": "été\n<b>", "xml:lang": "fr"},
                    "papers": {"type": "literal", "value": "0.5", "datatype": XSD + "decimal"},
                },
                {"thing": {"type": "bnode", "value": "b0"}},
            ]
        },
    }


def test_xml() -> None:
    assert text(TABLE, "xml") == (
        '<?xml version="1.0"?>\n'
        '<sparql xmlns="http://www.w3.org/2005/sparql-results#">\n'
        "  <head>\n"
        '    <variable name="thing"/>\n'
        '    <variable name="label"/>\n'
        '    <variable name="papers"/>\n'
        "  </head>\n"
        "  <results>\n"
        "    <result>\n"
        '      <binding name="thing"><uri>https://kg.example.org/method/vllm</uri></binding>\n'
        '      <binding name="label"><literal>v&quot;LLM&quot;, | fast</literal></binding>\n'
        f'      <binding name="papers"><literal datatype="{XSD}integer">12</literal></binding>\n'
        "    </result>\n"
        "    <result>\n"
        '      <binding name="thing"><uri>http://e/x?a=1&amp;b</uri></binding>\n'
        '      <binding name="label"><literal xml:lang="fr">été\n&lt;b&gt;</literal></binding>\n'
        f'      <binding name="papers"><literal datatype="{XSD}decimal">0.5</literal></binding>\n'
        "    </result>\n"
        "    <result>\n"
        '      <binding name="thing"><bnode>b0</bnode></binding>\n'
        "    </result>\n"
        "  </results>\n"
        "</sparql>\n"
    )


def test_markdown() -> None:
    assert text(TABLE, "markdown") == (
        "| thing | label | papers |\n"
        "| --- | --- | --- |\n"
        '| method:vllm | v"LLM", \\| fast | 12 |\n'
        "| http://e/x?a=1&b | été \\<b> | 0.5 |\n"
        "| _:b0 |  |  |\n"
    )


def test_triples() -> None:
    assert text(TRIPLES, "nt") == (
        f'{METHOD} <http://www.w3.org/2004/02/skos/core#prefLabel> "vLLM" .\n'
        f'{METHOD} <https://kg.example.org/ontology#count> "2"^^<{XSD}integer> .\n'
    )
    turtle = text(TRIPLES)
    assert turtle == text(TRIPLES, "ttl") == text(TRIPLES, terminal=True)
    assert sorted(turtle.splitlines()[:4]) == [
        "@prefix kg: <https://kg.example.org/ontology#> .",
        "@prefix method: <https://kg.example.org/method/> .",
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .",
        f"@prefix xsd: <{XSD}> .",
    ]
    assert {q.triple for q in ox.parse(turtle, ox.RdfFormat.TURTLE)} == set(TRIPLES)
    assert text(TRIPLES, "table") == (
        "subject      predicate       object\n"
        "-----------  --------------  ------\n"
        "method:vllm  skos:prefLabel  vLLM\n"
        "method:vllm  kg:count        2\n"
    )


def test_truth_values() -> None:
    xml = '<?xml version="1.0"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">\n  <head/>\n'
    assert {name: text(True, name) for name in FORMATS if name not in ("ttl", "nt")} == {
        "table": "true\n",
        "csv": "true\n",
        "tsv": "true\n",
        "markdown": "true\n",
        "json": '{"head": {}, "boolean": true}\n',
        "xml": xml + "  <boolean>true</boolean>\n</sparql>\n",
    }
    assert text(False) == "false\n"


def test_the_default_is_a_table_on_a_terminal_and_csv_in_a_pipe() -> None:
    assert text(TABLE) == text(TABLE, "csv")
    assert text(TABLE, terminal=True) == text(TABLE, "table", terminal=True) != text(TABLE, "table")


@pytest.mark.parametrize(
    ("answer", "format", "message"),
    [
        (TABLE, "ttl", "ttl is for CONSTRUCT and DESCRIBE; take one of table, csv, tsv, json, xml, markdown"),
        (True, "nt", "nt is for CONSTRUCT and DESCRIBE; take one of table, csv, tsv, json, xml, markdown"),
        (TABLE, "jsn", "there is no format 'jsn'; did you mean json?"),
        (TABLE, "pdf", "there is no format 'pdf'; take one of table, csv, tsv, json, xml, markdown, ttl, nt"),
    ],
)
def test_a_format_that_does_not_fit(answer: Answer, format: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        render(answer, format)
    assert str(caught.value) == message


def test_a_table_without_rows() -> None:
    empty = Table(("a", "bb"), ())
    assert {name: text(empty, name) for name in ("table", "csv", "tsv", "markdown")} == {
        "table": "a  bb\n-  --\n",
        "csv": "a,bb\r\n",
        "tsv": "?a\t?bb\n",
        "markdown": "| a | bb |\n| --- | --- |\n",
    }
    assert "bb" in text(empty, terminal=True)


# Text of strangers on a terminal

EVIL = "\x1b[31mred\x1b]0;title\x07 \x9b2J \u202eabc\r\n[bold]x[/bold] \x7f"


def test_control_characters_are_shown_and_not_sent() -> None:
    assert clean(EVIL) == "␛[31mred␛]0;title␇ \ufffd2J \ufffdabc [bold]x[/bold] ␡"


def test_a_terminal_gets_no_escape_of_a_paper_and_no_markup_is_read() -> None:
    shown = text(Table(("title",), ((ox.Literal(EVIL),),)), terminal=True, width=200)
    assert clean(EVIL) in shown
    assert not set(shown.replace("\x1b[", "")) & set("\x07\x1b\x9b\x7f\r\u202e")
    assert text(Table(("t",), ((ox.Literal(EVIL),),)), "table").splitlines()[2] == clean(EVIL)


def test_a_terminal_table_is_as_wide_as_the_terminal() -> None:
    table = Table(("title", "n"), ((ox.Literal("a long title of many words " * 8), ox.Literal(7)),))
    lines = text(table, terminal=True, width=60).splitlines()

    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    assert max(map(len, plain)) <= 60
    assert " ".join(" ".join(plain[3:]).replace("7", "").split()) == ("a long title of many words " * 8).strip()


def test_wide_letters_keep_the_columns_straight() -> None:
    rows = ((ox.Literal("日本"), ox.Literal("x")), (ox.Literal("e\u0301"), ox.Literal("y")))
    assert text(Table(("a", "b"), rows), "table") == "a     b\n----  -\n日本  x\ne\u0301     y\n"


# What the W3C's formats mean is kept: the engine's own readers get back what was written

LITERALS = st.one_of(
    st.builds(ox.Literal, st.text(st.characters(exclude_categories=["Cs", "Cc"]))),
    st.builds(lambda text: ox.Literal(text, language="en-gb"), st.text("ab\"'\\\t\n\r é")),
    st.builds(ox.Literal, st.integers()),
    st.builds(lambda n: ox.Literal(f"{n}", datatype=DECIMAL), st.decimals(allow_nan=False, allow_infinity=False)),
)
IRIS = st.builds(lambda text: ox.NamedNode("http://e/" + text), st.text("ab&c'?=é", max_size=8))
TABLES = st.lists(st.tuples(*[st.one_of(st.none(), IRIS, LITERALS)] * 2), max_size=4).map(
    lambda rows: Table(("a", "b"), tuple(rows))
)


@pytest.mark.parametrize("name", ["json", "tsv"])
def test_formats_round_trip(name: str) -> None:
    @settings(max_examples=150, deadline=None)
    @given(TABLES)
    def check(table: Table) -> None:
        kind = ox.QueryResultsFormat.from_extension({"json": "srj"}.get(name, name))
        read = ox.parse_query_results(render(table, name), format=kind)
        assert isinstance(read, ox.QuerySolutions)
        assert tuple(tuple(row) for row in read) == table.rows

    check()


@settings(max_examples=150, deadline=None)
@given(TABLES)
def test_csv_is_read_back_by_any_reader(table: Table) -> None:
    lines = list(csv.reader(io.StringIO(text(table, "csv"), newline="")))
    assert lines == [
        list(table.columns),
        *([getattr(term, "value", "") for term in row] for row in table.rows),
    ]


@settings(max_examples=150, deadline=None)
@given(TABLES)
def test_xml_is_read_back_by_any_reader(table: Table) -> None:
    space = "{http://www.w3.org/2005/sparql-results#}"
    rows = []
    for result in ElementTree.fromstring(render(table, "xml")).iter(space + "result"):
        row: dict[str, ox.NamedNode | ox.Literal] = {}
        for binding in result:
            (term,) = binding
            if term.tag == space + "uri":
                row[binding.attrib["name"]] = ox.NamedNode(term.text or "")
            else:
                datatype = term.get("datatype")
                row[binding.attrib["name"]] = ox.Literal(
                    term.text or "",
                    datatype=ox.NamedNode(datatype) if datatype else None,
                    language=term.get("{http://www.w3.org/XML/1998/namespace}lang"),
                )
        rows.append((row.get("a"), row.get("b")))
    assert tuple(rows) == table.rows
