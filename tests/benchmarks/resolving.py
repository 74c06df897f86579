"""How resolving and linking alone grow with the number of papers; prints a table in Markdown.

    python -m tests.benchmarks.resolving 1000 10000 100000

The corpora are made by `generate.py` from the papers in `seeds` and stand on disk, papers included, so that memory is
what the steps take. Times are of the processor; each corpus is measured in a process of its own. A million papers take
4 GB of disk.
"""

from __future__ import annotations

import argparse
import gc
import pickle
import shutil
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from kg.mention import Extraction
from kg.records import read_record, write_record
from tests.benchmarks.generate import generate
from tests.benchmarks.measuring import ROOT, Taken, forget_peak, measure, peak_mb
from tests.benchmarks.reporting import table

T = TypeVar("T")

HEAD = ("papers", "concepts", "links", "reading: s", "resolving: s", "MB", "linking: s", "MB", "ms a paper")


class Corpus:
    """Made extractions in a file, in the order of their papers; each walk reads them anew."""

    def __init__(self, folder: Path) -> None:
        self._file, self._starts = folder / "corpus", array("q", (folder / "starts").read_bytes())

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._starts)

    def __iter__(self) -> Iterator[Extraction]:
        """Yield them."""
        with self._file.open("rb") as file:
            for start in self._starts:
                file.seek(start)
                paper, record = pickle.load(file)
                yield read_record(record, paper)


def make_corpus(folder: str, papers: int) -> Callable[[], None]:
    """Write a made corpus, and where its extractions begin in the order of their papers."""
    from kg.extractions import extract_all
    from kg.reading.read import read_papers

    real = list(extract_all(read_papers([str(ROOT / "seeds")]).papers, jobs=None, cache=None))

    def make() -> None:
        starts = []
        with (Path(folder) / "corpus").open("wb") as file:
            for extraction in generate(real, papers):
                starts.append((extraction.paper.id, file.tell()))
                pickle.dump((extraction.paper, write_record(extraction)), file, pickle.HIGHEST_PROTOCOL)
        (Path(folder) / "starts").write_bytes(array("q", (start for _, start in sorted(starts))).tobytes())

    return make


def resolve_and_link(folder: str) -> Callable[[], list[object]]:
    """Walk through a corpus, resolve it and link it: a row of the table."""
    from kg.concepts import resolve_concepts
    from kg.links import find_links

    gc.set_threshold(100_000)  # as `kg` does
    corpus = Corpus(Path(folder))

    def step(work: Callable[[], T]) -> tuple[T, float, int]:
        forget_peak()
        start = time.process_time()
        return work(), time.process_time() - start, int(peak_mb())

    def run() -> list[object]:
        papers, reading, _ = step(lambda: sum(1 for _ in corpus))
        resolution, resolving, resolving_mb = step(lambda: resolve_concepts(corpus))
        links, linking, linking_mb = step(lambda: sum(1 for _ in find_links(resolution)))
        counts = papers, len(resolution.concepts), links
        each = 1000 * (resolving + linking) / papers
        return [*counts, reading, resolving, resolving_mb, linking, linking_mb, each]

    return run


def main() -> None:
    """Make corpora of the sizes given, measure, and print the table."""
    # not the functions of `__main__`, which no other process knows
    from tests.benchmarks.resolving import make_corpus, resolve_and_link

    parser = argparse.ArgumentParser(description="Measure how resolving and linking grow with the number of papers.")
    parser.add_argument("papers", type=int, nargs="*", default=[1000, 10_000])
    rows = []
    for papers in parser.parse_args().papers:
        folder = Path(tempfile.mkdtemp(prefix="kg-bench-"))
        try:
            made = measure(make_corpus, folder, papers, limit_s=1e5)
            taken = measure(resolve_and_link, folder, limit_s=1e5) if isinstance(made, Taken) else made
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        rows.append(taken.answer if isinstance(taken, Taken) else [papers, taken])
        print(table(HEAD, rows), flush=True)


if __name__ == "__main__":
    main()
