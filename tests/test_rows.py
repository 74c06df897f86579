"""Tables of the library: plain values, rows, data frames."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

import kg
from kg.errors import UsageError
from kg.ontology import BASE_IRI
from kg.rows import SHOWN, read_value

ROOT = Path(__file__).parent.parent
SMALL = ROOT / "tests" / "data" / "small.ttl"
GRAPH = kg.open(SMALL)
LONG = "LongDraft: Self-Speculative Decoding of Long Contexts on Consumer GPUs"


def literal(text: str, kind: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(f"http://www.w3.org/2001/XMLSchema#{kind}"))


@pytest.mark.parametrize(
    ("term", "value"),
    [
        (None, None),
        (ox.Literal("text"), "text"),
        (ox.Literal("Wort", language="de"), "Wort"),
        (literal("3", "integer"), 3),
        (literal("3", "nonNegativeInteger"), 3),
        (literal("0.931", "decimal"), 0.931),
        (literal("1e3", "double"), 1000.0),
        (literal("true", "boolean"), True),
        (literal("0", "boolean"), False),
        (literal("2025-06-01", "date"), date(2025, 6, 1)),
        (literal("2025-06-01T10:00:00Z", "dateTime"), datetime(2025, 6, 1, 10, tzinfo=UTC)),
        (literal("2025", "gYear"), "2025"),
        (literal("three", "integer"), "three"),
        (ox.NamedNode("https://e.org/x"), "https://e.org/x"),
        (ox.BlankNode("b"), "_:b"),
    ],
)
def test_terms_become_plain_values(term: Any, value: object) -> None:
    read = read_value(term)
    assert (read, type(read)) == (value, type(value))


def test_a_row_is_read_by_name_by_place_and_as_a_dict() -> None:
    table = GRAPH.query("papers-on-less-than-memory", gigabytes=30)
    assert table.columns == ("memory", "hardware", "title")
    (row,) = table
    assert (row.hardware, row["title"], row[0], row[-1]) == ("GeForce RTX 4090", LONG, 24.0, LONG)
    assert dict(row) == {"memory": 24.0, "hardware": "GeForce RTX 4090", "title": LONG}
    memory, *_ = row
    assert (memory, len(row), row == (24.0, "GeForce RTX 4090", LONG), row == table[0]) == (24.0, 3, True, True)
    assert repr(row) == f"Row(memory=24.0, hardware='GeForce RTX 4090', title={LONG!r})"
    with pytest.raises(KeyError, match=r"there is no column 'titel'; did you mean title\?"):
        row["titel"]
    with pytest.raises(AttributeError, match="a row has no column 'titel'"):
        _ = row.titel


def test_a_table_is_a_sequence_that_shows_itself() -> None:
    table = GRAPH.query("SELECT ?kind { ?paper kg:runsOn/skos:prefLabel ?kind } ORDER BY ?kind")
    assert [row.kind for row in table] == ["A100", "A100", "GeForce RTX 4090", "H100", "consumer GPU"]
    assert (len(table), [row.kind for row in table[1:3]], bool(table)) == (5, ["A100", "GeForce RTX 4090"], True)
    assert repr(table) == "kind\n----------------\nA100\nA100\nGeForce RTX 4090\nH100\nconsumer GPU"
    assert table.text("csv") == "kind\r\nA100\r\nA100\r\nGeForce RTX 4090\r\nH100\r\nconsumer GPU\r\n"
    with pytest.raises(UsageError, match="there is no format 'exel'"):
        table.text("exel")


def test_long_tables_show_their_first_rows_and_hold_all() -> None:
    table = GRAPH.query("SELECT ?s ?p ?o { ?s ?p ?o }")
    assert len(table) == 1362
    shown = repr(table).splitlines()
    assert (len(shown), shown[-1]) == (2 + SHOWN + 1, "… and 1302 more rows")
    assert table._repr_html_().count("<tr>") == 1 + SHOWN
    assert table._repr_html_().endswith("</table><p>… and 1302 more rows</p>")


def test_what_is_asked_with_ask_is_true_or_false() -> None:
    yes, no = (GRAPH.query(f"ASK {{ ?paper kg:runsOn hardware:{name} }}") for name in ("h100", "p100"))
    assert (bool(yes), bool(no), yes[0].answer, no[0].answer) == (True, False, True, False)


def test_what_is_constructed_is_rows_and_a_graph_of_rdflib() -> None:
    import rdflib

    table = GRAPH.query("CONSTRUCT { ?p kg:runsOn ?h } WHERE { ?p kg:runsOn ?h ; kg:introduces method:longdraft }")
    paper = f"{BASE_IRI}paper/longdraft-self-speculative-decoding-of-long-7748c662"
    runs, hardware = f"{BASE_IRI}ontology#runsOn", f"{BASE_IRI}hardware/"
    assert [tuple(row) for row in table] == [
        (paper, runs, hardware + "consumer-gpu"),
        (paper, runs, hardware + "geforce-rtx-4090"),
    ]
    assert set(table.rdflib()) == {tuple(map(rdflib.URIRef, row)) for row in table}
    assert table.text("nt") == "".join(f"<{s}> <{p}> <{o}> .\n" for s, p, o in table)
    with pytest.raises(UsageError, match="only what a CONSTRUCT or DESCRIBE returns is a graph"):
        GRAPH.stats().rdflib()


def test_tables_become_data_frames_of_pandas() -> None:
    pandas = pytest.importorskip("pandas", reason="the package pandas is not installed")
    table = GRAPH.query("SELECT ?t ?n { VALUES (?t ?n) { ('a' 1) ('b' 2.5) (UNDEF 3) } }")
    frame = table.to_pandas()
    expected = pandas.DataFrame({"t": [None, "a", "b"], "n": [3, 1, 2.5]})
    pandas.testing.assert_frame_equal(frame, expected)
    assert list(GRAPH.query("SELECT ?a ?b { ?a kg:noSuch ?b }").to_pandas().columns) == ["a", "b"]


def test_tables_become_data_frames_of_polars() -> None:
    polars = pytest.importorskip("polars", reason="the package polars is not installed")
    table = GRAPH.query("SELECT ?t ?n { VALUES (?t ?n) { ('a' 1) ('b' 2.5) (UNDEF 3) } }")
    assert table.to_polars().to_dict(as_series=False) == {"t": [None, "a", "b"], "n": [3.0, 1.0, 2.5]}
    assert table.to_polars().schema == {"t": polars.String, "n": polars.Float64}
    assert GRAPH.query("SELECT ?a ?b { ?a kg:noSuch ?b }").to_polars().columns == ["a", "b"]


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_a_missing_package_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    method: Callable[[], object] = getattr(GRAPH.stats(), f"to_{package}")
    with pytest.raises(
        UsageError, match=f"^to_{package} needs the package {package}; install it: pip install {package}$"
    ):
        method()
