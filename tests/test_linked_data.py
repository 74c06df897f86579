"""Linked data: what the graph says about a thing, at the thing's address, in the format that is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from kg.ontology import BASE_IRI, rebase
from kg.serving.linked_data import MOST_STATEMENTS, describe_thing, knows
from kg.serving.ontology_page import read_ontology, render_ontology
from kg.site import Site
from kg.store import OpenGraph
from tests.serving import ADDRESS, SMALL, client_of

ROOT = Path(__file__).parent.parent
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
MEDUSA = """@prefix evidence: <https://kg.example.org/evidence/> .
@prefix kg: <https://kg.example.org/ontology#> .
@prefix method: <https://kg.example.org/method/> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix paper: <https://kg.example.org/paper/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix span: <https://kg.example.org/span/> .
@prefix statement: <https://kg.example.org/statement/> .

paper:twindraft-two-draft-models-for-faster-81ca155f kg:comparesWith method:medusa .

method:medusa a skos:Concept, kg:Method ;
    skos:hiddenLabel "medusa" ;
    skos:prefLabel "Medusa" .

statement:da35926b0a528375 a kg:Statement, kg:UncertainStatement ;
    rdf:object method:medusa ;
    rdf:predicate kg:comparesWith ;
    rdf:subject paper:twindraft-two-draft-models-for-faster-81ca155f ;
    kg:confidence 0.9 ;
    kg:hasEvidence evidence:c87786226e42d00a .

evidence:c87786226e42d00a a kg:Evidence ;
    oa:hasSelector span:twindraft-two-draft-models-for-faster-81ca155f.321-327 ;
    oa:hasSource paper:twindraft-two-draft-models-for-faster-81ca155f ;
    kg:confidence 0.9 ;
    kg:rule "tagger" .

span:twindraft-two-draft-models-for-faster-81ca155f.259-344 a kg:Span ;
    oa:end 344 ;
    oa:exact "On GSM8K and HumanEval, TwinDraft reaches a 2.5x speedup over Medusa on one A100 GPU." ;
    oa:start 259 .

span:twindraft-two-draft-models-for-faster-81ca155f.321-327 a kg:Span ;
    oa:end 327 ;
    oa:exact "Medusa" ;
    oa:start 321 ;
    kg:inSentence span:twindraft-two-draft-models-for-faster-81ca155f.259-344 .
"""
GRAPH = """@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix void: <http://rdfs.org/ns/void#> .

<https://kg.example.org/graph> a void:Dataset, dcat:Dataset, prov:Entity ;
    dcterms:title "A knowledge graph of papers" ;
    void:sparqlEndpoint <http://127.0.0.1:8000/sparql> ;
    void:triples 1362 ;
    void:uriSpace "https://kg.example.org/" ;
    void:vocabulary <https://kg.example.org/ontology> ;
    prov:wasGeneratedBy <https://kg.example.org/build> .
