"""A graph goes to a server, whole, and is counted there."""

from __future__ import annotations

import gzip
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from kg.errors import KgError, UsageError
from kg.export import export_graph
from kg.push import Pushed, push_graph
from kg.shards import write_shards
from kg.store import open_graph
from tests.serving import kg_serve, make_store

CORPUS = Path(__file__).parent / "data" / "corpus.ttl"
TRIPLES = len(set(open_graph(CORPUS).store))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that takes what those with the token `t` send."""
    folder = make_store(tmp_path_factory.mktemp("server"), b"<http://e/a> <http://e/p> 1 .")
    with kg_serve("-g", str(folder), "--writable", "--token", "t") as (_, address):
        yield address


def run(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-m", "kg", *arguments], capture_output=True, encoding="utf-8")
    return done.returncode, done.stdout, done.stderr


def lines_at(home: str, name: str) -> list[bytes]:
    return list(export_graph(open_graph(f"{home}sparql?default-graph-uri={name}"), "ntriples"))


@pytest.mark.parametrize("path", ["rdf-graph-store", "sparql"])
def test_a_graph_is_sent_in_parts_and_is_the_same_there(home: str, path: str) -> None:
    name = f"http://e/{path}"
    done = push_graph(open_graph(CORPUS), home + path, name=name, token="t", chunk=100)
    assert done == Pushed(TRIPLES, TRIPLES, 0)
    assert lines_at(home, name) == list(export_graph(open_graph(CORPUS), "ntriples"))


@pytest.mark.parametrize("path", ["rdf-graph-store", "sparql"])
def test_what_is_there_stays_unless_it_is_replaced(home: str, path: str, tmp_path: Path) -> None:
    small = tmp_path / "small.nt"
    for number in (1, 2):
        small.write_text(f'<http://e/s> <http://e/p> "{number}" .\n')
        done = push_graph(open_graph(small), home + path, name="http://e/kept", token="t", replace=number == 1)
        assert done == Pushed(1, 1, number - 1)
    assert lines_at(home, "http://e/kept") == [f'<http://e/s> <http://e/p> "{n}" .\n'.encode() for n in (1, 2)]
    push_graph(open_graph(small), home + path, name="http://e/kept", token="t", replace=True)
    assert lines_at(home, "http://e/kept") == [b'<http://e/s> <http://e/p> "2" .\n']


def test_an_interrupted_push_goes_on_where_it_stopped(home: str, tmp_path: Path) -> None:
    def stop_after_two(parts: Sequence[bytes], _: str) -> Iterable[bytes]:
        yield from parts[:2]
        raise KeyboardInterrupt

    graph, state, place = open_graph(CORPUS), tmp_path / "kg-out.push.json", home + "rdf-graph-store"
    with pytest.raises(KeyboardInterrupt):
        push_graph(graph, place, name="http://e/r", token="t", chunk=50, state=state, progress=stop_after_two)
    assert len(lines_at(home, "http://e/r")) == 100
    elsewhere = push_graph(graph, place, name="http://e/other", token="t", chunk=50, state=tmp_path / "other.json")
    assert elsewhere == Pushed(TRIPLES, TRIPLES, 0)
    done = push_graph(graph, place, name="http://e/r", token="t", chunk=50, state=state)
    assert (done, state.exists()) == (Pushed(TRIPLES, TRIPLES - 100, 0), False)


def test_an_account_of_another_graph_is_not_believed(home: str, tmp_path: Path) -> None:
    state = tmp_path / "push.json"
    state.write_text('{"push": "other", "sent": 1}')
    done = push_graph(open_graph(CORPUS), home + "rdf-graph-store", name="http://e/b", token="t", state=state)
    assert done == Pushed(TRIPLES, TRIPLES, 0)


def test_what_a_server_has_lost_is_missed(home: str, tmp_path: Path) -> None:
    def lose(parts: Sequence[bytes], _: str) -> Iterable[bytes]:
        yield from [b"", *parts[1:]]

    with pytest.raises(KgError) as error:
        push_graph(open_graph(CORPUS), home + "sparql", name="http://e/l", token="t", chunk=60, progress=lose)
    assert str(error.value).startswith(f"{home}sparql has 60 triples too few in the graph, ")


def test_the_command_says_what_it_did_and_what_a_server_refuses(home: str) -> None:
    there = home + "rdf-graph-store"
    assert run("push", there, "-g", str(CORPUS), "--token", "t", "--graph-iri", "http://e/command") == (
        0,
        "",
        f"kg: {TRIPLES} triples sent; counted there by property, all arrived\n".removeprefix("kg: "),
    )
    assert run("push", there, "-g", str(CORPUS), "--token", "wrong") == (
        1,
        "",
        f"kg: {there} refuses the request (401); give --token, set KG_TOKEN, or write https://user:password@… if the "
        "server wants these\n",
    )
    assert run("push", there, "-g", str(CORPUS), "--protocol", "ftp") == (
        2,
        "",
        "kg: --protocol ftp: there are graph-store and update\n",
    )


def test_blank_nodes_are_sent_at_once_or_not_at_all(home: str, tmp_path: Path) -> None:
    blank = tmp_path / "blank.nt"
    blank.write_text('_:a <http://e/p> _:b .\n_:b <http://e/p> "_:c" .\n')
    place = home + "rdf-graph-store"
    with pytest.raises(UsageError, match="send it at once with --chunk 0"):
        push_graph(open_graph(blank), place, name="http://e/blank", token="t", chunk=1)
    assert push_graph(open_graph(blank), place, name="http://e/blank", token="t", chunk=0) == Pushed(2, 2, 0)


def test_what_is_no_iri_is_not_sent(home: str) -> None:
    with pytest.raises(UsageError, match="is not an IRI"):
        push_graph(open_graph(CORPUS), home + "sparql", name="x> } ; DROP ALL #", token="t")


VIRTUOSO = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = 10000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
"""


