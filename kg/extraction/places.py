"""Things of a text found by where they stand, without a walk through all of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Places(Generic[T]):
    """Things with a half-open range of a text each.

    Args:
        things: in any order.
        place: gives the range of one, as offsets.
    """

    def __init__(self, things: Iterable[T], place: Callable[[T], tuple[int, int]]) -> None:
        self._things = sorted(things, key=place)
        self._place = place
        places = [place(thing) for thing in self._things]
        self._starts = [start for start, _ in places]
        self._reach = list(accumulate((end for _, end in places), max))

    def beginning(self, start: int, end: int) -> list[T]:
        """Return the things that begin in [start, end), in text order.

        >>> Places([(4, 9), (0, 6)], lambda pair: pair).beginning(0, 4)
        [(0, 6)]
        """
        return self._things[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def meeting(self, start: int, end: int) -> list[T]:
        """Return the things that have a character in [start, end), in text order.

        >>> Places([(4, 9), (0, 6), (6, 7)], lambda pair: pair).meeting(5, 6)
        [(0, 6), (4, 9)]
        """
        first, last = bisect_right(self._reach, start), bisect_left(self._starts, end)
        return [thing for thing in self._things[first:last] if self._place(thing)[1] > start]
