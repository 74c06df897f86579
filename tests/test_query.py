from __future__ import annotations

import io
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.asking.parameters import bind, make_term
from kg.asking.query import Answer, QueryTimeout, Table, ask
from kg.asking.tokens import cut_tokens
from kg.errors import KgError, UsageError
from kg.store import OpenGraph, open_graph
from kg.terminal import read_query

SMALL = Path(__file__).parent / "data" / "small.ttl"
GRAPH = open_graph(SMALL)
XSD = "http://www.w3.org/2001/XMLSchema#"
A = "twindraft-two-draft-models-for-faster-81ca155f"
B = "longdraft-self-speculative-decoding-of-long-7748c662"
C = "how-far-can-kv-cache-quantization-ef10cab4"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?a) != STR(?d) || STR(?f) = STR(?i)) }"


def values(answer: Answer) -> list[tuple[str | None, ...]]:
    assert isinstance(answer, Table)
    return [tuple(None if term is None else term.value for term in row) for row in answer.rows]  # type: ignore[union-attr]


def error(sparql: str, parameters: dict[str, str] | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        ask(GRAPH, sparql, parameters)
    return str(caught.value)


def test_a_select_is_a_table() -> None:
    answer = ask(
        GRAPH, "SELECT ?l ?m { ?m a kg:Hardware ; skos:prefLabel ?l OPTIONAL { ?m kg:x ?y } } ORDER BY ?l LIMIT 2"
    )
    node = ox.NamedNode("https://kg.example.org/hardware/a100")
    gpu = ox.NamedNode("https://kg.example.org/hardware/gpu")
    assert answer == Table(("l", "m"), ((ox.Literal("A100"), node), (ox.Literal("GPU"), gpu)))


def test_an_ask_is_a_truth_value() -> None:
    assert ask(GRAPH, "ASK { ?p kg:uses method:tree-attention }") is True
    assert ask(GRAPH, "ASK { ?p kg:uses method:medusa }") is False


def test_a_construct_and_a_describe_are_sorted_triples() -> None:
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    medusa = ox.NamedNode("https://kg.example.org/method/medusa")
    expected = (ox.Triple(medusa, label, ox.Literal("Medusa")),)
    construct = (
        "CONSTRUCT { ?m skos:prefLabel ?l } WHERE { VALUES ?m { method:medusa } ?m skos:prefLabel ?l . ?m a ?k }"
    )
    assert ask(GRAPH, construct) == expected
    described = ask(GRAPH, "DESCRIBE method:medusa")
    assert isinstance(described, tuple)
    assert list(described) == sorted(described, key=str)
    assert set(expected) < set(described)


def test_rows_without_an_order_are_sorted() -> None:
    answer = ask(GRAPH, "SELECT ?l { { SELECT ?l { ?b a kg:Benchmark ; skos:prefLabel ?l } ORDER BY DESC(?l) } }")
    assert values(answer) == [("CodeNeg",), ("CodeSearchNet",), ("GSM8K",), ("HumanEval",), ("LongBench",)]


def test_a_prefix_that_the_query_declares_is_its_own() -> None:
    assert ask(GRAPH, "PREFIX kg: <http://other.example/> ASK { ?p kg:uses ?m }") is False
    assert ask(GRAPH, "PREFIX x: <https://kg.example.org/ontology#> ASK { ?p x:uses ?m }") is True


def test_a_relative_iri_is_under_the_base_of_the_graph() -> None:
    assert ask(GRAPH, "ASK { ?p kg:uses <method/tree-attention> }") is True


def test_from_takes_a_named_graph_and_fetches_nothing(tmp_path: Path) -> None:
    (tmp_path / "g.nq").write_text("<http://e/a> <http://e/b> 'c' <http://e/g> .\n".replace("'", '"'))
    graph = open_graph(tmp_path / "g.nq")
    assert ask(graph, "ASK { ?s ?p ?o }") is True
    assert ask(graph, "ASK FROM <http://e/g> { ?s ?p ?o }") is True
    assert ask(graph, "ASK FROM <http://localhost:9/x> { ?s ?p ?o }") is False
    assert ask(graph, "ASK { GRAPH <http://e/g> { ?s ?p ?o } }") is True


# What is refused, and how that is said


@pytest.mark.parametrize(
    ("sparql", "message"),
    [
        ("", "the query is empty"),
        ("# nothing", "the query is empty"),
        ("ASK {} # \udcff", "the query is not valid UTF-8; write it anew"),
        (
            "SELECT * {\n  ?p kgs:uses ?m }",
            "line 2, column 6: the prefix kgs: is not known; did you mean kg?\n    ?p kgs:uses ?m }\n       ^",
        ),
        (
            "SELECT * { ?p zork:uses ?m }",
            "line 1, column 15: the prefix zork: is not known; declare it with PREFIX\n"
            "  SELECT * { ?p zork:uses ?m }\n                ^",
        ),
        (
            "SELECT * {\n\n ?p kg:uses ?m FILTR(?m != 1) }",
            "line 3, column 16: FILTR is not a word of SPARQL; did you mean FILTER?\n"
            "   ?p kg:uses ?m FILTR(?m != 1) }\n"
            "                 ^",
        ),
        (
            "SELECT ?p { ?p kg:uses ?m } GROUP BY ?m",
            "line 1, column 40: the SELECT contains a variable that is unbound\n"
            "  SELECT ?p { ?p kg:uses ?m } GROUP BY ?m\n                                         ^",
        ),
        (
            "SELECT * { ?p kg:uses ?m",
            "line 1, column 25: this is not valid SPARQL\n  SELECT * { ?p kg:uses ?m\n                          ^",
        ),
        (
            "INSERT DATA { <http://a> <http://b> 1 }",
            "kg query only reads: SPARQL Update is refused; change the inputs and run kg build",
        ),
        (
            "PREFIX a: <http://a> DELETE WHERE { ?s ?p ?o }",
            "kg query only reads: SPARQL Update is refused; change the inputs and run kg build",
        ),
        (
            "SELECT * { service silent <http://localhost:9/> { ?s ?p ?o } }",
            "the query has a SERVICE clause, which asks another machine; allow it with --allow-service",
        ),
        (
            "SELECT * { \\u0053ERVICE <http://localhost:9/> { ?s ?p ?o } }",
            "the query has a SERVICE clause, which asks another machine; allow it with --allow-service",
        ),
        (
            "SELECT (<http://f.example/x>(?o) AS ?y) { ?s ?p ?o }",
            "the query cannot be run: The custom function <http://f.example/x> is not supported",
        ),
    ],
)
def test_a_wrong_query_is_explained(sparql: str, message: str) -> None:
    assert error(sparql) == message


def test_the_place_of_an_error_is_that_in_the_given_text() -> None:
    with_parameter = error("SELECT ?p {\n ?p kg:uses ?m .\n ?p ?? }", {"m": "method:medusa"})
    assert with_parameter == error("SELECT ?p {\n ?p kg:uses ?m .\n ?p ?? }")
    assert with_parameter.splitlines()[1] == "   ?p ?? }"


def test_words_in_strings_iris_and_comments_are_no_clauses() -> None:
    assert ask(GRAPH, 'ASK { VALUES ?x { "SERVICE zork:x" <http://e/SERVICE> } # SERVICE\n }') is True


@pytest.mark.parametrize(
    "sparql",
    [
        "SELECT * " + "{" * 20_000 + "}" * 20_000,
        "SELECT * {" + "{ SELECT * {" * 5_000 + "}}" * 5_000 + "}",
        "SELECT * { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }",
        "SELECT * { FILTER(" + "!" * 40_000 + "1) }",
        "ASK { FILTER(1" + " + 1" * 40_000 + ") }",
        "SELECT * {" + "".join(f"BIND(1 AS ?x{n}) " for n in range(20_000)) + "}",
        "SELECT * { VALUES ?x { " + "<<( " * 20_000 + " } }",
    ],
)
def test_a_query_that_would_end_the_process_is_refused(sparql: str) -> None:
    """The engine descends into each part, and a process ends without a word where its stack does."""
    assert error(sparql) == "the query has more than 3,000 brackets, words and operators; ask in several steps"


def test_much_data_in_a_query_is_not_refused() -> None:
    rows = " ".join(f"({n} UNDEF)" for n in range(10_000))
    answer = ask(GRAPH, f"SELECT ?n {{ VALUES (?n ?m) {{ {rows} }} FILTER(?n < 3) }}")
    assert values(answer) == [("0",), ("1",), ("2",)]
    listed = ", ".join(map(str, range(10_000)))
    assert values(ask(GRAPH, f"SELECT ?n {{ VALUES ?n {{ 1 2 }} FILTER(?n IN ({listed})) }}")) == [("1",), ("2",)]


def test_a_service_that_is_allowed_but_not_there() -> None:
    with pytest.raises(KgError) as caught:
        ask(GRAPH, "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", allow_service=True)
    assert str(caught.value).startswith("the query failed: ")
    assert caught.value.exit_code == 1


def test_a_slow_query_is_stopped_and_the_process_can_end() -> None:
    code = (
        "from kg.errors import KgError\nfrom kg.asking.query import ask\nfrom kg.store import OpenGraph, open_graph\n"
        f"try: ask(open_graph({str(SMALL)!r}), {SLOW!r}, time_limit_s=0.2)\n"
        "except KgError as error: print(type(error).__name__, error, sep=': ')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == (
        "QueryTimeout: the query took longer than 0.2 s; make it narrower or give a larger --time-limit\n"
    )
    assert QueryTimeout.exit_code == 1


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(KgError) as caught:
        ask(GRAPH, "SELECT * { ?s ?p ?o }", row_limit=100)
    assert str(caught.value) == "the query returns more than 100 rows; add a LIMIT, or take kg export for a graph"
    assert len(values(ask(GRAPH, "SELECT * { ?s ?p ?o } LIMIT 100", row_limit=100))) == 100


def test_no_query_of_the_w3c_is_refused_that_the_engine_takes(shared: Path) -> None:
    refused = {}
    empty = OpenGraph(ox.Store(), GRAPH.base, GRAPH.prefixes)
    files = sorted((shared / "w3c" / "sparql11").rglob("*.rq"))
    for file in files:
        text = file.read_text(encoding="utf-8")
        try:
            empty.store.query(text, base_iri=GRAPH.base, prefixes=GRAPH.prefixes)
        except (SyntaxError, RuntimeError, OSError):
            continue
        try:
            ask(empty, text)
        except KgError as problem:
            refused[file.stem] = str(problem).split(",")[0]
    assert len(files) > 400
    assert set(refused.values()) == {"the query has a SERVICE clause"}
    assert all("service" in name for name in refused)


# Parameters


@pytest.mark.parametrize(
    ("sparql", "expected"),
    [
        ("SELECT ?p { ?p kg:uses ?m }", [(C,), (B,)]),
        ("SELECT ?p { ?p kg:uses $m }", [(C,), (B,)]),
        ("SELECT (COUNT(*) AS ?n) { ?p kg:uses ?m }", [("2",)]),
        ("SELECT ?m (COUNT(*) AS ?n) { ?p kg:uses ?m } GROUP BY ?m", [("kv-cache-quantization", "2")]),
        ("SELECT ?n { { SELECT (COUNT(*) AS ?n) { ?p kg:uses ?m } } }", [("2",)]),
        ("SELECT ?p { { ?p kg:uses ?x FILTER(?x = ?m) } }", [(C,), (B,)]),
        ("SELECT ?p { ?p a kg:Paper FILTER EXISTS { ?p kg:uses ?m } }", [(C,), (B,)]),
        ("SELECT ?p { ?p kg:uses ?x MINUS { ?p kg:uses ?m } } ORDER BY ?p LIMIT 1", [("coderank",)]),
        ("SELECT DISTINCT ?p { { ?p kg:uses ?m } UNION { ?p kg:comparesWith ?m } }", [(C,), (B,)]),
        ("SELECT ?p { ?p kg:introduces method:longdraft OPTIONAL { ?p kg:uses ?m } }", [(B,)]),
        ("SELECT (STR(?m) AS ?s) { ?p kg:introduces method:longdraft }", [("kv-cache-quantization",)]),
        ('SELECT ?p { VALUES ?m { method:medusa "x" } ?p kg:uses ?m }', [(C,), (B,)]),
        (
            "SELECT ?p { VALUES (?m ?q) { (method:medusa 1) (method:kv-cache-quantization 2) } ?p kg:uses ?m }",
            [(C,), (B,)],
        ),
        ("SELECT ?p { ?p kg:uses ?m } VALUES (?m) { (method:medusa) (method:codebert) }", [(C,), (B,)]),
        ("SELECT ?p { ?p kg:uses ?m } ORDER BY ?m ?p", [(C,), (B,)]),
    ],
)
def test_a_parameter_restricts_every_form_of_query(sparql: str, expected: list[tuple[str, ...]]) -> None:
    rows = values(ask(GRAPH, sparql, {"m": "method:kv-cache-quantization"}))
    short = [tuple((cell or "").rpartition("/")[2] for cell in row) for row in rows]
    assert [tuple(c if not c.startswith("coderank") else "coderank" for c in row) for row in short] == expected


def test_a_parameter_can_have_several_values() -> None:
    nodes = tuple(ox.NamedNode(f"https://kg.example.org/method/{name}") for name in ("tree-attention", "codebert"))
    expected = [(f"https://kg.example.org/paper/{A}",)]
    for sparql in ("SELECT ?p { ?p kg:uses ?m }", "SELECT ?p { VALUES (?m) { (1) } ?p kg:uses ?m }"):
        assert values(ask(GRAPH, sparql, {"m": nodes})) == expected


def test_a_parameter_of_the_other_forms() -> None:
    medusa = {"m": "method:medusa"}
    whole = ask(GRAPH, "DESCRIBE method:medusa")
    assert ask(GRAPH, "DESCRIBE ?m", medusa) == whole
    assert ask(GRAPH, "CONSTRUCT WHERE { ?m ?p ?o } # all", medusa) == whole
    assert ask(GRAPH, "CONSTRUCT { ?m ?p ?o } WHERE { ?m ?p ?o }", medusa) == whole
    assert ask(GRAPH, "ASK { ?p kg:uses ?m }", medusa) is False


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", '"plain"'),
        ("2310.15141", '"2310.15141"'),
        ("a: b", '"a: b"'),
        ("zork:x", '"zork:x"'),
        ("<not an iri>", '"<not an iri>"'),
        ("<http://e/x>", "<http://e/x>"),
        ("method:vllm", "<https://kg.example.org/method/vllm>"),
        ("xsd:integer", f"<{XSD}integer>"),
        ('"method:vllm"', '"method:vllm"'),
        ('"chat"@fr', '"chat"@fr'),
        ('"40"^^xsd:decimal', f'"40"^^<{XSD}decimal>'),
        ('"40"^^nope:decimal', '"\\"40\\"^^nope:decimal"'),
        ('"chat"@f', '"\\"chat\\"@f"'),
        ('"', '"\\""'),
    ],
)
def test_a_value_is_read_by_its_look(value: str, expected: str) -> None:
    assert str(make_term("x", value, None, GRAPH.prefixes)) == expected


