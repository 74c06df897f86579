"""The graph in other formats: RDF for other tools, tables, and networks for Gephi and Cytoscape."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Literal, get_args

from pyoxigraph import Triple

from kg.errors import UsageError, did_you_mean
from kg.sorting import Sorter
from kg.store import OpenGraph
from kg.turtle import spell_triple, write_turtle

Format = Literal["turtle", "ntriples", "nquads", "trig", "jsonld", "rdfxml", "graphml", "gexf", "csv"]
FORMATS: tuple[Format, ...] = get_args(Format)

_CLOCK = re.compile(rb' lastmodifieddate="[^"]*"')
"""What networkx writes of the day of writing; the same graph has to give the same bytes."""

_BY_EXTENSION: dict[str, Format] = {
    ".ttl": "turtle",
    ".nt": "ntriples",
    ".nq": "nquads",
    ".trig": "trig",
    ".jsonld": "jsonld",
    ".rdf": "rdfxml",
    ".xml": "rdfxml",
    ".graphml": "graphml",
    ".gexf": "gexf",
    ".csv": "csv",
}


def format_of(name: str | None, output: str | None) -> Format:
    """Return the format that is named, or the one that the ending of the output file says; Turtle where neither is.

    Raises:
        UsageError: the name or the ending is not known.

    >>> format_of(None, "graph.nq"), format_of("gexf", None), format_of(None, None)
    ('nquads', 'gexf', 'turtle')
    """
    if name is not None:
        for known in FORMATS:
            if name.casefold() == known:
                return known
        raise UsageError(f"{name!r} is not a format{did_you_mean(name, FORMATS)} (there are {', '.join(FORMATS)})")
    if output is None or output == "-":
        return "turtle"
    ending = output[output.rfind(".") :].casefold() if "." in output else ""
    if ending not in _BY_EXTENSION:
        raise UsageError(f"{output}: no format is known by this ending; name one with -f ({', '.join(FORMATS)})")
    return _BY_EXTENSION[ending]


def export_graph(graph: OpenGraph, to: Format) -> Iterator[bytes]:
    """Yield the graph in a format, as UTF-8; the same graph gives the same bytes, but for JSON-LD and RDF/XML order.

    `csv` is the table of statements: paper, title, role, kind, concept, confidence, quote.
    """
    if to in ("turtle", "ntriples", "nquads", "trig"):
        # N-Quads of one default graph are its N-Triples, and its TriG is its Turtle
        yield from _write_triples(graph, sorted_lines=to in ("ntriples", "nquads"))
    elif to in ("jsonld", "rdfxml"):
        yield _write_by_engine(graph, to)
    elif to == "csv":
        yield from _write_statements(graph)
    else:
        yield _write_network(graph, to)


def _triples(graph: OpenGraph) -> Iterator[Triple]:
    """Yield the triples of a graph, its decimals spelt as in `graph.ttl`; one of several graphs comes several times."""
    return (spell_triple(quad.triple) for quad in graph.store)


def _write_triples(graph: OpenGraph, sorted_lines: bool) -> Iterator[bytes]:
    if sorted_lines:
        lines = Sorter()
        for triple in _triples(graph):
            lines.add(f"{triple} .\n")
        for line, _ in groupby(lines):
            yield line.encode()
    else:
        for piece in write_turtle(_triples(graph), graph.base):
            yield piece.encode()


def _write_by_engine(graph: OpenGraph, to: Format) -> bytes:
    import pyoxigraph

    kind = pyoxigraph.RdfFormat.JSON_LD if to == "jsonld" else pyoxigraph.RdfFormat.RDF_XML
    return (
        pyoxigraph.serialize(sorted(set(_triples(graph)), key=str), format=kind, prefixes=dict(graph.prefixes)) or b""
    )


def _write_statements(graph: OpenGraph) -> Iterator[bytes]:
    from kg.asking.query import select

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("paper", "title", "role", "kind", "concept", "confidence", "quote"))
    for row in select(graph, _STATEMENTS):
        writer.writerow("" if cell is None else getattr(cell, "value", cell) for cell in row)
    yield out.getvalue().encode()


_STATEMENTS = """
SELECT ?paper ?title ?role ?kind ?concept ?confidence ?quote WHERE {
  ?statement rdf:subject ?p ; rdf:predicate ?property ; rdf:object ?thing ; kg:confidence ?confidence ;
             kg:hasEvidence / oa:hasSelector / kg:inSentence / oa:exact ?quote .
  ?p dcterms:title ?title .
  ?thing skos:prefLabel ?concept ; a ?class .
  FILTER(STRSTARTS(STR(?class), STR(kg:)))
  BIND(STRAFTER(STR(?p), STR(paper:)) AS ?paper)
  BIND(STRAFTER(STR(?property), "#") AS ?role)
  BIND(STRAFTER(STR(?class), "#") AS ?kind)
}
ORDER BY ?paper ?role ?concept ?kind ?quote ?confidence
"""


def _write_network(graph: OpenGraph, to: Format) -> bytes:
    """Return the network in an XML format; only plain attributes go along."""
    import networkx

    from kg.network.network import read_network

    plain = networkx.Graph()
    network = read_network(graph)
    for node, data in sorted(network.nodes(data=True)):
        plain.add_node(node, **_plain(data))
    for a, b, data in sorted(network.edges(data=True), key=lambda e: sorted(e[:2])):
        plain.add_edge(*sorted((a, b)), **_plain(data))
    out = io.BytesIO()
    if to == "graphml":
        networkx.write_graphml(plain, out, encoding="utf-8")
    else:
        networkx.write_gexf(plain, out, encoding="utf-8")
    return _CLOCK.sub(b"", out.getvalue())


def _plain(data: dict[str, object]) -> dict[str, str | int | float]:
    return {k: v for k, v in sorted(data.items()) if isinstance(v, str | int | float) and v is not None}
