"""Records that are grouped by key, looked up by key or walked through again: in memory while few, else on disk.

Every step over all papers is written as map, shuffle and reduce (Dean and Ghemawat, "MapReduce: simplified data
processing on large clusters", OSDI 2004): a function makes records of a part of the papers, a shuffle brings together
those with one key, and a function reduces each group by itself. What a reduction gives depends on its group alone, so
that parts and groups may be worked on in any order and anywhere; here one process does so, with sorted runs on disk.
"""

from __future__ import annotations

import heapq
import pickle
import tempfile
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Generic, TypeVar

RUN = 1 << 16
"""Records that a shuffle holds in memory before it writes them."""

BLOCK = 256
"""Records that are written and read at once."""

R = TypeVar("R")
V = TypeVar("V")


class _Blocks(Generic[R]):
    """Lists of records in a temporary file."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the blocks
        self._starts = array("q", [0])

    def __len__(self) -> int:
        return len(self._starts) - 1

    def put(self, records: list[R]) -> None:
        data = pickle.dumps(records, pickle.HIGHEST_PROTOCOL)
        self._file.seek(self._starts[-1])
        self._file.write(data)
        self._starts.append(self._starts[-1] + len(data))

    def get(self, number: int) -> list[R]:
        start, end = self._starts[number : number + 2]
        self._file.seek(start)
        found: list[R] = pickle.loads(self._file.read(end - start))  # noqa: S301 - from a file of our own
        return found

    def walk(self, first: int, end: int) -> Iterator[R]:
        for number in range(first, end):
            yield from self.get(number)


class Records(Generic[R]):
    """Records in the order in which they were added, which can be walked through again and again.

    Args:
        held: about how many are held in memory before they are written; `RUN` if it is not given.
        block: how many are written and read at once.
    """

    def __init__(self, held: int | None = None, block: int = BLOCK) -> None:
        self._held, self._block = max((held or RUN) // block, 1) * block, block
        self._last: list[R] = []
        self._blocks: _Blocks[R] | None = None

    def append(self, record: R) -> None:
        """Add a record."""
        if len(self._last) == self._held:
            self._blocks = self._blocks or _Blocks()
            for start in range(0, self._held, self._block):
                self._blocks.put(self._last[start : start + self._block])
            self._last = []
        self._last.append(record)

    def __len__(self) -> int:
        """Return how many there are."""
        return self._block * len(self._blocks or ()) + len(self._last)

    def __iter__(self) -> Iterator[R]:
        """Yield them."""
        if self._blocks:
            yield from self._blocks.walk(0, len(self._blocks))
        yield from self._last

    def block(self, number: int) -> list[R]:
        """Return the block of that number."""
        written = len(self._blocks or ())
        if self._blocks and number < written:
            return self._blocks.get(number)
        start = (number - written) * self._block
        return self._last[start : start + self._block]


class Shuffle(Generic[V]):
    """Takes values with a key, in any order, and yields each key once with all its values.

    Args:
        run: how many values are held in memory before they are sorted and written; `RUN` if it is not given.
    """

    def __init__(self, run: int | None = None) -> None:
        self._run = run or RUN
        self._pairs: list[tuple[str, V]] = []
        self._blocks: _Blocks[tuple[str, V]] | None = None
        self._runs: list[int] = []

    def add(self, key: str, value: V) -> None:
        """Take a value."""
        self._pairs.append((key, value))
        if len(self._pairs) >= self._run:
            self._blocks = self._blocks or _Blocks()
            self._runs.append(len(self._blocks))
            self._pairs.sort(key=itemgetter(0))
            for start in range(0, len(self._pairs), BLOCK):
                self._blocks.put(self._pairs[start : start + BLOCK])
            self._pairs = []

    def groups(self) -> Iterator[tuple[str, list[V]]]:
        """Yield each key once, with its values, both in any order; nothing can be added any more."""
        return self.in_order()

    def in_order(self) -> Iterator[tuple[str, list[V]]]:
        """Yield the groups in the order of the code points of their keys, values in any order."""
        pairs, self._pairs = self._pairs, []
        pairs.sort(key=itemgetter(0))
        merged: Iterable[tuple[str, V]] = pairs
        if self._blocks:
            ends = [*self._runs[1:], len(self._blocks)]
            runs = [self._blocks.walk(first, end) for first, end in zip(self._runs, ends, strict=True)]
            merged = heapq.merge(*runs, pairs, key=itemgetter(0))
        for key, group in groupby(merged, key=itemgetter(0)):
            yield key, [value for _, value in group]


class Table(Mapping[str, V]):
    """Values under keys, which are given in ascending order; what was asked for lately is remembered.

    Args:
        held: about how many are held in memory before they are written; `RUN` if it is not given.
        block: how many are read at once to find one.
    """

    def __init__(self, held: int | None = None, block: int = 8) -> None:
        self._pairs: Records[tuple[str, V]] = Records(held, block)
        self._block = block
        self._firsts: list[str] = []
        self._known: dict[str, V | None] = {}

    def append(self, key: str, value: V) -> None:
        """Add a value, under a key that comes after all others."""
        if len(self._pairs) % self._block == 0:
            self._firsts.append(key)
        self._pairs.append((key, value))

    def __getitem__(self, key: str) -> V:
        """Return the value under a key."""
        value = self.look_up(key)
        if value is None:
            raise KeyError(key)
        return value

    def look_up(self, key: str) -> V | None:
        """Return the value under a key, or None; faster than `get`."""
        try:
            return self._known[key]
        except KeyError:
            pass
        if len(self._known) >= RUN:
            self._known.clear()
        number = bisect_right(self._firsts, key) - 1
        pairs = self._pairs.block(number) if number >= 0 else ()
        value = self._known[key] = next((value for other, value in pairs if other == key), None)
        return value

    def __iter__(self) -> Iterator[str]:
        """Yield the keys in ascending order."""
        return (key for key, _ in self._pairs)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._pairs)

    def pairs(self) -> Iterator[tuple[str, V]]:
        """Yield keys and values in ascending order."""
        return iter(self._pairs)
