"""Texts in order, more of them than memory holds: sorted runs in temporary files, then merged."""

from __future__ import annotations

import heapq
import marshal
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from sys import getsizeof

RUN = 1 << 25
"""Bytes of memory whose texts are sorted at once."""

FILES = 64
"""Runs that are merged at once: each is an open file, and has a parcel in memory."""

PARCEL = 1 << 18
"""Bytes of memory whose texts are written and read back at once."""


class Sorter:
    """Takes texts in any order and yields them in the order of their code points.

    Args:
        folder: where runs are written; the system's place for temporary files if it is not given.
        run: bytes of memory after which a run is written.
    """

    def __init__(self, folder: Path | None = None, run: int = RUN) -> None:
        self._folder, self._run = folder, run
        self._texts: list[str] = []
        self._size = 0
        self._runs: list[_Run] = []

    def add(self, text: str) -> None:
        """Take one text."""
        self._texts.append(text)
        self._size += getsizeof(text)
        if self._size >= self._run:
            self._texts.sort()
            self._runs.append(_Run(self._texts, self._folder))
            self._texts, self._size = [], 0
            if len(self._runs) >= FILES:
                self._runs = [_Run(heapq.merge(*self._runs), self._folder)]

    def __iter__(self) -> Iterator[str]:
        """Yield all texts, once; nothing can be added any more."""
        self._texts.sort()
        return heapq.merge(*self._runs, self._texts) if self._runs else iter(self._texts)


class _Run:
    """Sorted texts in a file, parcel by parcel; they are read back once."""

    def __init__(self, texts: Iterable[str], folder: Path | None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed when all is read
        self._sizes = array("q")
        parcel, size = list[str](), 0
        for text in texts:
            parcel.append(text)
            size += getsizeof(text)
            if size >= PARCEL:
                self._write(parcel)
                parcel, size = [], 0
        self._write(parcel)
        self._file.seek(0)

    def _write(self, parcel: list[str]) -> None:
        self._sizes.append(self._file.write(marshal.dumps(parcel, 2)))  # version 2 looks for no doubles

    def __iter__(self) -> Iterator[str]:
        for size in self._sizes:
            yield from marshal.loads(self._file.read(size))  # noqa: S302 - this process wrote it
        self._file.close()