"""


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with client_of(SMALL, workers=1) as made:
        yield made


def link(path: str, iri: str) -> str:
    return f'<{iri}>; rel="canonical", <{ADDRESS}{path}?format=ttl>; rel="describedby"; type="text/turtle"'


def test_a_thing_says_what_the_graph_says_about_it_and_why(client: TestClient) -> None:
    answer = client.get("/method/medusa")
    assert (answer.status_code, answer.text) == (200, MEDUSA)
    found = {name: answer.headers[name] for name in ("content-type", "vary", "link")}
    assert found == {
        "content-type": "text/turtle; charset=utf-8",
        "vary": "Accept, Origin",
        "link": link("method/medusa", "https://kg.example.org/method/medusa"),
    }
    head = client.head("/method/medusa")
    assert (head.status_code, head.headers, head.content) == (200, answer.headers, b"")


@pytest.mark.parametrize(
    ("kind", "name", "engine"),
    [
        ("text/turtle; charset=utf-8", "ttl", ox.RdfFormat.TURTLE),
        ("application/n-triples", "nt", ox.RdfFormat.N_TRIPLES),
        ("application/ld+json", "jsonld", ox.RdfFormat.JSON_LD),
        ("application/rdf+xml", "rdf", ox.RdfFormat.RDF_XML),
        ("application/n-quads", "nq", ox.RdfFormat.N_QUADS),
        ("application/trig", "trig", ox.RdfFormat.TRIG),
    ],
)
@pytest.mark.parametrize("path", ["/method/medusa", "/ontology", "/graph"])
def test_every_format_has_the_same_triples(
    client: TestClient, path: str, kind: str, name: str, engine: ox.RdfFormat
) -> None:
    expected = {quad.triple for quad in ox.parse(client.get(path).content, ox.RdfFormat.TURTLE)}
    accepted = client.get(path, headers={"Accept": kind.partition(";")[0]})
    named = client.get(path, params={"format": name}, headers=HTML)
    for answer in (accepted, named):
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert {quad.triple for quad in ox.parse(answer.content, engine)} == expected


def test_a_browser_gets_the_page_of_a_thing(client: TestClient) -> None:
    answer = client.get("/method/medusa", headers=HTML)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["link"] == link("method/medusa", "https://kg.example.org/method/medusa")


@pytest.mark.parametrize(
    "path",
    ["method/no-such-method", "no/such%20place", "..%2f..%2fetc/passwd", "%3Cscript%3E", "method/", "sparql/x", "%ff"],
)
def test_what_the_graph_does_not_know_is_not_there(client: TestClient, path: str) -> None:
    program, browser = client.get(f"/{path}"), client.get(f"/{path}", headers=HTML)
    assert (program.status_code, program.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert program.text.startswith("there is nothing at https://kg.example.org/")
    assert (browser.status_code, browser.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "link" not in program.headers
    assert "<script>" not in browser.text


def test_an_unknown_format_is_said_to_be_unknown(client: TestClient) -> None:
    answer = client.get("/method/medusa?format=pdf")
    assert (answer.status_code, answer.text) == (
        406,
        "format=pdf does not fit this answer; take one of ttl, nt, jsonld, rdf, nq, trig, html\n",
    )
    assert client.get("/method/medusa", headers={"Accept": "image/png"}).status_code == 406


def test_the_graph_describes_itself_and_where_it_can_be_asked(client: TestClient) -> None:
    for path in ("/graph", "/"):
        answer = client.get(path, headers={"Accept": "text/turtle"})
        assert (answer.status_code, answer.text) == (200, GRAPH)


def test_any_rdf_file_can_be_looked_at(tmp_path: Path) -> None:
    (tmp_path / "other.ttl").write_text(
        "@prefix e: <https://kg.example.org/> .\n"
        'e:münchen e:near [ e:name "a \\"field\\"" ; e:in [ e:name "Bavaria" ] ] . e:a%20b e:1 "x" . e:z e:p e:q .\n'
    )
    with client_of(tmp_path / "other.ttl", workers=1) as client:
        answer = client.get("/münchen")
        assert answer.headers["link"].startswith("<https://kg.example.org/m%C3%BCnchen>;")
        found = ox.Dataset(ox.parse(answer.content, ox.RdfFormat.TURTLE))
        expected = ox.Dataset(
            ox.parse(
                "@prefix e: <https://kg.example.org/> . e:münchen e:near _:f . "
                '_:f e:name "a \\"field\\"" ; e:in _:b . _:b e:name "Bavaria" .',
                ox.RdfFormat.TURTLE,
            )
        )
        for dataset in (found, expected):
            dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        assert found == expected
        assert client.get("/a%20b").text == '\n<https://kg.example.org/a%20b> <https://kg.example.org/1> "x" .\n'
        assert client.get("/a%20b", headers={"Accept": "application/rdf+xml"}).status_code == 406
        assert client.get("/q").status_code == 200
        assert client.get("/graph").text == (
            "@prefix void: <http://rdfs.org/ns/void#> .\n\n<https://kg.example.org/graph> a void:Dataset ;\n"
            "    void:sparqlEndpoint <http://127.0.0.1:8000/sparql> ;\n    void:triples 6 .\n"
        )


def test_a_thing_that_everything_is_said_about_has_a_description_of_bounded_size() -> None:
    store, node = ox.Store(), ox.NamedNode(BASE_IRI + "method/everywhere")
    about = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#object")
    store.extend(ox.Quad(ox.NamedNode(f"{BASE_IRI}statement/{n}"), about, node) for n in range(3 * MOST_STATEMENTS))
    site = Site(OpenGraph(store, BASE_IRI, {}), "nowhere", ADDRESS)
    assert knows(site.graph, node.value)
    assert len(describe_thing(site, node.value)) == MOST_STATEMENTS


# The ontology


def test_the_ontology_is_served_as_it_is_written(client: TestClient) -> None:
    answer = client.get("/ontology")
    assert answer.text == (ROOT / "ontology" / "kg.ttl").read_text(encoding="utf-8")
    assert answer.headers["link"] == link("ontology", "https://kg.example.org/ontology")


def test_the_page_of_the_ontology_has_a_place_for_every_term(client: TestClient) -> None:
    turtle = read_ontology(BASE_IRI)
    page = client.get("/ontology", headers=HTML)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    terms = {
        quad.subject.value.rpartition("#")[2]
        for quad in ox.parse(turtle, ox.RdfFormat.TURTLE)
        if isinstance(quad.subject, ox.NamedNode) and "#" in quad.subject.value
    }
    places = re.findall(r'<section class="term" id="(\w+)">', page.text)
    assert (set(places), len(places)) == (terms, len(terms))
    inner = set(re.findall(r'href="#(\w*)"', page.text))
    assert inner == terms
    assert "src=" not in page.text


RUNS_ON = """<section class="term" id="runsOn">
<h3>runs on <code>object property</code></h3>
<code>https://kg.example.org/ontology#runsOn</code>
<p>The work of the paper runs on, or is made for, the hardware.</p>
<dl>
<dt>is a kind of</dt><dd><a href="#involves">kg:involves</a></dd>
<dt>from</dt><dd><a href="#Paper">kg:Paper</a></dd>
<dt>to</dt><dd><a href="#Hardware">kg:Hardware</a></dd>
<dt>for example</dt><dd>A paper runs on 8 A100 GPUs.</dd>
</dl>
</section>
"""


def test_a_term_is_shown_with_its_definition_its_ends_and_an_example() -> None:
    assert RUNS_ON in render_ontology(read_ontology(BASE_IRI), BASE_IRI)


def test_the_ontology_stands_under_the_base_of_the_graph(tmp_path: Path) -> None:
    text = rebase(SMALL.read_text(encoding="utf-8"), "https://you.example/lab/")
    (tmp_path / "own.ttl").write_text(text, encoding="utf-8")
    with client_of(tmp_path / "own.ttl", workers=1) as client:
        assert client.get("/method/medusa").text == rebase(MEDUSA, "https://you.example/lab/")
        assert "<https://you.example/lab/ontology> a owl:Ontology" in client.get("/ontology").text
        assert "<code>https://you.example/lab/ontology#runsOn</code>" in client.get("/ontology", headers=HTML).text


def test_what_an_ontology_says_is_text_on_the_page() -> None:
    turtle = (
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        '<http://e/ontology#X> a owl:Class ; rdfs:label "<script>alert(1)</script>" ; '
        "rdfs:subClassOf <javascript:alert(1)>, <http://e/'%22onclick=x> ."
    )
    page = render_ontology(turtle, "http://e/")
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'href="javascript:' not in page
