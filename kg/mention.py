"""What is found in one paper: mentions, keyphrases, results, and the roles and kinds they may have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from kg.paper import Paper, Span

Kind = Literal["Method", "Benchmark", "Hardware", "Task", "Metric"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Role = Literal["introduces", "uses", "compares", "mentions", "evaluates", "trains", "runs", "addresses", "measures"]
ROLES: dict[Kind, tuple[Role, ...]] = {
    "Method": ("introduces", "uses", "compares", "mentions"),
    "Benchmark": ("introduces", "evaluates", "trains", "mentions"),
    "Hardware": ("runs",),
    "Task": ("addresses",),
    "Metric": ("measures",),
}
"""The roles of each kind, strongest first: where a paper gives a concept several, the first of them stands."""


@dataclass(frozen=True)
class Mention:
    """One span that names a thing.

    Attributes:
        kind: "Method", "Benchmark", "Hardware", "Task" or "Metric"; the tagger also reads "Result", "Baseline" and
            "Keyphrase" spans, which other modules turn into results and keyphrases.
        start, end: half-open character offsets into `Paper.text`.
        surface: the text of the span.
        role: what the paper does with the thing (see `ROLES`), or None where the tagger gives none.
        confidence: in (0, 1].
        rule: the name of the rule or model that found it.
    """

    kind: str
    start: int
    end: int
    surface: str
    role: str | None
    confidence: float
    rule: str

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or self.end - self.start != len(self.surface):
            raise ValueError(f"not a span: [{self.start}, {self.end}) {self.surface!r}")
        if not 0 < self.confidence <= 1:
            raise ValueError(f"a confidence is in (0, 1], not {self.confidence}")

    @property
    def span(self) -> Span:
        """The span of the mention in the text of its paper."""
        return Span(self.start, self.end, self.surface)


@dataclass(frozen=True)
class Keyphrase:
    """A verbatim phrase that describes the paper, where it first stands, and its score (a cosine, [-1, 1])."""

    span: Span
    score: float


@dataclass(frozen=True)
class Result:
    """A quantity that the paper reports about its own work.

    Attributes:
        span: where the value stands in the text ("1.3times").
        value: the value as a person reads it ("1.3×").
        number, unit: the parsed number as a decimal string ("1.3"), or None, and "×", "%", another unit or "".
        metric, subject, baseline: the spans that say what is measured, of what, against what; None where not said.
        confidence: in (0, 1].
        rule: the name of the rule or model that found it.
    """

    span: Span
    value: str
    number: str | None
    unit: str
    metric: Span | None
    subject: Span | None
    baseline: Span | None
    confidence: float
    rule: str


@dataclass(frozen=True)
class Extraction:
    """All that was found in one paper, each part in text order; keyphrases best first."""

    paper: Paper
    mentions: tuple[Mention, ...] = ()
    keyphrases: tuple[Keyphrase, ...] = ()
    results: tuple[Result, ...] = ()
    urls: tuple[Span, ...] = ()
    abbreviations: tuple[tuple[Span, Span], ...] = ()
    """Pairs of short form and long form that the paper itself defines."""


class Extracted(Protocol):
    """The extractions of a corpus: they can be counted, and walked through again and again, always in one order."""

    def __len__(self) -> int:
        """Return how many there are."""

    def __iter__(self) -> Iterator[Extraction]:
        """Yield them."""


def in_paper_order(extractions: Extracted) -> Extracted:
    """Return extractions sorted by the id of their papers; themselves where they are."""
    last = ""
    for extraction in extractions:
        if extraction.paper.id < last:
            return sorted(extractions, key=lambda e: e.paper.id)
        last = extraction.paper.id
    return extractions
