"""What was found in papers is remembered, and nothing that the memory holds is believed unseen."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from kg.cache import BATCH, KEPT, Cache, extraction_version, find_cache_folder, paper_key
from kg.extractions import Extractions, extract_all
from kg.paper import Paper
from kg.records import RecordError, read_record, write_record
from tests.corpus import PAPERS, extractions
from tests.test_layers import MODULES, imports

ROOT = Path(__file__).parent.parent
RECORDS = {paper_key(e.paper): write_record(e) for e in extractions()}


def filled(folder: Path) -> Path:
    """Return the one file of a cache that holds the records of the corpus."""
    with Cache(folder, pytest.fail, "v1") as cache:
        for key, record in RECORDS.items():
            cache.add(key, record)
    (file,) = folder.glob("*.sqlite")
    return file


def found(folder: Path, said: list[str]) -> dict[bytes, bytes]:
    with Cache(folder, said.append, "v1") as cache:
        return dict(cache.find(list(RECORDS)))


@pytest.mark.parametrize("extraction", extractions(), ids=lambda e: e.paper.title)
def test_a_record_gives_back_what_was_written(extraction) -> None:  # type: ignore[no-untyped-def]
    record = write_record(extraction)
    assert read_record(record, extraction.paper) == extraction
    other = Paper("Another", "text")
    for damaged, paper in ((record[:-1], extraction.paper), (record + b"x", extraction.paper), (record, other)):
        with pytest.raises(RecordError):
            read_record(damaged, paper)


def test_records_are_found_again_those_of_another_version_are_not(tmp_path: Path) -> None:
    filled(tmp_path)
    assert found(tmp_path, []) == RECORDS
    with Cache(tmp_path, pytest.fail, "v2") as cache:
        assert dict(cache.find(list(RECORDS))) == {}


def test_the_folder_does_not_grow_with_versions(tmp_path: Path) -> None:
    for version in range(KEPT + 3):
        Cache(tmp_path, pytest.fail, f"v{version}").close()
    assert len(list(tmp_path.glob("*.sqlite"))) == KEPT
    assert (tmp_path / f"extractions-v{KEPT + 2}.sqlite").exists()


@pytest.mark.parametrize("size", [100, 4096, 5000])
def test_a_file_that_is_cut_off_is_set_aside(size: int, tmp_path: Path) -> None:
    file = filled(tmp_path)
    file.write_bytes(file.read_bytes()[:size])
    said: list[str] = []
    left = found(tmp_path, said)
    assert left == {}
    assert len(said) == 1
    assert said[0].startswith(f"kg: the cache {file} cannot be used (")
    assert said[0].endswith(f"); it was set aside as {file.name}.broken")
    assert filled(tmp_path) == file
    assert found(tmp_path, []) == RECORDS


@pytest.mark.parametrize("seed", range(60))
def test_no_flipped_bit_is_believed(seed: int, tmp_path: Path) -> None:
    file, rng = filled(tmp_path), random.Random(seed)
    data = bytearray(file.read_bytes())
    for _ in range(1 + seed % 3):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    file.write_bytes(data)
    for key, record in found(tmp_path, []).items():
        assert record == RECORDS[key]


def test_a_record_that_was_changed_is_noticed(tmp_path: Path) -> None:
    file, (one, other) = filled(tmp_path), list(RECORDS)[:2]
    base = sqlite3.connect(file)
    with base:
        base.execute(
            "UPDATE records SET record = (SELECT record FROM records WHERE key = ?) WHERE key = ?", (one, other)
        )
    base.close()
    said: list[str] = []
    left = found(tmp_path, said)
    assert other not in left
    assert said == [
        f"kg: the cache {file} cannot be used (a record in it is damaged); it was set aside as {file.name}.broken"
    ]


def test_a_foreign_file_is_set_aside_unharmed(tmp_path: Path) -> None:
    file = filled(tmp_path)
    for foreign in (b"not a database, but long enough to be taken for one " * 40, None):
        file.unlink()
        if foreign is None:
            with sqlite3.connect(file) as base:
                base.execute("CREATE TABLE letters (text)")
            base.close()
        else:
            file.write_bytes(foreign)
        content, said = file.read_bytes(), list[str]()
        assert found(tmp_path, said) == {}
        assert len(said) == 1
        assert file.with_name(file.name + ".broken").read_bytes() == content


def test_a_folder_that_cannot_be_used_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said: list[str] = []
    assert found(tmp_path / "file", said) == {}
    assert len(said) == 1
    assert said[0].endswith("; going on without it")


def test_two_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    with Cache(tmp_path, pytest.fail, "v1") as one, Cache(tmp_path, pytest.fail, "v1") as other:
        for number in range(3 * BATCH):
            (one if number % 2 else other).add(number.to_bytes(32, "big"), b"record %d" % number)
    with Cache(tmp_path, pytest.fail, "v1") as cache:
        assert len(dict(cache.find([n.to_bytes(32, "big") for n in range(3 * BATCH)]))) == 3 * BATCH


def test_what_is_in_the_cache_is_not_read_again_and_makes_no_difference(tmp_path: Path) -> None:
    papers = sorted(PAPERS, key=lambda p: p.id)
    walked: list[int] = []

    def progress(items: Sequence[int], doing: str) -> Sequence[int]:
        walked.extend(items)
        return items

    plain = list(extract_all(papers))
    assert list(extract_all(papers[:3], cache=tmp_path, progress=progress, say=pytest.fail)) == plain[:3]
    assert list(extract_all(papers, cache=tmp_path, progress=progress, say=pytest.fail)) == plain
    assert walked == [0, 1, 2, 3]
    changed = [*papers[1:], Paper(papers[0].title, papers[0].abstract + " We also use LoRA.")]
    again = extract_all(changed, cache=tmp_path, progress=progress, say=pytest.fail)
    assert list(again)[:3] == plain[1:]
    assert walked == [0, 1, 2, 3, 3]
    assert list(again) == list(extract_all(changed))


def test_a_stream_can_be_walked_by_two_at_once() -> None:
    stream = Extractions([e.paper for e in extractions()])
    for number, extraction in reversed(list(enumerate(extractions()))):
        stream.put(number, write_record(extraction))
    assert list(zip(stream, stream, strict=True)) == [(e, e) for e in extractions()]


def test_the_version_depends_on_every_module_that_extraction_imports() -> None:
    todo, needed = ["kg.extraction.extract"], set[str]()
    while todo:
        name = todo.pop()
        if name in MODULES and name not in needed:
            needed.add(name)
            todo.extend(imports(MODULES[name]))
    from kg.cache import _MODULES

    own = {name.removeprefix("kg.") for name in needed if name.count(".") == 1}
    assert own - {"extraction"} <= set(_MODULES)
    assert {name for name in needed if name.count(".") > 1} <= {
        f"kg.extraction.{path.stem}" for path in (ROOT / "kg" / "extraction").glob("*.py")
    }


def test_the_version_is_the_same_with_and_without_a_memory(tmp_path: Path) -> None:
    plain = extraction_version()
    assert [extraction_version(tmp_path), extraction_version(tmp_path)] == [plain, plain]
    (tmp_path / "digests.json").write_text("[]")
    assert extraction_version(tmp_path) == plain


def test_the_folder_is_the_one_that_the_user_or_the_system_names(tmp_path: Path) -> None:
    assert find_cache_folder({"KG_CACHE": "/a", "XDG_CACHE_HOME": "/b"}) == Path("/a")
    if sys.platform == "linux":
        assert find_cache_folder({"XDG_CACHE_HOME": "/b", "HOME": "/h"}) == Path("/b/kg")
        assert find_cache_folder({"XDG_CACHE_HOME": "not/absolute", "HOME": "/h"}) == Path("/h/.cache/kg")


def test_an_interrupted_reading_goes_on_where_it_stopped(tmp_path: Path) -> None:
    page, cache = tmp_path / "papers.jsonl", tmp_path / "cache"
    page.write_text("".join(f'{{"title": "Paper {n}", "abstract": "We use LoRA on {n} GPUs."}}\n' for n in range(400)))
    command = [sys.executable, "-m", "kg", "extract", str(page), "-j", "1", "--cache", str(cache), "-o", os.devnull]
    running = subprocess.Popen(command, cwd=ROOT)
    end = time.monotonic() + 120
    while count_records(cache) < BATCH and running.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    running.send_signal(signal.SIGKILL)
    running.wait()
    kept = count_records(cache)
    assert BATCH <= kept <= 400
    done = subprocess.run([*command[:-1], str(tmp_path / "out")], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert count_records(cache) == 400


def count_records(folder: Path) -> int:
    total = 0
    for file in folder.glob("*.sqlite"):
        base = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
        try:
            total += base.execute("SELECT COUNT(*) FROM records").fetchone()[0]
        except sqlite3.OperationalError:  # not made yet
            pass
        finally:
            base.close()
    return total
