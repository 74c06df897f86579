"""A graph that is built anew, or changed, while it is served: the next request sees it, requests under way do not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, Router
from starlette.testclient import TestClient

from kg.folder import new_folder
from kg.serving.newest import Newest
from kg.serving.server import open_site
from kg.serving.workers import Workers
from kg.site import Site
from tests.serving import ADDRESS, SMALL, client_of

TSV = {"query": "SELECT ?l { ?m a kg:Method ; skos:prefLabel ?l } ORDER BY ?l", "format": "tsv"}


def method(name: str) -> str:
    base = "https://kg.example.org/"
    return (
        f"<{base}method/{name}> a <{base}ontology#Method>, <http://www.w3.org/2004/02/skos/core#Concept> ; "
        f'<http://www.w3.org/2004/02/skos/core#prefLabel> "{name}" .\n'
    )


def build(folder: Path, *names: str, parts: int = 1) -> Path:
    """Put a folder with a graph of methods in the place of what is there, as a build does."""
    with new_folder(folder) as draft:
        (draft / "graph.ttl").write_text("".join(map(method, names)))
        store = ox.Store(str(draft / "store"))
        for part in range(parts):
            store.bulk_load(f"<http://e/{part}> <http://e/p> {part} .".encode(), ox.RdfFormat.TURTLE)
        store.bulk_load(path=draft / "graph.ttl", format=ox.RdfFormat.TURTLE)
        store.flush()
        del store
    return folder


def shown(client: TestClient) -> tuple[Any, ...]:
    """Return the methods by SPARQL, by search, how many there are by the explorer, and which have an address."""
    found = client.get("/api/search", params={"q": "drafting"}).json()["found"]
    return (
        client.get("/sparql", params=TSV).text.split()[1:],
        [hit["label"] for hit in found],
        client.get("/api/overview").json()["counts"]["Method"],
        [client.get(f"/method/{name}?format=nt").status_code for name in ("drafting-1", "drafting-2")],
    )


ONE = (['"drafting-1"'], ["drafting-1"], 1, [200, 404])
TWO = (['"drafting-2"', '"drafting-3"'], ["drafting-2", "drafting-3"], 2, [404, 200])


def test_the_next_request_is_answered_from_the_folder_that_was_built_anew(tmp_path: Path) -> None:
    build(tmp_path / "kg-out", "drafting-1")
    with client_of(tmp_path / "kg-out", workers=1) as client:
        assert shown(client) == ONE
        build(tmp_path / "kg-out", "drafting-2", "drafting-3")
        assert shown(client) == TWO
        assert shown(client) == TWO


def test_a_folder_that_is_taken_away_is_served_until_another_is_there(tmp_path: Path) -> None:
    build(tmp_path / "kg-out", "drafting-1")
    with client_of(tmp_path / "kg-out", workers=1) as client:
        assert shown(client) == ONE
        (tmp_path / "kg-out").rename(tmp_path / "away")
        assert shown(client) == ONE
        build(tmp_path / "kg-out", "drafting-2", "drafting-3")
        assert shown(client) == TWO


def test_a_file_that_cannot_be_read_is_told_once_and_the_earlier_answers_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "graph.ttl"
    file.write_text(method("drafting-1"))
    with client_of(file, workers=1) as client:
        assert shown(client) == ONE
        file.write_text("<half")
        assert shown(client) == ONE
        said = capsys.readouterr().err
        assert said.startswith(f"kg: {file}:1: ")
        assert said.endswith("; the graph that was there before answers on\n")
        assert said.count("\n") == 1
        file.write_text(method("drafting-2") + method("drafting-3"))
        assert shown(client) == TWO
    assert capsys.readouterr().err == ""


def test_a_request_under_way_finishes_with_the_graph_it_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the store has more files than the engine opens beforehand."""
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(own))
    place = build(tmp_path / "kg-out", "drafting-1", parts=30)
    task = {"accept": None, "format": ("tsv",), "default_graphs": (), "named_graphs": (), "query": TSV["query"]}

    async def run() -> tuple[str, str, int, int]:
        began, go_on = asyncio.Event(), asyncio.Event()

        def make_router(site: Site, workers: Workers) -> Router:
            async def answer(request: Request) -> PlainTextResponse:
                if request.url.path == "/slow":
                    began.set()
                    await go_on.wait()
                    held = len(site.graph.store)
                else:
                    held = 0
                _, body = await workers.answer(**task)
                return PlainTextResponse(f"{held} {body.read_text()}")

            return Router([Route("/{path}", answer)])

        def make_workers(site: Site) -> Workers:
            return Workers(site.graph, Path(site.place), count=1)

        newest = Newest(open_site(str(place), ADDRESS), make_workers, make_router, watching=True)
        async with newest.live():
            slow = asyncio.ensure_future(ask(newest, "/slow"))
            await began.wait()
            build(place, "drafting-2")
            quick = await ask(newest, "/quick")
            both = len(list(own.iterdir()))
            go_on.set()
            return await slow, quick, both, len(list(own.iterdir()))

    slow, quick, both, after = asyncio.run(run())
    assert (slow, quick) == ('33 ?l\n"drafting-1"\n', '0 ?l\n"drafting-2"\n')
    assert (both, after, list(own.iterdir())) == (2, 1, [])


async def ask(app: Newest, path: str) -> str:
    """Return what an application answers."""
    import httpx

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as client:
        return (await client.get(path)).text


def test_names_and_counts_of_the_explorer_are_those_after_the_update(tmp_path: Path) -> None:
    build(tmp_path, "drafting-1")
    token = {"Authorization": "Bearer the token"}
    with client_of(tmp_path, workers=1, token="the token") as client:
        assert shown(client) == ONE
        update = (
            "DELETE WHERE { method:drafting-1 ?p ?o } ; INSERT DATA { "
            + method("drafting-2")
            + method("drafting-3")
            + " }"
        )
        assert client.post("/sparql", data={"update": update}, headers=token).status_code == 204
        assert shown(client) == TWO
        assert client.put(
            "/rdf-graph-store?default", content=SMALL.read_bytes(), headers={"Content-Type": "text/turtle", **token}
        ).is_success
        assert [hit["label"] for hit in client.get("/api/search", params={"q": "medusa"}).json()["found"]] == ["Medusa"]
        assert client.get("/api/search", params={"q": "drafting-2"}).json()["found"] == []
