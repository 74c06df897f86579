"""What a graph says about single papers, concepts and statements, read back as plain values for the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import pyoxigraph as ox

from kg.mention import KINDS
from kg.ontology import BASE_IRI, KG, ROLE_PROPERTIES, rebase

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
SCHEMA = "https://schema.org/"
OA = "http://www.w3.org/ns/oa#"

_DEFAULT = ox.DefaultGraph()

KEYPHRASE = "keyphrase"
"""The name, beside the roles of mentions, of what a paper does with a keyphrase."""

_ROLES = {**{iri: role for role, iri in ROLE_PROPERTIES.items()}, KG.hasKeyphrase: KEYPHRASE}
_KINDS = {getattr(KG, kind): kind for kind in (*KINDS, "Keyphrase", "Concept")} | {KG.Paper: "Paper"}
_FACTS = {
    "vendor": KG.vendor,
    "architecture": KG.architecture,
    "memory in GB": KG.memoryGB,
    "released": KG.releaseYear,
    "kind": KG.benchmarkKind,
    "domain": KG.benchmarkDomain,
}
_IDS = {
    "author": SCHEMA + "author",
    "date": DCTERMS + "issued",
    "arXiv": KG.arxivId,
    "DOI": KG.doi,
    "page": SCHEMA + "url",
    "subject": DCTERMS + "subject",
}


@dataclass(frozen=True, order=True)
class Quote:
    """One piece of evidence: a mention and its sentence, as half-open offsets into the text of the paper.

    Offsets count code points of title, line feed, abstract. `surface` is the mention, `sentence` the whole sentence.
    """

    paper: str
    start: int
    end: int
    surface: str
    sentence_start: int
    sentence_end: int
    sentence: str
    rule: str
    confidence: float | None


@dataclass(frozen=True)
class Stated:
    """One statement of a paper about a concept: the role, how sure, and the evidence in text order.

    `confidence` is in (0, 1], `score` (of a keyphrase) a cosine, `count` a number of devices; None where there is none.
    """

    paper: str
    role: str
    concept: str
    confidence: float | None = None
    score: float | None = None
    count: int | None = None
    evidence: tuple[Quote, ...] = ()


@dataclass(frozen=True)
class Reported:
    """One result of a paper: the value, and in words or as concepts (pairs of name and IRI) what it is about."""

    value: str
    metric: str = ""
    subject: str = ""
    baseline: str = ""
    concepts: tuple[tuple[str, str], ...] = ()
    evidence: tuple[Quote, ...] = ()


@dataclass
class Reader:
    """Looks things up in stores whose terms live under `base`; every subject is read once."""

    stores: Sequence[ox.Store]
    base: str = BASE_IRI
    _seen: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    _stated: dict[str, Stated | None] = field(default_factory=dict)

    def term(self, iri: str) -> str:
        """Return a term of the ontology as this graph writes it."""
        return rebase(iri, self.base)

    @cached_property
    def roles(self) -> dict[str, str]:
        """The name of the role that each property of this graph states."""
        return {self.term(iri): role for iri, role in _ROLES.items()}

    def describe(self, iri: str) -> dict[str, list[str]]:
        """Return all that is said of a subject: property IRI -> sorted IRIs and literal texts."""
        known = self._seen.get(iri)
        if known is None:
            sets: dict[str, set[str]] = {}
            for store in self.stores:
                for quad in store.quads_for_pattern(ox.NamedNode(iri), None, None, _DEFAULT):
                    sets.setdefault(quad.predicate.value, set()).add(getattr(quad.object, "value", str(quad.object)))
            known = self._seen[iri] = {name: sorted(values) for name, values in sets.items()}
        return known

    def values(self, iri: str, *properties: str) -> list[str]:
        """Return the values of the first of `properties` (terms under the default base) that the subject has."""
        said = self.describe(iri)
        return next((said[term] for term in map(self.term, properties) if term in said), [])

    def value(self, iri: str, *properties: str) -> str:
        """Return the first value, or an empty string."""
        return next(iter(self.values(iri, *properties)), "")

    def subjects(self, term: str, value: str) -> list[str]:
        """Return the IRIs, sorted, of all subjects with this value of a property; the value as the graph writes it."""
        pattern = ox.NamedNode(self.term(term)), ox.NamedNode(value)
        found = (quad.subject for store in self.stores for quad in store.quads_for_pattern(None, *pattern, _DEFAULT))
        return sorted({subject.value for subject in found if isinstance(subject, ox.NamedNode)})

    def pairs(self, term: str) -> Iterator[tuple[str, str]]:
        """Return the subjects, those that are IRIs, and values of a property, in no order."""
        for store in self.stores:
            for quad in store.quads_for_pattern(None, ox.NamedNode(self.term(term)), None, _DEFAULT):
                if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
                    yield quad.subject.value, quad.object.value

    def kind(self, iri: str) -> str:
        """Return "Paper", the class of a concept, or "" where the graph gives neither."""
        kinds = {_KINDS[own] for own in map(self._own, self.values(iri, RDF + "type")) if own in _KINDS}
        return min(kinds, key=lambda kind: (kind == "Concept", kind)) if kinds else ""

    def _own(self, iri: str) -> str:
        return BASE_IRI + iri.removeprefix(self.base) if iri.startswith(self.base) else iri

    def label(self, iri: str) -> str:
        """Return the label, title or, where there is none, the last part of an IRI."""
        label = self.value(iri, SKOS + "prefLabel", DCTERMS + "title", RDFS + "label")
        return label or iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]

    def attributes(self, iri: str) -> dict[str, object]:
        """Return the attributes of a node but for rank and count (see `kg.network.network`)."""
        kind = self.kind(iri)
        if kind == "Paper":
            sources = [self.label(source) for source in self.values(iri, DCTERMS + "source")]
            return {
                "label": self.label(iri),
                "kind": kind,
                "title": self.label(iri),
                "abstract": self.value(iri, DCTERMS + "abstract"),
                "sources": tuple(sorted(sources)),
                "urls": tuple(self.values(iri, KG.linksTo)),
                "ids": tuple((name, value) for name, term in _IDS.items() for value in self.values(iri, term)),
                "results": tuple(self.result(result) for result in self.values(iri, KG.reports)),
            }
        return {
            "label": self.label(iri),
            "kind": kind or "Concept",
            "aliases": tuple(self.values(iri, SKOS + "altLabel")),
            "facts": tuple((name, value) for name, term in _FACTS.items() for value in self.values(iri, term)),
        }

    def result(self, iri: str) -> Reported:
        """Return a result that a paper reports."""
        about = {
            "metric": KG.onMetric,
            "subject": KG.ofMethod,
            "baseline": KG.overBaseline,
            "benchmark": KG.onBenchmark,
            "hardware": KG.onHardware,
        }
        return Reported(
            self.value(iri, KG.value) or self.value(iri, KG.number) + self.value(iri, KG.unit),
            self.value(iri, KG.metricText),
            self.value(iri, KG.subjectText),
            self.value(iri, KG.baselineText),
            tuple((name, concept) for name, term in about.items() for concept in self.values(iri, term)),
            self.quotes(
                evidence
                for stated in self.subjects(RDF + "object", iri)
                for evidence in self.values(stated, KG.hasEvidence)
            ),
        )

    def statements(self, paper: str) -> list[Stated]:
        """Return what a paper states, sorted by role and concept."""
        found = [stated for iri in self.subjects(RDF + "subject", paper) if (stated := self._statement(iri))]
        return sorted(found, key=lambda stated: (stated.role, stated.concept))

    def papers(self, concept: str) -> list[str]:
        """Return the papers that involve a concept, sorted."""
        stated = map(self._statement, self.subjects(RDF + "object", concept))
        return sorted({each.paper for each in stated if each})

    def _statement(self, iri: str) -> Stated | None:
        if iri not in self._stated:
            role = self.roles.get(self.value(iri, RDF + "predicate"))
            self._stated[iri] = self._read_statement(iri, role) if role else None
        return self._stated[iri]

    def _read_statement(self, iri: str, role: str) -> Stated:
        count = self.value(iri, KG.count)
        return Stated(
            self.value(iri, RDF + "subject"),
            role,
            self.value(iri, RDF + "object"),
            _number(self.value(iri, KG.confidence)),
            _number(self.value(iri, KG.score)),
            int(count) if count else None,
            self.quotes(self.values(iri, KG.hasEvidence)),
        )

    def quotes(self, evidence: Iterable[str]) -> tuple[Quote, ...]:
        """Return pieces of evidence in text order."""
        found = []
        for iri in evidence:
            for span in self.values(iri, OA + "hasSelector"):
                sentence = self.value(span, KG.inSentence) or span
                found.append(
                    Quote(
                        self.value(iri, OA + "hasSource"),
                        *self._span(span),
                        *self._span(sentence),
                        self.value(iri, KG.rule),
                        _number(self.value(iri, KG.confidence)),
                    )
                )
        return tuple(sorted(found, key=lambda quote: (quote.paper, quote.start, quote.end, quote.rule)))

    def _span(self, iri: str) -> tuple[int, int, str]:
        start, end = (int(self.value(iri, OA + name) or 0) for name in ("start", "end"))
        return start, end, self.value(iri, OA + "exact")


def _number(text: str) -> float | None:
    return float(Decimal(text)) if text else None
