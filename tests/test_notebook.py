"""How graphs, papers and pages show themselves in a notebook."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg.asking.cards import render_card
from kg.ontology import BASE_IRI, prefixes
from kg.store import OpenGraph
from tests.test_page import facts_of
from tests.test_rows import literal

ROOT = Path(__file__).parent.parent
SMALL = ROOT / "tests" / "data" / "small.ttl"
GRAPH = kg.open(SMALL)
EVIL = """</pre></script><script>alert(1)</script><img src=x onerror="alert(1)"> & ' \x1b[1mbold"""


class Reader(HTMLParser):
    """Reads HTML as a browser does: the elements, their attributes, and the text outside of them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def evil_graph() -> kg.Graph:
    """Return a graph whose texts try to be markup."""
    store, known = ox.Store(), prefixes()
    paper, method = ox.NamedNode(BASE_IRI + "paper/evil"), ox.NamedNode(BASE_IRI + "method/evil")
    statement, evidence, span = (ox.NamedNode(f"{BASE_IRI}{kind}/1") for kind in ("statement", "evidence", "span"))

    def add(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> None:
        prefix, _, local = predicate.partition(":")
        store.add(ox.Quad(subject, ox.NamedNode(known[prefix] + local), value))

    def term(name: str) -> ox.NamedNode:
        return ox.NamedNode(f"{BASE_IRI}ontology#{name}")

    add(paper, "rdf:type", term("Paper"))
    add(paper, "dcterms:title", ox.Literal(EVIL))
    add(paper, "dcterms:abstract", ox.Literal(EVIL))
    add(paper, "kg:uses", method)
    add(method, "rdf:type", term("Method"))
    add(method, "skos:prefLabel", ox.Literal(EVIL))
    add(statement, "rdf:subject", paper)
    add(statement, "rdf:predicate", term("uses"))
    add(statement, "rdf:object", method)
    add(statement, "kg:confidence", literal("0.9", "decimal"))
    add(statement, "kg:hasEvidence", evidence)
    add(evidence, "oa:hasSource", paper)
    add(evidence, "oa:hasSelector", span)
    add(span, "oa:exact", ox.Literal(EVIL))
    add(span, "oa:start", literal("0", "integer"))
    return kg.Graph(OpenGraph(store, BASE_IRI, known), Path("evil"))


def test_texts_of_papers_are_only_text_in_a_notebook() -> None:
    graph = evil_graph()
    shown = EVIL.replace("\x1b", "␛")
    table = Reader(graph.query("SELECT ?t { ?p dcterms:title ?t }")._repr_html_())
    assert ([tag for tag, _ in table.elements], table.text) == (["table", "tr", "th", "tr", "td"], "t" + shown)
    for thing in (graph.papers[0], graph.concepts()[0]):
        card = Reader(thing._repr_html_())
        assert {tag for tag, _ in card.elements} == {"pre", "b", "span", "mark"}
        assert " ".join(card.text.split()).startswith(" ".join(shown.split()))
    page = Reader(graph._repr_html_())
    assert [tag for tag, _ in page.elements] == ["pre", "iframe"]
    attributes = page.elements[1][1]
    assert (attributes["sandbox"], attributes["srcdoc"]) == ("allow-scripts", graph.view().html)
    assert set(attributes) == {"sandbox", "style", "srcdoc"}


def test_a_card_in_a_notebook_says_what_it_says_in_a_terminal() -> None:
    paper = GRAPH.paper("TwinDraft")
    card = Reader(paper._repr_html_())
    assert card.text == str(paper).replace("«", "").replace("»", "")
    assert [tag for tag, _ in card.elements].count("mark") == render_card(paper.card, terminal=True).count("\x1b[1;4m")


def test_a_page_is_shown_and_saved(tmp_path: Path) -> None:
    page = GRAPH.view(focus="SD")
    assert page.save(tmp_path / "view.html").read_text(encoding="utf-8") == page.html
    assert repr(page) == f"<Page of {len(page.html):,} characters; save(path) writes it>"
    constructed = GRAPH.view(query="CONSTRUCT { ?p kg:runsOn ?h } WHERE { ?p kg:runsOn ?h }")
    kinds = [node["kind"] for node in facts_of(constructed.html)["nodes"]]
    assert sorted(kinds) == [*["Hardware"] * 4, *["Paper"] * 4]


@pytest.mark.xdist_group("built")
def test_a_built_graph_shows_its_own_page(built: Path) -> None:
    graph = kg.open(built)
    page = Reader(graph._repr_html_())
    assert page.elements[1][1]["srcdoc"] == (built / "graph.html").read_text(encoding="utf-8")
    assert page.text.startswith("109 papers · 2 sources · ")
    assert repr(graph) == f"<Graph {str(built)!r}>"
