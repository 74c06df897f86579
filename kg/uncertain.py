"""The statements of a graph that are least certain, so that nobody who asks for them has to look at all."""

from __future__ import annotations

from decimal import Decimal

MOST = 1000
"""How many are kept: more than a person looks through."""


class LeastCertain:
    """Takes statements in any order, and keeps those with the least confidence.

    >>> least = LeastCertain(2)
    >>> for name, confidence in (("x", "0.9"), ("y", "0.5"), ("z", "0.7"), ("a", "0.7")):
    ...     least.add(name, Decimal(confidence))
    >>> least.names()
    ['y', 'a']

    Args:
        most: how many are kept; of those that are equally certain, the ones whose name comes first.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: list[tuple[Decimal, str]] = []
        self._bound = Decimal(1)

    def add(self, name: str, confidence: Decimal) -> None:
        """Take a statement; one that is fully certain (1) is never kept."""
        if confidence > self._bound or confidence == 1:
            return
        self._kept.append((confidence, name))
        if len(self._kept) >= 2 * self._most:
            self._cut()
            self._bound = self._kept[-1][0]

    def names(self) -> list[str]:
        """Return the names of those that are kept, least certain first."""
        self._cut()
        return [name for _, name in self._kept]

    def _cut(self) -> None:
        self._kept = sorted(self._kept)[: self._most]
