"""The store of a folder, from its Turtle: loaded whole, or that of the folder before it, changed where the two differ.

Graphs of nearly the same papers are nearly the same lines. Where the folder that is replaced has a store that holds
its Turtle for certain, the new store begins as that one (its large files are shared, not copied), and what stands in
one of the two sorted files only is taken out or put in. Whatever is in doubt is loaded whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.ontology import BASE_IRI
from kg.turtle import SUBJECT_ORDER

RECORD = "kg.json"
"""The file in a store that says which Turtle it holds, and what its files were when it was written."""

WORTH_IT = 0.4
"""The part of the Turtle that may differ; where it is more, loading all is quicker."""

_LAYOUT = 1
_PIECE = 1 << 20
_PART = 1 << 22
_PARTS_AT_ONCE = 3
_CHANGED_AT_ONCE = 1 << 22

_RANKS = {kind: number for number, kind in enumerate(SUBJECT_ORDER)}

Blocks = tuple[bytes, bytes]
"""What an old and a new file say of one subject; empty where a file says nothing of it."""


def write_store(folder: Path, before: Path | None = None) -> int:
    """Make the `store/` of a folder, which holds the `graph.ttl` that kg wrote into it; return the number of triples.

    Args:
        folder: has no `store/` yet.
        before: the folder of an earlier graph, which stays as it is: its store is where the new one begins, if that is
            safe and quicker.
    """
    turtle, place = folder / "graph.ttl", folder / "store"
    record = _change_store(before, place, turtle) if before else None
    if record is None:
        shutil.rmtree(place, ignore_errors=True)
        triples = _load_all(place, turtle)
        record = _Record(_digest(turtle), triples, _digests(place))
    text = json.dumps({"layout": _LAYOUT, **asdict(record)}, indent=1, sort_keys=True)
    (place / RECORD).write_text(text + "\n", encoding="utf-8")
    return record.triples


@dataclass(frozen=True)
class _Record:
    """What a store was when it was written: the SHA-256 of its Turtle, the triples, the SHA-256 of its files."""

    turtle: str
    triples: int
    files: dict[str, str]


def _load_all(place: Path, turtle: Path) -> int:
    """Load a file into a new store: small parts, cut between subjects, several at once.

    What the bulk loader holds in memory grows with the triples it is given at once. It leaves cores idle, so that
    parts side by side are quicker than one after the other, and than the whole file.
    """
    store = ox.Store(str(place))
    with ThreadPoolExecutor(_PARTS_AT_ONCE) as pool:
        waiting = deque[Future[None]]()
        for part in _cut(turtle):
            waiting.append(pool.submit(store.bulk_load, part, format=ox.RdfFormat.TURTLE))
            if len(waiting) > _PARTS_AT_ONCE:
                waiting.popleft().result()
        for loaded in waiting:
            loaded.result()
    store.optimize()
    store.flush()
    return len(store)


def _cut(turtle: Path) -> Iterator[bytes]:
    """Yield the parts of a file, each a file of its own."""
    with turtle.open("rb") as file:
        head = b""
        while (line := file.readline()).startswith(b"@prefix"):
            head += line
        while piece := file.read(_PART):
            rest = bytearray(piece + file.readline())
            while (line := file.readline()) not in (b"\n", b""):
                rest += line
            yield head + rest


def _change_store(before: Path, place: Path, turtle: Path) -> _Record | None:
    """Make a store from that of the folder before, or return None where that is in doubt or not worth it."""
    try:
        stated = json.loads((before / "store" / RECORD).read_text(encoding="utf-8"))
        if stated.pop("layout") != _LAYOUT:
            return None
        known = _Record(**stated)
        _share(before / "store", place)
        if _digests(place) != known.files:
            return None
        old, new = _Turtle(before / "graph.ttl"), _Turtle(turtle)
        if any(old.names.get(name, iri) != iri for name, iri in new.names.items()):
            return None
        triples = _apply(place, old, new, known.triples, WORTH_IT * turtle.stat().st_size)
        if old.digest() != known.turtle:
            return None
        unchanged = {name: digest for name, digest in known.files.items() if name.endswith(".sst")}
        return _Record(new.digest(), triples, _digests(place, unchanged))
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, SyntaxError):
        return None


def _share(source: Path, place: Path) -> None:
    """Make a store of the same content: tables, which are written once, are shared; the rest is copied."""
    place.mkdir()
    for path in _own_files(source):
        if path.suffix == ".sst":
            with suppress(OSError):
                os.link(path, place / path.name)
                continue
        shutil.copyfile(path, place / path.name)


def _own_files(place: Path) -> list[Path]:
    """Return the files that make up the content of a store."""
    names = ("CURRENT", "IDENTITY")
    return sorted(p for p in place.iterdir() if p.suffix in (".sst", ".log") or p.stem.startswith(("MANIFEST", *names)))


def _digests(place: Path, known: dict[str, str] | None = None) -> dict[str, str]:
    return {path.name: (known or {}).get(path.name) or _digest(path) for path in _own_files(place)}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Turtle:
    """A sorted Turtle file that kg wrote, block by block; a block says all of one subject.

    Attributes:
        head: the lines of the prefixes.
        names: the namespace of each prefix.
    """

    def __init__(self, path: Path) -> None:
        self._hash = hashlib.sha256()
        self._walk = self._read(path)
        self.head = next(self._walk, b"") + b"\n"
        self.names: dict[str, str] = {}
        for line in self.head.decode().splitlines():
            name, _, iri = line.removeprefix("@prefix ").removesuffix(" .").partition(": ")
            self.names[name] = iri[1:-1]
        self._base = self.names.get("kg", BASE_IRI + "ontology#").removesuffix("ontology#")

    def __iter__(self) -> Iterator[bytes]:
        """Yield the blocks, once."""
        return self._walk

    def digest(self) -> str:
        """Return the SHA-256 of the file, once all blocks were yielded."""
        return self._hash.hexdigest()

    def place(self, block: bytes) -> tuple[int, str]:
        """Return what the blocks are sorted by."""
        subject = block[: block.index(b" ")].decode()
        name, _, local = subject.partition(":")
        iri = subject[1:-1] if subject[0] == "<" else self.names[name] + local
        kind = iri.removeprefix(self._base).partition("/")[0] if iri.startswith(self._base) else ""
        return _RANKS.get(kind, len(_RANKS)), iri

    def _read(self, path: Path) -> Iterator[bytes]:
        rest = b""
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                self._hash.update(piece)
                *whole, rest = (rest + piece).split(b"\n\n")
                yield from whole
        if rest:
            yield rest.removesuffix(b"\n")


def find_differences(old: _Turtle, new: _Turtle) -> Iterator[Blocks]:
    """Yield the blocks of two files that are not the same; blocks about one subject together."""
    olds, news = iter(old), iter(new)
    one, other = next(olds, b""), next(news, b"")
    while one or other:
        if one == other:
            one, other = next(olds, b""), next(news, b"")
            continue
        both = bool(one and other) and one[: one.index(b" ")] == other[: other.index(b" ")]
        goes = not both and bool(one) and (not other or old.place(one) < new.place(other))
        yield one if both or goes else b"", b"" if goes else other
        if both or goes:
            one = next(olds, b"")
        if not goes:
            other = next(news, b"")


def _apply(place: Path, old: _Turtle, new: _Turtle, known: int, most: float) -> int:
    """Change a store that holds the old file's triples, `known` many, to hold the new one's; return their number."""
    store, graph = ox.Store(str(place)), ox.DefaultGraph()
    size = 0
    for parcel in _parcels(find_differences(old, new)):
        size += sum(len(after) for _, after in parcel)
        if size > most:
            raise ValueError("too much differs")
        gone = _parse(old.head, (before for before, _ in parcel))
        come = _parse(new.head, (after for _, after in parcel))
        for triple in gone - come:
            store.remove(ox.Quad(triple.subject, triple.predicate, triple.object, graph))
        store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in come - gone)
        known += len(come) - len(gone)
    del store
    store = ox.Store(str(place))  # what was taken out stood in a log; opened again, it stands in tables, as all else
    if len(store) != known:
        raise ValueError("the store was not what its record said")
    return known


def _parcels(differences: Iterable[Blocks]) -> Iterator[list[Blocks]]:
    parcel, size = list[Blocks](), 0
    for before, after in differences:
        parcel.append((before, after))
        size += len(before) + len(after)
        if size >= _CHANGED_AT_ONCE:
            yield parcel
            parcel, size = [], 0
    if parcel:
        yield parcel


def _parse(head: bytes, blocks: Iterable[bytes]) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(head + b"\n".join(blocks), format=ox.RdfFormat.TURTLE)}
