from __future__ import annotations

import random
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, RdfFormat, Triple, parse
from rdflib import Graph
from rdflib.compare import isomorphic

from kg.concepts import resolve_concepts
from kg.graph import source_name, write_graph
from kg.links import find_links
from kg.ontology import BASE_IRI
from kg.turtle import write_turtle
from tests.corpus import extractions

GOLDEN = Path(__file__).parent / "data" / "corpus.ttl"


def turtle(order: int | None = None, base: str = BASE_IRI, count: int = 4) -> str:
    found = list(extractions()[:count])
    if order is not None:
        random.Random(order).shuffle(found)
    resolution = resolve_concepts(found)
    return "".join(write_graph(found, resolution, find_links(resolution), base))


def build(order: int | None = None, base: str = BASE_IRI, count: int = 4) -> frozenset[Triple]:
    return frozenset(q.triple for q in parse(turtle(order, base, count).encode(), RdfFormat.TURTLE))


def test_the_graph_of_the_corpus_is_the_golden_one() -> None:
    assert turtle() == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_order_of_the_papers_does_not_matter(order: int) -> None:
    assert turtle(order) == turtle()


def test_there_is_no_blank_node_no_float_and_nothing_of_a_clock() -> None:
    text = turtle()
    assert not any(isinstance(t, BlankNode) for triple in build() for t in (triple.subject, triple.object))
    assert not [word for word in ("xsd:double", "xsd:float", "xsd:dateTime", "_:") if word in text]


def test_two_parsers_read_the_turtle_as_the_triples_it_was_written_from() -> None:
    text, triples = turtle(), build()
    assert "".join(write_turtle(triples)) == text
    lines = Graph().parse(data="".join(f"{t} .\n" for t in triples), format="nt")
    assert isomorphic(Graph().parse(data=text, format="turtle"), lines)


def test_adding_a_paper_renumbers_nothing() -> None:
    def names(triples: frozenset[Triple]) -> set[str]:
        kinds = ("paper/", "span/", "evidence/", "statement/", "result/")
        subjects = {str(t.subject).strip("<>") for t in triples}
        return {s for s in subjects if s.startswith(tuple(BASE_IRI + k for k in kinds))}

    assert names(build(count=3)) < names(build(count=4))


def test_another_base_moves_every_iri() -> None:
    moved = turtle(base="https://me.example/lab/")
    assert BASE_IRI not in moved
    assert len(build(base="https://me.example/lab/")) == len(build())


def test_every_direct_triple_has_a_statement_with_evidence_in_the_text() -> None:
    from kg.store import OpenGraph, open_graph
    from kg.validation import validate_graph

    graph = open_graph(GOLDEN)
    assert isinstance(graph, OpenGraph)
    assert validate_graph(graph) == ()


def test_the_graph_counts_its_triples() -> None:
    assert f"    void:triples {len(build())} ;" in turtle().splitlines()


def test_names_of_sources_stay_apart() -> None:
    assert len({source_name(n) for n in ("a b.txt", "a-b.txt", "A b.txt", "é.txt", "è.txt", "…")}) == 6


def test_hostile_text_comes_back_as_it_was() -> None:
    from pyoxigraph import Literal, NamedNode

    strange = 'quote " backslash \\ newline \n tab \t bell \x07 \u2028 \U0001f600 <script> """'
    triple = Triple(NamedNode(BASE_IRI + "paper/x"), NamedNode("http://purl.org/dc/terms/title"), Literal(strange))
    assert {q.triple for q in parse("".join(write_turtle([triple])).encode(), RdfFormat.TURTLE)} == {triple}
