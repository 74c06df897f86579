"""What the tests of the server share: a server in the test's own process, and one as people start it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyoxigraph as ox
from starlette.testclient import TestClient

from kg.serving.server import make_app, open_site
from kg.site import Site

ADDRESS = "http://127.0.0.1:8000/"
SMALL = Path(__file__).parent / "data" / "small.ttl"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?a) != STR(?d) || STR(?f) = STR(?i)) }"
NUMBER = "SELECT (1 AS ?n) {}"
DIRECT = {"Content-Type": "application/sparql-query"}


@contextmanager
def client_of(place: Path, **options: Any) -> Iterator[TestClient]:
    """Give a client of a server for a graph."""
    site: Site = open_site(str(place), ADDRESS, writable="token" in options)
    with TestClient(make_app(site, **options), base_url=ADDRESS) as client:
        yield client


def make_store(folder: Path, content: bytes) -> Path:
    """Return a folder with a store, as `kg build` makes one, that has the Turtle."""
    store = ox.Store(folder / "store")
    store.bulk_load(content, ox.RdfFormat.TURTLE, base_iri=ADDRESS)
    store.flush()
    return folder


@contextmanager
def kg_serve(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `kg serve` and give the process and the address that it says."""
    command = [sys.executable, "-m", "kg", "serve", "--port", "0", *arguments]
    with TemporaryDirectory() as folder:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent,
            env={**os.environ, "TMPDIR": folder},
            start_new_session=True,
        )
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=60)
