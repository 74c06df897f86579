"""A graph to ask: a folder that `kg build` made, any RDF file, or what a server holds."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.errors import UsageError
from kg.ontology import BASE_IRI, KG, prefixes

_RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_DATASET = ox.NamedNode("http://rdfs.org/ns/void#Dataset")
_DEFAULT = ox.DefaultGraph()
_FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "turtle": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "n3": ox.RdfFormat.N3,
    "jsonld": ox.RdfFormat.JSON_LD,
    "json": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
    "xml": ox.RdfFormat.RDF_XML,
    "owl": ox.RdfFormat.RDF_XML,
}
_TURTLE = ("graph.ttl", "graph.ttl.gz")
Node = ox.NamedNode | ox.BlankNode
AnyTerm = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True)
class OpenGraph:
    """A graph that can be asked.

    Attributes:
        store: its triples; those of named graphs are in the default graph as well.
        base: the base IRI of what kg made; the default where the graph is not one of kg's.
        prefixes: the prefixes that a query need not declare.
    """

    store: ox.Store
    base: str
    prefixes: dict[str, str]

    def term(self, iri: str) -> ox.NamedNode:
        """Return a term of the ontology (as `kg.ontology.KG` spells it), or any IRI, under this graph's base."""
        return ox.NamedNode(self.base + iri[len(BASE_IRI) :] if iri.startswith(BASE_IRI) else iri)

    def objects(self, subject: Node, predicate: str) -> list[AnyTerm]:
        """Return the objects of a subject and a property, in no order."""
        return [q.object for q in self.store.quads_for_pattern(subject, self.term(predicate), None, _DEFAULT)]

    def nodes(self, subject: Node, predicate: str) -> list[ox.NamedNode]:
        """Return the objects that are IRIs, sorted."""
        found = (o for o in self.objects(subject, predicate) if isinstance(o, ox.NamedNode))
        return sorted(found, key=lambda node: node.value)

    def texts(self, subject: Node, predicate: str) -> list[str]:
        """Return the lexical forms of the objects that are literals, sorted."""
        return sorted(o.value for o in self.objects(subject, predicate) if isinstance(o, ox.Literal))

    def text(self, subject: Node, predicate: str) -> str:
        """Return the first of `texts`, or an empty string."""
        return next(iter(self.texts(subject, predicate)), "")

    def subjects(self, predicate: str, value: AnyTerm) -> list[ox.NamedNode]:
        """Return the subjects that have the object, those that are IRIs, sorted."""
        found = (q.subject for q in self.store.quads_for_pattern(None, self.term(predicate), value, _DEFAULT))
        return sorted((s for s in found if isinstance(s, ox.NamedNode)), key=lambda node: node.value)

    def pairs(self, predicate: str) -> Iterator[tuple[ox.NamedNode, AnyTerm]]:
        """Return all subjects (those that are IRIs) and objects of a property, in no order."""
        for quad in self.store.quads_for_pattern(None, self.term(predicate), None, _DEFAULT):
            if isinstance(quad.subject, ox.NamedNode):
                yield quad.subject, quad.object


def open_graph(path: str | Path, *, token: str | None = None, time_limit_s: float | None = 60.0) -> OpenGraph:
    """Return the graph of a folder made by `kg build`, of an RDF file, which may be gzipped, or of a SPARQL endpoint.

    The store of a folder is opened read-only; where it is missing or broken, the folder's `graph.ttl` is read instead.
    A file's format comes from its extension, else from its content. The `store` of an endpoint is a `kg.remote.Remote`,
    which reads only.

    Args:
        path: the folder, the file, or the address of the endpoint (http:// or https://).
        token: what is shown to a server, as `Authorization: Bearer`.
        time_limit_s: seconds that a server may be silent; None for no limit.

    Raises:
        UsageError: nothing is there, or it is no graph; with file and line where a file cannot be parsed.
        KgError: a server cannot be reached, or refuses or fails to answer.
    """
    if str(path).startswith(("http://", "https://")):
        from kg.remote import Remote

        remote = cast(ox.Store, Remote(str(path), token, time_limit_s))
        base = find_base(remote)
        return OpenGraph(remote, base, prefixes(base))
    place = Path(path)
    if place.is_dir():
        store = _open_store(place / "store") or _open_store(place)
        if store is None:
            turtle = next((place / name for name in _TURTLE if (place / name).is_file()), None)
            if turtle is None:
                raise UsageError(f"{place} is not a graph: it has neither store/ nor graph.ttl; make one with kg build")
            store = _load(turtle)
    elif place.exists():
        store = _load(place)
        if len(store) == 0:
            raise UsageError(
                f"{place} holds no triples; give a folder made by kg build, or an RDF file that holds some"
            )
    else:
        raise UsageError(f"there is no graph at {place}; make one with kg build")
    base = find_base(store)
    return OpenGraph(store, base, prefixes(base))


