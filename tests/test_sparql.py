"""The SPARQL endpoint: every format, every form of request, and its description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from kg.serving.formats import HTML, TABLES, TRIPLES, NotAcceptable, choose_format
from tests.serving import DIRECT, NUMBER, SMALL, client_of

RESULTS = "application/sparql-results"
XSD = "http://www.w3.org/2001/XMLSchema#"
SELECT = (
    "SELECT ?l ?gb { ?h a kg:Hardware ; skos:prefLabel ?l OPTIONAL { ?h kg:memoryGB ?gb } } "
    "ORDER BY ?l DESC(?gb) LIMIT 2"
)
CONSTRUCT = (
    "CONSTRUCT { ?h kg:vendor ?v ; kg:memoryGB 40.0 } { VALUES ?h { hardware:a100 hardware:h100 } ?h kg:vendor ?v }"
)
TSV = {"Accept": "text/tab-separated-values"}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with client_of(SMALL, workers=1) as made:
        yield made


# Formats

JSON_ROWS = {
    "head": {"vars": ["l", "gb"]},
    "results": {
        "bindings": [
            {
                "l": {"type": "literal", "value": "A100"},
                "gb": {"type": "literal", "value": gb, "datatype": f"{XSD}decimal"},
            }
            for gb in ("80", "40")
        ]
    },
}
XML_ROWS = (
    '<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="l"/>'
    '<variable name="gb"/></head><results>'
    + "".join(
        '<result><binding name="l"><literal>A100</literal></binding><binding name="gb">'
        f'<literal datatype="{XSD}decimal">{gb}</literal></binding></result>'
        for gb in (80, 40)
    )
    + "</results></sparql>"
)
TURTLE = (
    "@prefix hardware: <https://kg.example.org/hardware/> .\n@prefix kg: <https://kg.example.org/ontology#> .\n\n"
    'hardware:a100 kg:memoryGB 40.0 ;\n    kg:vendor "NVIDIA" .\n\n'
    'hardware:h100 kg:memoryGB 40.0 ;\n    kg:vendor "NVIDIA" .\n'
)
NTRIPLES = "".join(
    f'<https://kg.example.org/hardware/{name}> <https://kg.example.org/ontology#memoryGB> "40.0"^^<{XSD}decimal> .\n'
    f'<https://kg.example.org/hardware/{name}> <https://kg.example.org/ontology#vendor> "NVIDIA" .\n'
    for name in ("a100", "h100")
)
JSONLD = json.dumps(
    [
        {
            "@id": f"https://kg.example.org/hardware/{name}",
            "https://kg.example.org/ontology#memoryGB": [{"@type": f"{XSD}decimal", "@value": "40.0"}],
            "https://kg.example.org/ontology#vendor": [{"@value": "NVIDIA"}],
        }
        for name in ("a100", "h100")
    ],
    separators=(",", ":"),
)
RDFXML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:its="http://www.w3.org/2005/11/its" xmlns:hardware="https://kg.example.org/hardware/" '
    'xmlns:kg="https://kg.example.org/ontology#">\n'
    + "".join(
        f'\t<rdf:Description rdf:about="https://kg.example.org/hardware/{name}">\n'
        f'\t\t<kg:memoryGB rdf:datatype="{XSD}decimal">40.0</kg:memoryGB>\n\t\t<kg:vendor>NVIDIA</kg:vendor>\n'
        "\t</rdf:Description>\n"
        for name in ("a100", "h100")
    )
    + "</rdf:RDF>"
)
ASK_XML = (
    '<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head></head>'
    "<boolean>true</boolean></sparql>"
)
ANSWERS = [
    (SELECT, "json", "application/sparql-results+json", json.dumps(JSON_ROWS, separators=(",", ":"))),
    (SELECT, "xml", "application/sparql-results+xml", XML_ROWS),
    (SELECT, "csv", "text/csv; charset=utf-8", "l,gb\r\nA100,80\r\nA100,40\r\n"),
    (
        SELECT,
        "tsv",
        "text/tab-separated-values; charset=utf-8",
        f'?l\t?gb\n"A100"\t"80"^^<{XSD}decimal>\n"A100"\t"40"^^<{XSD}decimal>\n',
    ),
    ("ASK {}", "json", "application/sparql-results+json", '{"head":{},"boolean":true}'),
    ("ASK {}", "xml", "application/sparql-results+xml", ASK_XML),
    ("ASK {}", "csv", "text/csv; charset=utf-8", "true"),
    ("ASK {}", "tsv", "text/tab-separated-values; charset=utf-8", "true"),
    (CONSTRUCT, "ttl", "text/turtle; charset=utf-8", TURTLE),
    (CONSTRUCT, "nt", "application/n-triples", NTRIPLES),
    (CONSTRUCT, "jsonld", "application/ld+json", JSONLD),
    (CONSTRUCT, "rdf", "application/rdf+xml", RDFXML),
    (CONSTRUCT, "nq", "application/n-quads", NTRIPLES),
    (CONSTRUCT, "trig", "application/trig", TURTLE),
]


@pytest.mark.parametrize(("query", "name", "kind", "body"), ANSWERS)
def test_an_answer_comes_in_every_format(client: TestClient, query: str, name: str, kind: str, body: str) -> None:
    accepted = client.get("/sparql", params={"query": query}, headers={"Accept": kind.partition(";")[0]})
    named = client.get("/sparql", params={"query": query, "format": name}, headers={"Accept": "image/png"})
    for answer in (accepted, named):
        assert (answer.status_code, answer.headers["content-type"], answer.text) == (200, kind, body)
        assert answer.headers["content-length"] == str(len(body.encode()))
        assert answer.headers["vary"] == "Accept, Origin"


@pytest.mark.parametrize(
    ("accept", "table", "triples"),
    [
        (None, "application/sparql-results+json", "text/turtle"),
        ("", "application/sparql-results+json", "text/turtle"),
        ("*/*", "application/sparql-results+json", "text/turtle"),
        ("*", "application/sparql-results+json", "text/turtle"),
        ("text/*", "text/csv", "text/turtle"),
        ("application/json", "application/json", "application/json"),
        (
            "application/sparql-results+xml, application/rdf+xml",
            "application/sparql-results+xml",
            "application/rdf+xml",
        ),
        ("text/csv;q=0.9, */*;q=0.1, text/turtle;q=0.2", "text/csv", "text/turtle"),
        ("text/turtle;q=0, */*", "application/sparql-results+json", "application/n-triples"),
        ("application/*;q=0.3, application/sparql-results+json;q=0", f"{RESULTS}+xml", "application/n-triples"),
        ("TEXT/CSV ; Q=1.0 , application/N-Triples;q=0.7;level=1", "text/csv", "application/n-triples"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/xml", "application/xml"),
        ("text/csv;q=zero, application/trig", None, "application/trig"),
        ("image/png", None, None),
        ("nonsense", None, None),
    ],
)
def test_the_best_type_that_a_client_takes_is_chosen(
    accept: str | None, table: str | None, triples: str | None
) -> None:
    found: list[str | None] = []
    for formats in (TABLES, TRIPLES):
        try:
            found.append(choose_format(accept, (), formats)[1])
        except NotAcceptable:
            found.append(None)
    assert found == [table, triples]


def test_a_browser_gets_a_page_and_a_program_gets_data() -> None:
    formats = (*TRIPLES, HTML)
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
    assert choose_format(browser, (), formats) == (HTML, "text/html")
    assert choose_format("*/*", (), formats)[1] == "text/turtle"


# The forms of a request

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_every_way_to_send_a_query_has_the_same_answer(client: TestClient) -> None:
    answers = [
        client.get("/sparql", params={"query": NUMBER}, headers=TSV),
        client.post("/sparql", data={"query": NUMBER}, headers=TSV),
        client.post("/sparql", content=urlencode({"query": NUMBER}), headers={**TSV, **FORM}),
        client.post("/sparql", content=NUMBER, headers={**TSV, **DIRECT}),
        client.post(
            "/sparql?format=tsv", content=NUMBER, headers={"Content-Type": "application/sparql-query; charset=UTF-8"}
        ),
        client.post("/sparql?format=tsv", data={"query": NUMBER}),
    ]
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "?n\n1\n")] * 6


def test_head_has_the_headers_of_get(client: TestClient) -> None:
    got = client.get("/sparql", params={"query": NUMBER}, headers=TSV)
    head = client.head("/sparql", params={"query": NUMBER}, headers=TSV)
    assert (head.status_code, head.headers, head.content) == (200, got.headers, b"")


READS_ONLY = "this server only reads; start kg serve with --writable and --token to change the graph\n"
TWO = urlencode([("query", NUMBER), ("query", NUMBER)])
REFUSED = [
    ("GET", f"?{TWO}", {}, b"", 400, "query is given 2 times; give it once\n"),
    ("GET", "?update=DROP%20ALL", {}, b"", 400, "an update is sent by POST\n"),
    ("GET", "?query=ASK%7B%7D%FF", {}, b"", 400, "the parameters are not valid UTF-8\n"),
    ("GET", "?query=", {}, b"", 400, "the query is empty\n"),
    ("GET", "?query=ASK%7B%7D&default-graph-uri=no%20iri", {}, b"", 400, "'no iri' is not an absolute IRI\n"),
    ("GET", "?query=ASK%7B%7D&named-graph-uri=relative", {}, b"", 400, "'relative' is not an absolute IRI\n"),
    (
        "GET",
        "?query=ASK%7B%7D&format=ttl",
        {},
        b"",
        406,
        "format=ttl does not fit this answer; take one of json, xml, csv, tsv\n",
    ),
    (
        "GET",
        "?query=ASK%7B%7D",
        {"Accept": "image/png"},
        b"",
        406,
        "the answer cannot be written as image/png; it can be application/sparql-results+json, "
        "application/sparql-results+xml, text/csv, text/tab-separated-values\n",
    ),
    ("POST", "", FORM, TWO.encode(), 400, "a form has one query or one update, not 2\n"),
    ("POST", "", FORM, b"query=ASK%7B%7D&update=DROP+ALL", 400, "a form has one query or one update, not 2\n"),
    ("POST", "", FORM, b"", 400, "a form has one query or one update, not none\n"),
    ("POST", "", DIRECT, b"ASK {} # \xff", 400, "the body is not valid UTF-8\n"),
    (
        "POST",
        "",
        {"Content-Type": "application/sparql-query; charset=utf-16"},
        "ASK {}".encode("utf-16"),
        415,
        "the body is said to be utf-16; send UTF-8\n",
    ),
    (
        "POST",
        "",
        {"Content-Type": "text/plain"},
        b"ASK {}",
        415,
        "a POST has one of the types application/x-www-form-urlencoded, application/sparql-query, "
        "application/sparql-update, not text/plain\n",
    ),
    ("POST", "", {"Content-Type": "application/sparql-update"}, b"DROP ALL", 403, READS_ONLY),
    ("POST", "", FORM, b"update=DROP+ALL", 403, READS_ONLY),
    ("PUT", "", {}, b"", 405, "Method Not Allowed"),
    ("DELETE", "", {}, b"", 405, "Method Not Allowed"),
    (
        "POST",
        "",
        DIRECT,
        b"DROP ALL",
        400,
        "this is a SPARQL Update, not a query; updates are sent as update=, or as sparql-update\n",
    ),
    (
        "POST",
        "",
        DIRECT,
        b"SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        400,
        "the query has a SERVICE clause, which asks another machine; this server does not\n",
    ),
    (
        "POST",
        "",
        DIRECT,
        b"SELECT * {\n  ?p kgs:uses ?m }",
        400,
        "line 2, column 6: the prefix kgs: is not known; did you mean kg?\n    ?p kgs:uses ?m }\n       ^\n",
    ),
    (
        "POST",
        "",
        DIRECT,
        b"SELECT * { ?p kg:uses ?m FILTR(?m != 1) }",
        400,
        "line 1, column 26: FILTR is not a word of SPARQL; did you mean FILTER?\n"
        "  SELECT * { ?p kg:uses ?m FILTR(?m != 1) }\n                           ^\n",
    ),
    (
        "POST",
        "",
        {**DIRECT, "Accept": "application/rdf+xml"},
        b"CONSTRUCT { <http://e/a> <http://e/1> 1 } {}",
        406,
        "RDF/XML cannot hold the property http://e/1; ask for another format\n",
    ),
]


@pytest.mark.parametrize(("method", "address", "headers", "body", "status", "text"), REFUSED)
def test_what_is_refused_is_explained_in_plain_text(
    client: TestClient, method: str, address: str, headers: dict[str, str], body: bytes, status: int, text: str
) -> None:
    answer = client.request(method, f"/sparql{address}", headers=headers, content=body)
    assert (answer.status_code, answer.text.rstrip("\n")) == (status, text.rstrip("\n"))
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    if status == 405:
        assert sorted(answer.headers["allow"].split(", ")) == ["GET", "HEAD", "POST"]


def test_the_request_says_which_graphs_are_asked(tmp_path: Path) -> None:
    (tmp_path / "g.nq").write_text(
        '<http://e/a> <http://e/b> "1" <http://e/g> .\n<http://e/a> <http://e/b> "2" <http://e/h> .\n'
    )
    with client_of(tmp_path / "g.nq", workers=1) as client:

        def ask(query: str, *graphs: tuple[str, str]) -> str:
            return client.get("/sparql", params=[("query", query), *graphs, ("format", "csv")]).text.replace(
                "\r\n", " "
            )

        plain = "SELECT ?o { ?s ?p ?o } ORDER BY ?o"
        named = "SELECT ?g ?o { GRAPH ?g { ?s ?p ?o } } ORDER BY ?o"
        assert ask(plain) == "o 1 2 "
        assert ask(plain, ("default-graph-uri", "http://e/h")) == "o 2 "
        assert ask(plain, ("default-graph-uri", "http://e/g"), ("default-graph-uri", "http://e/h")) == "o 1 2 "
        assert ask(plain, ("named-graph-uri", "http://e/h")) == "o "
        assert ask(named, ("named-graph-uri", "http://e/h")) == "g,o http://e/h,2 "
        assert ask(named, ("default-graph-uri", "http://e/h")) == "g,o "
        assert ask("SELECT ?o FROM <http://e/g> { ?s ?p ?o }", ("default-graph-uri", "http://e/h")) == "o 2 "


# The description of the service

DESCRIPTION = """@prefix void: <http://rdfs.org/ns/void#> .

