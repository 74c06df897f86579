"""What was found in all papers of a build, as a stream that can be walked through again and again.

It stands in a temporary file, so that memory holds one paper's extraction at a time, however many papers there are.
"""

from __future__ import annotations

import sys
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from kg.cache import Cache, Say, paper_key
from kg.extraction.extract import extract_papers
from kg.mention import Extraction
from kg.paper import Paper
from kg.records import read_record, write_record
from kg.workers import count_workers, extract_side_by_side

T = TypeVar("T")
Progress = Callable[[Sequence[T], str], Iterable[T]]
"""Wraps a sequence so that walking through it is shown, with a word for what is done."""


def no_progress(items: Sequence[T], doing: str) -> Iterable[T]:
    """Show nothing."""
    return items


def say_aloud(line: str) -> None:
    """Write a line to standard error."""
    print(line, file=sys.stderr)


class Extractions:
    """The extractions of papers, in the order of the papers; each walk reads them anew from the file."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self.papers = papers
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the stream
        self._starts, self._sizes = array("q", [-1]) * len(papers), array("q", [0]) * len(papers)
        self._end = 0

    def __len__(self) -> int:
        """Return how many papers there are."""
        return len(self.papers)

    def __iter__(self) -> Iterator[Extraction]:
        """Yield the extraction of each paper."""
        for number, paper in enumerate(self.papers):
            self._file.seek(self._starts[number])
            yield read_record(self._file.read(self._sizes[number]), paper)

    def put(self, number: int, record: bytes) -> None:
        """Keep the record of a paper, by its number."""
        self._file.seek(self._end)
        self._file.write(record)
        self._starts[number], self._sizes[number] = self._end, len(record)
        self._end += len(record)

    def reordered(self, papers: Sequence[Paper], order: Sequence[int]) -> Extractions:
        """Return the same records in another order: of each of the papers, the number that its record has here."""
        other = Extractions(papers)
        other._file, other._end = self._file, self._end
        other._starts = array("q", (self._starts[number] for number in order))
        other._sizes = array("q", (self._sizes[number] for number in order))
        return other

    def missing(self) -> list[int]:
        """Return the numbers of the papers that have no record yet."""
        return [number for number, start in enumerate(self._starts) if start < 0]

    @cached_property
    def keys(self) -> list[bytes]:
        """The keys of the papers in a cache."""
        return [paper_key(paper) for paper in self.papers]


def extract_all(
    papers: Sequence[Paper],
    *,
    cache: Path | None = None,
    jobs: int | None = 1,
    cluster: str | None = None,
    progress: Progress[int] = no_progress,
    say: Say = say_aloud,
) -> Extractions:
    """Return what is found in papers; the same whatever the cache holds, with any number of processes anywhere.

    Args:
        papers: each once.
        cache: the folder where records of papers are kept, or None to keep none.
        jobs: how many processes read papers at most; None is one a core.
        cluster: the address of the Ray cluster that runs the processes, see `kg.cluster`; None runs them without Ray.
        progress: shows the way through the papers that are not in the cache.
        say: takes a line where something is wrong with the cache, or the cluster lets one wait.

    Raises:
        UsageError: the address of the cluster is none.
        KgError: processes that read papers ended too early, or cannot be started.
    """
    found = Extractions(papers)
    if cache is None:
        for number, record in _extract(papers, found.missing(), jobs, cluster, progress, say):
            found.put(number, record)
        return found
    with Cache(cache, say) as known:
        numbers: dict[bytes, list[int]] = {}
        for number, key in enumerate(found.keys):
            numbers.setdefault(key, []).append(number)
        for key, record in known.find(list(numbers)):
            for number in numbers[key]:
                found.put(number, record)
        for number, record in _extract(papers, found.missing(), jobs, cluster, progress, say):
            found.put(number, record)
            known.add(found.keys[number], record)
    return found


def _extract(
    papers: Sequence[Paper],
    wanted: Sequence[int],
    jobs: int | None,
    cluster: str | None,
    progress: Progress[int],
    say: Say,
) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the record of each wanted paper, in the order in which they are done."""
    workers = count_workers(len(wanted), jobs)
    if not wanted or not (workers or cluster):
        walk = map(papers.__getitem__, progress(wanted, "reading papers"))
        for number, extraction in zip(wanted, extract_papers(walk), strict=False):
            yield number, write_record(extraction)
        return
    chosen = [papers[number] for number in wanted]
    if cluster:
        from kg.cluster import extract_on_cluster

        reading = extract_on_cluster(chosen, cluster, jobs, say)
    else:
        reading = extract_side_by_side(chosen, workers)
    with closing(reading) as results:
        for _ in progress(wanted, "reading papers"):
            place, record = next(results)
            yield wanted[place], record
