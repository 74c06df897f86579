"""What an assistant is told: plain values with names, and with statements the sentences that say so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Named:
    """A paper or a concept: its kind, its title or label, and the name that every tool and SPARQL understand."""

    kind: str
    label: str
    name: str


@dataclass(frozen=True)
class Evidence:
    """A sentence, the mention in it, the name of the paper that says it, and how sure the mention is, in (0, 1]."""

    sentence: str
    mention: str
    paper: str
    confidence: float


@dataclass(frozen=True)
class Found:
    """A hit of a search: the thing, and the title, label or alias that has the words (none: its abstract has them)."""

    thing: Named
    matched: str | None


@dataclass(frozen=True)
class Hits:
    """Hits, best first, and how many there are in all."""

    hits: list[Found]
    total: int


@dataclass(frozen=True)
class Statement:
    """A role and the concept of a paper, or the paper of a concept, with the evidence."""

    role: str
    other: Named
    confidence: float
    evidence: list[Evidence]


@dataclass(frozen=True)
class ReportedResult:
    """A number that a paper reports, what it is about as the paper says it, and the evidence."""

    value: str
    metric: str
    subject: str
    baseline: str
    benchmarks: list[str]
    hardware: list[str]
    paper: Named
    evidence: list[Evidence]


@dataclass(frozen=True)
class Description:
    """What the graph says of a paper or a concept, strongest and surest first, and how much more there is."""

    thing: Named
    iri: str
    facts: dict[str, str]
    abstract: str
    aliases: list[str]
    broader: list[Named]
    narrower: list[Named]
    statements: list[Statement]
    statements_left_out: int
    results: list[ReportedResult]
    results_left_out: int


@dataclass(frozen=True)
class SharedConcept:
    """What two papers have in common, in how many papers it is, and a sentence of each of the two."""

    concept: Named
    reason: str
    papers: int
    evidence: list[Evidence]


@dataclass(frozen=True)
class RelatedPaper:
    """A paper, how much it has in common with the other in bits, and what, weightiest first."""

    paper: Named
    weight: float
    shared: list[SharedConcept]


@dataclass(frozen=True)
class Relations:
    """Papers related with a paper, closest first."""

    paper: Named
    related: list[RelatedPaper]


@dataclass(frozen=True)
class PathStep:
    """One statement on the way, in how many papers the object is, and the evidence (none for "is a kind of")."""

    subject: Named
    role: str
    object: Named
    papers: int
    evidence: list[Evidence]


@dataclass(frozen=True)
class Way:
    """The shortest way between two things, step by step."""

    steps: list[PathStep]


@dataclass(frozen=True)
class RowStatement:
    """What a paper and a concept or value of one row have to do with each other, and the surest evidence.

    `row` is the place of the row, from 0; `concept` the label of the concept, or the value that the paper reports.
    """

    row: int
    role: str
    concept: str
    evidence: Evidence


@dataclass(frozen=True)
class Rows:
    """Rows by column, IRIs as names where they have a prefix; `total` counts the rows that are not here as well."""

    columns: list[str]
    rows: list[dict[str, str | int | float | bool | None]]
    total: int
    statements: list[RowStatement]


@dataclass(frozen=True)
class QuestionParameter:
    """What a question can be asked about: the name, the kind of value, the default, and what to give."""

    name: str
    kind: str
    default: str
    help: str


@dataclass(frozen=True)
class ListedQuestion:
    """A question that can be asked by its name."""

    name: str
    title: str
    description: str
    parameters: list[QuestionParameter]


@dataclass(frozen=True)
class QuestionList:
    """The questions that come with kg."""

    questions: list[ListedQuestion]
