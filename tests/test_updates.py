"""A server that may be written to: updates and the graph store, for those who have the token and for nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from starlette.testclient import TestClient

from kg.asking.query import ask
from kg.errors import UsageError
from kg.serving.server import open_site
from kg.store import open_graph
from tests.serving import ADDRESS, SMALL, client_of, kg_serve, make_store

TOKEN = {"Authorization": "Bearer the token"}
UPDATE = {"Content-Type": "application/sparql-update", **TOKEN}
TURTLE = {"Content-Type": "text/turtle", **TOKEN}
START = b"<http://e/a> <http://e/p> 1 ."
STORE = "/rdf-graph-store"
NAMED = f"{STORE}?graph=http%3A%2F%2Fe%2Fg"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with client_of(make_store(tmp_path, START), workers=2, token="the token") as made:
        yield made


def triples(client: TestClient, query: str = "CONSTRUCT WHERE { ?s ?p ?o }") -> str:
    answer = client.get("/sparql", params={"query": query, "format": "nt"})
    assert answer.status_code == 200
    return re.sub(r'"\^\^<http://www.w3.org/2001/XMLSchema#integer>', '"', answer.text)


ONE, TWO = '<http://e/a> <http://e/p> "1" .\n', '<http://e/a> <http://e/p> "2" .\n'
IN_GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <http://e/g> { ?s ?p ?o } }"


def test_after_an_update_every_query_sees_it(client: TestClient) -> None:
    assert triples(client) == ONE
    done = client.post("/sparql", content="INSERT DATA { <http://e/a> <http://e/p> 2 }", headers=UPDATE)
    assert (done.status_code, done.content) == (204, b"")
    assert triples(client) == ONE + TWO
    assert (
        client.get(f"{STORE}?default", headers={"Accept": "text/turtle"}).text == "\n<http://e/a> <http://e/p> 1, 2 .\n"
    )
    client.post("/sparql", data={"update": "DELETE WHERE { ?s ?p 1 }"}, headers=TOKEN)
    assert triples(client) == TWO
    assert client.get("/sparql").text.count("void:triples 1 .") == 1


def test_an_update_stays_when_the_server_ends(tmp_path: Path) -> None:
    make_store(tmp_path, SMALL.read_bytes())
    with client_of(tmp_path, workers=1, token="the token") as client:
        done = client.post("/sparql", content="INSERT DATA { method:medusa kg:uses method:medusa }", headers=UPDATE)
        assert done.status_code == 204
        assert [path.name for path in tmp_path.glob(".kg-serve-*")] != []
        assert 'skos:prefLabel "Medusa" ;\n    kg:uses method:medusa .' in client.get("/method/medusa").text
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
    del client
    assert ask(open_graph(tmp_path), "ASK { method:medusa kg:uses method:medusa }") is True


def test_what_a_killed_server_left_is_removed_by_the_next(tmp_path: Path) -> None:
    make_store(tmp_path, START)
    options = ("-g", str(tmp_path), "--writable", "--token", "the token")
    with kg_serve(*options) as (process, address):
        assert urlopen(f"{address}sparql?query=ASK%20%7B%7D").status == 200
        process.kill()
        process.wait()
    (left,) = tmp_path.glob(".kg-serve-*")
    with kg_serve(*options) as (_, address):
        assert urlopen(f"{address}sparql?query=ASK%20%7B%7D").status == 200
        assert not left.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


@pytest.mark.parametrize(
    ("update", "message"),
    [
        (
            "INSERT DATA { <http://e/b> kgs:p 1 }",
            "line 1, column 28: the prefix kgs: is not known; did you mean kg?\n"
            "  INSERT DATA { <http://e/b> kgs:p 1 }\n                             ^\n",
        ),
        (
            "DELETE DATA { ?s ?p ?o }",
            "line 1, column 25: variables and blank nodes are not allowed in DELETE DATA\n"
            "  DELETE DATA { ?s ?p ?o }\n                          ^\n",
        ),
        ("ASK {}", "this is a query, not a SPARQL Update; queries are sent as query=, or as sparql-query\n"),
        (
            "LOAD <http://127.0.0.1:9/x.ttl>",
            "the update has a SERVICE or a LOAD, which asks another machine; this server does not\n",
        ),
        (
            "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
            "the update has a SERVICE or a LOAD, which asks another machine; this server does not\n",
        ),
        (
            "INSERT DATA { <http://e/b> <http://e/p> " + "[ <http://e/p> " * 40_000 + "1" + " ]" * 40_000 + " }",
            "the query has more than 3,000 brackets, words and operators; ask in several steps\n",
        ),
        (
            "INSERT DATA { <http://e/b> <http://e/p> 1 } ; DROP GRAPH <http://e/none>",
            "the update cannot be carried out: The graph <http://e/none> does not exist\n",
        ),
    ],
)
def test_an_update_that_is_refused_changes_nothing(client: TestClient, update: str, message: str) -> None:
    answer = client.post("/sparql", content=update, headers=UPDATE)
    assert (answer.status_code, answer.text) == (400, message)
    assert triples(client) == ONE


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer ", "Bearer wrong", "Bearer the token2", "Basic dGhlIHRva2Vu", "the token"]
)
def test_who_has_not_the_token_changes_nothing(client: TestClient, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answers = [
        client.post("/sparql", content="DROP ALL", headers={"Content-Type": "application/sparql-update", **headers}),
        client.post("/sparql", data={"update": "DROP ALL"}, headers=headers),
        *(client.request(method, f"{STORE}?default", headers=headers) for method in ("PUT", "POST", "DELETE")),
    ]
    message = "give the token of the server: Authorization: Bearer TOKEN\n"
    assert [(answer.status_code, answer.text) for answer in answers] == [(401, message)] * 5
    assert {answer.headers["www-authenticate"] for answer in answers} == {'Bearer realm="kg"'}
    assert triples(client) == ONE


def test_nobody_changes_a_server_that_only_reads() -> None:
    message = "this server only reads; start kg serve with --writable and --token to change the graph\n"
    with client_of(SMALL, workers=1) as client:
        for method in ("PUT", "POST", "DELETE"):
            answer = client.request(method, f"{STORE}?default", content=START, headers=TURTLE)
            assert (answer.status_code, answer.text) == (403, message)


def test_a_request_says_which_graphs_an_update_looks_at(client: TestClient) -> None:
    client.post("/sparql", content="INSERT DATA { GRAPH <http://e/g> { <http://e/a> <http://e/p> 2 } }", headers=UPDATE)
    copy = "INSERT { ?s <http://e/q> ?o } WHERE { ?s <http://e/p> ?o }"
    done = client.post("/sparql", params={"using-graph-uri": "http://e/g"}, content=copy, headers=UPDATE)
    assert done.status_code == 204
    assert triples(client) == ONE + '<http://e/a> <http://e/q> "2" .\n'
    for update, message in (
        (
            f"WITH <http://e/g> {copy}",
            "the update has WITH, and the request says which graphs to use; give one of them\n",
        ),
        (
            "DELETE WHERE { ?s ?p ?o }",
            "DELETE WHERE cannot be told which graphs to use; write DELETE { ... } WHERE { ... }\n",
        ),
    ):
        answer = client.post("/sparql", params={"using-graph-uri": "http://e/g"}, content=update, headers=UPDATE)
        assert (answer.status_code, answer.text) == (400, message)


# The graph store


def test_a_graph_is_made_replaced_added_to_and_deleted(client: TestClient) -> None:
    assert client.get(NAMED).status_code == client.delete(NAMED, headers=TOKEN).status_code == 404
    assert client.put(NAMED, content=START, headers=TURTLE).status_code == 201
    assert triples(client, IN_GRAPH) == ONE
    assert client.put(NAMED, content=START.replace(b"1", b"2"), headers=TURTLE).status_code == 204
    assert triples(client, IN_GRAPH) == TWO
    assert client.post(NAMED, content=START, headers=TURTLE).status_code == 204
    got = client.get(NAMED)
    assert (got.text, got.headers["vary"]) == ("\n<http://e/a> <http://e/p> 1, 2 .\n", "Accept, Origin")
    head = client.head(NAMED)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(got.content)), b"")
    assert client.delete(NAMED, headers=TOKEN).status_code == 204
    assert (client.get(NAMED).status_code, client.get(NAMED).text) == (404, "there is no graph <http://e/g>\n")
    assert triples(client) == ONE


def test_an_empty_graph_is_a_graph(client: TestClient) -> None:
    assert client.put(NAMED, content=b"", headers=TURTLE).status_code == 201
    assert (client.get(NAMED).status_code, client.get(NAMED).text) == (200, "")


def test_the_default_graph_is_always_there(client: TestClient) -> None:
    assert client.post(f"{STORE}?default", content=START.replace(b"1", b"2"), headers=TURTLE).status_code == 204
    assert triples(client) == ONE + TWO
    assert client.delete(f"{STORE}?default", headers=TOKEN).status_code == 204
    assert triples(client) == ""
    assert client.put(f"{STORE}?default", content=START, headers=TURTLE).status_code == 204
    assert triples(client) == ONE


def test_a_new_graph_gets_a_name_that_is_its_address(client: TestClient) -> None:
    made = client.post(STORE, content=START, headers=TURTLE)
    name = made.headers["location"]
    assert made.status_code == 201
    assert name.startswith(f"{ADDRESS}rdf-graph-store/")
    for address in (name, f"{STORE}?graph={name}"):
        assert client.get(address).text == "\n<http://e/a> <http://e/p> 1 .\n"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/turtle; charset=utf-8", b"<http://e/a> <http://e/p> 1 ."),
        ("application/n-triples", b'<http://e/a> <http://e/p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .'),
        ("application/ld+json", b'{"@id": "http://e/a", "http://e/p": 1}'),
        (
            "application/rdf+xml",
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/"><rdf:Description '
            b'rdf:about="http://e/a"><e:p rdf:datatype="http://www.w3.org/2001/XMLSchema#integer">1</e:p>'
            b"</rdf:Description></rdf:RDF>",
        ),
    ],
)
def test_triples_come_in_several_formats(client: TestClient, kind: str, body: bytes) -> None:
    assert client.put(NAMED, content=body, headers={"Content-Type": kind, **TOKEN}).status_code == 201
    assert triples(client, IN_GRAPH) == ONE


@pytest.mark.parametrize(
    ("address", "kind", "body", "status", "message"),
    [
        (STORE, "text/turtle", START, 400, "say which graph: ?default or ?graph=IRI"),
        (f"{NAMED}&default", "text/turtle", START, 400, "say which graph: ?default or ?graph=IRI"),
        (f"{STORE}?graph=g", "text/turtle", START, 400, "'g' is not an absolute IRI"),
        (
            NAMED,
            "text/csv",
            START,
            415,
            "triples come as one of text/turtle, application/n-triples, application/ld+json, application/rdf+xml, "
            "not text/csv",
        ),
        (NAMED, "text/turtle", b"<http://e/a> <http://e/p>", 400, "the body cannot be read: Parser error at line 1 "),
        (NAMED, "multipart/form-data", b"x", 415, "triples come as one of "),
    ],
)
def test_what_the_graph_store_refuses(
    client: TestClient, address: str, kind: str, body: bytes, status: int, message: str
) -> None:
    answer = client.put(address, content=body, headers={"Content-Type": kind, **TOKEN})
    assert (answer.status_code, answer.text[: len(message)]) == (status, message)
    assert client.get(NAMED).status_code == 404


def test_a_triple_cannot_leave_its_graph(client: TestClient) -> None:
    text = '<http://e/a> <http://e/p> "\\"} } ; DROP ALL ; INSERT DATA { GRAPH <http://e/g> { <x:x> <x:y> 1" .'
    assert client.put(NAMED, content=text, headers=TURTLE).status_code == 201
    assert client.get(NAMED).text == "\n" + text + "\n"
    assert triples(client) == ONE


# Opening


def test_one_server_at_a_time_writes(tmp_path: Path) -> None:
    make_store(tmp_path, START)
    site = open_site(str(tmp_path), ADDRESS, writable=True)
    with pytest.raises(UsageError) as caught:
        open_site(str(tmp_path), ADDRESS, writable=True)
    assert str(caught.value).startswith(f"{tmp_path} cannot be opened for writing; does another server have it? (")
    assert "\n" not in str(caught.value)
    assert site.address == ADDRESS


def test_only_a_folder_can_be_written_to() -> None:
    with pytest.raises(UsageError) as caught:
        open_site(str(SMALL), ADDRESS, writable=True)
    assert str(caught.value) == f"{SMALL} has no store to write to; --writable takes a folder made by kg build"
