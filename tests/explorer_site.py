"""A small graph with hostile names, and a server of the explorer for tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from starlette.applications import Starlette

from kg.serving import server
from kg.site import Site
from kg.store import OpenGraph, open_graph

SMALL = Path(__file__).parent / "data" / "small.ttl"
EVIL_TITLE = '</script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1"> Evil & Co'
EVIL_LABEL = "=cmd|' /C calc'!A0<img src=x onerror=window.hacked=1>"
EVIL_PAPER = "paper/evil-00000000"
TWINDRAFT = "paper/twindraft-two-draft-models-for-faster-81ca155f"
LONGDRAFT = "paper/longdraft-self-speculative-decoding-of-long-7748c662"
TITLES = {
    EVIL_PAPER: EVIL_TITLE,
    TWINDRAFT: "TwinDraft: Two Draft Models for Faster Speculative Decoding",
    LONGDRAFT: "LongDraft: Self-Speculative Decoding of Long Contexts on Consumer GPUs",
    "paper/coderank-contrastive-learning-for-code-search-24562725": "CodeRank: Contrastive Learning for Code Search",
    "paper/how-far-can-kv-cache-quantization-ef10cab4": "How Far Can KV Cache Quantization Go?",
}


def hostile_graph() -> OpenGraph:
    """Return the small graph with one more paper, whose title and method are made to be run."""
    graph = open_graph(SMALL)
    paper, method = ox.NamedNode(graph.base + EVIL_PAPER), ox.NamedNode(graph.base + "method/evil")
    is_a, label = (
        ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
        "http://www.w3.org/2004/02/skos/core#",
    )
    statement, rdf = ox.NamedNode(graph.base + "statement/evil"), "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    uses = graph.term("https://kg.example.org/ontology#uses")
    for subject, predicate, value in (
        (paper, is_a, graph.term("https://kg.example.org/ontology#Paper")),
        (paper, ox.NamedNode("http://purl.org/dc/terms/title"), ox.Literal(EVIL_TITLE)),
        (paper, ox.NamedNode("http://purl.org/dc/terms/abstract"), ox.Literal("It is 𝒪(n) <b>fast</b>.")),
        (method, is_a, graph.term("https://kg.example.org/ontology#Method")),
        (method, ox.NamedNode(label + "prefLabel"), ox.Literal(EVIL_LABEL)),
        (paper, uses, method),
        (statement, ox.NamedNode(rdf + "subject"), paper),
        (statement, ox.NamedNode(rdf + "predicate"), uses),
        (statement, ox.NamedNode(rdf + "object"), method),
    ):
        graph.store.add(ox.Quad(subject, predicate, value))
    return graph


def make_app(graph: OpenGraph, address: str = "http://testserver/") -> Starlette:
    """Return the server of a graph in memory."""
    return server.make_app(Site(graph, str(SMALL), address))


@contextmanager
def serve(graph: OpenGraph) -> Iterator[str]:
    """Serve the explorer of a graph on a free port, and yield its address."""
    import socket

    import uvicorn

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    serving = uvicorn.Server(uvicorn.Config(make_app(graph, address), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=serving.run, daemon=True)
    thread.start()
    while not serving.started and thread.is_alive():
        time.sleep(0.01)
    yield address
    serving.should_exit = True
    thread.join(10)


def get(client: Any, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


def paths(things: list[dict[str, Any]]) -> list[str]:
    return [thing["path"] for thing in things]
