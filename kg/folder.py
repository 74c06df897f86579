"""A folder that is written whole or not at all: readers see the earlier folder or the new one, never a part."""

from __future__ import annotations

import ctypes
import fcntl
import glob
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import UsageError

MARK = "graph.ttl"
"""The file by which a folder is known as one that kg wrote and may replace."""

OWN = frozenset({MARK, "graph.html", "extraction.jsonl", "merges.tsv", "store"})
"""What kg writes into a folder; a folder that holds anything else is never replaced."""

BORROWED = ".kg-serve-"
"""How the names of folders begin that a process has for as long as it runs."""

_EXCHANGE = 2
_HERE = -100


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside `folder` to write into, and put it in the place of `folder` at the end.

    If the body raises, or the process dies, `folder` is as it was.

    Raises:
        UsageError: `folder` is a file, holds something that kg did not write, or cannot be written; the disk
            is full.
    """
    folder = folder.resolve()
    check_replaceable(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new.{os.getpid()}.", dir=folder.parent))
        draft.chmod(0o755)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written ({error.strerror}); choose another folder with -o") from error
    try:
        yield draft
        _put_in_place(draft, folder)
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"{folder}: cannot be written ({why}); make room there, or choose another folder") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def check_replaceable(folder: Path) -> None:
    """Raise `UsageError` unless `folder` is missing, empty, or one that kg wrote."""
    if folder.resolve() == Path.cwd():
        raise UsageError(f"{folder}: is the folder you are in; choose another folder with -o")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder}: is a file; choose a folder with -o")
    there = {path.name for path in folder.iterdir() if not _is_left(path)}
    if any(name.startswith(BORROWED) for name in there):
        raise UsageError(f"{folder}: kg serve --writable is at work there; stop it, or choose another folder with -o")
    if there and (MARK not in there or not there <= OWN):
        raise UsageError(f"{folder}: holds files that kg did not write; choose another folder with -o")


def _put_in_place(draft: Path, folder: Path) -> None:
    """Exchange the two folders in one step where the system can, else by two renames."""
    if not folder.exists():
        draft.rename(folder)
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "renameat2"):
        done = libc.renameat2(_HERE, os.fsencode(draft), _HERE, os.fsencode(folder), _EXCHANGE)
        if done == 0:
            return
    old = folder.parent / f".{folder.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)
    draft.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Put back what a build that was killed between two renames left, and remove the drafts of builds that are gone."""
    old = folder.parent / f".{folder.name}.old"
    if old.is_dir() and not folder.exists():
        old.rename(folder)
    for left in folder.parent.glob(f".{glob.escape(folder.name)}.new.*"):
        pid = left.name.removeprefix(f".{folder.name}.new.").split(".")[0]
        if pid.isdigit() and not _runs(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def borrow_folder(parent: Path | None = None) -> tuple[Path, int]:
    """Make a folder that is this process's own, and return it with the file descriptor of the lock that says so.

    Those that processes left which are no more are removed first: the system has let go of their locks.

    Args:
        parent: where it is made; None for the system's place for temporary files.

    Raises:
        OSError: it cannot be made.
    """
    place = Path(tempfile.gettempdir()) if parent is None else parent
    for left in place.glob(f"{BORROWED}*"):
        if _is_left(left):
            shutil.rmtree(left, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=".kg-new-", dir=place))
    lock = os.open(draft, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    # only now by its name, so that nobody takes it for one that was left
    return draft.rename(draft.with_name(BORROWED + draft.name.removeprefix(".kg-new-"))), lock


def _is_left(folder: Path) -> bool:
    """Return whether a folder was borrowed by a process that is no more."""
    if not folder.name.startswith(BORROWED):
        return False
    try:
        lock = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True


def link_files(folder: Path, to: Path) -> Path:
    """Make a folder with hard links to the files of another, which stay when those are removed, and return it.

    Where links cannot be made, `folder` is returned, and nothing is left.
    """
    try:
        to.mkdir()
        for path in folder.iterdir():
            (to / path.name).hardlink_to(path)
    except OSError:
        shutil.rmtree(to, ignore_errors=True)
        return folder
    return to


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file that is there whole or, if anything fails, as it was before.

    Raises:
        UsageError: the place cannot be written.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        _write_through(path, pieces)
        return
    try:
        handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); choose another place with -o") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); choose another place with -o") from error
    finally:
        Path(draft).unlink(missing_ok=True)


def _write_through(path: Path, pieces: Iterable[bytes]) -> None:
    """Write to what is no plain file: a pipe, a device."""
    try:
        with path.open("wb") as file:
            file.writelines(pieces)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); choose another place with -o") from error
