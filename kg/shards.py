"""A graph as several files of lines, which bulk loaders read side by side."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

from kg.errors import UsageError
from kg.export import Format, export_graph
from kg.folder import write_whole
from kg.store import OpenGraph

_ENDINGS: dict[Format, str] = {"ntriples": ".nt", "nquads": ".nq"}


def write_shards(graph: OpenGraph, to: Format, folder: str, count: int, compressed: bool = False) -> tuple[Path, ...]:
    """Write the triples into `count` files of a new or empty folder, and return them, in order.

    The files are `graph-0001.nq` and so on (`.nq.gz` where compressed), as long as each other to a line, and together
    what `export_graph` yields; the same graph gives the same bytes.

    Raises:
        UsageError: the format is not one of lines, or the folder holds something or cannot be written.
    """
    place = Path(folder)
    if to not in _ENDINGS:
        raise UsageError(f"{to} cannot be cut into files; give -f ntriples or -f nquads")
    if folder == "-":
        raise UsageError("shards are files; give a folder with -o")
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise UsageError(f"{place} is not an empty folder; choose another one with -o")
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{place} cannot be written ({error.strerror}); choose another folder with -o") from error
    lines = list(export_graph(graph, to))
    paths = []
    for number in range(count):
        part = lines[len(lines) * number // count : len(lines) * (number + 1) // count]
        path = place / f"graph-{number + 1:04}{_ENDINGS[to]}{'.gz' if compressed else ''}"
        write_whole(path, _pack(part, compressed))
        paths.append(path)
    return tuple(paths)


def _pack(lines: list[bytes], compressed: bool) -> Iterator[bytes]:
    yield gzip.compress(b"".join(lines), mtime=0) if compressed else b"".join(lines)
