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

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
TEXT = """\
The steps of `kg build` after the papers are read, on made corpora. All steps of a corpus run one after the other in
one process; MB is the most memory during the step, with what earlier steps left in it; disk is what the step leaves
there. "generate" stands for the reading of the papers, which is measured above: it makes their extractions.

"""


def build_steps(folder: str, papers: int) -> Callable[[], object]:
    """All steps, each with its seconds, processor time, memory and disk."""
    import os

    from kg.build import _write
    from kg.concepts import resolve_concepts
    from kg.extractions import extract_all
    from kg.graph import write_graph
    from kg.links import find_links
    from kg.loading import write_store
    from kg.ontology import BASE_IRI
    from kg.reading.read import read_papers
    from tests.benchmarks.generate import generate_stream

    real = list(extract_all(read_papers([str(ROOT / "seeds")]).papers, jobs=None, cache=None))
    out = Path(folder)
    steps: list[dict[str, Any]] = []

    def step(name: str, work: Callable[[], T], disk: Callable[[T], float | None]) -> T:
        forget_peak()
        start, cpu = time.perf_counter(), processor_seconds(os.getpid())
        done = work()
        taken = time.perf_counter() - start, processor_seconds(os.getpid()) - cpu, peak_mb()
        steps.append(dict(zip(("step", "seconds", "processor", "MB", "disk"), (name, *taken, disk(done)), strict=True)))
        return done

    def run() -> object:
        made = step("generate", lambda: generate_stream(real, papers), lambda made: sum(made._sizes) / 1e6)
        resolution = step("resolve", lambda: resolve_concepts(made), lambda _: None)
        links = step("link", lambda: list(find_links(made, resolution)), lambda _: None)
        graph = lambda: _write(out / "graph.ttl", write_graph(made, resolution, links, BASE_IRI, out))  # noqa: E731
        step("write Turtle", graph, lambda _: size_of(out / "graph.ttl") / 1e6)
        triples = step("load", lambda: write_store(out), lambda _: size_of(out / "store") / 1e6)
        return {"steps": steps, "triples": triples, "concepts": len(resolution.concepts), "links": len(links)}

    return run


def write_growth(most: int, limit_s: float = 4 * 3600, sizes: Sequence[int] = SIZES) -> str:
    """Return the section on growth, of corpora with up to `most` papers."""
    rows: list[list[object]] = []
    left_out = ""
    for papers in sizes:
        if papers > most:
            left_out += f"- {papers:,} papers: left out; `--papers {papers}` measures them.\n"
            continue
        folder = Path(tempfile.mkdtemp(prefix="kg-bench-"))
        try:
            taken = measure(build_steps, folder, papers, limit_s=limit_s)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(f"  {papers} papers: {taken if isinstance(taken, str) else f'{taken.seconds:.1f} s'}", flush=True)
        if not isinstance(taken, Taken):
            left_out += f"- {papers:,} papers: {taken}.\n"
            continue
        answer = taken.answer
        for number, step in enumerate(answer["steps"]):
            rate = papers / step["seconds"]
            counts = [papers, answer["triples"]] if not number else [None, None]
            mb, disk = int(step["MB"]), step["disk"]
            rows.append([*counts, step["step"], step["seconds"], step["processor"], rate, mb, disk])
        whole = sum(step["seconds"] for step in answer["steps"])
        cpu = sum(step["processor"] for step in answer["steps"])
        most_mb = int(max(step["MB"] for step in answer["steps"]))
        rows.append([None, None, "**all**", whole, cpu, papers / whole, most_mb, None])
    head = ["papers", "triples", "step", "seconds", "processor", "papers a second", "MB", "disk in MB"]
    return TEXT + table(head, rows) + (f"\n{left_out}" if left_out else "")
