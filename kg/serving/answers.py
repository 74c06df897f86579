"""What an assistant is told: plain values with names, and with each statement the sentences that say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pyoxigraph as ox

from kg.asking.card_reader import Quote, Reported, Stated, find_statements, make_card
from kg.asking.paths import Step, find_path, relate
from kg.asking.query import Answer
from kg.asking.questions import Question
from kg.asking.search import search_things
from kg.asking.tables import tabulate
from kg.asking.things import Thing, find_thing, shorten
from kg.rows import read_value
from kg.store import OpenGraph

MOST_STATEMENTS = 60
"""Statements of a description; what papers do most surely and strongly comes first."""

MOST_QUOTES = 3
"""Pieces of evidence of one statement, surest first."""

MOST_SHARED = 5
"""Concepts that explain how two papers are related, weightiest first."""


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
    """What the graph says of a paper or a concept; `statements_left_out` says how many are not listed."""

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
class Rows:
    """Rows by column, IRIs as names where they have a prefix; `total` counts the rows that are not here as well."""

    columns: list[str]
    rows: list[dict[str, str | int | float | bool | None]]
    total: int


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


def search_graph(graph: OpenGraph, text: str, kinds: Sequence[str], most: int) -> Hits:
    """Return the things that have the words; see `kg.asking.search`."""
    hits, total = search_things(graph, text, kinds, most)
    return Hits([Found(_named(hit.thing), hit.form or None) for hit in hits], total)


def describe(graph: OpenGraph, name: str) -> Description:
    """Return what the graph says of the paper or concept of a name.

    Raises:
        UsageError: the name is not that of one thing.
    """
    card = make_card(graph, find_thing(graph, name))
    shown = card.statements[:MOST_STATEMENTS]
    return Description(
        _named(card.thing),
        card.thing.iri,
        dict(card.facts),
        card.abstract,
        list(card.aliases),
        [_named(thing) for thing in card.broader],
        [_named(thing) for thing in card.narrower],
        [Statement(s.role, _named(s.other), s.confidence, _evidence(s.quotes)) for s in shown],
        len(card.statements) - len(shown),
        [_result(result) for result in card.results],
    )


def relate_paper(graph: OpenGraph, name: str, most: int) -> Relations:
    """Return the papers most related with a paper, and why.

    Raises:
        UsageError: the name is not that of one paper.
    """
    paper = find_thing(graph, name, ("Paper",))
    related = []
    for other in relate(graph, paper, most):
        shared = [
            SharedConcept(
                _named(s.concept),
                s.reason,
                s.papers,
                [quote for one in (paper, other.paper) for quote in _quote(graph, one, s.concept)[:1]],
            )
            for s in other.shared[:MOST_SHARED]
        ]
        related.append(RelatedPaper(_named(other.paper), other.weight, shared))
    return Relations(_named(paper), related)


def explain_path(graph: OpenGraph, start: str, goal: str) -> Way:
    """Return how two things hang together.

    Raises:
        UsageError: a name is not that of one thing, or both are the same.
        KgError: nothing connects them.
    """
    steps = find_path(graph, start, goal).steps
    return Way([PathStep(_named(s.subject), s.role, _named(s.object), s.papers, _of_step(graph, s)) for s in steps])


def tell_rows(graph: OpenGraph, answer: Answer, most: int) -> Rows:
    """Return the first rows of an answer; triples are rows of subject, predicate and object, a truth value is one row.

    >>> from kg.asking.query import Table
    >>> graph = OpenGraph(ox.Store(), "https://e.org/", {"method": "https://e.org/method/"})
    >>> tell_rows(graph, Table(("m", "n"), ((ox.NamedNode("https://e.org/method/lora"), ox.Literal(2)),)), 10)
    Rows(columns=['m', 'n'], rows=[{'m': 'method:lora', 'n': 2}], total=1)
    """
    if isinstance(answer, bool):
        return Rows(["answer"], [{"answer": answer}], 1)
    table = tabulate(answer)
    rows = [
        {name: _cell(graph, term) for name, term in zip(table.columns, row, strict=True)} for row in table.rows[:most]
    ]
    return Rows(list(table.columns), rows, len(table.rows))


def tell_questions(questions: Iterable[Question]) -> QuestionList:
    """Return questions with their parameters."""
    return QuestionList(
        [
            ListedQuestion(
                q.name,
                q.title,
                q.description,
                [QuestionParameter(p.name, p.kind, p.default, p.help) for p in q.parameters],
            )
            for q in questions
        ]
    )


def _named(thing: Thing) -> Named:
    return Named(thing.kind, thing.label, thing.name)


def _evidence(quotes: Iterable[Quote]) -> list[Evidence]:
    surest = sorted(quotes, key=lambda quote: (-quote.confidence, quote))[:MOST_QUOTES]
    return [Evidence(q.sentence, q.sentence[q.start : q.end], q.paper.name, q.confidence) for q in surest]


def _quote(graph: OpenGraph, paper: Thing, concept: Thing) -> list[Evidence]:
    stated: tuple[Stated, ...] = find_statements(graph, paper, concept)
    return _evidence(stated[0].quotes) if stated else []


def _of_step(graph: OpenGraph, step: Step) -> list[Evidence]:
    stated = find_statements(graph, step.subject, step.object) if step.subject.kind == "Paper" else ()
    return [quote for s in stated if s.role == step.role for quote in _evidence(s.quotes)]


def _result(result: Reported) -> ReportedResult:
    return ReportedResult(
        result.value,
        result.metric,
        result.subject,
        result.baseline,
        list(result.benchmarks),
        list(result.hardware),
        _named(result.paper),
        _evidence(result.quotes),
    )


def _cell(
    graph: OpenGraph, term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None
) -> str | int | float | bool | None:
    value = shorten(graph, term.value) if isinstance(term, ox.NamedNode) else read_value(term)
    return value.isoformat() if isinstance(value, date) else value
