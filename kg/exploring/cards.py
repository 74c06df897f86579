"""The card of a paper or a concept as the explorer shows it: what is long comes in parts.

A paper's card is whole. A concept can have thousands of papers; its card has the first of each role, and
`read_papers` the next ones.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox

from kg.asking.card_reader import (
    Quote,
    Reported,
    make_card,
    read_facts,
    read_merges,
    read_result,
    read_stated,
    results_about,
)
from kg.asking.catalogue import ROLES, Catalogue, path_of
from kg.asking.paths import relate
from kg.asking.questions import list_questions
from kg.asking.things import RDF, Thing, describe_thing

MOST_RESULTS = 60
MOST_MERGES = 200
_PART = 8
_REASONS = 4


def show_card(catalogue: Catalogue, number: int) -> dict[str, Any]:
    """Return the card of a thing, as values of JSON."""
    graph = catalogue.graph
    thing = describe_thing(graph, ox.NamedNode(catalogue.iris[number]))
    assert thing is not None  # noqa: S101 - the catalogue holds papers and concepts only
    card: dict[str, Any] = {
        **catalogue.describe(number),
        "iri": thing.iri,
        "name": thing.name,
        "facts": read_facts(graph, thing),
        "questions": _find_questions(thing),
    }
    return {**card, **(_show_paper(catalogue, thing) if thing.kind == "Paper" else _show_concept(catalogue, number))}


def _show_paper(catalogue: Catalogue, thing: Thing) -> dict[str, Any]:
    card = make_card(catalogue.graph, thing)
    return {
        "abstract": card.abstract,
        "statements": [
            {
                "role": stated.role,
                "thing": _show_thing(catalogue, stated.other),
                "confidence": stated.confidence,
                "count": stated.count,
                "score": stated.score,
                "quotes": [_show_quote(quote) for quote in stated.quotes],
            }
            for stated in card.statements
        ],
        "results": [_show_result(catalogue, result, with_paper=False) for result in card.results],
    }


def _show_concept(catalogue: Catalogue, number: int) -> dict[str, Any]:
    graph, node = catalogue.graph, ox.NamedNode(catalogue.iris[number])
    by_role: dict[int, list[int]] = defaultdict(list)
    for role, paper in catalogue.ties(number):
        by_role[role].append(paper)
    results = results_about(graph, node)
    label = catalogue.labels[number]
    names = {label.casefold(): label}
    for form in sorted(catalogue.forms.get(number, ())):
        names.setdefault(form.casefold(), form)
    return {
        "aliases": list(names.values())[1:],
        "broader": _describe_all(catalogue, catalogue.broader.get(number, [])),
        "narrower": _describe_all(catalogue, catalogue.narrower.get(number, [])),
        "namesakes": [
            catalogue.describe(other)
            for other in catalogue.called(label)
            if other != number and catalogue.kinds[other] != "Paper"
        ],
        "roles": [
            {"role": ROLES[role], "total": len(papers), **read_papers(catalogue, number, ROLES[role])}
            for role, papers in sorted(by_role.items())
        ],
        "results": [
            _show_result(catalogue, result, with_paper=True)
            for result in sorted((read_result(graph, r) for r in results[:MOST_RESULTS]), key=lambda r: r.paper.label)
        ],
        "results_total": len(results),
        "merges": _show_merges(catalogue, node),
    }


def _describe_all(catalogue: Catalogue, numbers: list[int]) -> list[dict[str, object]]:
    return [
        catalogue.describe(n) for n in sorted(numbers, key=lambda n: (-catalogue.count_papers(n), catalogue.labels[n]))
    ]


def read_papers(catalogue: Catalogue, concept: int, role: str, skip: int = 0, most: int = _PART) -> dict[str, Any]:
    """Return papers that have a role with a concept, newest first, each with confidence and evidence.

    Returns:
        `papers`, and `more`: how many come after them.
    """
    graph, node = catalogue.graph, ox.NamedNode(catalogue.iris[concept])
    all_papers = catalogue.sort_papers(n for code, n in catalogue.ties(concept) if ROLES[code] == role)
    shown = []
    for number in all_papers[skip : skip + most]:
        paper = ox.NamedNode(catalogue.iris[number])
        of_paper = graph.subjects(RDF + "subject", paper)
        about = [s for s in of_paper if node in graph.nodes(s, RDF + "object")]
        thing = Thing("Paper", catalogue.labels[number], paper.value, "")
        for stated in (read_stated(graph, s, role, thing) for s in about[:1]):
            shown.append(
                {
                    "thing": catalogue.describe(number),
                    "confidence": stated.confidence,
                    "count": stated.count,
                    "score": stated.score,
                    "quotes": [{**_show_quote(quote), "sentence": quote.sentence} for quote in stated.quotes],
                }
            )
        if not about:
            shown.append({"thing": catalogue.describe(number), "confidence": None, "quotes": []})
    return {"papers": shown, "more": max(0, len(all_papers) - skip - most)}


def _show_merges(catalogue: Catalogue, node: ox.NamedNode) -> list[dict[str, Any]]:
    """Return the forms that were merged into a concept, each form and reason once, with the papers it holds in."""
    grouped: dict[tuple[str, str], dict[str, Any]] = {}
    for merge in read_merges(catalogue.graph, node, MOST_MERGES):
        key = merge.form, merge.reason
        group = grouped.setdefault(
            key, {"form": merge.form, "reason": merge.reason, "confidence": merge.confidence, "papers": []}
        )
        group["confidence"] = max(group["confidence"], merge.confidence)
        if merge.paper is not None:
            group["papers"].append(_show_thing(catalogue, merge.paper))
    return list(grouped.values())


def _show_thing(catalogue: Catalogue, thing: Thing) -> dict[str, object]:
    number = catalogue.numbers.get(thing.iri)
    if number is None:
        return {"path": path_of(catalogue.graph, thing.iri), "kind": thing.kind, "label": thing.label}
    return catalogue.describe(number)


def _show_quote(quote: Quote) -> dict[str, Any]:
    """Return a quote: where its sentence starts in the text of the paper, and the mention within the sentence."""
    return {
        "at": quote.position,
        "length": len(quote.sentence),
        "start": quote.start,
        "end": quote.end,
        "rule": quote.rule,
        "confidence": quote.confidence,
    }


def _show_result(catalogue: Catalogue, result: Reported, *, with_paper: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "value": result.value,
        "metric": result.metric,
        "subject": result.subject,
        "baseline": result.baseline,
        "benchmarks": result.benchmarks,
        "hardware": result.hardware,
        "quotes": [{**_show_quote(quote), "sentence": quote.sentence} for quote in result.quotes],
    }
    return {**shown, "thing": _show_thing(catalogue, result.paper)} if with_paper else shown


def _find_questions(thing: Thing) -> list[dict[str, str]]:
    """Return the questions that can be asked about a thing, with their addresses."""
    fitting = {"paper"} if thing.kind == "Paper" else {"concept", thing.kind.lower()}
    return [
        {
            "title": question.title,
            "path": f"questions/{question.name}?{question.parameters[0].name}={quote(thing.label, '')}",
        }
        for question in list_questions()
        if len(question.parameters) == 1 and question.parameters[0].kind in fitting
    ]


def show_related(catalogue: Catalogue, number: int, most: int = 8) -> list[dict[str, Any]]:
    """Return the papers most related with one, heaviest first, with what they share in words."""
    thing = Thing("Paper", catalogue.labels[number], catalogue.iris[number], "")
    return [
        {
            "thing": _show_thing(catalogue, related.paper),
            "weight": related.weight,
            "reasons": [
                {
                    "role": shared.role,
                    "other_role": shared.other_role,
                    "thing": _show_thing(catalogue, shared.concept),
                }
                for shared in related.shared[:_REASONS]
            ],
            "more": max(0, len(related.shared) - _REASONS),
        }
        for related in relate(catalogue.graph, thing, most)
    ]
