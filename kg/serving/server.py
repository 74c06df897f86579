"""One local server: the SPARQL endpoint, linked data and the explorer of one graph."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pyoxigraph as ox
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount, Router

from kg.errors import KgError, UsageError
from kg.exploring import explorer
from kg.ontology import prefixes
from kg.serving import graph_store, linked_data, sparql
from kg.serving.guard import Guard
from kg.serving.newest import Newest
from kg.serving.protocol import tell_problem
from kg.serving.workers import Workers
from kg.site import Site
from kg.store import OpenGraph, find_base, find_store, open_graph

_BODY_LIMIT = 2**20
_BODY_LIMIT_WRITABLE = 2**28
_METHODS = ["GET", "HEAD", "POST"]
_LONGEST_ADDRESS = 2**17
_LAST_SECONDS = 1
"""What running requests get when the server is told to stop."""


def make_app(
    site: Site,
    *,
    time_limit_s: float | None = 30.0,
    size_limit: int = 2**28,
    token: str | None = None,
    workers: int | None = None,
    waiting: int = 64,
) -> Starlette:
    """Return the application of a site; its processes live as long as its lifespan.

    Where the graph at the site's place is replaced, the next request is answered from the new one; not where there is a
    token, as the server itself then changes the graph.

    Args:
        site: the graph and its address; its store has to be open for writing if there is a token.
        time_limit_s: seconds after which a query is stopped; None for no limit.
        size_limit: bytes of an answer above which it is refused.
        token: what those have to show who change the graph; None if nobody may.
        workers: how many queries are answered at a time; None for as many as suit this machine.
        waiting: how many may wait; the next are refused.
    """

    def make_workers(site: Site) -> Workers:
        place, writable = Path(site.place), token is not None
        pool = Workers(site.graph, place, time_limit_s, size_limit, waiting=waiting, writable=writable)
        pool.count = workers or pool.count
        return pool

    def make_router(site: Site, pool: Workers) -> Router:
        return Router(
            [
                *sparql.routes(site, pool, token),
                *graph_store.routes(site, pool, token),
                *explorer.routes(site, pool.ask, lambda: pool.changes),
                *linked_data.routes(site),
            ]
        )

    newest = Newest(site, make_workers, make_router, watching=token is None)
    app = Starlette(
        routes=[Mount("/", newest)],
        middleware=[
            Middleware(Guard, address=site.address, body_limit=_BODY_LIMIT_WRITABLE if token else _BODY_LIMIT),
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=[*_METHODS, "PUT", "DELETE"] if token else _METHODS,
                allow_headers=["*"],
                expose_headers=["Link", "Location", "Retry-After"],
            ),
        ],
        exception_handlers={HTTPException: tell_problem, KgError: tell_problem},
        lifespan=lambda _: newest.live(),
    )
    app.state.newest = newest
    return app


def open_site(place: str, address: str, *, writable: bool = False) -> Site:
    """Return the site of a graph.

    Raises:
        UsageError: there is no graph; or it is to be written, and is no folder, or another process writes it.
    """
    if not writable:
        return Site(open_graph(place), place, address)
    folder = find_store(place)
    if folder is None:
        raise UsageError(f"{place} has no store to write to; --writable takes a folder made by kg build")
    try:
        store = ox.Store(folder)
    except OSError as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{place} cannot be opened for writing; does another server have it? ({reason})") from None
    base = find_base(store)
    return Site(OpenGraph(store, base, prefixes(base)), place, address)


def serve(
    place: str,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    time_limit_s: float | None = 30.0,
    token: str | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Serve a graph until the process is told to stop (SIGINT, SIGTERM), then return.

    Args:
        place: a folder made by `kg build`, or an RDF file.
        host: the name or address to listen at; anything but this machine's own opens the server to the network.
        port: the port; 0 takes a free one.
        time_limit_s: seconds after which a query is stopped; None for no limit.
        token: what those have to show who change the graph; None if nobody may.
        say: called with the address as soon as the server can be reached.

    Raises:
        UsageError: there is no graph, or one cannot listen there.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    with contextlib.suppress(_Stopped), _listen(host, port) as listening:
        address = _address(host, listening.getsockname()[1])
        site = open_site(place, address, writable=token is not None)
        config = uvicorn.Config(
            make_app(site, time_limit_s=time_limit_s, token=token),
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_LAST_SECONDS,
            h11_max_incomplete_event_size=_LONGEST_ADDRESS,
        )
        say(address)
        logging.getLogger("uvicorn.error").addFilter(_tells_a_problem)
        server = _Server(config)
        server.run(sockets=[listening])
        if not server.started:
            raise KgError("the server could not start; what is said above tells why")


class _Server(uvicorn.Server):
    """A server that does not wait for queries when it is told to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.config.app.state.newest.refuse()  # type: ignore[union-attr]


def _tells_a_problem(record: logging.LogRecord) -> bool:
    """Return whether a line of the log is worth saying; that a connection was still open at the end is not."""
    return not str(record.msg).startswith("Cancel ")


class _Stopped(BaseException):
    """The process was told to stop."""


def _stop(number: int, frame: object) -> None:
    raise _Stopped


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        UsageError: the port is taken, or the host is not one of this machine.
    """
    try:
        family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(where[:2], family=family, backlog=128)
    except OSError as error:
        where_to = f"{host}:{port}" if ":" not in host else f"[{host}]:{port}"
        reason = os.strerror(error.errno).lower() if error.errno and error.errno > 0 else error.strerror
        raise UsageError(f"cannot listen at {where_to}: {reason}; give another --port or --host") from None
    except OverflowError:
        raise UsageError(f"{port} is not a port; give one from 0 to 65535") from None


def _address(host: str, port: int) -> str:
    """Return the address that people use.

    >>> _address("127.0.0.1", 8000), _address("::1", 80)
    ('http://127.0.0.1:8000/', 'http://[::1]:80/')
    """
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - only compared
        host = socket.gethostname()
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
