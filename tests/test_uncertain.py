from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.asking.query import select
from kg.store import OpenGraph, open_graph
from kg.uncertain import LeastCertain

DATA = Path(__file__).parent / "data"
CONFIDENCES = st.integers(1, 100).map(lambda n: Decimal(n) / 100)


@given(st.dictionaries(st.text("ab", min_size=1), CONFIDENCES), st.integers(1, 5), st.randoms())
def test_the_least_certain_are_kept_in_any_order(statements: dict[str, Decimal], most: int, order: object) -> None:
    least, names = LeastCertain(most), list(statements)
    order.shuffle(names)  # type: ignore[attr-defined]
    for name in names:
        least.add(name, statements[name])
    ranked = sorted((confidence, name) for name, confidence in statements.items() if confidence < 1)
    assert least.names() == [name for _, name in ranked[:most]]


@pytest.mark.parametrize("name", ["corpus.ttl", "small.ttl"])
def test_a_graph_marks_the_statements_about_concepts_that_are_least_certain(name: str) -> None:
    check_least_certain(open_graph(DATA / name))


def test_a_graph_of_many_statements_marks_a_thousand(built: Path) -> None:
    assert len(check_least_certain(open_graph(built))) == 1000


def check_least_certain(graph: OpenGraph) -> set[str]:
    """Return the statements that the graph marks, after they were compared with all statements."""
    found = {str(row[0]) for row in select(graph, "SELECT ?s { ?s a kg:UncertainStatement }")}
    rows = select(
        graph,
        """SELECT ?statement { ?statement a kg:Statement ; kg:confidence ?confidence ; rdf:object ?concept .
           ?concept a skos:Concept . FILTER(?confidence < 1) } ORDER BY ?confidence STR(?statement) LIMIT 1000""",
    )
    assert found == {str(row[0]) for row in rows}
    return found


@pytest.mark.parametrize("name", ["corpus.ttl", "small.ttl"])
def test_a_graph_has_every_name_in_lower_case(name: str) -> None:
    forms = "?thing skos:prefLabel|skos:altLabel ?form"
    hidden = select(open_graph(DATA / name), "SELECT ?thing ?form { ?thing skos:hiddenLabel ?form }")
    lower = f"SELECT DISTINCT ?thing ?lower {{ {forms} BIND(LCASE(?form) AS ?lower) FILTER NOT EXISTS {{ "
    lower += "?thing skos:prefLabel|skos:altLabel ?lower } }"
    assert hidden == select(open_graph(DATA / name), lower)
