"""What the start page shows: how much there is, and where to begin."""

from __future__ import annotations

from typing import Any

from kg.asking.catalogue import ROLES, Catalogue
from kg.asking.things import CONCEPT_KINDS

_MOST = 8
_ENTRANCES = ("Method", "Benchmark", "Hardware", "Task")


def show_overview(catalogue: Catalogue) -> dict[str, Any]:
    """Return the counts of a graph, and the concepts and papers to begin with, as values of JSON."""
    kinds = dict.fromkeys(("Paper", *CONCEPT_KINDS), 0)
    for kind in catalogue.kinds:
        kinds[kind] += 1
    papers = [number for number, kind in enumerate(catalogue.kinds) if kind == "Paper"]
    dated = any(catalogue.years[number] for number in papers)
    return {
        "counts": {
            **{kind: count for kind, count in kinds.items() if count},
            "statements": catalogue.count_statements(),
            "results": sum(catalogue.results.values()),
        },
        "entrances": {kind: _list_most(catalogue, kind) for kind in _ENTRANCES},
        "papers": [catalogue.describe(number) for number in _list_papers(catalogue, papers, dated)],
        "dated": dated,
    }


def _list_most(catalogue: Catalogue, kind: str) -> list[dict[str, object]]:
    """Return the concepts of a kind that most papers have; those that are only mentioned do not count."""
    weak = ROLES.index("mentions")
    counts = {
        number: len({paper for role, paper in catalogue.ties(number) if role != weak})
        for number, of_kind in enumerate(catalogue.kinds)
        if of_kind == kind
    }
    order = sorted(counts, key=lambda n: (-counts[n], catalogue.labels[n].casefold(), n))[:_MOST]
    return [catalogue.describe(number) for number in order if counts[number]]


def _list_papers(catalogue: Catalogue, papers: list[int], dated: bool) -> list[int]:
    """Return the newest papers, or where none has a date, those with the most shared methods, tasks and benchmarks."""
    if dated:
        return catalogue.sort_papers(papers)[:_MOST]
    kinds = {"Method", "Task", "Benchmark"}

    def shared(paper: int) -> int:
        return sum(catalogue.kinds[c] in kinds and catalogue.count_papers(c) > 1 for _, c in catalogue.ties(paper))

    return sorted(papers, key=lambda n: (-shared(n), catalogue.labels[n].casefold(), n))[:_MOST]
