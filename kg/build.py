"""The whole way: inputs → papers → extractions → concepts → statements → a folder with the graph."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kg.cache import Say
from kg.concepts import Resolution, resolve_concepts
from kg.decisions import Decision, read_decisions
from kg.errors import UsageError
from kg.extractions import Progress, extract_all, no_progress, say_aloud
from kg.findings import write_json_lines
from kg.folder import check_replaceable, new_folder
from kg.graph import write_graph
from kg.links import find_links
from kg.mention import Extracted
from kg.ontology import BASE_IRI
from kg.reading.read import Problem, read_papers


@dataclass(frozen=True)
class Build:
    """What a build made.

    Attributes:
        folder: where the graph is.
        papers, concepts, triples: how many there are.
        problems: the inputs that could not be read.
        unused: the decisions that met nothing.
        bare: how many papers have no abstract, so that only their titles were read.
    """

    folder: Path
    papers: int
    concepts: int
    triples: int
    problems: tuple[Problem, ...] = ()
    unused: tuple[Decision, ...] = ()
    bare: int = 0


def build_graph(
    inputs: Sequence[str | Path],
    folder: Path = Path("kg-out"),
    *,
    base: str = BASE_IRI,
    merges: Path | None = None,
    keep_going: bool = False,
    stdin: BinaryIO | None = None,
    cache: Path | None = None,
    jobs: int | None = 1,
    cluster: str | None = None,
    progress: Progress[int] = no_progress,
    say: Say = say_aloud,
) -> Build:
    """Build the graph of the papers in `inputs` into `folder`, whole or not at all.

    The folder holds `graph.ttl`, `graph.html`, `store/` (what queries read), `extraction.jsonl` and `merges.tsv`.

    Args:
        inputs: files, folders or "-" for `stdin`.
        folder: replaced at the end; left as it was if anything fails.
        base: base IRI of everything in the graph, absolute, with `/` at its end.
        merges: a file of the user's decisions on what is one concept.
        keep_going: build what can be read and list what cannot.
        stdin: where "-" is read from.
        cache: the folder where kg remembers what it found in papers, or None.
        jobs: how many processes read papers at most; None is one a core.
        cluster: the address of the Ray cluster that runs the processes, see `kg.cluster`; None runs them without Ray.
        progress: shows the way through the papers that have to be read.
        say: takes a line where something is wrong with the cache, or the cluster lets one wait.

    Raises:
        UsageError: an input cannot be read, the folder cannot be written, an argument is wrong; nothing is written.
        KgError: processes that read papers ended too early, or cannot be started.
    """
    check_base(base)
    check_replaceable(folder)
    decisions = read_decisions(merges) if merges else ()
    reading = read_papers(inputs, stdin=stdin, keep_going=keep_going)
    extractions = extract_all(reading.papers, cache=cache, jobs=jobs, cluster=cluster, progress=progress, say=say)
    resolution = resolve_concepts(extractions, decisions)
    with new_folder(folder) as draft:
        triples = write_folder(draft, extractions, resolution, base, folder)
    papers = reading.papers
    bare = sum(not paper.abstract for paper in papers)
    return Build(folder, len(papers), len(resolution.concepts), triples, reading.problems, resolution.unused, bare)


def write_folder(
    folder: Path, extractions: Extracted, resolution: Resolution, base: str, before: Path | None = None
) -> int:
    """Write all files of a graph into an empty folder and return the number of triples.

    Args:
        folder: is empty.
        extractions: what was found in the papers.
        resolution: of their mentions.
        base: of all IRIs.
        before: a folder with an earlier graph, or with none, whose store may be where the new one begins.
    """
    from kg.loading import write_store

    write_turtle_file(folder, extractions, resolution, base)
    write_tables(folder, extractions, resolution)
    triples = write_store(folder, before)
    write_page(folder)
    return triples


def write_turtle_file(folder: Path, extractions: Extracted, resolution: Resolution, base: str) -> None:
    """Write `graph.ttl` into a folder."""
    links = find_links(resolution)
    _write(folder / "graph.ttl", write_graph(extractions, resolution, links, base, folder))


def write_tables(folder: Path, extractions: Extracted, resolution: Resolution) -> None:
    """Write `extraction.jsonl` and `merges.tsv` into a folder."""
    _write(folder / "extraction.jsonl", write_json_lines(extractions, resolution))
    _write(folder / "merges.tsv", _merge_lines(resolution))


def write_page(folder: Path) -> None:
    """Write `graph.html` into a folder with a graph."""
    from kg.network.network import read_network
    from kg.network.page import render_page
    from kg.store import open_graph

    network = read_network(open_graph(folder))
    _write(folder / "graph.html", [render_page(network)])


def check_base(base: str) -> None:
    """Raise `UsageError` unless `base` can stand before the names of things in IRIs."""
    from pyoxigraph import NamedNode

    try:
        NamedNode(base + "paper/x")
        good = re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^#?]*/", base)
    except ValueError:
        good = None
    if not good:
        raise UsageError(f"{base!r} is not a base IRI; give one such as https://example.org/papers/, with / at its end")


def _write(path: Path, pieces: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(pieces)


def _merge_lines(resolution: Resolution) -> Iterator[str]:
    """Yield the user's decisions and then all merges, in the shape that `kg.decisions` reads back."""
    yield "decision\tkind\tform\tother\treason\tconfidence\tpaper\n"
    for d in resolution.decisions:
        yield "\t".join(("together" if d.together else "apart", d.kind, d.form, d.other, "decision", "1", "")) + "\n"
    for m in resolution.merges:
        concept = resolution.concepts[m.concept]
        cells = ("merged", concept.kind, m.form, concept.label, m.reason, f"{m.confidence:g}", m.paper)
        yield "\t".join(re.sub(r"\s+", " ", cell) for cell in cells) + "\n"
