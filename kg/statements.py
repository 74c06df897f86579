"""Statements: what a paper does with a thing, each with all the evidence for it.

The same statement from two places is one statement with two pieces of evidence; where a paper has one thing in
several roles, the strongest role stands and all places are its evidence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kg.concepts import Resolution
from kg.extraction.notation import read_surface
from kg.extraction.sentences import find_sentences, sentence_at
from kg.forms import form_key, slug
from kg.hardware import read_device
from kg.mention import KINDS, ROLES, Extraction, Kind, Mention, Result
from kg.ontology import KG, ROLE_PROPERTIES
from kg.paper import Span


@dataclass(frozen=True, order=True)
class Evidence:
    """A place that supports a statement: a span, the sentence around it, what found it, how sure it is, in (0, 1]."""

    span: Span
    sentence: Span
    rule: str
    confidence: Decimal


@dataclass(frozen=True)
class Statement:
    """One triple about a paper, with its evidence in text order.

    Attributes:
        paper: id of the paper that is the subject.
        role: IRI of the property of the ontology that says what the paper does with the object.
        object: end of the object's IRI ("method/vllm", "result/…"), or the text of a literal (`KG.linksTo` only).
        confidence: that of the best evidence, in (0, 1].
        score: of a keyphrase, a cosine; None of other statements.
        count: number of devices, where the paper says it; None else.
    """

    paper: str
    role: str
    object: str
    evidence: tuple[Evidence, ...]
    score: Decimal | None = None
    count: int | None = None

    @property
    def confidence(self) -> Decimal:
        """The confidence of the best evidence."""
        return max(e.confidence for e in self.evidence)


@dataclass(frozen=True)
class ReportedResult:
    """A result with what its spans denote: ends of IRIs, or None where no concept is meant."""

    id: str
    result: Result
    metric: str | None
    method: str | None
    baseline: str | None
    benchmarks: tuple[str, ...]
    hardware: tuple[str, ...]


@dataclass(frozen=True)
class PaperStatements:
    """All that one paper states: statements, the keyphrases they speak of (id → label), and its results."""

    statements: tuple[Statement, ...]
    keyphrases: tuple[tuple[str, str], ...]
    results: tuple[ReportedResult, ...]


def decimal(value: float, places: int = 4) -> Decimal:
    """Return a number as a decimal of fixed places, without zeros at its end.

    >>> decimal(0.5), decimal(1.0), decimal(0.93301)
    (Decimal('0.5'), Decimal('1'), Decimal('0.933'))
    """
    text = f"{value:.{places}f}".rstrip("0").rstrip(".")
    return Decimal("0" if text == "-0" else text)


def strongest_role(kind: Kind, roles: Iterable[str | None]) -> str:
    """Return the strongest of the roles that a kind can have; its weakest where none is given.

    >>> strongest_role("Method", ["mentions", "introduces", None])
    'introduces'
    """
    known = [role for role in roles if role in ROLES[kind]]
    return min(known, key=ROLES[kind].index) if known else ROLES[kind][-1]


def make_statements(extraction: Extraction, resolution: Resolution) -> PaperStatements:
    """Return what one paper states, sorted by role and object."""
    paper, text = extraction.paper.id, extraction.paper.text
    sentences = find_sentences(text)

    def evidence(span: Span, rule: str, confidence: float) -> Evidence:
        sure = max(decimal(confidence), Decimal("0.0001"))
        return Evidence(span, sentence_at(sentences, span.start), rule, sure)

    statements: list[Statement] = []
    by_concept: dict[str, list[Mention]] = defaultdict(list)
    for m in extraction.mentions:
        if m.kind in KINDS:
            by_concept[resolution.concept_of(paper, m).id].append(m)
    for concept, mentions in by_concept.items():
        kind = resolution.concepts[concept].kind
        role = strongest_role(kind, (m.role for m in mentions))
        surest: dict[tuple[Span, str], Evidence] = {}
        for m in sorted(mentions, key=lambda m: m.confidence):
            surest[m.span, m.rule] = evidence(m.span, m.rule, m.confidence)
        found = tuple(sorted(surest.values()))
        devices = [read_device(text, m.start, m.end) for m in mentions if m.kind == "Hardware"]
        count = max((d.count for d in devices if d.count), default=None)
        statements.append(
            Statement(paper, ROLE_PROPERTIES[role], concept, found, count=count)  # type: ignore[index]
        )
    keyphrases: dict[str, str] = {}
    for k in extraction.keyphrases:
        name = f"keyphrase/{slug(read_surface(k.span.surface))}"
        if name not in keyphrases:
            keyphrases[name] = read_surface(k.span.surface)
            found = (evidence(k.span, "keybert", 1.0),)
            statements.append(Statement(paper, KG.hasKeyphrase, name, found, score=decimal(k.score)))
    places = _Places([m for m in extraction.mentions if m.kind in KINDS])
    results = tuple(_denote(extraction, r, places, resolution, sentences) for r in extraction.results)
    for r in results:
        found = (evidence(r.result.span, r.result.rule, r.result.confidence),)
        statements.append(Statement(paper, KG.reports, r.id, found))
    addresses: dict[str, set[Evidence]] = defaultdict(set)
    for url in extraction.urls:
        addresses[url.surface].add(evidence(url, "address", 1.0))
    statements.extend(Statement(paper, KG.linksTo, url, tuple(sorted(found))) for url, found in addresses.items())
    statements.sort(key=lambda s: (s.role, s.object))
    return PaperStatements(tuple(statements), tuple(keyphrases.items()), results)


@dataclass
class _Places:
    """The mentions of a paper that denote concepts, found by where they stand and by how they are written."""

    mentions: list[Mention]

    def __post_init__(self) -> None:
        self._by_start = sorted(self.mentions, key=lambda m: m.start)
        self._first: dict[tuple[str, str], int] = {}
        for number, m in enumerate(self.mentions):
            self._first.setdefault((m.kind, form_key(m.surface)), number)

    def between(self, start: int, end: int) -> list[Mention]:
        """Return the mentions that begin in [start, end), by where they begin."""
        first, last = (bisect_left(self._by_start, offset, key=lambda m: m.start) for offset in (start, end))
        return self._by_start[first:last]

    def near(self, span: Span | None, kinds: tuple[str, ...]) -> Mention | None:
        """Return the mention that covers the end of a span best, or the first that is written like it."""
        if span is None:
            return None
        inside = [m for m in self.between(span.start, span.end) if m.kind in kinds and m.end <= span.end]
        if inside:
            return max(inside, key=lambda m: (m.end, m.end - m.start))
        alike = [n for kind in kinds if (n := self._first.get((kind, form_key(span.surface)))) is not None]
        return self.mentions[min(alike)] if alike else None


def _denote(
    extraction: Extraction, result: Result, places: _Places, resolution: Resolution, sentences: Sequence[Span]
) -> ReportedResult:
    """Return a result with the concepts that its parts denote, and what stands in the same sentence."""
    paper = extraction.paper.id

    def concept(span: Span | None, kinds: tuple[str, ...]) -> str | None:
        """The concept of a mention that covers the span's words, or of one that is written like it in the paper."""
        near = places.near(span, kinds)
        return resolution.concept_of(paper, near).id if near else None

    sentence = sentence_at(sentences, result.span.start)
    beside: dict[str, set[str]] = {"Benchmark": set(), "Hardware": set()}
    for m in places.between(sentence.start, sentence.end):
        if m.kind in beside:
            beside[m.kind].add(resolution.concept_of(paper, m).id)
    return ReportedResult(
        f"result/{paper}.{result.span.start}",
        result,
        concept(result.metric, ("Metric",)),
        concept(result.subject, ("Method", "Benchmark", "Hardware")),
        concept(result.baseline, ("Method", "Hardware")),
        tuple(sorted(beside["Benchmark"])),
        tuple(sorted(beside["Hardware"])),
    )
