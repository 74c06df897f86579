"""A graph on a server is asked as a graph here is, over the SPARQL Protocol."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pyoxigraph as ox
import pytest

from kg.asking.query import Table, ask
from kg.asking.questions import list_questions
from kg.endpoint import Endpoint, Reply
from kg.errors import KgError, UsageError
from kg.remote import Remote
from kg.store import OpenGraph, open_graph
from tests.serving import SMALL, kg_serve
from tests.test_questions import answer

CORPUS = Path(__file__).parent / "data" / "corpus.ttl"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with kg_serve("-g", str(CORPUS)) as (_, home):
        yield home + "sparql"


def run(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-m", "kg", *arguments], capture_output=True, encoding="utf-8")
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def small() -> Iterator[OpenGraph]:
    with kg_serve("-g", str(SMALL)) as (_, home):
        yield open_graph(home + "sparql")


@pytest.mark.parametrize("question", [question.name for question in list_questions()])
def test_every_question_has_the_answer_that_it_has_here(small: OpenGraph, question: str) -> None:
    assert answer(question, small) == answer(question)


@pytest.mark.parametrize(
    "command",
    [
        ("show", "QuickDraft"),
        ("show", "Distilling Drafts", "--json"),
        ("related", "Distilling Drafts"),
        ("path", "Distilling Drafts", "QuickDraft"),
        ("stats", "-f", "csv"),
        ("export", "-f", "turtle"),
        ("query", "CONSTRUCT { ?p kg:runsOn ?h } WHERE { ?p kg:runsOn ?h }"),
        ("query", "ASK { ?p kg:runsOn hardware:a100 }", "-f", "json"),
        ("show", "no such thing"),
        ("query", "SELECT ?x { ?x kg:uses }"),
        ("query", "SELECT ?x { ?x nosuch:uses ?y }"),
    ],
)
def test_commands_say_what_they_say_of_a_graph_here(address: str, command: tuple[str, ...]) -> None:
    assert run(*command, "-g", address) == run(*command, "-g", str(CORPUS))


def test_patterns_find_what_they_find_here(address: str) -> None:
    here, there = open_graph(CORPUS).store, open_graph(address).store
    one = next(quad for quad in here if quad.predicate.value.endswith("#uses"))
    s, p, o = one.subject, one.predicate, one.object
    assert isinstance(s, ox.NamedNode)
    default = ox.DefaultGraph()
    patterns = [(s, p, o), (s, p, None), (s, None, o), (s, None, None), (None, p, o), (None, p, None), (None, None, o)]
    for pattern in [*patterns, (None, None, None), (s, p, s), (ox.BlankNode("b"), None, None)]:
        found = set(there.quads_for_pattern(*pattern, default))
        assert found == set(here.quads_for_pattern(*pattern, default))


def test_things_that_came_together_are_fetched_together(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    post = Endpoint.post_form

    def count(self: Endpoint, accept: str, **fields: str) -> Reply:
        asked.append(fields["query"])
        return post(self, accept, **fields)

    monkeypatch.setattr(Endpoint, "post_form", count)
    graph = Remote(address)
    paper = ox.NamedNode("https://kg.example.org/ontology#Paper")
    rdf_type = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    papers = [quad.subject for quad in graph.quads_for_pattern(None, rdf_type, paper)]
    assert all(list(graph.quads_for_pattern(node, None, None)) for node in papers if isinstance(node, ox.NamedNode))
    assert (len(papers) > 1, len(asked)) == (True, 2)


class Fake(BaseHTTPRequestHandler):
    """Answers what the path says: a status, cut answers, or no SPARQL."""

    def do_POST(self) -> None:
        query = self.rfile.read(int(self.headers["Content-Length"])).decode()
        name = self.path.strip("/")
        status, kind, body = 200, "application/sparql-results+json", '{"head":{"vars":["s"]},"results":{"bindings":[]}}'
        if name.isdecimal():
            status, kind, body = int(name), "text/html", "<html><body><h1>Oh</h1>\n<p>no &lt;</p></body></html>"
        elif name == "page":
            kind, body = "text/html", "<html>"
        elif name == "auth":
            allowed = self.headers["Authorization"] == "Bearer secret"
            status, body = (200, body.replace('"bindings":[]', '"bindings":[{}]')) if allowed else (401, "")
        elif name == "cut":
            offset = int(query.partition("OFFSET+")[2].partition("&")[0] or 0)
            rows = ",".join(
                f'{{"s":{{"type":"uri","value":"http://e/{n}"}},"p":{{"type":"uri","value":"http://e/p"}},'
                f'"o":{{"type":"uri","value":"http://e/o"}}}}'
                for n in range(offset, min(offset + 1000, 2500))
            )
            body = f'{{"head":{{"vars":["s","p","o"]}},"results":{{"bindings":[{rows}]}}}}'
            if "COUNT" in query:
                number = "http://www.w3.org/2001/XMLSchema#integer"
                n = f'{{"n":{{"type":"literal","value":"2500","datatype":"{number}"}}}}'
                body = f'{{"head":{{"vars":["n"]}},"results":{{"bindings":[{n}]}}}}'
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if name == "cut":
            self.send_header("X-SPARQL-MaxRows", "1000")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def fake() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Fake) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "code", "says"),
    [
        ("400", 2, "refuses the request (400): Oh no &lt;"),
        ("404", 2, "is not there (404): Oh no &lt;"),
        ("503", 1, "failed (503): Oh no &lt;"),
        (
            "401",
            1,
            "refuses the request (401); give --token, set KG_TOKEN, or write https://user:password@… if the server "
            "wants these",
        ),
        ("page", 1, "does not answer as a SPARQL endpoint does; its address often ends in /sparql"),
    ],
)
def test_what_a_server_says_becomes_one_line(fake: str, path: str, code: int, says: str) -> None:
    with pytest.raises(KgError) as error:
        open_graph(fake + path)
    assert (error.value.exit_code, str(error.value)) == (code, f"{fake}{path} {says}")


def test_nobody_at_an_address_is_said() -> None:
    with HTTPServer(("127.0.0.1", 0), Fake) as server:
        free = server.server_port
    code, out, said = run("stats", "-g", f"http://127.0.0.1:{free}/sparql")
    assert (code, out) == (1, "")
    assert (
        said == f"kg: http://127.0.0.1:{free}/sparql cannot be reached (Connection refused); is the server running?\n"
    )


@pytest.mark.parametrize("address", ["http://", "http://[", "http://h:x/", "https://h/a b"])
def test_what_is_no_address_is_said(address: str) -> None:
    with pytest.raises(UsageError, match="is not the address of a server; it looks like"):
        open_graph(address)


def test_a_token_is_shown(fake: str) -> None:
    found = Remote(fake + "auth", "secret").query("SELECT ?s { ?s ?p ?o }")
    assert isinstance(found, ox.QuerySolutions)
    assert [tuple(row) for row in found] == [(None,)]


def test_answers_that_a_server_cuts_are_read_page_by_page(fake: str) -> None:
    found = [str(quad.subject) for quad in Remote(fake + "cut")]
    assert found == [f"<http://e/{n}>" for n in range(2500)]


def test_an_answer_that_a_server_cut_is_not_taken_for_the_whole(fake: str) -> None:
    with pytest.raises(KgError, match="cuts its answers after 1,000 rows; add a smaller LIMIT"):
        Remote(fake + "cut").query("SELECT ?s { ?s ?p ?o }")


def test_a_silent_server_is_given_up(fake: str) -> None:
    with HTTPServer(("127.0.0.1", 0), Fake) as silent:  # takes connections and never reads them
        place = f"http://127.0.0.1:{silent.server_port}/sparql"
        with pytest.raises(KgError) as error:
            Remote(place, time_limit_s=0.2).query("ASK {}")
    assert str(error.value) == f"{place} did not answer within 0.2 s; give it more time, or ask less"


def test_parameters_of_the_address_go_along(address: str) -> None:
    nowhere = open_graph(address + "?default-graph-uri=http://e/none")
    assert ask(nowhere, "SELECT ?s { ?s ?p ?o }") == Table(("s",), ())


def test_what_needs_the_graph_here_says_so(address: str) -> None:
    assert run("validate", "-g", address) == (
        2,
        "",
        f"kg: this needs the graph here, not at {address}; get it with kg export -g ADDRESS -o graph.ttl\n",
    )


def test_a_graph_of_the_library_may_be_on_a_server(address: str) -> None:
    import kg

    there, here = kg.open(address), kg.open(CORPUS)
    assert repr(there) == f"<Graph {address!r}>"
    assert there.query("methods-introduced").answer == here.query("methods-introduced").answer
    assert there.paper("Distilling Drafts").label == "Distilling Drafts"


def test_a_server_that_only_reads_takes_no_notice_of_a_token_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_TOKEN", "for-another-server")
    with kg_serve("-g", str(CORPUS)) as (_, home):
        assert run("query", "ASK {}", "-g", home + "sparql", "-f", "csv") == (0, "true\n", "")
