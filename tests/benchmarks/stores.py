"""Turtle and stores: kg beside pyoxigraph, rdflib, Jena and Virtuoso, on a made corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks import servers
from tests.benchmarks.measuring import ROOT, Taken, count_cores, run_quietly
from tests.benchmarks.reporting import Peer, compare, compared, table

TURTLE = """\
Writing a graph of {papers:,} made papers ({triples:,} triples) as Turtle; the triples are in memory, but for riot,
which reads them from N-Triples first. The corpus is made from the papers in `seeds/` by
`tests/benchmarks/generate.py`: names are replaced by names drawn as real papers draw them (a Pitman-Yor process, so
that counts follow Zipf's law). kg and rdflib sort, so that the same graph gives the same file.

"""

LOADING = """\
Loading the same graph. kg, pyoxigraph and rdflib read Turtle, the servers N-Triples, in a file a core. rdflib keeps
it in memory; the others write to disk. Jena's seconds have the start of Java in them, here and above; a server is
started before ("ready").

"""

PART = "part-{}.nt"


def make_corpus(folder: Path, papers: int) -> int:
    """Write the graph of a made corpus as Turtle and as N-Triples in a file a core, and return its triples."""
    from kg.build import write_turtle_file
    from kg.concepts import resolve_concepts
    from kg.extractions import extract_all
    from kg.ontology import BASE_IRI
    from kg.reading.read import read_papers
    from tests.benchmarks.generate import generate_stream

    real = list(extract_all(read_papers([str(ROOT / "seeds")]).papers, jobs=None, cache=None))
    made = generate_stream(real, papers)
    write_turtle_file(folder, made, resolve_concepts(made), BASE_IRI)
    files = [(folder / PART.format(number)).open("w", encoding="utf-8") for number in range(count_cores())]
    count = 0
    for quad in _quads(folder):
        files[count % len(files)].write(f"{quad.triple} .\n")
        count += 1
    for file in files:
        file.close()
    return count


def _quads(folder: Path) -> Iterator[Any]:
    from pyoxigraph import RdfFormat, parse

    return iter(parse(path=str(folder / "graph.ttl"), format=RdfFormat.TURTLE))


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files under a folder, as far as they take up disk."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(min(file.stat().st_size, file.stat().st_blocks * 512) for file in files)


def with_size(work: Callable[[], object], folder: Path) -> Callable[[], object]:
    """Return work that returns the MB it left in a folder."""

    def run() -> object:
        work()
        return {"disk": size_of(folder) / 1e6}

    return run


def load_kg(folder: str) -> Callable[[], object]:
    """kg's loading of a store on disk."""
    from kg.loading import write_store

    return with_size(partial(write_store, Path(folder)), Path(folder) / "store")


def load_pyoxigraph(folder: str) -> Callable[[], object]:
    """The bulk loader of pyoxigraph, given the whole file."""
    from pyoxigraph import RdfFormat, Store

    store = Store(f"{folder}/whole")

    def load() -> None:
        store.bulk_load(path=f"{folder}/graph.ttl", format=RdfFormat.TURTLE)
        store.flush()

    return with_size(load, Path(folder) / "whole")


def load_rdflib(folder: str) -> Callable[[], object]:
    """The parser and the store (in memory) of rdflib."""
    import rdflib

    def load() -> object:
        rdflib.Graph().parse(f"{folder}/graph.ttl")
        return {"disk": None}

    return load


def load_jena(folder: str) -> Callable[[], object]:
    """The bulk loader of Jena's TDB2."""
    parts = sorted(Path(folder).glob(PART.format("*")))
    command = servers.jena_command("tdb2.tdbloader", "--loc", Path(folder) / "tdb2", *parts)
    return with_size(lambda: run_quietly(command), Path(folder) / "tdb2")


def load_virtuoso(folder: str) -> Callable[[], object]:
    """Virtuoso's bulk loader, a loader a core, and the checkpoint after it."""
    server = servers.Virtuoso(Path(folder) / "virtuoso")
    return with_size(lambda: server.load(Path(folder), PART.format("%")), Path(folder) / "virtuoso")


def write_kg(folder: str) -> Callable[[], object]:
    """kg's sorted Turtle."""
    from kg.turtle import write_turtle

    triples = [quad.triple for quad in _quads(Path(folder))]
    return lambda: sum(map(len, write_turtle(triples)))


def write_pyoxigraph(folder: str) -> Callable[[], object]:
    """pyoxigraph's Turtle, in the order given."""
    from pyoxigraph import RdfFormat, serialize

    from kg.ontology import prefixes

    triples = [quad.triple for quad in _quads(Path(folder))]
    return lambda: len(serialize(triples, format=RdfFormat.TURTLE, prefixes=prefixes()) or b"")


def write_rdflib(folder: str) -> Callable[[], object]:
    """rdflib's Turtle, sorted."""
    import rdflib

    graph = rdflib.Graph().parse(f"{folder}/graph.ttl")
    return lambda: len(graph.serialize(format="turtle"))


def write_jena(folder: str) -> Callable[[], object]:
    """Jena's riot: N-Triples to Turtle."""
    parts = sorted(Path(folder).glob(PART.format("*")))
    command = servers.jena_command("riotcmd.riot", "--formatted=turtle", *parts)
    return lambda: len(run_quietly(command))


def write_turtle_section(folder: Path, papers: int, triples: int) -> str:
    """Return the section on Turtle."""
    peers = (
        ("kg, sorted", write_kg),
        ("pyoxigraph, unsorted", write_pyoxigraph),
        ("rdflib, sorted", write_rdflib),
        ("Jena riot, with reading", write_jena),
    )
    found = compare([Peer(name, step, (folder,), triples) for name, step in peers])
    return TURTLE.format(papers=papers, triples=triples) + compared("triples", found)


def write_loading_section(folder: Path, triples: int) -> str:
    """Return the section on loading, and on size on disk."""
    peers = (
        ("kg", load_kg),
        ("pyoxigraph, bulk loader", load_pyoxigraph),
        ("rdflib, in memory", load_rdflib),
        ("Jena TDB2", load_jena),
        ("Virtuoso", load_virtuoso),
    )
    found = compare([Peer(name, step, (folder,), triples) for name, step in peers])
    sizes: list[tuple[str, float]] = [("graph.ttl", size_of(folder / "graph.ttl") / 1e6)]
    sizes.append(("N-Triples", sum(map(size_of, folder.glob(PART.format("*")))) / 1e6))
    for peer, taken in found:
        if isinstance(taken, Taken) and taken.answer["disk"]:
            sizes.append((f"store of {peer.name}", taken.answer["disk"]))
    rows = [(name, mb, mb * 1e6 / triples) for name, mb in sizes]
    return LOADING + compared("triples", found) + "\nOn disk:\n\n" + table(["what", "MB", "bytes a triple"], rows)
