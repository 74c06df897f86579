"""What stands around a paper or a concept in the picture: not all of it, but what tells most, a few at a time.

Rare concepts tell more than common ones (inverse document frequency, Spärck Jones 1972), and a concept that no other
paper has leads nowhere, so it counts one bit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from kg.asking.catalogue import ROLES, Catalogue

_KIND_WEIGHTS = {"Method": 1.0, "Task": 1.0, "Benchmark": 0.9, "Hardware": 0.8, "Keyphrase": 0.45, "Metric": 0.4}
_STRONG = {"introduces": 1.6, "compares with": 0.9, "mentions": 0.5}
_COMMON = 2000
"""A concept that more papers have brings no others into the picture."""

_KIN = 4
"""Wider and narrower concepts that come before papers."""

_TIES = 80
"""Concepts of a paper that the picture is told of, to draw lines to those that it shows already."""


@dataclass(frozen=True)
class Filter:
    """What may be shown.

    Attributes:
        kinds: of things; none means all.
        roles: what papers do with concepts, in words; none means all.
        since, until: years of papers, inclusive; 0 means open. Papers without a year are shown where both are open.
        hardware: the number of a device that papers have to run on, or None.
    """

    kinds: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    since: int = 0
    until: int = 0
    hardware: int | None = None

    def allows_role(self, role: int) -> bool:
        """Return whether ties of a role may be shown."""
        return not self.roles or ROLES[role] in self.roles

    def allows(self, catalogue: Catalogue, number: int) -> bool:
        """Return whether a thing may be shown."""
        if not (self.kinds or self.since or self.until or self.hardware is not None):
            return True
        if self.kinds and catalogue.kinds[number] not in self.kinds:
            return False
        if catalogue.kinds[number] != "Paper":
            return True
        year = catalogue.years[number]
        if (self.since and year < self.since) or (self.until and (not year or year > self.until)):
            return False
        return self.hardware is None or any(
            ROLES[role] == "runs on" and thing == self.hardware for role, thing in catalogue.ties(number)
        )


def find_neighbours(
    catalogue: Catalogue, centre: int, allowed: Filter, *, most: int = 12, without: Collection[int] = ()
) -> tuple[list[int], int]:
    """Return the neighbours of a thing that tell most, best first, and how many more there are.

    Those of a paper are its concepts; those of a concept are its papers and the concepts it is, or has, a kind of.
    """
    weights: dict[int, float] = defaultdict(float)
    is_paper = catalogue.kinds[centre] == "Paper"
    for role, other in catalogue.ties(centre):
        if allowed.allows_role(role) and allowed.allows(catalogue, other):
            if is_paper:
                weight = _weigh(catalogue, other) * _STRONG.get(ROLES[role], 1.0)
            else:
                weight = _STRONG.get(ROLES[role], 1.0) + max(0, catalogue.years[other] - 1900) / 1000
            weights[other] = max(weights[other], weight)
    kin = [
        n
        for n in (*catalogue.broader.get(centre, ()), *catalogue.narrower.get(centre, ()))
        if allowed.allows(catalogue, n)
    ]
    for place, other in enumerate(sorted(kin, key=lambda n: (-catalogue.count_papers(n), n))):
        weights[other] = 3.0 if place < _KIN else 0.3
    waiting = sorted((n for n in weights if n not in without), key=lambda n: (-weights[n], n))
    waiting = _drop_doubles(catalogue, waiting, without)
    return waiting[:most], max(0, len(waiting) - most)


def _drop_doubles(catalogue: Catalogue, numbers: list[int], shown: Collection[int]) -> list[int]:
    """Return things without the keyphrases that another concept in the picture has as its name."""
    named = {n for n in (*numbers, *shown) if catalogue.kinds[n] != "Keyphrase"}
    return [
        n
        for n in numbers
        if catalogue.kinds[n] != "Keyphrase" or named.isdisjoint(catalogue.called(catalogue.labels[n]))
    ]


def find_around(catalogue: Catalogue, shown: Collection[int], allowed: Filter, *, most: int = 5) -> list[int]:
    """Return things that hang together with several of those shown, weightiest first: a second ring of the picture."""
    weights: dict[int, float] = defaultdict(float)
    ties: dict[int, int] = defaultdict(int)
    for number in shown:
        if catalogue.count_papers(number) > _COMMON:
            continue
        is_paper = catalogue.kinds[number] == "Paper"
        for role, other in catalogue.ties(number):
            if other not in shown and allowed.allows_role(role):
                weights[other] += _weigh(catalogue, other if is_paper else number)
                ties[other] += 1
    several = [n for n in weights if ties[n] > 1 and allowed.allows(catalogue, n)]
    return _drop_doubles(catalogue, sorted(several, key=lambda n: (-weights[n], n)), shown)[:most]


def describe_node(catalogue: Catalogue, number: int) -> dict[str, object]:
    """Return a thing with its ties, as the picture takes it: number of a role and of a concept; wider concepts."""
    found = catalogue.describe(number)
    if catalogue.kinds[number] == "Paper":
        ties = sorted(catalogue.ties(number), key=lambda tie: (tie[0], -catalogue.count_papers(tie[1]), tie[1]))
        return {**found, "ties": ties[:_TIES]}
    return {**found, "broader": sorted(catalogue.broader.get(number, ()))}


def _weigh(catalogue: Catalogue, concept: int) -> float:
    weight = _KIND_WEIGHTS.get(catalogue.kinds[concept], 0.5)
    return weight * (catalogue.rarity(concept) if catalogue.count_papers(concept) > 1 else 1.0)
