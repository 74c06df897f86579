"""The test suites of the W3C for SPARQL 1.1, run through the server: queries, updates, protocol, graph store.

They are read from the shared folder (`KG_SHARED`, or `shared` beside the repository), which has them in `w3c/sparql11`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox
import pytest

from kg.asking.tokens import is_ordered
from tests.w3c import (
    ADDRESS,
    ALL,
    BASE,
    CNT,
    HT,
    MF,
    RDF,
    RS,
    SUITE,
    TOKEN,
    Case,
    Manifest,
    Node,
    Servers,
    expect,
    load,
    parameters,
)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    made = Servers(tmp_path_factory.mktemp("w3c"))
    yield made
    made.close()


# Queries


@pytest.mark.parametrize("case", parameters("QueryEvaluationTest", "CSVResultFormatTest"))
def test_a_query_has_the_answer_that_it_should_have(case: Case, servers: Servers) -> None:
    result = SUITE / case.result
    client = servers.reading(case.data)
    ending = result.suffix[1:]
    accept = {
        "srx": "application/sparql-results+xml",
        "srj": "application/sparql-results+json",
        "csv": "text/csv",
        "tsv": "text/tab-separated-values",
        "ttl": "text/turtle",
    }[ending]
    query = f"BASE <{BASE}{case.text}>\n{case.read()}"
    headers = {"Content-Type": "application/sparql-query", "Accept": f"{accept}, application/sparql-results+json;q=0.5"}
    answer = client.post("/sparql", content=query, headers=headers)
    if answer.status_code != 200:
        expect(case, False, f"{answer.status_code}: {answer.text}")
        return
    kind = answer.headers["content-type"].partition(";")[0]
    if kind == "text/csv":
        found, wanted = _cells(answer.text), _cells(result.read_text(encoding="utf-8"))
        expect(case, found == wanted, f"{found}\n{wanted}")
    elif kind == "text/turtle":
        graphs = [_graph(answer.content, BASE + case.result), _graph(result.read_bytes(), BASE + case.result)]
        expect(case, graphs[0] == graphs[1], f"{graphs[0]}\n{graphs[1]}")
    else:
        found_rows = _rows(answer.content, kind, case)
        wanted_rows = _rows(result.read_bytes(), accept, case)
        expect(case, found_rows == wanted_rows, f"{answer.text}\n{result.read_text()}")


def _cells(text: str) -> list[list[tuple[str, str]]]:
    """Return the rows of CSV, each with its columns by name, all blank nodes alike."""
    rows = [{k: "_:" if v.startswith("_:") else v for k, v in row.items()} for row in csv.DictReader(io.StringIO(text))]
    return sorted(sorted(row.items()) for row in rows)


def _graph(content: bytes, base: str) -> ox.Dataset:
    """Return a graph that is equal up to the names of blank nodes, its numbers spelt as the store spells them."""
    store = ox.Store()
    store.load(content, ox.RdfFormat.TURTLE, base_iri=base)
    return _nameless(store)


def _nameless(store: ox.Store) -> ox.Dataset:
    dataset = ox.Dataset(store)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def _rows(content: bytes, media_type: str, case: Case) -> object:
    """Return a truth value, or the rows up to the names of blank nodes; in their order if the query orders them."""
    if media_type == "text/turtle":
        return _rows_of_turtle(content, case)
    parsed = ox.parse_query_results(content, ox.QueryResultsFormat.from_media_type(media_type))
    if isinstance(parsed, ox.QueryBoolean):
        return bool(parsed)
    names = [variable.value for variable in parsed.variables]
    rows = [{name: solution[name] for name in names if solution[name] is not None} for solution in parsed]
    return _compared(names, rows, is_ordered(case.read()))


def _rows_of_turtle(content: bytes, case: Case) -> object:
    """Return the same of the result set vocabulary."""
    store = ox.Store()
    store.load(content, ox.RdfFormat.TURTLE, base_iri=BASE + case.result)

    def objects(subject: Any, name: str) -> list[Any]:
        return [quad.object for quad in store.quads_for_pattern(subject, ox.NamedNode(RS + name), None)]

    if objects(None, "boolean"):
        return objects(None, "boolean")[0].value == "true"
    rows = [
        {objects(cell, "variable")[0].value: objects(cell, "value")[0] for cell in objects(row, "binding")}
        for row in objects(None, "solution")
    ]
    return _compared([name.value for name in objects(None, "resultVariable")], rows, ordered=False)


def _compared(names: list[str], rows: list[dict[str, Any]], ordered: bool) -> object:
    store = ox.Store()
    for number, cells in enumerate(rows):
        row = ox.BlankNode(f"row{number}")
        store.add(ox.Quad(row, ox.NamedNode("x:row"), ox.Literal(number if ordered else 0)))
        for name, value in cells.items():
            store.add(ox.Quad(row, ox.NamedNode(f"x:cell-{name}"), value))
    return sorted(names), _nameless(store)


@pytest.mark.parametrize("case", parameters("PositiveSyntaxTest11", "NegativeSyntaxTest11"))
def test_a_query_is_taken_or_refused_by_its_syntax(case: Case, servers: Servers) -> None:
    headers = {"Content-Type": "application/sparql-query"}
    answer = servers.reading(()).post("/sparql", content=case.read(), headers=headers)
    expect(case, answer.status_code == (200 if case.kind.startswith("Positive") else 400), answer.text)


# Updates


@pytest.mark.parametrize("case", parameters("UpdateEvaluationTest"))
def test_an_update_leaves_the_graphs_that_it_should_leave(case: Case, servers: Servers) -> None:
    client, store = servers.writing(case.data)
    update = f"BASE <{BASE}{case.text}>\n{case.read()}"
    headers = {"Content-Type": "application/sparql-update", **TOKEN}
    answer = client.post("/sparql", content=update, headers=headers)
    if answer.status_code != 204:
        expect(case, False, f"{answer.status_code}: {answer.text}")
        return
    wanted = _nameless(load(ox.Store(), case.after))
    asked = "CONSTRUCT WHERE { ?s ?p ?o }"
    seen = client.get("/sparql", params={"query": asked}, headers={"Accept": "application/n-triples"})
    default = ox.Store()
    default.load(seen.content, ox.RdfFormat.N_TRIPLES)
    own = [quad for quad in load(ox.Store(), case.after) if quad.graph_name == ox.DefaultGraph()]
    alone = ox.Store()
    alone.extend(own)
    expect(case, _nameless(store) == wanted and _nameless(default) == _nameless(alone), f"{store}\n{wanted}")


@pytest.mark.parametrize("case", parameters("PositiveUpdateSyntaxTest11", "NegativeUpdateSyntaxTest11"))
def test_an_update_is_taken_or_refused_by_its_syntax(case: Case, servers: Servers) -> None:
    client, _ = servers.writing(())
    headers = {"Content-Type": "application/sparql-update", **TOKEN}
    answer = client.post("/sparql", content=case.read(), headers=headers)
    # the suite drops and clears graphs that the empty store does not have
    taken = answer.status_code == 204 or answer.text.startswith("the update cannot be carried out: The graph <")
    expect(case, taken == case.kind.startswith("Positive"), answer.text)


# Protocols


@dataclass(frozen=True)
class Exchange:
    """A request of a manifest, and what is expected of the response."""

    method: str
    path: str
    headers: dict[str, str]
    body: str
    encoding: str
    statuses: tuple[str, ...]
    boolean: str
    format: str
    location: str
    content: str


def exchanges(case: Case) -> Iterator[Exchange]:
    manifest = Manifest(SUITE / case.text, f"{BASE}{case.text}")
    entry = next(entry for entry in manifest.entries() if entry.value.endswith(f"#{case.name}"))

    def one(node: Node | None, *predicates: str) -> Node | None:
        for predicate in predicates:
            node = None if node is None else manifest.one(node, predicate)
        return node

    def text(node: Node | None, *predicates: str) -> str:
        found = one(node, *predicates)
        return "" if found is None else found.value

    for request in manifest.items(one(entry, MF + "action", HT + "requests")):
        response = one(request, HT + "resp")
        assert response is not None
        fields = manifest.items(one(request, HT + "headers"))
        yield Exchange(
            method=text(request, HT + "methodName"),
            path=text(request, HT + "absolutePath"),
            headers={text(field, HT + "fieldName"): text(field, HT + "fieldValue") for field in fields},
            body=text(request, HT + "body", CNT + "chars"),
            encoding=text(request, HT + "body", CNT + "characterEncoding") or "utf-8",
            statuses=tuple(status.value.rpartition("#")[2] for status in manifest.all(response, MF + "expectedStatus")),
            boolean=text(response, MF + "expectedBoolean"),
            format=text(response, MF + "expectedFormat"),
            location=text(response, MF + "expectedLocation"),
            content=text(response, HT + "body", CNT + "chars"),
        )


STATUSES = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}
FORMATS = {
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "tabular": {"application/sparql-results+json", "application/sparql-results+xml", "text/csv"},
    "RDF": {"text/turtle", "application/rdf+xml", "application/n-triples"},
}


@pytest.mark.parametrize("case", parameters("ProtocolTest", "GraphStoreProtocolTest"))
def test_requests_get_the_responses_that_they_should_get(case: Case, servers: Servers) -> None:
    client, _ = servers.writing(case.data, "http://www.example/")
    location = "$LOCATION$"
    for asked in exchanges(case):
        path = re.sub("^/sparql/", "/sparql", re.sub("^/gsp", "/rdf-graph-store", asked.path))
        path = path.replace("$LOCATION$", location)
        body = (
            asked.body.replace("\n", "\r\n").replace("\r\r", "\r") if "multipart" in str(asked.headers) else asked.body
        )
        answer = client.request(
            asked.method, path, content=body.encode(asked.encoding), headers={**asked.headers, **TOKEN}
        )
        said = f"{asked.method} {path}: {answer.status_code} {answer.text}"
        classes = {f"StatusCode{answer.status_code // 100}xx"}
        assert classes & set(asked.statuses) or answer.status_code in {STATUSES.get(s) for s in asked.statuses}, said
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if asked.format:
            assert kind in FORMATS[asked.format], said
        if asked.boolean:
            assert answer.json()["boolean"] is (asked.boolean == "true"), said
        if asked.location:
            location = answer.headers["location"]
        if asked.content:
            assert kind == "text/turtle"
            assert _graph(answer.content, ADDRESS) == _graph(asked.content.encode(), ADDRESS), said


@pytest.mark.skipif(not ALL, reason="the test suite of the W3C is not here")
def test_the_description_of_the_service_is_what_the_suite_asks_for(servers: Servers) -> None:
    """`returns-rdf`, `has-endpoint-triple` and `conforms-to-schema`, which the suite tells in words only."""
    answer = servers.reading(()).get("/sparql", headers={"Accept": "application/rdf+xml, text/turtle;q=0.5"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/rdf+xml")
    triples = {quad.triple for quad in ox.parse(answer.content, ox.RdfFormat.RDF_XML)}
    sd, endpoint = "http://www.w3.org/ns/sparql-service-description#", ox.NamedNode(ADDRESS + "sparql")
    said = ox.Triple(endpoint, ox.NamedNode(sd + "endpoint"), endpoint)
    is_service = ox.Triple(endpoint, ox.NamedNode(RDF + "type"), ox.NamedNode(sd + "Service"))
    assert {said, is_service} <= triples
    assert {triple.predicate.value.removeprefix(sd) for triple in triples if triple.subject == endpoint} == {
        RDF + "type",
        *("defaultDataset", "defaultEntailmentRegime", "endpoint", "resultFormat", "supportedLanguage"),
    }
