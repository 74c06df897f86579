"""Papers that are one: the same title, arXiv identifier or DOI from several sources becomes one paper.

Two with one arXiv identifier or DOI are one, even where titles differ (a title that changed between versions). Two with
one title are one, unless their arXiv identifiers or their DOIs differ; what has neither then stays by itself, as nobody
can say of which it is. Every choice goes by the values alone, so that the order of the sources does not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from kg.paper import Paper, title_key
from kg.reading.fields import arxiv_id, doi_key

T = TypeVar("T")
_ARXIV_DOI = "10.48550/arxiv."


def merge_papers(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Return each paper once, with the sources of all its occurrences, sorted by `Paper.id`.

    Papers that have one title and are not one are told apart by their DOI or arXiv identifier (`Paper.apart`).

    >>> twice = [Paper("One title", "Short.", ("b.txt",)), Paper("One  Title", "It is longer.", ("a.txt",))]
    >>> [(p.abstract, p.sources) for p in merge_papers(twice)]
    [('It is longer.', ('a.txt', 'b.txt'))]
    >>> [p.apart for p in merge_papers([Paper("Notes", doi="10.1000/A"), Paper("Notes", doi="10.1000/b")])]
    ['doi:10.1000/b', 'doi:10.1000/a']
    """
    merged = list(papers)
    # again until nothing changes: a merged paper has one title, and may be one with a paper it was kept from by another
    while len(groups := _group(merged)) < len(merged):
        merged = [group[0] if len(group) == 1 else _merge(group) for group in groups]
    return tuple(sorted(_tell_apart(merged), key=lambda paper: paper.id))


def _group(papers: Sequence[Paper]) -> list[list[Paper]]:
    """Return the papers in groups, each of which is one paper."""
    groups: list[list[Paper]] = []
    works = _connect(papers, _identifiers)
    for family in _connect(works, lambda work: [key for paper in work for key in _title(paper)]):
        kinds = [{kind for paper in work for kind, _ in _identifiers(paper)} for work in family]
        if max(Counter(chain(*kinds)).values(), default=0) < 2:
            groups.append([*chain(*family)])
        else:
            groups += [work for work, known in zip(family, kinds, strict=True) if known]
            unknown = [work[0] for work, known in zip(family, kinds, strict=True) if not known]
            groups += _connect(unknown, _title)
    return groups


def _connect(items: Sequence[T], find_keys: Callable[[T], Iterable[tuple[str, str]]]) -> list[list[T]]:
    """Return the items in groups: those that have a key in common, directly or by way of others, are in one."""
    parents = list(range(len(items)))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    first: dict[tuple[str, str], int] = {}
    for number, item in enumerate(items):
        for key in find_keys(item):
            parents[root(number)] = root(first.setdefault(key, number))
    groups: dict[int, list[T]] = {}
    for number, item in enumerate(items):
        groups.setdefault(root(number), []).append(item)
    return list(groups.values())


def _title(paper: Paper) -> Iterator[tuple[str, str]]:
    yield "title", title_key(paper.title)


def _identifiers(paper: Paper) -> Iterator[tuple[str, str]]:
    """Yield what a paper is known by: its DOI and its arXiv identifier; a DOI that arXiv gives is the latter."""
    doi = doi_key(paper.doi)
    of_arxiv = doi.startswith(_ARXIV_DOI)
    if doi and not of_arxiv:
        yield "doi", doi
    if identifier := arxiv_id(paper.arxiv_id) or (arxiv_id(doi) if of_arxiv else ""):
        yield "arxiv", identifier.casefold()


def _tell_apart(papers: Sequence[Paper]) -> Iterator[Paper]:
    """Yield the papers; those that share their title with another have in `apart` what they are known by."""
    titles = Counter(title_key(paper.title) for paper in papers)
    for paper in papers:
        known = next((f"{kind}:{key}" for kind, key in _identifiers(paper)), "")
        apart = known if titles[title_key(paper.title)] > 1 else ""
        yield paper if paper.apart == apart else replace(paper, apart=apart)


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