def _open_store(folder: Path) -> ox.Store | None:
    """Return the store in a folder, or None where there is none or it is broken.

    Where the folder was replaced while it was opened, it is opened again: what was read may be of both.
    """
    store, before, after = None, None, _stamp(folder / "CURRENT")
    while after and before != after:
        try:
            store = ox.Store.read_only(str(folder))
            next(iter(store.quads_for_pattern(None, None, None, None)))
        except (OSError, RuntimeError, ValueError, StopIteration):
            store = None
        before, after = after, _stamp(folder / "CURRENT")
    return store


def _stamp(file: Path) -> tuple[int, ...] | None:
    """Return numbers that tell a file from any other that stood at its place; None where no file is."""
    with suppress(OSError):
        status = file.stat()
        return (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size) if file.is_file() else None
    return None


def find_store(path: str | Path) -> Path | None:
    """Return the folder of the store that `open_graph` opens, or None where it reads a file into memory."""
    return next((folder for folder in (Path(path) / "store", Path(path)) if _open_store(folder) is not None), None)


def find_state(path: str | Path) -> tuple[int, ...] | None:
    """Return numbers that are others as soon as another graph is at a place; None while none is there."""
    folder = Path(path)
    for file in (folder / "store" / "CURRENT", folder / "CURRENT", *(folder / name for name in _TURTLE), folder):
        if stamp := _stamp(file):
            return stamp
    return None


def find_base(store: ox.Store) -> str:
    """Return the base IRI of a graph: of the dataset it says it is, else of its papers, else the default."""
    for quad in store.quads_for_pattern(None, _RDF_TYPE, _DATASET, _DEFAULT):
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.endswith("graph"):
            base = quad.subject.value.removesuffix("graph")
            if _is_used(store, base + KG.Paper.removeprefix(BASE_IRI)):
                return base
    if not _is_used(store, KG.Paper):
        query = 'SELECT ?class { ?thing a ?class FILTER(STRENDS(STR(?class), "ontology#Paper")) } LIMIT 1'
        solutions = store.query(query)
        assert isinstance(solutions, ox.QuerySolutions)  # noqa: S101
        for solution in solutions:
            return str(solution["class"].value).removesuffix("ontology#Paper")
    return BASE_IRI


def _is_used(store: ox.Store, paper_class: str) -> bool:
    return bool(store.query(f"ASK {{ ?paper a {ox.NamedNode(paper_class)} }}"))


def _load(path: Path) -> ox.Store:
    name = path.name.lower().removesuffix(".gz")
    known = _FORMATS.get(name.rpartition(".")[2]) if "." in name else None
    try:
        with _open_file(path) as file:
            head = file.read(4096)
        if b"\x00" in head or head.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
            raise UsageError(f"{path} is not RDF; a graph is a folder made by kg build, or a file such as .ttl or .nt")
        formats = (known,) if known else _guess_formats(head)
        for tried in formats[:-1]:
            try:
                return _parse(path, tried)
            except SyntaxError:
                continue
        return _parse(path, formats[-1])
    except SyntaxError as error:
        raise UsageError(f"{path}:{error.lineno or 1}: {_reason(error)}") from None
    except (OSError, EOFError) as error:
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _open_file(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if zipped else path.open("rb")  # type: ignore[return-value]


def _guess_formats(head: bytes) -> tuple[ox.RdfFormat, ...]:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:40].lower()
    if start.startswith((b"<?xml", b"<rdf:rdf")):
        return (ox.RdfFormat.RDF_XML,)
    if re.match(rb"\{|\[\s*\{", start):
        return ox.RdfFormat.JSON_LD, ox.RdfFormat.TRIG
    return ox.RdfFormat.N_QUADS, ox.RdfFormat.TRIG


def _parse(path: Path, rdf_format: ox.RdfFormat) -> ox.Store:
    store = ox.Store()
    with _open_file(path) as file:
        store.bulk_load(file, rdf_format, base_iri=path.resolve().as_uri())
    if any(True for _ in store.named_graphs()):
        named = [quad for quad in store if quad.graph_name != _DEFAULT]
        store.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in named)
    return store


def _reason(error: SyntaxError) -> str:
    text = " ".join(str(error.msg or error).split())
    return text if len(text) < 160 else text[:159] + "…"
