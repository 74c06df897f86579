"""Papers a second, and where the time goes. Run: python -m tests.benchmarks.speed [INPUT...]

Extracts the papers of the inputs (those in `seeds` by default) in one process of one thread, then in two such processes
at once, and prints processor time an abstract by stage (median) and papers a second by the clock. Plain KeyBERT is
measured beside it where it is installed (`pip install sentence-transformers 'kg[train]'`).
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from kg.extraction import extract, tagger
from kg.paper import Paper
from kg.reading.read import read_papers

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
WARM_UP = 3
STAGES = (
    (tagger, "read_samples", "tokens and spans"),
    (extract, "find_candidates", "noun phrases"),
    (extract, "find_keyphrases", "keyphrases"),
    (extract, "find_results", "results"),
)


def time_stages(papers: list[Paper]) -> dict[str, list[float]]:
    """Return the seconds of processor time that each stage took of each paper."""
    models = extract.Models()
    spent: dict[str, list[float]] = defaultdict(list)

    def timed(function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            started = time.process_time()
            found = function(*args, **options)
            spent[stage].append(time.process_time() - started)
            return found

        return run

    for paper in papers[:WARM_UP]:
        extract.extract_paper(paper, models)
    kept = [(module, name, getattr(module, name)) for module, name, _ in STAGES]
    for module, name, stage in STAGES:
        setattr(module, name, timed(getattr(module, name), stage))
    reader = models.tagger
    reader.read = timed(reader.read, "tagger")  # type: ignore[method-assign]
    whole = timed(extract.extract_paper, "all")
    for paper in papers:
        whole(paper, models)
    for module, name, function in kept:
        setattr(module, name, function)
    spent["network"] = [a - b for a, b in zip(spent.pop("tagger"), spent["tokens and spans"], strict=True)]
    return spent


def extract_all(papers: list[Paper]) -> tuple[float, float]:
    """Extract papers with models of one's own; return when that began and ended, loading left out."""
    models = extract.Models()
    for paper in papers[:WARM_UP]:
        extract.extract_paper(paper, models)
    started = time.time()
    for paper in papers:
        extract.extract_paper(paper, models)
    return started, time.time()


def main() -> None:
    """Print the table and the rates."""
    papers = list(read_papers(sys.argv[1:] or [str(SEEDS)]).papers)
    spent = time_stages(papers)
    print(f"{len(papers)} papers; processor time an abstract, median, in milliseconds:")
    for stage, seconds in sorted(spent.items(), key=lambda item: -statistics.median(item[1])):
        print(f"  {stage:18} {1000 * statistics.median(seconds):6.1f}")
    started, ended = extract_all(papers)
    single = len(papers) / (ended - started)
    print(f"one process:   {single:5.1f} papers a second")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        times = list(pool.map(extract_all, [papers, papers]))
    print(f"two processes: {sum(len(papers) / (ended - started) for started, ended in times):5.1f} papers a second")

    from tests.benchmarks.keyphrases import keybert_plain

    rank = keybert_plain()
    if rank is None:
        print("plain KeyBERT: not installed")
        return
    some = papers[:20]
    rank(some[0].text)
    started = time.time()
    for paper in some:
        rank(paper.text)
    plain = len(some) / (time.time() - started)
    print(f"plain KeyBERT: {plain:5.1f} papers a second, keyphrases only: kg is {single / plain:.1f} times as fast")


if __name__ == "__main__":
    main()