@pytest.fixture
def virtuoso(tmp_path: Path) -> Iterator[str]:
    """The host and port of a new Virtuoso, if that is installed."""
    if shutil.which("virtuoso-t") is None:
        pytest.skip("Virtuoso is not installed")
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        sql, http = one.getsockname()[1], two.getsockname()[1]
    (tmp_path / "virtuoso.ini").write_text(VIRTUOSO.format(sql=sql, http=http))
    command = ["virtuoso-t", "-f", "-c", "virtuoso.ini"]
    with (tmp_path / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=said, stderr=said)
    try:
        for _ in range(600):
            if b"Server online" in (tmp_path / "said.txt").read_bytes() or process.poll() is not None:
                break
            time.sleep(0.1)
        yield f"127.0.0.1:{http}"
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("place", ["sparql-graph-crud-auth", "sparql-auth"])
def test_virtuoso_has_what_was_sent(virtuoso: str, place: str) -> None:
    done = push_graph(
        open_graph(CORPUS),
        f"http://dba:dba@{virtuoso}/{place}",
        name="http://e/papers",
        chunk=500,
        query_address=f"http://{virtuoso}/sparql",
    )
    assert done == Pushed(TRIPLES, TRIPLES, 0)
    assert lines_at(f"http://{virtuoso}/", "http://e/papers") == list(export_graph(open_graph(CORPUS), "ntriples"))


@pytest.mark.parametrize("compressed", [False, True])
def test_shards_are_together_the_export(tmp_path: Path, compressed: bool) -> None:
    graph = open_graph(CORPUS)
    paths = write_shards(graph, "nquads", str(tmp_path / "shards"), 3, compressed)
    ending = ".nq.gz" if compressed else ".nq"
    assert [path.name for path in paths] == [f"graph-000{n}{ending}" for n in (1, 2, 3)]
    contents = [gzip.decompress(path.read_bytes()) if compressed else path.read_bytes() for path in paths]
    assert b"".join(contents) == b"".join(export_graph(graph, "nquads"))
    assert [content.count(b"\n") for content in contents] == [
        TRIPLES * n // 3 - TRIPLES * (n - 1) // 3 for n in (1, 2, 3)
    ]


def test_shards_overwrite_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    graph = ["-g", str(CORPUS)]
    assert run("export", *graph, "--shards", "2", "-f", "nquads", "-o", str(tmp_path)) == (
        2,
        "",
        f"kg: {tmp_path} is not an empty folder; choose another one with -o\n",
    )
    assert run("export", *graph, "--shards", "2", "-f", "turtle", "-o", str(tmp_path / "new"))[2] == (
        "kg: turtle cannot be cut into files; give -f ntriples or -f nquads\n"
    )
    assert run("export", *graph, "--shards", "2", "-o", str(tmp_path / "new")) == (
        0,
        "",
        f"2 files in {tmp_path / 'new'}\n",
    )
