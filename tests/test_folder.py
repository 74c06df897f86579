from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.errors import UsageError
from kg.folder import borrow_folder, check_replaceable, new_folder, write_whole


def contents(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


def write(folder: Path, text: str) -> None:
    with new_folder(folder) as draft:
        (draft / "graph.ttl").write_text(text)


def write_half(folder: Path) -> None:
    with new_folder(folder) as draft:
        (draft / "graph.ttl").write_text("half")
        raise ZeroDivisionError


def test_a_folder_is_replaced_as_a_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "out", "one")
    write(tmp_path / "out", "two")
    assert contents(tmp_path) == {"out/graph.ttl": "two"}


def test_a_failure_leaves_the_earlier_folder(tmp_path: Path) -> None:
    write(tmp_path / "out", "one")
    with pytest.raises(ZeroDivisionError):
        write_half(tmp_path / "out")
    assert contents(tmp_path) == {"out/graph.ttl": "one"}


def test_what_a_killed_build_left_is_swept_by_the_next(tmp_path: Path) -> None:
    pid = os.fork()
    if pid == 0:
        with new_folder(tmp_path / "out") as draft:
            (draft / "graph.ttl").write_text("half")
            os.kill(os.getpid(), 9)
    os.waitpid(pid, 0)
    assert [p.name.startswith(".out.new.") for p in tmp_path.iterdir()] == [True]
    write(tmp_path / "out", "whole")
    assert contents(tmp_path) == {"out/graph.ttl": "whole"}


def test_a_folder_that_kg_did_not_write_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("years of work")
    with pytest.raises(UsageError) as error:
        write(tmp_path / "thesis", "graph")
    assert str(error.value) == (f"{tmp_path}/thesis: holds files that kg did not write; choose another folder with -o")
    assert contents(tmp_path) == {"thesis/chapter.tex": "years of work"}


def test_a_built_folder_into_which_the_user_put_a_file_is_never_replaced(tmp_path: Path) -> None:
    write(tmp_path / "out", "one")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds files that kg did not write"):
        write(tmp_path / "out", "two")
    assert contents(tmp_path) == {"out/graph.ttl": "one", "out/notes.txt": "mine"}


def test_a_file_is_never_replaced_by_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UsageError, match="is a file; choose a folder with -o"):
        write(tmp_path / "out", "graph")


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError

    write_whole(tmp_path / "graph.nt", [b"one ", b"two"])
    with pytest.raises(RuntimeError):
        write_whole(tmp_path / "graph.nt", pieces())
    assert contents(tmp_path) == {"graph.nt": "one two"}
    with pytest.raises(UsageError, match=r"cannot be written \(No such file or directory\)"):
        write_whole(tmp_path / "missing" / "graph.nt", [b""])


def test_what_a_build_killed_between_two_renames_left_is_put_back(tmp_path: Path) -> None:
    write(tmp_path / "out", "one")
    (tmp_path / "out").rename(tmp_path / ".out.old")
    with pytest.raises(ZeroDivisionError):
        write_half(tmp_path / "out")
    assert contents(tmp_path) == {"out/graph.ttl": "one"}


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    write(tmp_path / "real", "one")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link", "two")
    assert (tmp_path / "link").is_symlink()
    assert contents(tmp_path / "real") == {"graph.ttl": "two"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link", "real"]


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_whole(tmp_path / "pipe", [b"one"])
    assert os.read(reader, 10) == b"one"
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


def test_a_folder_that_is_in_use_stays_and_those_of_killed_processes_are_removed(tmp_path: Path) -> None:
    write(tmp_path, "one")
    first, lock = borrow_folder(tmp_path)
    pid = os.fork()
    if pid == 0:
        os.close(lock)
        borrow_folder(tmp_path)[0].joinpath("answer").write_text("half")
        os.kill(os.getpid(), 9)
    os.waitpid(pid, 0)
    assert len(list(tmp_path.glob(".kg-serve-*"))) == 2
    with pytest.raises(UsageError) as error:
        check_replaceable(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: kg serve --writable is at work there; stop it, or choose another folder with -o"
    )
    second, other = borrow_folder(tmp_path)
    assert sorted(tmp_path.glob(".kg-serve-*")) == sorted([first, second])
    os.close(lock)
    os.close(other)
    write(tmp_path, "two")
    assert contents(tmp_path) == {"graph.ttl": "two"}
