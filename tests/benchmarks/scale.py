"""Turtle, loading and questions against the libraries that do the same, in one run; prints a table in Markdown.

    python tests/benchmarks/scale.py [PAPERS] [-o docs/benchmarks.md]

The corpus is made by `generate.py` from the papers in `seeds`. Times are of the processor, all threads together, so
that other work on the machine changes them little; each step runs once, in a process of its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

HEAD = """# How fast

`make bench` writes this page. The corpus is made by `tests/benchmarks/generate.py` from the papers in
`seeds/`: their names are replaced by names drawn as real papers draw them. Seconds are of the processor, all threads
together; a ratio above 1 says that kg is the faster. Memory is the most that the process of the step has had.

"""


def make_corpus(folder: Path, papers: int) -> int:
    """Write the graph of a made corpus without its page, and return its triples."""
    from kg.build import write_turtle_file
    from kg.concepts import resolve_concepts
    from kg.extractions import extract_all
    from kg.ontology import BASE_IRI
    from kg.reading.read import read_papers
    from tests.benchmarks.generate import generate_stream

    real = list(extract_all(read_papers([ROOT / "seeds"]).papers, jobs=None, cache=None))
    made = generate_stream(real, papers)
    write_turtle_file(folder, made, resolve_concepts(made), BASE_IRI)
    return sum(1 for _ in _quads(folder))


def _quads(folder: Path):  # type: ignore[no-untyped-def]
    from pyoxigraph import RdfFormat, parse

    return parse(path=str(folder / "graph.ttl"), format=RdfFormat.TURTLE)


def load_kg(folder: Path) -> Callable[[], object]:
    """kg's loading of a store on disk."""
    from kg.loading import write_store

    return lambda: write_store(folder)


def load_pyoxigraph(folder: Path) -> Callable[[], object]:
    """The bulk loader of pyoxigraph, given the whole file."""
    from pyoxigraph import RdfFormat, Store

    store = Store(str(folder / "whole"))
    return lambda: store.bulk_load(path=str(folder / "graph.ttl"), format=RdfFormat.TURTLE)


def load_rdflib(folder: Path) -> Callable[[], object]:
    """The parser and the store (in memory) of rdflib."""
    import rdflib

    return lambda: rdflib.Graph().parse(folder / "graph.ttl")


def write_kg(folder: Path) -> Callable[[], object]:
    """kg's sorted Turtle."""
    from kg.turtle import write_turtle

    triples = [quad.triple for quad in _quads(folder)]
    return lambda: sum(map(len, write_turtle(triples)))


def write_pyoxigraph(folder: Path) -> Callable[[], object]:
    """pyoxigraph's Turtle, in the order given."""
    from pyoxigraph import RdfFormat, serialize

    from kg.ontology import prefixes

    triples = [quad.triple for quad in _quads(folder)]
    return lambda: serialize(triples, format=RdfFormat.TURTLE, prefixes=prefixes())


def write_rdflib(folder: Path) -> Callable[[], object]:
    """rdflib's Turtle, sorted."""
    import rdflib

    graph = rdflib.Graph().parse(folder / "graph.ttl")
    return lambda: graph.serialize(format="turtle")


def ask_kg(folder: Path) -> Callable[[], object]:
    """All questions that need no name of a thing, on the store."""
    from kg.asking.questions import ask_question, list_questions
    from kg.store import open_graph

    graph = open_graph(folder)
    questions = [q for q in list_questions() if not any(p.node for p in q.parameters)]
    return lambda: [ask_question(graph, q, time_limit_s=None) for q in questions]


STEPS: tuple[tuple[str, tuple[tuple[str, Callable[[Path], Callable[[], object]]], ...]], ...] = (
    (
        "load a store",
        (("kg", load_kg), ("pyoxigraph, bulk loader", load_pyoxigraph), ("rdflib, in memory", load_rdflib)),
    ),
    ("write Turtle", (("kg, sorted", write_kg), ("pyoxigraph, unsorted", write_pyoxigraph), ("rdflib", write_rdflib))),
    ("ask the questions that name nothing", (("kg", ask_kg),)),
)


def measure(prepare: Callable[[Path], Callable[[], object]], folder: Path) -> tuple[float, int]:
    """Return seconds of processor time that the work takes, without its preparation, and peak memory in MB."""
    from tests.benchmarks.generate import peak_mb

    work = prepare(folder)
    start = time.process_time()
    work()
    return time.process_time() - start, peak_mb()


def main() -> None:
    """Measure, and print or write the page."""
    parser = argparse.ArgumentParser(description="Measure kg against the libraries that do the same.")
    parser.add_argument("papers", type=int, nargs="?", default=300)
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kg-bench-"))
    alone = multiprocessing.get_context("spawn")
    try:
        triples = make_corpus(folder, given.papers)
        lines = [f"{given.papers} papers, {triples} triples", ""]
        lines += ["| step | by | seconds | triples a second | memory in MB | ratio |", "|---|---|---|---|---|---|"]
        for step, rivals in STEPS:
            own = 0.0
            for name, prepare in rivals:
                with ProcessPoolExecutor(1, mp_context=alone) as pool:
                    seconds, memory = pool.submit(measure, prepare, folder).result()
                own = own or seconds
                ratio = f"{seconds / own:.1f}" if seconds != own else ""
                rate = "" if prepare is ask_kg else f"{triples / seconds:.0f}"
                lines.append(f"| {step} | {name} | {seconds:.2f} | {rate} | {memory} | {ratio} |")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    page = HEAD + "\n".join(lines) + "\n"
    if given.output:
        given.output.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
