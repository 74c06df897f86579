"""What the graph has to tell an assistant, as the values of `kg.assistants.answers`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import pyoxigraph as ox

from kg.asking.card_reader import Quote, Reported, find_results, find_statements, make_card
from kg.asking.paths import Step, find_path, relate
from kg.asking.query import Answer, Row
from kg.asking.questions import Question
from kg.asking.search import SearchIndex, search_things
from kg.asking.tables import tabulate
from kg.asking.things import DCTERMS, Thing, describe_thing, find_thing, shorten
from kg.assistants.answers import (
    Description,
    Evidence,
    Found,
    Hits,
    ListedQuestion,
    Named,
    PathStep,
    QuestionList,
    QuestionParameter,
    RelatedPaper,
    Relations,
    ReportedResult,
    Rows,
    RowStatement,
    SharedConcept,
    Statement,
    Way,
)
from kg.rows import read_value
from kg.store import OpenGraph

MOST_STATEMENTS = 60
"""Statements of a description, strongest role and surest first."""

MOST_RESULTS = 30
"""Results of a description."""

MOST_QUOTES = 3
"""Pieces of evidence of one statement, surest first."""

MOST_SHARED = 5
"""Concepts that explain how two papers are related, weightiest first."""


def search_graph(index: SearchIndex, text: str, kinds: Sequence[str], most: int) -> Hits:
    """Return the things that have the words; see `kg.asking.search`."""
    hits, total = search_things(index, text, kinds, most)
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
        [_result(result) for result in card.results[:MOST_RESULTS]],
        max(0, len(card.results) - MOST_RESULTS),
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
    """Return the first rows of an answer, with the evidence where a paper and what it is said to do stand in one row.

    Triples are rows of subject, predicate and object, a truth value is one row.

    >>> from kg.asking.query import Table
    >>> graph = OpenGraph(ox.Store(), "https://e.org/", {"method": "https://e.org/method/"})
    >>> tell_rows(graph, Table(("m", "n"), ((ox.NamedNode("https://e.org/method/lora"), ox.Literal(2)),)), 10)
    Rows(columns=['m', 'n'], rows=[{'m': 'method:lora', 'n': 2}], total=1, statements=[])
    """
    if isinstance(answer, bool):
        return Rows(["answer"], [{"answer": answer}], 1, [])
    table = tabulate(answer)
    shown = table.rows[:most]
    rows = [{name: _cell(graph, term) for name, term in zip(table.columns, row, strict=True)} for row in shown]
    statements = [statement for place, row in enumerate(shown) for statement in _row_statements(graph, place, row)]
    return Rows(list(table.columns), rows, len(table.rows), statements)


def _row_statements(graph: OpenGraph, place: int, row: Row) -> Iterator[RowStatement]:
    """Yield what the papers of a row do with its concepts, and which of its values they report."""
    iris = {term.value for term in row if isinstance(term, ox.NamedNode)}
    texts = {term.value for term in row if isinstance(term, ox.Literal)}
    titled = (node.value for text in texts for node in graph.subjects(DCTERMS + "title", ox.Literal(text)))
    for iri in sorted({*iris, *titled}):
        paper = describe_thing(graph, ox.NamedNode(iri))
        if paper is None or paper.kind != "Paper":
            continue
        stated = find_statements(graph, paper, lambda thing: thing.iri in iris or thing.label in texts)
        said = [(s.role, s.other.label, s.quotes) for s in stated]
        said += [("reports", r.value, r.quotes) for r in find_results(graph, paper, texts)]
        for role, concept, quotes in said:
            yield from (RowStatement(place, role, concept, quote) for quote in _evidence(quotes)[:1])


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
    stated = find_statements(graph, paper, concept.__eq__)
    return _evidence(stated[0].quotes) if stated else []


def _of_step(graph: OpenGraph, step: Step) -> list[Evidence]:
    stated = find_statements(graph, step.subject, step.object.__eq__) if step.subject.kind == "Paper" else ()
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
