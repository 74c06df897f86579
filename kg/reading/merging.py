"""Papers that are one: the same title, arXiv identifier or DOI from several sources becomes one paper.

Two papers with one title are one paper, even where their arXiv identifiers differ (a paper that was submitted twice):
a paper's identifier is made of its title. Two with one arXiv identifier or DOI are one, even where titles differ (a
title that changed between versions). Every choice between values goes by the values alone, so that the order of the
sources does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.paper import Paper, title_key
from kg.reading.fields import arxiv_id, doi_key


def merge_papers(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Return each paper once, with the sources of all its occurrences, sorted by `Paper.id`.

    >>> twice = [Paper("One title", "Short.", ("b.txt",)), Paper("One  Title", "It is longer.", ("a.txt",))]
    >>> [(p.abstract, p.sources) for p in merge_papers(twice)]
    [('It is longer.', ('a.txt', 'b.txt'))]
    """
    given = list(papers)
    parents = list(range(len(given)))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    first: dict[tuple[str, str], int] = {}
    for number, paper in enumerate(given):
        for key in _keys(paper):
            parents[root(number)] = root(first.setdefault(key, number))
    groups: dict[int, list[Paper]] = {}
    for number, paper in enumerate(given):
        groups.setdefault(root(number), []).append(paper)
    merged = [group[0] if len(group) == 1 else _merge(group) for group in groups.values()]
    return tuple(sorted(merged, key=lambda paper: paper.id))


def _keys(paper: Paper) -> Iterator[tuple[str, str]]:
    """Yield what two occurrences of one paper may have in common."""
    yield "title", title_key(paper.title)
    if paper.arxiv_id and (identifier := arxiv_id(paper.arxiv_id)):
        yield "arxiv", identifier.casefold()
    if paper.doi and (doi := doi_key(paper.doi)):
        yield "doi", doi


def _merge(group: list[Paper]) -> Paper:
    """Return one paper for all in the group: longest title and abstract, most exact date, fields filled from any."""
    return Paper(
        title=min((p.title for p in group), key=lambda title: (-len(title), title.isupper(), title)),
        abstract=_longest(p.abstract for p in group),
        sources=tuple(sorted({source for p in group for source in p.sources})),
        arxiv_id=_smallest(p.arxiv_id for p in group),
        doi=_smallest(p.doi for p in group),
        url=_smallest(p.url for p in group),
        date=_longest(p.date for p in group),
        authors=max((p.authors for p in group), key=lambda names: (len(names), names)),
        categories=tuple(sorted({name for p in group for name in p.categories}))
        if len({p.categories for p in group if p.categories}) > 1
        else max(p.categories for p in group),
        key=_smallest(p.key for p in group),
    )


def _longest(texts: Iterable[str]) -> str:
    return min(texts, key=lambda text: (-len(text), text))


def _smallest(texts: Iterable[str]) -> str:
    return min((text for text in texts if text), default="")
