"""One concept of a vocabulary, and how entries are read from the SKOS file that has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One concept of a vocabulary.

    Attributes:
        iri: the IRI of the concept.
        label: its name, as papers write it.
        aliases: its other names, sorted.
        kind: of hardware the label of its device class ("GPU"), or "device class"; of a benchmark "dataset",
            "benchmark" or "suite"; of a method "technique", "model" or "system".
        broader: the IRIs of the next broader concepts, sorted.
        vendor: who makes it, or None.
        architecture: the name of its architecture, or None.
        memory_gb: the sizes of memory it is sold with, in GB, ascending.
        year: the year of release, or None.
        domain: the field or task of a benchmark, or None.
        needs_context: whether the name alone is too common to count as a mention.
    """

    iri: str
    label: str
    aliases: tuple[str, ...] = ()
    kind: str = ""
    broader: tuple[str, ...] = ()
    vendor: str | None = None
    architecture: str | None = None
    memory_gb: tuple[Decimal, ...] = ()
    year: int | None = None
    domain: str | None = None
    needs_context: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The label and the aliases."""
        return (self.label, *self.aliases)


_SKOS = "http://www.w3.org/2004/02/skos/core#"
_KG = "https://kg.example.org/ontology#"
_TERMS = {
    **{_SKOS + term: term for term in ("prefLabel", "altLabel", "broader")},
    **{
        _KG + term: term
        for term in (
            *("vendor", "architecture", "memoryGB", "releaseYear", "deviceClass"),
            *("benchmarkKind", "benchmarkDomain", "methodKind", "needsContext"),
        )
    },
}


def read_entries(path: Path) -> tuple[Entry, ...]:
    """Return the entries of a vocabulary file, sorted by IRI."""
    from pyoxigraph import RdfFormat, parse

    values: dict[str, dict[str, list[str]]] = {}
    for quad in parse(path=str(path), format=RdfFormat.TURTLE):
        term = _TERMS.get(quad.predicate.value)
        if term:
            values.setdefault(quad.subject.value, {}).setdefault(term, []).append(quad.object.value)
    concepts = {iri: terms for iri, terms in values.items() if "prefLabel" in terms}
    return tuple(_entry(iri, concepts[iri], concepts) for iri in sorted(concepts))


def _entry(iri: str, terms: dict[str, list[str]], concepts: dict[str, dict[str, list[str]]]) -> Entry:
    def only(values: Iterable[str]) -> str | None:
        return next(iter(values), None)

    kinds = (*terms.get("benchmarkKind", ()), *terms.get("methodKind", ()))
    classes = [concepts[c]["prefLabel"][0] for c in terms.get("deviceClass", ()) if c in concepts]
    year = only(terms.get("releaseYear", ()))
    return Entry(
        iri=iri,
        label=terms["prefLabel"][0],
        aliases=tuple(sorted(terms.get("altLabel", ()))),
        kind=only(kinds) or only(classes) or "device class",
        broader=tuple(sorted(terms.get("broader", ()))),
        vendor=only(terms.get("vendor", ())),
        architecture=only(terms.get("architecture", ())),
        memory_gb=tuple(sorted(Decimal(size) for size in terms.get("memoryGB", ()))),
        year=int(year) if year else None,
        domain=only(terms.get("benchmarkDomain", ())),
        needs_context="true" in terms.get("needsContext", ()),
    )
