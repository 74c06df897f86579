"""Papers side by side: what each introduces, uses, is tested on and runs on, and the results it reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import pyoxigraph as ox

from kg.asking.catalogue import ROLES, Catalogue
from kg.asking.search import fold
from kg.exploring.csv_text import write_csv
from kg.exploring.neighbours import Filter
from kg.ontology import KG

COLUMNS: tuple[str, ...] = ("Method", "Benchmark", "Hardware", "Task", "Metric", "Keyphrase")
"""Kinds of concepts that have a column of their own."""

SORTS: tuple[str, ...] = ("title", "year", *COLUMNS, "results")
_MOST_DEVICES = 60
_PARTS = {
    "metric": (KG.metricText, KG.onMetric),
    "subject": (KG.subjectText, KG.ofMethod),
    "baseline": (KG.baselineText, KG.overBaseline),
}
"""What a result says in words, and the concept whose label stands in where it has none."""


@dataclass(frozen=True)
class Wanted:
    """Which papers are compared, and in which order.

    Attributes:
        papers: their numbers; None means all.
        of: the number of a concept; papers that have to do with it, or with a kind of it, are taken. None means all.
        text: words that a title has to contain.
        allowed: `roles` says which ties are shown and which count for `of`; years and hardware say which papers are
            taken; `kinds` says which columns are shown.
        sort: one of `SORTS`.
        descending: largest, newest or last first.
    """

    papers: tuple[int, ...] | None = None
    of: int | None = None
    text: str = ""
    allowed: Filter = field(default_factory=Filter)
    sort: str = "title"
    descending: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The kinds that have a column."""
        return tuple(kind for kind in COLUMNS if not self.allowed.kinds or kind in self.allowed.kinds)


def find_papers(catalogue: Catalogue, wanted: Wanted) -> list[int]:
    """Return the papers that are compared, in order."""
    papers: Collection[int] | None = None if wanted.papers is None else set(wanted.papers)
    if wanted.of is not None:
        having = {
            paper
            for concept in catalogue.with_narrower(wanted.of)
            for role, paper in catalogue.ties(concept)
            if catalogue.kinds[concept] != "Paper" and wanted.allowed.allows_role(role)
        }
        papers = having if papers is None else having.intersection(papers)
    allowed = Filter(since=wanted.allowed.since, until=wanted.allowed.until, hardware=wanted.allowed.hardware)
    words = fold(wanted.text).split()
    taken = [
        paper
        for paper in catalogue.papers
        if (papers is None or paper in papers)
        and allowed.allows(catalogue, paper)
        and (not words or all(word in fold(catalogue.labels[paper]) for word in words))
    ]
    return _sort(catalogue, taken, wanted)


def _sort(catalogue: Catalogue, by_title: list[int], wanted: Wanted) -> list[int]:
    if wanted.sort == "title":
        return by_title[::-1] if wanted.descending else by_title
    if wanted.sort == "year":
        return sorted(by_title, key=lambda paper: catalogue.years[paper], reverse=wanted.descending)
    sizes = (
        catalogue.results if wanted.sort == "results" else catalogue.count_concepts(wanted.sort, wanted.allowed.roles)
    )
    return sorted(by_title, key=lambda paper: sizes.get(paper, 0), reverse=wanted.descending)


def compare(catalogue: Catalogue, wanted: Wanted, *, skip: int = 0, most: int = 50) -> dict[str, Any]:
    """Return a part of the comparison as values of JSON: rows, how many there are in all, and what can be filtered."""
    papers = find_papers(catalogue, wanted)
    years = sorted({catalogue.years[paper] for paper in papers if catalogue.years[paper]})
    return {
        "total": len(papers),
        "columns": wanted.columns,
        "rows": [_show_row(catalogue, paper, wanted) for paper in papers[skip : skip + most]],
        "of": None if wanted.of is None else catalogue.describe(wanted.of),
        "years": [years[0], years[-1]] if years else [],
        "hardware": _list_hardware(catalogue, papers, wanted),
    }


