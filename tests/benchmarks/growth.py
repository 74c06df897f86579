"""How the steps after extraction grow with the corpus, from a hundred papers to a million."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from tests.benchmarks.measuring import ROOT, Taken, forget_peak, measure, peak_mb, processor_seconds
from tests.benchmarks.reporting import table
from tests.benchmarks.stores import size_of

T = TypeVar("T")

ROOM = 1.6
"""How much more than Turtle and store the disk needs: for what is sorted."""

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
TEXT = """\
The steps of `kg build` after the papers are read, on made corpora. All steps of a corpus run one after the other in
one process; MB is the most memory during the step, with what earlier steps left in it; disk is what the step leaves
there. "generate" stands for the reading of the papers, which is measured above: it makes their extractions. "write
Turtle" finds the links once more, as a build does, which keeps none of them.

"""


def build_steps(folder: str, papers: int, on_disk: bool) -> Callable[[], object]:
    """All steps, or those before the disk; each with its seconds, processor time, memory and disk."""
    import os

    from kg.build import write_turtle_file
    from kg.concepts import resolve_concepts
    from kg.extractions import extract_all
    from kg.links import find_links
    from kg.loading import write_store
    from kg.ontology import BASE_IRI
    from kg.reading.read import read_papers
    from tests.benchmarks.generate import generate_stream

    real = list(extract_all(read_papers([str(ROOT / "seeds")]).papers, jobs=None, cache=None))
    out = Path(folder)
    steps: list[dict[str, Any]] = []

    def step(name: str, work: Callable[[], T], disk: Path | None = None) -> T:
        forget_peak()
        start, cpu = time.perf_counter(), processor_seconds(os.getpid())
        done = work()
        seconds, cpu = time.perf_counter() - start, processor_seconds(os.getpid()) - cpu
        taken = (name, seconds, cpu, peak_mb(), size_of(disk) / 1e6 if disk else None)
        steps.append(dict(zip(("step", "seconds", "processor", "MB", "disk"), taken, strict=True)))
        return done

    def run() -> object:
        made = step("generate", lambda: generate_stream(real, papers))
        resolution = step("resolve", lambda: resolve_concepts(made))
        links = step("link", lambda: sum(1 for _ in find_links(resolution)))
        counts = {"concepts": len(resolution.concepts), "links": links, "triples": None}
        if on_disk:
            turtle = out / "graph.ttl"
            step("write Turtle", lambda: write_turtle_file(out, made, resolution, BASE_IRI), turtle)
            counts["triples"] = step("load", lambda: write_store(out), out / "store")
        return {"steps": steps, **counts}

    return run


def write_growth(most: int, limit_s: float = 4 * 3600, sizes: Sequence[int] = SIZES) -> str:
    """Return the section on growth, of corpora with up to `most` papers."""
    rows: list[list[object]] = []
    left_out = ""
    mb_a_paper = 0.0
    for papers in sizes:
        if papers > most:
            left_out += f"- {papers:,} papers: left out; `--papers {papers}` measures them.\n"
            continue
        folder = Path(tempfile.mkdtemp(prefix="kg-bench-"))
        free = shutil.disk_usage(folder).free / 1e6
        on_disk = mb_a_paper * papers * ROOM < free
        try:
            taken = measure(build_steps, folder, papers, on_disk, limit_s=limit_s)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(f"  {papers} papers: {taken if isinstance(taken, str) else f'{taken.seconds:.1f} s'}", flush=True)
        if not isinstance(taken, Taken):
            left_out += f"- {papers:,} papers: {taken}.\n"
            continue
        if on_disk:
            mb_a_paper = sum(step["disk"] or 0 for step in taken.answer["steps"]) / papers
        else:
            needed = mb_a_paper * papers * ROOM / 1000
            left_out += f"- {papers:,} papers: Turtle and store left out, for {needed:.0f} GB are not free on disk.\n"
        rows += _rows(papers, taken.answer)
    head = ["papers", "triples", "step", "seconds", "processor", "papers a second", "MB", "disk in MB"]
    return TEXT + table(head, rows) + (f"\n{left_out}" if left_out else "")


def _rows(papers: int, answer: dict[str, Any]) -> list[list[object]]:
    steps = answer["steps"]
    counts: list[object] = [papers, answer["triples"]]
    rows: list[list[object]] = []
    for step in steps:
        rate = papers / step["seconds"]
        rows.append([*counts, step["step"], step["seconds"], step["processor"], rate, int(step["MB"]), step["disk"]])
        counts = [None, None]
    seconds, cpu = (sum(step[key] for step in steps) for key in ("seconds", "processor"))
    most_mb = int(max(step["MB"] for step in steps))
    return [*rows, [None, None, "**all**", seconds, cpu, papers / seconds, most_mb, None]]
