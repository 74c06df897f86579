"""Lines of text in order, more of them than memory holds: sorted runs in temporary files, then merged."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

RUN = 1 << 26
"""Characters (and a share for each line) that are sorted in memory at once."""

FILES = 64
"""Runs that are merged at once: each is an open file."""

_LINE = 60


class Sorter:
    """Takes lines, each with its line feed, in any order and yields them in the order of their code points.

    Args:
        folder: where runs are written; the system's place for temporary files if it is not given.
        run: characters after which a run is written.
    """

    def __init__(self, folder: Path | None = None, run: int = RUN) -> None:
        self._folder, self._run = folder, run
        self._lines: list[str] = []
        self._size = 0
        self._files: list[IO[bytes]] = []

    def add(self, line: str) -> None:
        """Take one line."""
        self._lines.append(line)
        self._size += len(line) + _LINE
        if self._size >= self._run:
            self._lines.sort()
            self._write(line.encode() for line in self._lines)
            self._lines, self._size = [], 0

    def __iter__(self) -> Iterator[str]:
        """Yield all lines, once; nothing can be added any more."""
        self._lines.sort()
        if not self._files:
            yield from self._lines
            return
        runs: list[Iterable[bytes]] = [*self._files, (line.encode() for line in self._lines)]
        for line in heapq.merge(*runs):
            yield line.decode()
        for file in self._files:
            file.close()

    def _write(self, lines: Iterable[bytes]) -> None:
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed when all is merged
        file.writelines(lines)
        file.seek(0)
        self._files.append(file)
        if len(self._files) >= FILES:
            runs, self._files = self._files, []
            self._write(heapq.merge(*runs))
            for run in runs:
                run.close()