def _list_hardware(catalogue: Catalogue, papers: Collection[int], wanted: Wanted) -> list[dict[str, object]]:
    """Return the devices that the papers run on, those of most papers first."""
    here, runs_on = set(papers), ROLES.index("runs on")
    counts = {
        device: len({paper for role, paper in catalogue.ties(device) if role == runs_on and paper in here})
        for device in catalogue.hardware
    }
    shown = [device for device, count in counts.items() if count or device == wanted.allowed.hardware]
    order = sorted(shown, key=lambda n: (-counts[n], catalogue.labels[n]))[:_MOST_DEVICES]
    return [{**catalogue.describe(n), "here": counts[n]} for n in order]


def _cells(catalogue: Catalogue, paper: int, wanted: Wanted) -> dict[str, list[tuple[str, int]]]:
    """Return role and concept of each tie that is shown, by kind, strongest role first."""
    cells: dict[str, list[tuple[str, int]]] = {kind: [] for kind in wanted.columns}
    for role, concept in sorted(
        catalogue.ties(paper), key=lambda tie: (tie[0], -catalogue.count_papers(tie[1]), tie[1])
    ):
        kind = catalogue.kinds[concept]
        if kind in cells and wanted.allowed.allows_role(role):
            cells[kind].append((ROLES[role], concept))
    return cells


def _results(catalogue: Catalogue, paper: int) -> list[dict[str, Any]]:
    """Return the results of a paper in the order of its text: the IRI of each ends with where it stands."""
    graph = catalogue.graph
    found = graph.nodes(ox.NamedNode(catalogue.iris[paper]), KG.reports)
    found.sort(key=lambda node: (len(node.value), node.value))
    return [
        {
            "value": graph.text(result, KG.value),
            **{name: _say(catalogue, result, text, concept) for name, (text, concept) in _PARTS.items()},
            "on": [catalogue.labels[n] for n in _concepts(catalogue, result, KG.onBenchmark)],
        }
        for result in found
    ]


def _say(catalogue: Catalogue, result: ox.NamedNode, text: str, concept: str) -> str:
    said = catalogue.graph.text(result, text)
    return said or next((catalogue.labels[n] for n in _concepts(catalogue, result, concept)), "")


def _concepts(catalogue: Catalogue, result: ox.NamedNode, term: str) -> list[int]:
    nodes = catalogue.graph.nodes(result, term)
    return [catalogue.numbers[node.value] for node in nodes if node.value in catalogue.numbers]


def _show_row(catalogue: Catalogue, paper: int, wanted: Wanted) -> dict[str, Any]:
    return {
        "paper": catalogue.describe(paper),
        "cells": {
            kind: [{"role": role, "thing": catalogue.describe(concept)} for role, concept in ties]
            for kind, ties in _cells(catalogue, paper, wanted).items()
        },
        "results": _results(catalogue, paper) if catalogue.results.get(paper) else [],
    }


def export_comparison(catalogue: Catalogue, wanted: Wanted) -> str:
    """Return the whole comparison as CSV: a row for each paper, a column for each role with a kind of concept."""
    papers = find_papers(catalogue, wanted)
    rows, pairs = [], set()
    for paper in papers:
        cells: dict[tuple[str, str], list[str]] = defaultdict(list)
        for kind, ties in _cells(catalogue, paper, wanted).items():
            for role, concept in ties:
                cells[kind, role].append(catalogue.labels[concept])
        pairs |= set(cells)
        rows.append((paper, cells))
    order = sorted(pairs, key=lambda pair: (COLUMNS.index(pair[0]), ROLES.index(pair[1])))
    columns = ["paper", "address", "year", *(f"{kind.lower()}: {role}" for kind, role in order), "results"]
    return write_csv(
        columns,
        (
            [
                catalogue.labels[paper],
                catalogue.iris[paper],
                str(catalogue.years[paper] or ""),
                *("; ".join(cells.get(pair, ())) for pair in order),
                "; ".join(_say_result(result) for result in _results(catalogue, paper)),
            ]
            for paper, cells in rows
        ),
    )


def _say_result(result: dict[str, Any]) -> str:
    over = f"over {result['baseline']}" if result["baseline"] else ""
    on = f"on {', '.join(result['on'])}" if result["on"] else ""
    of = f"of {result['subject']}" if result["subject"] else ""
    return " ".join(part for part in (result["value"], result["metric"], of, over, on) if part)