<http://127.0.0.1:8000/sparql> a <SD:Service> ;
    <SD:defaultDataset> <http://127.0.0.1:8000/sparql#dataset> ;
    <SD:defaultEntailmentRegime> <http://www.w3.org/ns/entailment/Simple> ;
    <SD:endpoint> <http://127.0.0.1:8000/sparql> ;
    <SD:resultFormat> FORMATS ;
    <SD:supportedLanguage> <SD:SPARQL11Query> .

<http://127.0.0.1:8000/sparql#dataset> a <SD:Dataset> ;
    <SD:defaultGraph> <http://127.0.0.1:8000/sparql#default-graph> .

<http://127.0.0.1:8000/sparql#default-graph> a <SD:Graph> ;
    void:triples 1362 .
"""
FORMATS = (
    *("JSON-LD", "N-Quads", "N-Triples", "RDF_XML", "SPARQL_Results_CSV", "SPARQL_Results_JSON"),
    *("SPARQL_Results_TSV", "SPARQL_Results_XML", "TriG", "Turtle"),
)


def test_a_program_that_asks_nothing_gets_the_description_of_the_service(client: TestClient) -> None:
    answer = client.get("/sparql")
    formats = ", ".join(f"<http://www.w3.org/ns/formats/{name}>" for name in FORMATS)
    expected = DESCRIPTION.replace("FORMATS", formats).replace(
        "SD:", "http://www.w3.org/ns/sparql-service-description#"
    )
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/turtle; charset=utf-8")
    assert answer.text == expected


def test_a_browser_that_asks_nothing_gets_the_page(client: TestClient) -> None:
    answer = client.get("/sparql", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["vary"] == "Accept, Origin"
    assert answer.text == client.get("/query").text
