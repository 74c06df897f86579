"""The store of a folder: loaded whole, or made from the one before, and the same either way."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import loading
from kg.store import open_graph

CORPUS = (Path(__file__).parent / "data" / "corpus.ttl").read_bytes()
HEAD, *BLOCKS = CORPUS.rstrip(b"\n").split(b"\n\n")


def make_folder(place: Path, blocks: list[bytes], head: bytes = HEAD) -> Path:
    place.mkdir(parents=True)
    (place / "graph.ttl").write_bytes(b"\n\n".join([head, *blocks]) + b"\n")
    return place


def held(place: Path) -> set[ox.Triple]:
    return {quad.triple for quad in ox.Store.read_only(str(place / "store"))}


def stated(place: Path) -> set[ox.Triple]:
    store = ox.Store()
    store.bulk_load(path=str(place / "graph.ttl"), format=ox.RdfFormat.TURTLE)
    return {quad.triple for quad in store}


def loads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a list that grows when a store is loaded whole."""
    done: list[Path] = []
    whole = loading._load_all

    def load(place: Path, turtle: Path) -> int:
        done.append(place)
        return whole(place, turtle)

    monkeypatch.setattr(loading, "_load_all", load)
    return done


@pytest.fixture
def before(tmp_path: Path) -> Path:
    folder = make_folder(tmp_path / "before", BLOCKS)
    loading.write_store(folder)
    return folder


@pytest.mark.parametrize("size", [1, 7, 100, 1000, 10**6])
def test_a_store_is_loaded_part_by_part(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_PART", size)
    folder = make_folder(tmp_path / "graph", BLOCKS)
    assert loading.write_store(folder) == len(stated(folder))
    assert held(folder) == stated(folder) == {quad.triple for quad in open_graph(folder).store}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("piece", [50, 1 << 20])
def test_a_store_made_from_the_one_before_holds_the_new_graph(
    seed: int, piece: int, before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_PIECE", piece)
    monkeypatch.setattr(loading, "_CHANGED_AT_ONCE", 700)
    whole, rng = loads(monkeypatch), random.Random(seed)
    folders = [before]
    for step in range(2):
        chosen = [block.replace(b"0.9", b"0.8") if rng.random() < 0.1 else block for block in BLOCKS]
        blocks = [block for block in chosen if rng.random() > 0.05]
        folders.append(make_folder(tmp_path / str(step), blocks))
        assert loading.write_store(folders[-1], folders[-2]) == len(stated(folders[-1]))
    assert [held(folder) for folder in folders] == [stated(folder) for folder in folders]
    assert whole == []
    assert sum(log.stat().st_size for folder in folders for log in folder.glob("store/*.log")) < 1000


def test_the_same_graph_again_changes_no_table(before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = loads(monkeypatch)
    again = make_folder(tmp_path / "again", BLOCKS)
    assert loading.write_store(again, before) == len(stated(before))
    assert held(again) == stated(before)
    assert whole == []
    assert {path.stat().st_ino for path in before.glob("store/*.sst")} <= {
        path.stat().st_ino for path in again.glob("store/*.sst")
    }


def write_triple(folder: Path) -> None:
    store = ox.Store(str(folder / "store"))
    store.add(ox.Quad(ox.NamedNode("http://e/a"), ox.NamedNode("http://e/b"), ox.Literal("c")))
    store.flush()


def flip_table(folder: Path) -> None:
    table = max(folder.glob("store/*.sst"), key=lambda path: path.stat().st_size)
    data = bytearray(table.read_bytes())
    data[len(data) // 2] ^= 1
    table.write_bytes(data)


def cut_table(folder: Path) -> None:
    table = max(folder.glob("store/*.sst"), key=lambda path: path.stat().st_size)
    table.write_bytes(table.read_bytes()[:-1])


def change_turtle(folder: Path) -> None:
    text = (folder / "graph.ttl").read_bytes()
    (folder / "graph.ttl").write_bytes(text.replace(b"0.9", b"0.7"))


def cut_turtle(folder: Path) -> None:
    text = (folder / "graph.ttl").read_bytes()
    (folder / "graph.ttl").write_bytes(text[: len(text) // 2])


def another_layout(folder: Path) -> None:
    record = folder / "store" / loading.RECORD
    record.write_text(record.read_text().replace('"layout": 1', '"layout": 0'))


DOUBTS: dict[str, Callable[[Path], object]] = {
    "the store was written to": write_triple,
    "a bit of the store is another": flip_table,
    "a table is cut off": cut_table,
    "the Turtle was changed": change_turtle,
    "the Turtle is cut off": cut_turtle,
    "the record is of another version": another_layout,
    "the record is no JSON": lambda folder: (folder / "store" / loading.RECORD).write_bytes(b"\xff{"),
    "the record is a list": lambda folder: (folder / "store" / loading.RECORD).write_text("[]"),
    "there is no record": lambda folder: (folder / "store" / loading.RECORD).unlink(),
    "there is no store": lambda folder: shutil.rmtree(folder / "store"),
    "there is no Turtle": lambda folder: (folder / "graph.ttl").unlink(),
    "there is nothing": shutil.rmtree,
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_what_is_in_doubt_is_loaded_whole(
    doubt: str, before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    DOUBTS[doubt](before)
    whole = loads(monkeypatch)
    after = make_folder(tmp_path / "after", BLOCKS[:-3])
    assert loading.write_store(after, before) == len(stated(after))
    assert held(after) == stated(after)
    assert whole == [after / "store"]


def test_another_graph_is_loaded_whole(before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = loads(monkeypatch)
    base = b"https://papers.example.com/"
    moved = [block.replace(b"https://kg.example.org/", base) for block in BLOCKS]
    after = make_folder(tmp_path / "after", moved, HEAD.replace(b"https://kg.example.org/", base))
    assert loading.write_store(after, before) == len(stated(after))
    assert held(after) == stated(after)
    assert whole == [after / "store"]
