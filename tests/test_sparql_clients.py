"""Clients of SPARQL as people have them ask a server as people start it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import RDF, SKOS
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, N3, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

from tests.serving import SMALL, kg_serve

pytestmark = pytest.mark.xdist_group("clients")
LABELS = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX kg: <https://kg.example.org/ontology#>
SELECT ?label { ?m a kg:Benchmark ; skos:prefLabel ?label } ORDER BY ?label"""
BENCHMARKS = ["CodeNeg", "CodeSearchNet", "GSM8K", "HumanEval", "LongBench"]
CONSTRUCT = "CONSTRUCT { ?m a kg:Benchmark } WHERE { ?m a kg:Benchmark }"
COMUNICA = os.environ.get("KG_COMUNICA") or shutil.which("comunica-sparql")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with kg_serve("-g", str(SMALL)) as (_, said):
        yield said


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
def test_curl(address: str) -> None:
    asked = ("curl", "-sS", "--max-time", "120")
    query = ("--data-urlencode", f"query={LABELS}", f"{address}sparql")
    rows = "".join(f'"{label}"\n' for label in BENCHMARKS)
    assert run(*asked, "-H", "Accept: text/tab-separated-values", *query) == f"?label\n{rows}"
    assert run(*asked, "-G", "-H", "Accept: text/tab-separated-values", *query) == f"?label\n{rows}"
    direct = ("-H", "Content-Type: application/sparql-query", "--data-binary", LABELS, f"{address}sparql?format=tsv")
    assert run(*asked, *direct) == f"?label\n{rows}"
    head = run(*asked, "-I", "-H", "Accept: text/turtle", f"{address}method/medusa").lower()
    assert head.startswith("http/1.1 200 ok")
    assert "content-type: text/turtle; charset=utf-8" in head


def test_the_sparql_store_of_rdflib(address: str) -> None:
    store = SPARQLStore(f"{address}sparql", method="POST")
    graph = Graph(store)
    assert [str(row[0]) for row in graph.query(LABELS)] == BENCHMARKS  # type: ignore[index]
    assert bool(graph.query("ASK { ?s ?p ?o }"))
    medusa = URIRef("https://kg.example.org/method/medusa")
    assert [str(label) for label in graph.objects(medusa, SKOS.prefLabel)] == ["Medusa"]
    built = graph.query(CONSTRUCT).graph
    assert built is not None
    assert len(built) == 5


def test_rdflib_reads_a_thing_from_its_address(address: str) -> None:
    expected = Graph().parse(f"{address}method/medusa?format=nt", format="nt")
    assert (None, RDF.type, URIRef("https://kg.example.org/ontology#Evidence")) in expected
    for name in ("turtle", "xml", "json-ld"):
        accept = {"turtle": "ttl", "xml": "rdf", "json-ld": "jsonld"}[name]
        assert isomorphic(Graph().parse(f"{address}method/medusa?format={accept}", format=name), expected)
    # by content negotiation, as rdflib does it
    assert isomorphic(Graph().parse(f"{address}method/medusa"), expected)


def test_sparqlwrapper(address: str) -> None:
    asking: Any = SPARQLWrapper(f"{address}sparql")
    asking.setQuery(LABELS)
    asking.setReturnFormat(JSON)
    found = asking.queryAndConvert()
    assert [row["label"]["value"] for row in found["results"]["bindings"]] == BENCHMARKS
    asking.setReturnFormat(XML)
    cells = asking.queryAndConvert().getElementsByTagName("literal")
    assert [cell.firstChild.data for cell in cells] == BENCHMARKS
    for kind, head, tail in ((CSV, "label\r\n", "LongBench\r\n"), (TSV, "?label\n", '"LongBench"\n')):
        asking.setReturnFormat(kind)
        text = asking.queryAndConvert().decode()
        assert text.startswith(head)
        assert text.endswith(tail)
    asking.setQuery(CONSTRUCT)
    for kind, name in ((TURTLE, "turtle"), (N3, "n3")):
        asking.setReturnFormat(kind)
        assert len(Graph().parse(data=asking.queryAndConvert(), format=name)) == 5
    asking.setReturnFormat(RDFXML)
    assert len(asking.queryAndConvert()) == 5


@pytest.mark.skipif(COMUNICA is None, reason="Comunica is not here; KG_COMUNICA can say where comunica-sparql is")
def test_comunica(address: str) -> None:
    """Comunica (npm: @comunica/query-sparql) asks the endpoint, and reads a thing as linked data."""
    printed = run(str(COMUNICA), f"sparql@{address}sparql", LABELS, "-t", "application/json")
    assert [row["label"].strip('"') for row in json.loads(printed)] == BENCHMARKS
    query = "SELECT ?o { <https://kg.example.org/method/medusa> <http://www.w3.org/2004/02/skos/core#prefLabel> ?o }"
    for source in (f"{address}sparql", f"{address}method/medusa"):
        assert json.loads(run(str(COMUNICA), source, query, "-t", "application/json")) == [{"o": '"Medusa"'}]