def test_a_value_of_a_declared_kind() -> None:
    assert str(make_term("x", "method:vllm", "text", GRAPH.prefixes)) == '"method:vllm"'
    assert str(make_term("x", "http://e/x", "iri", GRAPH.prefixes)) == "<http://e/x>"
    assert str(make_term("x", "24", "number", {})) == f'"24"^^<{XSD}integer>'
    assert str(make_term("x", "-1.5", "number", {})) == f'"-1.5"^^<{XSD}decimal>'
    for value, kind, message in (
        ("many", "number", "x is a number such as 24 or 1.5, not 'many'"),
        ("1e5", "number", "x is a number such as 24 or 1.5, not '1e5'"),
        ("two words", "iri", "x is an IRI or a name such as method:vllm, not 'two words'"),
        ("\udcff", None, "the value of x is not valid UTF-8"),
    ):
        with pytest.raises(UsageError) as caught:
            make_term("x", value, kind, {})  # type: ignore[arg-type]
        assert str(caught.value) == message


def test_a_query_on_standard_input_that_is_not_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"ASK {} # \xff"), "utf-8"))
    with pytest.raises(UsageError) as caught:
        read_query("-")
    assert str(caught.value) == "standard input: cannot be read; give a file with a SPARQL query"


def test_a_parameter_that_the_query_does_not_have() -> None:
    assert error("ASK { ?paper kg:uses ?m }", {"papr": "x"}) == "the query has no variable ?papr; did you mean paper?"
    assert error("ASK { BIND(1 AS ?m) }", {"m": "x"}) == (
        "a parameter is a variable that the query itself computes; give another one"
    )


