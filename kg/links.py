"""Papers that share techniques: the links between papers, weighted so that a rare technique counts more.

The rarity of a technique is its inverse document frequency (Spärck Jones 1972), in bits: log2((N + 1) / n) where n of N
papers have it. A link weighs the sum of the rarities of what its two papers share. Techniques that too many papers
have say little and would link everything with everything: they are left out by their rarity alone.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sized
from dataclasses import dataclass
from decimal import Decimal
from heapq import nsmallest

from kg.concepts import Resolution
from kg.mention import Extracted, in_paper_order

LEAST_RARITY = 3.0
"""Bits below which a technique links no papers in a corpus of 64 papers or more (it is in one paper of eight)."""

MOST_PAPERS = 400
"""A technique in more papers than this links none, however large the corpus: links would grow with its square."""


LINKS_KEPT = 50
"""The heaviest links of a paper that are kept, so that links grow with the papers and not with their square."""


@dataclass(frozen=True, order=True)
class Link:
    """Two papers (ids, the smaller first) that share techniques (concept ids, rarest first).

    `weight` is the sum of the rarities of the shared techniques in bits, above 0, rounded to 3 decimals.
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


def measure_rarity(holders: Mapping[str, Sized], papers: int) -> dict[str, float]:
    """Return log2((papers + 1) / holders) of each concept, in bits, above 0 even where every paper has it."""
    return {concept: math.log2((papers + 1) / len(of)) for concept, of in holders.items()}


def find_links(extractions: Extracted, resolution: Resolution, kept: int = LINKS_KEPT) -> Iterator[Link]:
    """Yield the links between papers by the methods that both introduce, use, compare with or mention, sorted.

    A link is kept if it is among the `kept` heaviest of one of its papers; of links that weigh the same, the one with
    the paper whose id comes first.
    """
    papers: list[str] = []
    of_paper: list[list[str]] = []
    holders: dict[str, array[int]] = defaultdict(lambda: array("i"))
    for extraction in in_paper_order(extractions):
        denoted = resolution.denotes.of_paper(extraction.paper.id)
        methods = {concept for (kind, _, _), concept in denoted.items() if kind == "Method"}
        for concept in methods:
            holders[concept].append(len(papers))
        papers.append(extraction.paper.id)
        of_paper.append(sorted(methods))
    rarity = measure_rarity(holders, max(len(papers), 1))
    least = least_rarity(len(papers))
    for number, all_methods in enumerate(of_paper):
        linking = [c for c in all_methods if rarity[c] >= least and 1 < len(holders[c]) <= MOST_PAPERS]
        of_paper[number] = sorted(linking, key=lambda c: (-rarity[c], c))

    def near(paper: int) -> dict[int, list[str]]:
        """Return the papers that share something with a paper, and what, rarest first."""
        shared: dict[int, list[str]] = defaultdict(list)
        for concept in of_paper[paper]:
            for other in holders[concept]:
                shared[other].append(concept)
        shared.pop(paper, None)
        return shared

    def weigh(concepts: list[str]) -> float:
        return math.fsum(rarity[c] for c in concepts)

    lightest: list[tuple[float, int]] = []
    for paper in range(len(papers)):
        ranked = nsmallest(kept, ((-weigh(concepts), other) for other, concepts in near(paper).items()))
        lightest.append(ranked[-1] if ranked else (0.0, -1))
    for first in range(len(papers)):
        for second, concepts in sorted((other, shared) for other, shared in near(first).items() if other > first):
            weight = weigh(concepts)
            if (-weight, second) <= lightest[first] or (-weight, first) <= lightest[second]:
                yield Link(papers[first], papers[second], tuple(concepts), Decimal(f"{weight:.3f}"))
