"""What an answer can be written as, which of these a client wants, and triples written so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO

import pyoxigraph as ox

from kg.errors import KgError
from kg.turtle import spell_triple, write_turtle

_SORTED = 20_000
"""Triples up to which an answer is sorted, so that it is the same on every run; longer ones are streamed."""
_RANGE = re.compile(r"[\w!#$&^.+*-]+/[\w!#$&^.+*-]+|\*")
_XML_NAME = re.compile(r"[^\W\d][\w.\-·]*$")


class NotAcceptable(KgError):  # noqa: N818 - named after the status of HTTP
    """None of the formats that fit the answer is one that the client takes."""


@dataclass(frozen=True)
class Format:
    """One way to write an answer.

    Attributes:
        name: what `format=` calls it, in links as well.
        media_types: under which a client may ask for it: the registered one first, then those that a client has to
            name in full.
        other_names: what else `format=` may call it.
        engine: the format of the engine that writes it; None for HTML.
    """

    name: str
    media_types: tuple[str, ...]
    other_names: tuple[str, ...] = ()
    engine: ox.QueryResultsFormat | ox.RdfFormat | None = None


_TABLES, _RDF = ox.QueryResultsFormat, ox.RdfFormat
TABLES = (
    Format("json", ("application/sparql-results+json", "application/json"), ("srj",), _TABLES.JSON),
    Format("xml", ("application/sparql-results+xml", "application/xml", "text/xml"), ("srx",), _TABLES.XML),
    Format("csv", ("text/csv",), (), _TABLES.CSV),
    Format("tsv", ("text/tab-separated-values",), (), _TABLES.TSV),
)
"""What a SELECT or an ASK is written as; the first where the client does not care."""
# N-Quads and TriG of triples are N-Triples and Turtle
TRIPLES = (
    Format("ttl", ("text/turtle", "application/x-turtle"), ("turtle", "n3"), _RDF.TURTLE),
    Format("nt", ("application/n-triples", "text/plain"), ("ntriples", "n-triples"), _RDF.N_TRIPLES),
    Format("jsonld", ("application/ld+json", "application/json"), ("json-ld", "json"), _RDF.JSON_LD),
    Format("rdf", ("application/rdf+xml", "application/xml", "text/xml"), ("rdfxml", "rdf+xml", "xml"), _RDF.RDF_XML),
    Format("nq", ("application/n-quads",), ("nquads", "n-quads"), _RDF.N_TRIPLES),
    Format("trig", ("application/trig",), (), _RDF.TURTLE),
)
"""What triples are written as; the first where the client does not care."""
HTML = Format("html", ("text/html",))


def choose_format(accept: str | None, names: Sequence[str], formats: Sequence[Format]) -> tuple[Format, str]:
    """Return the format to write, and the media type to call it.

    The first of the names that fits counts more than an Accept header. Of what the header takes alike, the first of
    `formats` is chosen.

    >>> choose_format("text/csv;q=0.5, application/*", (), TABLES)[1]
    'application/sparql-results+json'
    >>> choose_format("text/html,application/xml;q=0.9,*/*;q=0.8", (), TRIPLES)[1]
    'application/xml'
    >>> choose_format(None, ["turtle"], TRIPLES)[1]
    'text/turtle'

    Raises:
        NotAcceptable: none of them will do.
    """
    for name in names:
        for known in formats:
            if name.strip().lower() in (known.name, *known.other_names, *known.media_types):
                return known, known.media_types[0]
    if names:
        fitting = ", ".join(known.name for known in formats)
        raise NotAcceptable(f"format={names[0][:40]} does not fit this answer; take one of {fitting}")
    wanted = _read_accept(accept)
    found = [
        (wanted.get(other, 0.0) if i else _quality(other, wanted), known, other)
        for known in formats
        for i, other in enumerate(known.media_types)
    ]
    best = max(found, key=lambda item: item[0])
    if best[0] <= 0:
        types = ", ".join(known.media_types[0] for known in formats)
        raise NotAcceptable(f"the answer cannot be written as {(accept or '')[:200]}; it can be {types}")
    return best[1], best[2]


def _read_accept(accept: str | None) -> dict[str, float]:
    """Return the media ranges of an Accept header with their qualities; parameters but q are passed over."""
    ranges: dict[str, float] = {}
    for part in (accept or "").split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if not _RANGE.fullmatch(name):
            continue
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                try:
                    quality = min(1.0, max(0.0, float(value)))
                except ValueError:
                    quality = 0.0
        name = "*/*" if name == "*" else name
        ranges[name] = max(quality, ranges.get(name, 0.0))
    return ranges if (accept or "").strip() else {"*/*": 1.0}


def _quality(media_type: str, wanted: Mapping[str, float]) -> float:
    for name in (media_type, media_type.split("/")[0] + "/*", "*/*"):
        if name in wanted:
            return wanted[name]
    return 0.0


def content_type(media_type: str) -> str:
    """Return a Content-Type: text is said to be UTF-8."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def write_triples(
    triples: Iterable[ox.Triple], to: Format, output: IO[bytes], prefixes: Mapping[str, str], base: str
) -> None:
    """Write triples to a file: sorted as in `graph.ttl` where they are few enough, else as they come.

    Raises:
        NotAcceptable: RDF/XML cannot hold one of the properties.
    """
    found = map(spell_triple, triples)
    if to.engine == _RDF.RDF_XML:
        found = map(_check_name, found)
    head = list(islice(found, _SORTED))
    if len(head) < _SORTED:
        head = sorted(dict.fromkeys(head), key=str)
        if to.engine == _RDF.TURTLE and not any(map(_has_no_name, head)):
            output.writelines(piece.encode() for piece in write_turtle(head, base))
            return
        prefixes = _used(prefixes, head)
    assert isinstance(to.engine, ox.RdfFormat)  # noqa: S101
    ox.serialize(chain(head, found), output, to.engine, prefixes=dict(prefixes))


def _has_no_name(triple: ox.Triple) -> bool:
    return not isinstance(triple.subject, ox.NamedNode) or not isinstance(triple.object, ox.NamedNode | ox.Literal)


def _used(prefixes: Mapping[str, str], triples: Iterable[ox.Triple]) -> dict[str, str]:
    iris = {term.value for triple in triples for term in triple if isinstance(term, ox.NamedNode)}
    return {name: space for name, space in prefixes.items() if any(iri.startswith(space) for iri in iris)}


def _check_name(triple: ox.Triple) -> ox.Triple:
    if not _XML_NAME.search(triple.predicate.value):
        raise NotAcceptable(f"RDF/XML cannot hold the property {triple.predicate.value}; ask for another format")
    return triple
