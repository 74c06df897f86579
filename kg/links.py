"""Papers that share techniques: the links between papers, weighted so that a rare technique counts more.

The rarity of a technique is its inverse document frequency (Spärck Jones 1972), in bits: log2((N + 1) / n) where n of N
papers have it. A link weighs the sum of the rarities of what its two papers share. Techniques that too many papers
have say little and would link everything with everything: they are left out by their rarity alone.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from kg.concepts import Resolution

if TYPE_CHECKING:
    from numpy import float64, int32, int64
    from numpy.typing import NDArray

LEAST_RARITY = 3.0
"""Bits below which a technique links no papers in a corpus of 64 papers or more (it is in one paper of eight)."""

MOST_PAPERS = 400
"""A technique in more papers than this links none, however large the corpus: links would grow with its square."""


LINKS_KEPT = 50
"""The heaviest links of a paper that are kept, so that links grow with the papers and not with their square."""


@dataclass(frozen=True, order=True)
class Link:
    """Two papers (ids, the smaller first) that share techniques (concept ids, rarest first).

    `weight` is the sum of the rarities of the shared techniques in bits, above 0, rounded to tenths: another paper in
    the corpus changes every rarity a little, and few weights.
    every rarity a little, and few weights.
    """

    first: str
    second: str
    shared: tuple[str, ...]
    weight: Decimal


def least_rarity(papers: int) -> float:
    """Return the rarity in bits that a technique needs to link papers, for a corpus of that many papers.

    Small corpora ask for less: half the bits that tell their papers apart, so that three of four papers are too many.

    >>> least_rarity(109), least_rarity(4)
    (3.0, 1.0)
    """
    return min(LEAST_RARITY, math.log2(max(papers, 1)) / 2)


def rarity(having: int, papers: int) -> float:
    """Return log2((papers + 1) / having) of what so many papers have, in bits, above 0 even where all have it."""
    return math.log2((papers + 1) / having)


class Techniques(NamedTuple):
    """The methods that link papers, rarest first, and among equals by id: a method's number is its place.

    Attributes:
        ids: of the methods.
        bits: the rarity of each.
        papers, of_method: the numbers of the papers that have a method, ascending: those of method m are
            `papers[of_method[m] : of_method[m + 1]]`.
        methods, of_paper: in the same way, the methods that a paper has.
    """

    ids: list[str]
    bits: NDArray[float64]
    papers: NDArray[int32]
    of_method: NDArray[int64]
    methods: NDArray[int32]
    of_paper: NDArray[int64]


class Near(NamedTuple):
    """Papers that share something with one paper, ascending by number.

    Attributes:
        papers, weights: their numbers, and what they weigh, in bits.
        methods, of_paper: what each shares, as in `Techniques`.
    """

    papers: NDArray[int32]
    weights: NDArray[float64]
    methods: NDArray[int32]
    of_paper: NDArray[int64]


def find_techniques(having: Iterable[tuple[str, array[int]]], papers: int) -> Techniques:
    """Return the methods that link papers.

    Args:
        having: the ids of concepts, sorted, with the numbers of the papers that have them, ascending.
        papers: how many there are.
    """
    import numpy as np

    ids, counts, flat = list[str](), array("i"), array("i")
    least = least_rarity(papers)
    for concept, holders in having:
        count = len(holders)
        if concept.startswith("method/") and 1 < count <= MOST_PAPERS and rarity(count, papers) >= least:
            ids.append(concept)
            counts.append(count)
            flat.extend(holders)
    sizes = np.array(counts, dtype=np.int64)
    order = np.argsort(sizes, kind="stable")
    rank = np.empty(len(ids), dtype=np.int32)
    rank[order] = np.arange(len(ids), dtype=np.int32)
    # each row of the table (method, paper) once by method, once by paper
    method, paper = np.repeat(rank, sizes), np.array(flat, dtype=np.int32)
    by_method = np.lexsort((paper, method))
    by_paper = np.lexsort((method, paper))
    starts = np.concatenate(([0], np.cumsum(sizes[order])))
    return Techniques(
        [ids[n] for n in order],
        np.array([rarity(int(n), papers) for n in sizes[order]]),
        paper[by_method],
        starts,
        method[by_paper],
        np.searchsorted(paper[by_paper], np.arange(papers + 1)),
    )


def find_near(techniques: Techniques, paper: int) -> Near:
    """Return the papers that share something with a paper, and how much that weighs."""
    import numpy as np

    own = techniques.methods[techniques.of_paper[paper] : techniques.of_paper[paper + 1]]
    starts, ends = techniques.of_method[own], techniques.of_method[own + 1]
    papers = np.concatenate(
        [techniques.papers[:0], *(techniques.papers[a:b] for a, b in zip(starts, ends, strict=True))]
    )
    methods = np.repeat(own, ends - starts)
    order = np.argsort(papers, kind="stable")
    order = order[papers[order] != paper]
    papers, methods = papers[order], methods[order]
    new = np.ones(len(papers) + 1, dtype=bool)
    new[1:-1] = papers[1:] != papers[:-1]
    ends = np.flatnonzero(new)
    first, shared = ends[:-1], ends[1:] - ends[:-1]
    bits = techniques.bits[methods]
    weights = bits[first]
    two = shared == 2
    weights[two] += bits[first[two] + 1]
    for n in np.flatnonzero(shared > 2):
        weights[n] = math.fsum(bits[ends[n] : ends[n + 1]])
    return Near(papers[first], weights, methods, ends)


def find_lightest(near: Near, kept: int) -> tuple[float, int]:
    """Return the weight and the paper of the lightest link that is among the `kept` heaviest of a paper.

    Of links that weigh the same, the one with the paper whose id comes first is the heavier. Where all are among the
    heaviest, that is a link lighter than any.
    """
    import numpy as np

    if len(near.papers) <= kept:
        return -math.inf, 0
    weight = np.partition(near.weights, -kept)[-kept]
    heavier = int(np.count_nonzero(near.weights > weight))
    return float(weight), int(near.papers[near.weights == weight][kept - heavier - 1])


def find_links(resolution: Resolution, kept: int = LINKS_KEPT) -> Iterator[Link]:
    """Yield the links between papers by the methods that both introduce, use, compare with or mention, sorted.

    A link is kept if it is among the `kept` heaviest of one of its papers; of links that weigh the same, the one with
    the paper whose id comes first.
    """
    import numpy as np

    papers = resolution.denotes.papers
    techniques = find_techniques(resolution.concepts.papers(), len(papers))
    weight, last = np.empty(len(papers)), np.empty(len(papers), dtype=np.int32)
    for number in range(len(papers)):
        weight[number], last[number] = find_lightest(find_near(techniques, number), kept)
    for number, paper in enumerate(papers):
        near = find_near(techniques, number)
        w, other = near.weights, near.papers
        of_paper = (w > weight[number]) | ((w == weight[number]) & (other <= last[number]))
        of_other = (w > weight[other]) | ((w == weight[other]) & (number <= last[other]))
        links = np.flatnonzero((other > number) & (of_paper | of_other))
        if not len(links):
            continue
        methods = near.methods.tolist()
        ends = near.of_paper[links].tolist(), near.of_paper[links + 1].tolist()
        for second, bits, start, end in zip(other[links].tolist(), w[links].tolist(), *ends, strict=True):
            shared = tuple([techniques.ids[method] for method in methods[start:end]])
            yield Link(paper, papers[second], shared, Decimal(f"{bits:.1f}"))
