"""The SPARQL 1.1 Graph Store Protocol: whole graphs read, replaced, added to and deleted."""

from __future__ import annotations

import uuid
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import quote

import pyoxigraph as ox
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kg.errors import UsageError
from kg.serving.formats import TRIPLES
from kg.serving.protocol import (
    Parameters,
    check_iris,
    check_token,
    read_media_type,
    read_parameters,
    send_answer,
)
from kg.serving.workers import Workers
from kg.site import Site

_PATH = "/rdf-graph-store"
_READ_AS = {media_type: known for known in TRIPLES[:4] for media_type in known.media_types}
_READ_AS["application/json"] = TRIPLES[2]


def routes(site: Site, workers: Workers, token: str | None) -> list[BaseRoute]:
    """Return the routes of the graph store; `token` is what those need who change it, None if nobody may."""

    async def read(request: Request) -> Response:
        parameters = read_parameters(request.scope["query_string"])
        name = _read_name(site, request, parameters)
        if not _exists(site.graph.store, name):
            raise HTTPException(404, f"there is no graph {name}")
        graph = name.value if isinstance(name, ox.NamedNode) else None
        return await send_answer(request, workers, graph=graph, format=parameters.all("format"))

    async def write(request: Request) -> Response:
        check_token(request, token)
        parameters = read_parameters(request.scope["query_string"])
        headers = {}
        if request.method == "POST" and not parameters.pairs and not request.path_params:
            new = f"{site.address.rstrip('/')}{_PATH}/{uuid.uuid4()}"
            name: ox.NamedNode | ox.DefaultGraph = ox.NamedNode(new)
            headers["Location"] = new
        else:
            name = _read_name(site, request, parameters)
        triples = () if request.method == "DELETE" else await _read_triples(request, site.iri(""))
        async with workers.changing():
            existed = await run_in_threadpool(_write, site.graph.store, request.method, name, triples)
        if request.method == "DELETE" and not existed:
            raise HTTPException(404, f"there is no graph {name}")
        return Response(status_code=204 if existed else 201, headers=headers)

    return [
        Route(path, endpoint, methods=methods)
        for path in (_PATH, _PATH + "/{name:path}")
        for endpoint, methods in ((read, ["GET"]), (write, ["PUT", "POST", "DELETE"]))
    ]


def _read_name(site: Site, request: Request, parameters: Parameters) -> ox.NamedNode | ox.DefaultGraph:
    """Return which graph is meant: by parameter, or the one whose IRI is the address of the request."""
    graph, default, path = parameters.one("graph"), parameters.one("default"), request.path_params.get("name")
    if path:
        graph = f"{site.address.rstrip('/')}{_PATH}/{quote(path)}"
    elif (graph is None) == (default is None):
        raise HTTPException(400, "say which graph: ?default or ?graph=IRI")
    return ox.DefaultGraph() if graph is None else ox.NamedNode(check_iris((graph,))[0])


def _exists(store: ox.Store, name: ox.NamedNode | ox.DefaultGraph) -> bool:
    return isinstance(name, ox.DefaultGraph) or store.contains_named_graph(name)


async def _read_triples(request: Request, base: str) -> tuple[ox.Triple, ...]:
    """Return the triples of a body; their blank nodes are those of this body only.

    Raises:
        HTTPException: 415: its type is not known.
        UsageError: it cannot be parsed.
    """
    media_type, body = read_media_type(request), await request.body()
    parts = [(media_type, body)]
    if media_type == "multipart/form-data":
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        form = BytesParser(policy=HTTP).parsebytes(head + body)
        parts = [
            (part.get_content_type(), bytes(part.get_payload(decode=True)))
            for part in form.walk()
            if not part.is_multipart()
        ]
    triples: list[ox.Triple] = []
    for name, content in parts:
        triples += await run_in_threadpool(_parse, content, name, base)
    return tuple(triples)


def _parse(body: bytes, media_type: str, base: str) -> tuple[ox.Triple, ...]:
    if media_type not in _READ_AS:
        types = ", ".join(known.media_types[0] for known in TRIPLES[:4])
        raise HTTPException(415, f"triples come as one of {types}, not {media_type[:100] or 'none'}")
    to = _READ_AS[media_type].engine
    assert isinstance(to, ox.RdfFormat)  # noqa: S101
    try:
        quads = ox.parse(body, to, base_iri=base, without_named_graphs=True, rename_blank_nodes=True)
        return tuple(quad.triple for quad in quads)
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"the body cannot be read: {' '.join(str(error).split())[:1000]}") from None


def _write(store: ox.Store, method: str, name: ox.NamedNode | ox.DefaultGraph, triples: tuple[ox.Triple, ...]) -> bool:
    """Replace, add to or delete a graph in one transaction, and return whether it was there before."""
    existed = _exists(store, name)
    if method == "DELETE" and not existed:
        return False
    graph = "DEFAULT" if isinstance(name, ox.DefaultGraph) else f"GRAPH {name}"
    steps = []
    if method != "POST":
        steps.append(f"DROP SILENT {graph}")
    if method != "DELETE":
        if isinstance(name, ox.NamedNode):
            steps.append(f"CREATE SILENT {graph}")
        data = " . ".join(map(str, triples))
        steps.append(f"INSERT DATA {{ {data} }}" if graph == "DEFAULT" else f"INSERT DATA {{ {graph} {{ {data} }} }}")
    store.update(" ;\n".join(steps))
    return existed
