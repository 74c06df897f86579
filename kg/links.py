"""Papers that share techniques: the links between papers, weighted so that a rare technique counts more.

The rarity of a technique is its inverse document frequency (Spärck Jones 1972), in bits: log2((N + 1) / n) where n of N
papers have it. A link weighs the sum of the rarities of what its two papers share. Techniques that too many papers
have say little and would link everything with everything: they are left out by their rarity alone.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sized
from dataclasses import dataclass
from decimal import Decimal

from kg.concepts import Resolution
from kg.mention import Extracted, in_paper_order

LEAST_RARITY = 3.0
"""Bits below which a technique links no papers in a corpus of 64 papers or more (it is in one paper of eight)."""

MOST_PAPERS = 400
"""A technique in more papers than this links none, however large the corpus: links would grow with its square."""


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


def find_links(extractions: Extracted, resolution: Resolution) -> Iterator[Link]:
    """Yield the links between papers by the methods that both introduce, use, compare with or mention, sorted."""
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
    linking = {c for c, of in holders.items() if rarity[c] >= least and len(of) <= MOST_PAPERS}
    for first, own in enumerate(of_paper):
        shared: dict[int, list[str]] = defaultdict(list)
        for concept in sorted(linking.intersection(own), key=lambda c: (-rarity[c], c)):
            of = holders[concept]
            for second in of[bisect_right(of, first) :]:
                shared[second].append(concept)
        for second, concepts in sorted(shared.items()):
            weight = Decimal(f"{math.fsum(rarity[c] for c in concepts):.3f}")
            yield Link(papers[first], papers[second], tuple(concepts), weight)