INJECTIONS = [
    '" } ?p ?q ?r . { BIND("x" AS ?m',
    '"} UNION { ?p ?q ?r } #',
    "\\",
    '\\"',
    "\n} SELECT * { ?s ?p ?o",
    "<http://e/> } ; DROP ALL",
    "<http://e/a> <http://e/b>",
    "method:x> } UNION { ?p ?q ?m } #",
    '"x"^^<http://e/>} #>',
    "'''\"\"\"",
    "\\u0022 } UNION { ?p ?q ?m",
    "?m",
    "\r\n\t\x0b\x85\u2028",
]


@pytest.mark.parametrize("value", INJECTIONS)
def test_a_value_cannot_leave_its_place(value: str) -> None:
    for sparql in ("SELECT ?m { ?p kg:uses ?x }", 'SELECT ?m { VALUES ?m { "y" } ?p kg:uses ?x }'):
        answer = ask(GRAPH, sparql, {"m": value})
        assert isinstance(answer, Table)
        assert set(answer.rows) == {(make_term("m", value, None, GRAPH.prefixes),)}
        assert len(answer.rows) == 6


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_every_text_comes_back_as_it_was_given(value: str) -> None:
    answer = ask(GRAPH, 'SELECT ?m { VALUES ?m { "y" } }', {"m": ox.Literal(value)})
    assert answer == Table(("m",), ((ox.Literal(value),),))


def test_binding_adds_no_line_before_the_end() -> None:
    sparql = "SELECT ?p\nWHERE {\n  ?p kg:uses ?m .\n  OPTIONAL { ?m skos:broader ?w }\n}"
    term = ox.Literal("x")
    assert bind(sparql, {"m": term, "w": term}) == (
        'SELECT ?p\nWHERE { VALUES ?m { "x" }\n  ?p kg:uses ?m .\n'
        '  OPTIONAL { VALUES ?m { "x" } VALUES ?w { "x" } ?m skos:broader ?w }\n}'
    )


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="?$ab:<>{}\"'\\#.@^1 \nVALUES"))
def test_tokens_cover_the_text_in_order(text: str) -> None:
    tokens = cut_tokens(text)
    assert [t.text for t in tokens] == [text[t.start : t.end] for t in tokens]
    assert all(a.end <= b.start for a, b in pairwise(tokens))
