"""Statements: what a paper does with a thing, each with all the evidence for it.

The same statement from two places is one statement with two pieces of evidence; where a paper has one thing in
several roles, the strongest role stands and all places are its evidence.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache

from kg.concepts import Resolution
from kg.extraction.notation import read_surface
from kg.extraction.sentences import find_sentences
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


@lru_cache(maxsize=4096)
def decimal(value: float, places: int = 4) -> Decimal:
    """Return a number as a decimal of fixed places, without zeros at its end.

    >>> decimal(0.5), decimal(1.0), decimal(0.93301)
    (Decimal('0.5'), Decimal('1'), Decimal('0.933'))
    """
    text = f"{value:.{places}f}".rstrip("0").rstrip(".")
    return Decimal("0" if text == "-0" else text)


@lru_cache(maxsize=4096)
def _sure(confidence: float) -> Decimal:
    return max(decimal(confidence), Decimal("0.0001"))


def strongest_role(kind: Kind, roles: Iterable[str | None]) -> str:
    """Return the strongest of the roles that a kind can have; its weakest where none is given.

    >>> strongest_role("Method", ["mentions", "introduces", None])
    'introduces'
    """
    given = set(roles)
    return next((role for role in ROLES[kind] if role in given), ROLES[kind][-1])


def make_statements(extraction: Extraction, resolution: Resolution) -> PaperStatements:
    """Return what one paper states, sorted by role and object."""
    paper, text = extraction.paper.id, extraction.paper.text
    sentences = _Sentences(text)
    denoted = resolution.denotes.of_paper(paper)

    def evidence(span: Span, rule: str, confidence: float) -> Evidence:
        return Evidence(span, sentences.at(span.start), rule, _sure(confidence))

    statements: list[Statement] = []
    by_concept: dict[str, list[Mention]] = defaultdict(list)
    for m in extraction.mentions:
        if m.kind in KINDS:
            by_concept[denoted[m.kind, m.start, m.end]].append(m)
    for concept, mentions in by_concept.items():
        kind: Kind = mentions[0].kind  # type: ignore[assignment]
        role = ROLE_PROPERTIES[strongest_role(kind, (m.role for m in mentions))]  # type: ignore[index]
        surest = {(m.start, m.end, m.rule): m for m in sorted(mentions, key=lambda m: m.confidence)}
        found = sorted(evidence(m.span, m.rule, m.confidence) for m in surest.values())
        count = None
        if kind == "Hardware":
            devices = [read_device(text, m.start, m.end) for m in mentions]
            count = max((d.count for d in devices if d.count), default=None)
        statements.append(Statement(paper, role, concept, tuple(found), count=count))
    keyphrases: dict[str, str] = {}
    for k in extraction.keyphrases:
        label = read_surface(k.span.surface)
        name = f"keyphrase/{slug(label)}"
        if name not in keyphrases:
            keyphrases[name] = label
            place = (evidence(k.span, "keybert", 1.0),)
            statements.append(Statement(paper, KG.hasKeyphrase, name, place, score=decimal(k.score)))
    places = _Places([m for m in extraction.mentions if m.kind in KINDS], denoted)
    results = tuple(_denote(paper, result, places, sentences) for result in extraction.results)
    for r in results:
        place = (evidence(r.result.span, r.result.rule, r.result.confidence),)
        statements.append(Statement(paper, KG.reports, r.id, place))
    addresses: dict[str, set[Evidence]] = defaultdict(set)
    for url in extraction.urls:
        addresses[url.surface].add(evidence(url, "address", 1.0))
    statements.extend(Statement(paper, KG.linksTo, url, tuple(sorted(found))) for url, found in addresses.items())
    statements.sort(key=lambda s: (s.role, s.object))
    return PaperStatements(tuple(statements), tuple(keyphrases.items()), results)


class _Sentences:
    """The sentences of a text, found by where something stands."""

    def __init__(self, text: str) -> None:
        self._sentences = find_sentences(text)
        self._starts = [sentence.start for sentence in self._sentences]

    def at(self, start: int) -> Span:
        """Return the sentence that holds the character at an offset, or where that is blank, the one before it."""
        number = bisect_right(self._starts, start)
        if not number:
            raise ValueError(f"no sentence at or before offset {start}")
        return self._sentences[number - 1]


@dataclass
class _Places:
    """The mentions of a paper that denote concepts, found by where they stand and by how they are written."""

    mentions: list[Mention]
    denoted: Mapping[tuple[str, int, int], str]

    @cached_property
    def _by_start(self) -> list[Mention]:
        return sorted(self.mentions, key=lambda m: m.start)

    @cached_property
    def _starts(self) -> list[int]:
        return [m.start for m in self._by_start]

    @cached_property
    def _first(self) -> dict[tuple[str, str], int]:
        """The number of the first mention of a kind and key."""
        first: dict[tuple[str, str], int] = {}
        for number, m in enumerate(self.mentions):
            first.setdefault((m.kind, form_key(m.surface)), number)
        return first

    def concept(self, mention: Mention) -> str:
        """Return the id of the concept that a mention denotes."""
        return self.denoted[mention.kind, mention.start, mention.end]

    def between(self, start: int, end: int) -> list[Mention]:
        """Return the mentions that begin in [start, end), by where they begin."""
        return self._by_start[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def near(self, span: Span | None, kinds: tuple[str, ...]) -> str | None:
        """Return the concept of the mention that covers the end of a span best, or of the first written like it."""
        if span is None:
            return None
        inside = [m for m in self.between(span.start, span.end) if m.kind in kinds and m.end <= span.end]
        if inside:
            return self.concept(max(inside, key=lambda m: (m.end, m.end - m.start)))
        alike = [n for kind in kinds if (n := self._first.get((kind, form_key(span.surface)))) is not None]
        return self.concept(self.mentions[min(alike)]) if alike else None


def _denote(paper: str, result: Result, places: _Places, sentences: _Sentences) -> ReportedResult:
    """Return a result with the concepts that its parts denote, and what stands in the same sentence."""
    sentence = sentences.at(result.span.start)
    beside: dict[str, set[str]] = {"Benchmark": set(), "Hardware": set()}
    for m in places.between(sentence.start, sentence.end):
        if m.kind in beside:
            beside[m.kind].add(places.concept(m))
    return ReportedResult(
        f"result/{paper}.{result.span.start}",
        result,
        places.near(result.metric, ("Metric",)),
        places.near(result.subject, ("Method", "Benchmark", "Hardware")),
        places.near(result.baseline, ("Method", "Hardware")),
        tuple(sorted(beside["Benchmark"])),
        tuple(sorted(beside["Hardware"])),
    )
