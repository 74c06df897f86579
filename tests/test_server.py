"""The server around the endpoint: its limits, what browsers may do, and how it begins and ends."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from starlette.testclient import TestClient

from kg.serving.workers import Overloaded, TookTooLong, Workers
from kg.store import open_graph
from tests.serving import ADDRESS, DIRECT, NUMBER, SLOW, SMALL, client_of, kg_serve


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with client_of(SMALL, workers=1) as made:
        yield made


# Limits


def test_an_answer_that_is_too_long_is_refused(client: TestClient) -> None:
    with client_of(SMALL, workers=1, size_limit=2**16) as limited:
        answer = limited.get("/sparql", params={"query": "SELECT * { ?s ?p ?o }"})
        assert (answer.status_code, answer.text) == (
            500,
            "the answer is longer than 0.0625 MiB; add a LIMIT, or take kg export for a whole graph\n",
        )
        assert limited.get("/sparql", params={"query": NUMBER}).status_code == 200


def test_a_long_answer_is_whole(client: TestClient) -> None:
    query = "SELECT ?s ?o { ?s ?p ?o . ?x a kg:Method }"
    answer = client.get("/sparql", params={"query": query, "format": "csv"})
    assert int(answer.headers["content-length"]) == len(answer.content) > 2**20
    assert answer.content.endswith(b"\r\n")
    counted = client.get("/sparql", params={"query": query.replace("?s ?o", "(COUNT(*) AS ?n)"), "format": "tsv"})
    lines = client.get("/sparql", params={"query": query, "format": "tsv"}).text.count("\n")
    assert counted.text == f"?n\n{lines - 1}\n"


def test_a_query_that_takes_too_long_is_stopped_and_the_next_is_answered() -> None:
    with client_of(SMALL, workers=1, time_limit_s=2.0) as client:
        answer = client.get("/sparql", params={"query": SLOW})
        assert (answer.status_code, answer.text) == (
            503,
            "the query took longer than 2 s and was stopped; make it narrower\n",
        )
        assert client.get("/sparql", params={"query": NUMBER, "format": "tsv"}).text == "?n\n1\n"


def is_running(process_id: int) -> bool:
    """Return whether a process is there, other than as a zombie that nobody asked about."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(process_id)], capture_output=True, text=True)
    return not listed.stdout.strip().startswith("Z") and bool(listed.stdout.strip())


TASK = {"accept": None, "format": ("tsv",), "default_graphs": (), "named_graphs": ()}


def test_the_process_of_a_stopped_query_is_ended() -> None:
    async def run() -> tuple[list[int], str, bytes]:
        workers = Workers(open_graph(SMALL), SMALL, time_limit_s=2.0, count=1)
        await workers.start()
        try:
            await workers.answer(query=NUMBER, **TASK)
            used = [worker.process.pid for worker in workers._all]
            with pytest.raises(TookTooLong) as caught:
                await workers.answer(query=SLOW, **TASK)
            assert not workers._all
            _, body = await workers.answer(query=NUMBER, **TASK)
            used += [worker.process.pid for worker in workers._all]
            return used, str(caught.value), body.read_bytes()
        finally:
            await workers.stop()

    used, problem, body = asyncio.run(run())
    assert problem == "the query took longer than 2 s and was stopped; make it narrower"
    assert body == b"?n\n1\n"
    assert len(set(used)) == 2
    assert [is_running(process) for process in used] == [False, False]


def test_more_queries_than_can_wait_are_refused() -> None:
    async def run() -> tuple[str, str]:
        workers = Workers(open_graph(SMALL), SMALL, time_limit_s=None, count=1, waiting=1)
        await workers.start()
        try:
            slow = [asyncio.ensure_future(workers.answer(query=SLOW, **TASK)) for _ in range(2)]
            await asyncio.sleep(0)
            with pytest.raises(Overloaded) as too_many:
                await workers.answer(query=NUMBER, **TASK)
            slow[1].cancel()
            await asyncio.wait(slow[1:])
            workers.time_limit_s = 0.2
            with pytest.raises(Overloaded) as too_late:
                await workers.answer(query=NUMBER, **TASK)
            slow[0].cancel()
            await asyncio.wait(slow)
            return str(too_many.value), str(too_late.value)
        finally:
            await workers.stop()

    assert asyncio.run(run()) == (
        "the server has too many queries to answer; try again in a moment",
        "the server is busy with other queries; try again in a moment",
    )


