"""Linked data: the IRI of each thing, asked at this server, answers with what the graph says about the thing."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import quote

import pyoxigraph as ox
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kg.exploring import explorer
from kg.ontology import KG, prefixes
from kg.serving.formats import HTML, TRIPLES, Format, choose_format, content_type, write_triples
from kg.serving.ontology_page import read_ontology, render_ontology
from kg.serving.protocol import read_parameters
from kg.serving.sparql import count_triples
from kg.site import Site
from kg.store import Node, OpenGraph

MOST_STATEMENTS = 1_000
"""Statements about one thing that its description has; a concept that every paper names has more."""

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_VOID = "http://rdfs.org/ns/void#"
_OA = "http://www.w3.org/ns/oa#"
_STEPS = (KG.hasEvidence, _OA + "hasSelector", KG.inSentence)
"""From a statement to its evidence, to the span in the text, to the sentence around it."""
_MOST_TRIPLES = 50_000


def routes(site: Site) -> list[BaseRoute]:
    """Return the routes of the page, the ontology, the graph and all things; the last takes every path."""

    async def answer(request: Request) -> Response:
        path = request.scope["path"].lstrip("/")
        names = (path, request.scope.get("raw_path", b"").decode("latin-1").lstrip("/"))
        thing = next((site.iri(name) for name in names if knows(site.graph, site.iri(name))), None)
        return await _respond(site, request, site.iri(path) if thing is None else thing, known=thing is not None)

    async def ontology(request: Request) -> Response:
        to, media_type = _choose(request)
        turtle = await run_in_threadpool(read_ontology, site.graph.base)
        if to == HTML:
            content = render_ontology(turtle, site.graph.base).encode()
        elif to.engine == ox.RdfFormat.TURTLE:
            content = turtle.encode()
        else:
            triples = (quad.triple for quad in ox.parse(turtle, ox.RdfFormat.TURTLE))
            content = _write(triples, to, site.graph)
        return Response(content, headers=_headers(site, request, site.iri("ontology"), media_type))

    async def graph(request: Request) -> Response:
        return await _respond(site, request, site.iri("graph"), known=True)

    return [
        Route("/", graph, methods=["GET"]),
        Route("/graph", graph, methods=["GET"]),
        Route("/ontology", ontology, methods=["GET"]),
        Route("/{path:path}", answer, methods=["GET"]),
    ]


async def _respond(site: Site, request: Request, iri: str, *, known: bool) -> Response:
    to, media_type = _choose(request)
    if to == HTML:
        response = await run_in_threadpool(explorer.page, site, request)
    elif known:
        content = await run_in_threadpool(lambda: _write(describe_thing(site, iri), to, site.graph))
        response = Response(content)
    else:
        response = Response(f"there is nothing at {iri}\n", media_type="text/plain")
        media_type = "text/plain"
    headers = _headers(site, request, iri, media_type)
    if not known:
        response.status_code = 404
        del headers["Link"]
    response.headers.update(headers)
    return response


def _choose(request: Request) -> tuple[Format, str]:
    names = read_parameters(request.scope["query_string"]).all("format")
    return choose_format(request.headers.get("accept"), names, (*TRIPLES, HTML))


def _headers(site: Site, request: Request, iri: str, media_type: str) -> dict[str, str]:
    """Return the headers of a description: what it is about, and where the same stands as Turtle."""
    path = quote(request.scope["path"])
    turtle = f"{site.address.rstrip('/')}{path}?format=ttl"
    links = (
        f'<{quote(iri, safe=":/?#[]@!$&()*+,;=%~")}>; rel="canonical"',
        f'<{turtle}>; rel="describedby"; type="text/turtle"',
    )
    return {"Content-Type": content_type(media_type), "Vary": "Accept", "Link": ", ".join(links)}


def _write(triples: Iterable[ox.Triple], to: Format, graph: OpenGraph) -> bytes:
    out = io.BytesIO()
    write_triples(triples, to, out, graph.prefixes or prefixes(graph.base), graph.base)
    return out.getvalue()


def knows(graph: OpenGraph, iri: str) -> bool:
    """Return whether an IRI is the subject or the object of a triple."""
    try:
        node = ox.NamedNode(iri)
    except ValueError:
        return False
    patterns = ((node, None), (None, node))
    return any(True for s, o in patterns for _ in islice(graph.store.quads_for_pattern(s, None, o), 1))


def describe_thing(site: Site, iri: str) -> list[ox.Triple]:
    """Return what the graph says about a thing, each triple once, in no order.

    That is: its own triples and those of its blank nodes, the triples that state something about it, and the statements
    that say so, with their evidence, the spans and the sentences. Of the graph itself: also where it can be asked.
    """
    graph, node = site.graph, ox.NamedNode(iri)
    # whole before it is written: the iterators of the engine must end in the thread that made them
    found = dict.fromkeys(islice(_describe(graph, node), _MOST_TRIPLES))
    if iri == site.iri("graph"):
        found[ox.Triple(node, ox.NamedNode(_RDF + "type"), ox.NamedNode(_VOID + "Dataset"))] = None
        found[ox.Triple(node, ox.NamedNode(_VOID + "sparqlEndpoint"), ox.NamedNode(site.address + "sparql"))] = None
        if not graph.objects(node, _VOID + "triples"):
            found[ox.Triple(node, ox.NamedNode(_VOID + "triples"), count_triples(graph))] = None
    return list(found)


def _describe(graph: OpenGraph, node: Node) -> Iterator[ox.Triple]:
    yield from _own(graph, node)
    for place in ("subject", "object"):
        for statement in islice(_subjects(graph, _RDF + place, node), MOST_STATEMENTS):
            said = [graph.objects(statement, _RDF + part)[:1] for part in ("subject", "predicate", "object")]
            if all(said):
                yield ox.Triple(*(terms[0] for terms in said))  # type: ignore[arg-type]
            layer: list[Node] = [statement]
            yield from _own(graph, statement)
            for step in _STEPS:
                layer = [found for thing in layer for found in graph.nodes(thing, step)]
                for thing in layer:
                    yield from _own(graph, thing)


def _own(graph: OpenGraph, node: Node) -> Iterator[ox.Triple]:
    """Yield the triples of a subject, and of the blank nodes that hang on it."""
    to_do, seen = [node], {node}
    while to_do:
        for quad in graph.store.quads_for_pattern(to_do.pop(), None, None, ox.DefaultGraph()):
            yield quad.triple
            if isinstance(quad.object, ox.BlankNode) and quad.object not in seen:
                seen.add(quad.object)
                to_do.append(quad.object)


def _subjects(graph: OpenGraph, predicate: str, node: Node) -> Iterator[Node]:
    for quad in graph.store.quads_for_pattern(None, ox.NamedNode(predicate), node, ox.DefaultGraph()):
        if isinstance(quad.subject, ox.NamedNode | ox.BlankNode):
            yield quad.subject
