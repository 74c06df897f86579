"""A file that remembers what was found in papers, so that a paper is read once however often graphs are built.

The file is an SQLite database in the user's cache folder, one for each version of what extraction depends on: code,
models, vocabularies and the libraries that compute. A record is found by the hash of its paper's text and carries a
checksum of that hash and itself. A file that is cut off, damaged or something else is set aside with one line and
started anew; a cache that cannot be used is done without. What a build makes never depends on its cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from kg.errors import UsageError
from kg.folder import write_whole
from kg.paper import Paper
from kg.resources import resource_folder

BATCH = 32
"""Papers after which new records are committed: what an interrupted build loses at most."""

KEPT = 3
"""Files that are kept in a cache folder: that of this version and the last used ones of others."""

T = TypeVar("T")
Say = Callable[[str], None]

_APPLICATION = 0x6B672D63
_LAYOUT = 1
_SUFFIX = ".sqlite"
_JOURNAL = "-journal"
_ASIDE = ".broken"
_BUSY_S = 60.0
_ASKED_AT_ONCE = 500
_CHECK = 8
_MODULES = "paper mention forms entry vocabulary hardware resources errors records cache".split()
_LIBRARIES = ("keybert-", "numpy-", "onnxruntime-", "scikit_learn-", "tokenizers-")
_LARGE = 1 << 20


def find_cache_folder(environment: dict[str, str] | None = None) -> Path:
    """Return where records are kept unless the user says otherwise: `KG_CACHE`, else the system's place for caches.

    >>> find_cache_folder({"KG_CACHE": "/data/kg"}).as_posix()
    '/data/kg'
    """
    given = dict(os.environ) if environment is None else environment
    if given.get("KG_CACHE"):
        return Path(given["KG_CACHE"])
    if sys.platform == "win32":
        return Path(given.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "kg" / "cache"
    if given.get("XDG_CACHE_HOME") and Path(given["XDG_CACHE_HOME"]).is_absolute():
        return Path(given["XDG_CACHE_HOME"]) / "kg"
    home = Path(given.get("HOME") or Path.home())
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "kg"


def paper_key(paper: Paper) -> bytes:
    """Return the key under which a record of the paper is kept: the hash of the text that extraction reads."""
    return hashlib.sha256(paper.text.encode("utf-8", "surrogatepass")).digest()


def extraction_version(folder: Path | None = None) -> str:
    """Return sixteen hexadecimal digits that stand for all that extraction depends on beside the paper.

    Files are hashed; the digest of a large one is remembered in `folder` with its size and times, by which a change
    shows.
    """
    package = Path(__file__).parent
    sources = [package / f"{name}.py" for name in _MODULES] + sorted((package / "extraction").glob("*.py"))
    data = [path for name in ("models", "ontology") for path in sorted(resource_folder(name).iterdir())]
    files = [path for path in [*sources, *data] if path.suffix != ".md" and path.is_file()]
    libraries = {path.name for place in sys.path for path in Path(place).glob("*.dist-info")}
    whole = hashlib.sha256()
    for part in (
        f"{sys.version_info[:2]} {platform.machine()}",
        *sorted(name for name in libraries if name.startswith(_LIBRARIES)),
        *(f"{path.name} {digest}" for path, digest in _digests(files, folder and folder / "digests.json")),
    ):
        whole.update(part.encode("utf-8", "surrogateescape") + b"\n")
    return whole.hexdigest()[:16]


def _digests(files: Iterable[Path], memory: Path | None) -> Iterator[tuple[Path, str]]:
    try:
        known = json.loads(memory.read_text(encoding="utf-8")) if memory else {}
        known = known if isinstance(known, dict) else {}
    except (OSError, ValueError):
        known = {}
    before = dict(known)
    for path in files:
        status = path.stat()
        if status.st_size < _LARGE:
            yield path, hashlib.sha256(path.read_bytes()).hexdigest()
            continue
        place = f"{path} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"
        if not isinstance(known.get(place), str):
            known = {other: digest for other, digest in known.items() if not other.startswith(f"{path} ")}
            known[place] = hashlib.sha256(path.read_bytes()).hexdigest()
        yield path, known[place]
    if memory and known != before:
        with suppress(UsageError):
            write_whole(memory, [json.dumps(known).encode()])


class Cache:
    """The records of one version; a context that commits what is left at its end.

    Args:
        folder: where the file is; made if it is not there.
        say: takes one line where something is wrong with the file.
        version: of what extraction depends on; worked out where it is not given.
    """

    def __init__(self, folder: Path, say: Say, version: str | None = None) -> None:
        self._say, self._folder = say, folder
        self._path: Path | None = None
        self._inode = -1
        self._base: sqlite3.Connection | None = None
        self._new: list[tuple[bytes, bytes, bytes]] = []
        self._version = b""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._version = (version or extraction_version(folder)).encode()
            self._path = folder / f"extractions-{self._version.decode()}{_SUFFIX}"
        except OSError as error:
            self._do_without(error.strerror or str(error))
        if self._attempt(lambda base: True):
            self._tidy()

    def __enter__(self) -> Cache:
        """Return the cache itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Commit and close."""
        self.close()

    def find(self, keys: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
        """Yield (key, record) for those of the keys that have a sound record, in no order."""
        for start in range(0, len(keys), _ASKED_AT_ONCE):
            asked = keys[start : start + _ASKED_AT_ONCE]
            for key, record, checksum in self._attempt(partial(_read_rows, asked)) or ():
                if not isinstance(key, bytes) or not isinstance(record, bytes) or checksum != self._sum(key, record):
                    self._set_aside("a record in it is damaged")
                    return
                yield key, record

    def add(self, key: bytes, record: bytes) -> None:
        """Keep a record; it is committed with the next batch."""
        if self._path is not None:
            self._new.append((key, record, self._sum(key, record)))
            if len(self._new) >= BATCH:
                self.commit()

    def commit(self) -> None:
        """Write what was added."""
        if self._new:
            self._attempt(partial(_write_rows, self._new))
        self._new.clear()

    def close(self) -> None:
        """Commit and close the file; nothing is found or kept any more."""
        self.commit()
        self._disconnect()
        self._path = None

    def _sum(self, key: bytes, record: bytes) -> bytes:
        return hashlib.sha256(self._version + key + record).digest()[:_CHECK]

    def _attempt(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Return what the work on the file gives, None where there is no file to work on.

        A broken file is set aside, and the work is done on a new one.
        """
        for _ in range(2):
            try:
                if self._path is None:
                    return None
                return work(self._base or self._connect(self._path))
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
                    self._do_without(str(error))
                else:
                    self._set_aside(str(error))
            except OSError as error:
                self._do_without(error.strerror or str(error))
        return None

    def _connect(self, path: Path) -> sqlite3.Connection:
        """Open the file, or make it.

        Raises:
            sqlite3.DatabaseError: the file is not one of kg's.
        """
        self._base = base = sqlite3.connect(path, timeout=_BUSY_S)
        status = path.stat()
        self._inode = status.st_ino
        with base:
            base.execute("BEGIN" if status.st_size else "BEGIN IMMEDIATE")
            (application,) = base.execute("PRAGMA application_id").fetchone()
            (layout,) = base.execute("PRAGMA user_version").fetchone()
            tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master")]
            if not tables and not application:
                base.execute(f"PRAGMA application_id = {_APPLICATION}")
                base.execute(f"PRAGMA user_version = {_LAYOUT}")
                columns = "key BLOB PRIMARY KEY, record BLOB NOT NULL, checksum BLOB NOT NULL"
                base.execute(f"CREATE TABLE records ({columns}) WITHOUT ROWID")
            elif (application, layout, tables) != (_APPLICATION, _LAYOUT, ["records"]):
                raise sqlite3.DatabaseError("it is not a cache of kg")
            elif path.stat().st_size < _size_in_header(path):
                raise sqlite3.DatabaseError("it is cut off")
        return base

    def _disconnect(self) -> None:
        if self._base is not None:
            with suppress(sqlite3.Error):
                self._base.close()
        self._base = None

    def _set_aside(self, why: str) -> None:
        """Rename a file that is not to be believed, unless another build has done so already, and say it."""
        self._disconnect()
        try:
            if self._path is None or self._path.stat().st_ino != self._inode:
                return
            self._path.with_name(self._path.name + _JOURNAL).unlink(missing_ok=True)
            aside = self._path.with_name(self._path.name + _ASIDE)
            self._path.replace(aside)
            self._say(f"kg: the cache {self._path} cannot be used ({why}); it was set aside as {aside.name}")
        except OSError as error:
            self._do_without(error.strerror or str(error))

    def _do_without(self, why: str) -> None:
        self._disconnect()
        self._path = None
        self._say(f"kg: the cache in {self._folder} cannot be used ({why}); going on without it")

    def _tidy(self) -> None:
        """Remove the files of versions that were not used for longest."""
        assert self._path is not None  # noqa: S101
        with suppress(OSError):
            os.utime(self._path)
            files = [p for p in self._folder.glob(f"extractions-*{_SUFFIX}") if p != self._path]
            for old in sorted(files, key=lambda p: p.stat().st_mtime_ns, reverse=True)[KEPT - 1 :]:
                for end in ("", _JOURNAL, _ASIDE):
                    old.with_name(old.name + end).unlink(missing_ok=True)


def _size_in_header(path: Path) -> int:
    """Return how long an SQLite file is by its own word (https://www.sqlite.org/fileformat.html, 1.3)."""
    with path.open("rb") as file:
        head = file.read(100)
    page = int.from_bytes(head[16:18], "big")
    return (65536 if page == 1 else page) * int.from_bytes(head[28:32], "big")


def _read_rows(keys: Sequence[bytes], base: sqlite3.Connection) -> list[tuple[object, object, object]]:
    marks = ",".join("?" * len(keys))
    query = f"SELECT key, record, checksum FROM records WHERE key IN ({marks})"  # noqa: S608 - nothing but marks
    return base.execute(query, keys).fetchall()


def _write_rows(rows: Sequence[tuple[bytes, bytes, bytes]], base: sqlite3.Connection) -> None:
    with base:
        base.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", rows)