def test_too_many_queries_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with client_of(SMALL, workers=1) as client:

        async def refuse(self: Workers, **task: object) -> object:
            raise Overloaded("busy")

        monkeypatch.setattr(Workers, "answer", refuse)
        answer = client.get("/sparql", params={"query": NUMBER})
        assert (answer.status_code, answer.headers["retry-after"], answer.text) == (503, "2", "busy\n")


def test_a_request_that_is_too_long_is_refused(client: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 2**15

    for content in (b" " * (2**20 + 1), pieces()):
        answer = client.post("/sparql", content=content, headers=DIRECT)
        assert (answer.status_code, answer.text) == (413, "the request is longer than 1 MiB\n")


# Browsers


def test_pages_of_others_may_ask(client: TestClient) -> None:
    asked = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"}
    preflight = client.options("/sparql", headers={**asked, "Access-Control-Request-Headers": "content-type"})
    assert preflight.status_code == 200
    found = {name: value for name, value in preflight.headers.items() if name.startswith("access-control")}
    assert found == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, HEAD, POST",
        "access-control-allow-headers": "content-type",
        "access-control-max-age": "600",
    }
    answer = client.get("/sparql", params={"query": NUMBER}, headers={"Origin": "https://page.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-expose-headers"] == "Link, Location, Retry-After"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example:8000", 421),
        ("localhost@evil.example", 421),
        ("", 421),
    ],
)
def test_a_foreign_host_is_refused(client: TestClient, host: str, status: int) -> None:
    answer = client.get("/sparql", params={"query": NUMBER}, headers={"Host": host})
    assert answer.status_code == status
    if status == 421:
        name = host.removesuffix(":8000") or "no host"
        assert answer.text == f"{name} is not this server; to serve others, start kg serve with --host\n"


def test_a_page_may_load_only_what_this_server_sends(client: TestClient) -> None:
    headers = client.get("/", headers={"Accept": "text/html"}).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert {name: headers[name] for name in ("x-content-type-options", "referrer-policy", "x-frame-options")} == {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",
    }


# kg serve


def read(address: str, timeout: float = 60) -> str:
    with urllib.request.urlopen(address, timeout=timeout) as answer:
        return str(answer.read().decode())


def children(process_id: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process_id)], capture_output=True, text=True)
    return [int(line) for line in listed.stdout.split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_kg_serve_says_its_address_and_ends_when_it_is_told_to(number: signal.Signals, tmp_path: Path) -> None:
    with kg_serve("-g", str(SMALL)) as (process, address):
        assert read(f"{address}sparql?{urlencode({'query': NUMBER, 'format': 'tsv'})}") == "?n\n1\n"
        workers = children(process.pid)
        # a query that would take for ever is no reason to stay
        parts = urlsplit(address)
        with socket.create_connection((str(parts.hostname), parts.port or 0)) as asking:
            slow = urlencode({"query": SLOW})
            asking.sendall(f"GET /sparql?{slow} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (0, "", "")
        assert workers
        assert [is_running(worker) for worker in workers] == [False] * len(workers)


def test_who_goes_away_leaves_no_query_behind() -> None:
    with kg_serve("-g", str(SMALL), "--time-limit", "0") as (_, address):
        parts = urlsplit(address)
        slow = f"GET /sparql?{urlencode({'query': SLOW})} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
        for _ in range(8):
            with socket.create_connection((str(parts.hostname), parts.port or 0)) as asking:
                asking.sendall(slow)
        assert read(f"{address}sparql?{urlencode({'query': NUMBER, 'format': 'tsv'})}") == "?n\n1\n"


def test_a_server_that_is_killed_leaves_no_process_behind() -> None:
    with kg_serve("-g", str(SMALL), "--time-limit", "0") as (process, address):
        read(f"{address}sparql?{urlencode({'query': NUMBER})}")
        (worker,) = children(process.pid)
        process.kill()
        process.wait()
        for _ in range(600):
            if not is_running(worker):
                break
            time.sleep(0.05)
        else:
            pytest.fail("the process that answers is still there")


def test_a_port_that_is_taken_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "kg", "serve", "-g", str(SMALL), "--port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"kg: cannot listen at 127.0.0.1:{port}: address already in use; give another --port or --host\n",
    )


def test_the_address_of_other_hosts() -> None:
    with kg_serve("-g", str(SMALL), "--host", "0.0.0.0") as (_, address):
        parts = urlsplit(address)
        assert parts.hostname == socket.gethostname().lower()
        local = f"http://127.0.0.1:{parts.port}/sparql?{urlencode({'query': NUMBER, 'format': 'tsv'})}"
        asked = urllib.request.Request(local, headers={"Host": "kg.lab.example"})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            assert answer.read() == b"?n\n1\n"
    assert ADDRESS == "http://127.0.0.1:8000/"
