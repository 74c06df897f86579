"""The endpoint of the SPARQL 1.1 Protocol: queries, updates, and the description of the service."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pyoxigraph as ox
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kg.asking.query import explain_syntax
from kg.asking.tokens import UPDATE_KEYWORDS, asks_elsewhere, check_prefixes, check_size, cut_tokens, find_form
from kg.errors import UsageError
from kg.exploring import explorer
from kg.serving.formats import HTML, TRIPLES, choose_format, content_type, write_triples
from kg.serving.protocol import (
    Parameters,
    check_iris,
    check_token,
    read_media_type,
    read_parameters,
    read_text,
    send_answer,
)
from kg.serving.workers import Workers
from kg.site import Site
from kg.store import OpenGraph

_SD = "http://www.w3.org/ns/sparql-service-description#"
_VOID = "http://rdfs.org/ns/void#"
_FORMS = {"query": "application/sparql-query", "update": "application/sparql-update"}
_FORMAT_IRI = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "JSON-LD", "RDF_XML", "N-Quads", "TriG"),
)


def routes(site: Site, workers: Workers, token: str | None) -> list[BaseRoute]:
    """Return the routes of the endpoint; `token` is what those need who change the graph, None if nobody may."""

    async def answer(request: Request) -> Response:
        if request.method in ("GET", "HEAD"):
            parameters = read_parameters(request.scope["query_string"])
            if parameters.all("update"):
                raise HTTPException(400, "an update is sent by POST")
            sparql = parameters.one("query")
            if sparql is None:
                return await describe_service(site, request, parameters.all("format"), writable=token is not None)
            return await _query(request, sparql, parameters)
        kind, text, parameters = await _read_operation(request)
        return await (_query if kind == "query" else _update)(request, text, parameters)

    async def _query(request: Request, sparql: str, parameters: Parameters) -> Response:
        return await send_answer(
            request,
            workers,
            query=sparql,
            format=parameters.all("format"),
            default_graphs=check_iris(parameters.all("default-graph-uri")),
            named_graphs=check_iris(parameters.all("named-graph-uri")),
        )

    async def _update(request: Request, update: str, parameters: Parameters) -> Response:
        check_token(request, token)
        default, named = parameters.all("using-graph-uri"), parameters.all("using-named-graph-uri")
        update = restrict_update(update, check_iris(default), check_iris(named))
        async with workers.changing():
            await run_in_threadpool(update_graph, site.graph, update)
        return Response(status_code=204)

    return [Route("/sparql", answer, methods=["GET", "POST"])]


async def _read_operation(request: Request) -> tuple[str, str, Parameters]:
    """Return `query` or `update`, its text, and the parameters of a POST."""
    media_type = read_media_type(request)
    body = await request.body()
    address = request.scope["query_string"]
    for kind, direct in _FORMS.items():
        if media_type == direct:
            return kind, read_text(body), read_parameters(address)
    if media_type != "application/x-www-form-urlencoded":
        types = f"application/x-www-form-urlencoded, {', '.join(_FORMS.values())}"
        raise HTTPException(415, f"a POST has one of the types {types}, not {media_type[:100] or 'none'}")
    form, parameters = read_parameters(body), read_parameters(body, address)
    given = [(kind, text) for kind in _FORMS for text in form.all(kind)]
    if len(given) != 1:
        raise HTTPException(400, f"a form has one query or one update, not {len(given) or 'none'}")
    return *given[0], parameters


def update_graph(graph: OpenGraph, update: str) -> None:
    """Carry out a SPARQL Update, all of it or nothing.

    Raises:
        UsageError: it cannot be parsed or carried out, or it asks another machine.
    """
    if asks_elsewhere(update):
        raise UsageError("the update has a SERVICE or a LOAD, which asks another machine; this server does not")
    tokens = cut_tokens(update)
    check_size(tokens)
    if find_form(tokens) in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"):
        raise UsageError("this is a query, not a SPARQL Update; queries are sent as query=, or as sparql-query")
    check_prefixes(update, graph.prefixes)
    try:
        graph.store.update(update, prefixes=graph.prefixes, base_iri=graph.base)
    except SyntaxError as error:
        raise explain_syntax(update, error, UPDATE_KEYWORDS) from None
    except RuntimeError as error:
        raise UsageError(f"the update cannot be carried out: {error}") from None


def restrict_update(update: str, default: tuple[str, ...], named: tuple[str, ...]) -> str:
    """Return an update whose WHERE clauses look at the given graphs.

    >>> restrict_update("INSERT { ?s ?p 1 } WHERE { ?s ?p 2 }", ("http://e/g",), ())
    'INSERT { ?s ?p 1 } USING <http://e/g> WHERE { ?s ?p 2 }'

    Raises:
        UsageError: the update itself says which (USING, WITH), or is of a form that cannot.
    """
    if not default and not named:
        return update
    using = "".join(f"USING <{iri}> " for iri in default) + "".join(f"USING NAMED <{iri}> " for iri in named)
    tokens = cut_tokens(update)
    depth, places = 0, []
    for i, token in enumerate(tokens):
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0 and token.is_word("USING", "WITH"):
            raise UsageError(f"the update has {token.text}, and the request says which graphs to use; give one of them")
        if depth == 0 and token.is_word("WHERE"):
            if tokens[i - 1].is_word("DELETE"):
                raise UsageError("DELETE WHERE cannot be told which graphs to use; write DELETE { ... } WHERE { ... }")
            places.append(token.start)
    for start in reversed(places):
        update = update[:start] + using + update[start:]
    return update


async def describe_service(site: Site, request: Request, formats: Sequence[str], *, writable: bool) -> Response:
    """Return the page for people, or the SPARQL 1.1 Service Description for programs."""
    to, media_type = choose_format(request.headers.get("accept"), formats, (*TRIPLES, HTML))
    if to == HTML:
        response = await run_in_threadpool(explorer.page, site, request)
        response.headers["Vary"] = "Accept"
        return response
    triples = await run_in_threadpool(_describe, site, writable)
    out = io.BytesIO()
    write_triples(triples, to, out, {**site.graph.prefixes, "sd": _SD}, site.graph.base)
    return Response(out.getvalue(), headers={"Content-Type": content_type(media_type), "Vary": "Accept"})


def _describe(site: Site, writable: bool) -> list[ox.Triple]:
    node, a = ox.NamedNode, ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    service, data = node(site.address + "sparql"), node(site.address + "sparql#dataset")
    default = node(site.address + "sparql#default-graph")
    said: list[tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]] = [
        (service, a.value, node(_SD + "Service")),
        (service, _SD + "endpoint", service),
        (service, _SD + "supportedLanguage", node(_SD + "SPARQL11Query")),
        (service, _SD + "defaultEntailmentRegime", node("http://www.w3.org/ns/entailment/Simple")),
        (service, _SD + "defaultDataset", data),
        *((service, _SD + "resultFormat", node(_FORMAT_IRI + name)) for name in _RESULT_FORMATS),
        (data, a.value, node(_SD + "Dataset")),
        (data, _SD + "defaultGraph", default),
        (default, a.value, node(_SD + "Graph")),
        (default, _VOID + "triples", count_triples(site.graph, writable=writable)),
    ]
    if writable:
        said.append((service, _SD + "supportedLanguage", node(_SD + "SPARQL11Update")))
    for number, name in enumerate(sorted(site.graph.store.named_graphs(), key=str)):
        if isinstance(name, ox.NamedNode):
            entry = node(f"{site.address}sparql#named-graph-{number + 1}")
            said += [(data, _SD + "namedGraph", entry), (entry, a.value, node(_SD + "NamedGraph"))]
            said.append((entry, _SD + "name", name))
    return [ox.Triple(subject, node(predicate), value) for subject, predicate, value in said]


def count_triples(graph: OpenGraph, *, writable: bool = False) -> ox.Literal:
    """Return the number of triples of the default graph: what the graph says of itself, else counted."""
    said = graph.texts(ox.NamedNode(graph.base + "graph"), _VOID + "triples")
    if said and not writable:
        return ox.Literal(said[0], datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    return ox.Literal(sum(1 for _ in graph.store.quads_for_pattern(None, None, None, ox.DefaultGraph())))
