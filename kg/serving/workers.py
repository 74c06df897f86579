"""The processes that answer: so many at a time, each ended and replaced when it takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pickle
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyoxigraph as ox

import kg
from kg.asking.query import MAX_ROWS, Answer, QueryTimeout
from kg.errors import KgError, UsageError
from kg.folder import borrow_folder, link_files
from kg.serving.worker import Reply
from kg.store import OpenGraph, find_store


class Overloaded(KgError):  # noqa: N818 - not an error of kg
    """Too many queries at once."""


class TookTooLong(QueryTimeout):
    """A query took longer than the time limit, and was stopped."""


@dataclass(eq=False)
class _Worker:
    """A process, and the folder of the store that it has open."""

    process: asyncio.subprocess.Process
    store: Path
    killed: bool = False

    async def ask(self, line: bytes) -> Reply:
        assert self.process.stdin is not None  # noqa: S101
        assert self.process.stdout is not None  # noqa: S101
        with contextlib.suppress(ConnectionError):
            self.process.stdin.write(line)
            await self.process.stdin.drain()
            if said := await self.process.stdout.readline():
                reply: Reply = json.loads(said)
                return reply
        raise KgError("the process that answers has ended; standard error of the server says why")

    def kill(self) -> None:
        """Kill the process, once: a second time would take its end from the thread of asyncio that waits for it."""
        if not self.killed:
            self.killed = True
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()

    async def end(self) -> None:
        self.kill()
        await self.process.wait()


@dataclass
class Workers:
    """Processes that answer tasks about one graph; one pool has one event loop.

    They open a store on disk read-only: that of the graph itself, by hard links where there can be some, so that it
    stays when its folder is replaced; a copy of a graph that is in memory; and of a graph that can change a snapshot,
    which is taken anew when the graph has changed (hard links as well, so that its size does not matter).

    Attributes:
        graph: the graph to answer from; once started, the same graph by those links.
        place: the folder or file it was opened from.
        time_limit_s: seconds after which a task is stopped; None for no limit.
        size_limit: bytes of an answer.
        count: how many answer at a time.
        waiting: how many tasks may wait for one that is free.
        writable: whether the graph can change.
        changes: how often it has changed.
    """

    graph: OpenGraph
    place: Path
    time_limit_s: float | None = 30.0
    size_limit: int = 2**28
    count: int = max(2, min(4, os.cpu_count() or 2))
    waiting: int = 64
    writable: bool = False
    changes: int = 0
    _folder: Path | None = None
    _lock: int = -1
    _store: Path | None = None
    _all: set[_Worker] = field(default_factory=set)
    _free: list[_Worker] = field(default_factory=list)
    _tasks: int = 0
    _number: int = 0
    _refusing: bool = False

    async def start(self) -> None:
        """Make the folder for answers and, where one is needed, the copy of the store."""
        self._slots = asyncio.Semaphore(self.count)
        self._changing = asyncio.Lock()
        # beside the store if that can change: hard links need the same file system
        self._folder, self._lock = borrow_folder(self.place if self.writable else None)
        if self.writable:
            return
        if store := find_store(self.place):
            self._store = find_store(link_files(store, self._folder / "store")) or store
            self.graph = replace(self.graph, store=ox.Store.read_only(str(self._store)))
        else:
            self._store = await asyncio.to_thread(self._copy)

    @contextlib.asynccontextmanager
    async def live(self) -> AsyncIterator[None]:
        """Answer from here until the block ends."""
        try:
            await self.start()
            yield
        finally:
            await self.stop()

    def refuse(self) -> None:
        """Answer nothing any more: what is running is stopped. May be called from a signal handler."""
        self._refusing = True
        for worker in list(self._all):
            worker.kill()

    async def stop(self) -> None:
        """End the processes and remove what they needed."""
        for worker in list(self._all):
            await self._end(worker)
        folder, self._folder = self._folder, None
        if folder is not None:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            os.close(self._lock)

    async def answer(self, **task: Any) -> tuple[Reply, Path]:
        """Return the reply to a task (see `kg.serving.worker.Task`) and the file with its body, yours to remove.

        Raises:
            Overloaded: too many others wait, or this one waited too long, or the server stops.
            TookTooLong: the task was stopped.
        """
        if self._refusing:
            raise Overloaded("the server is about to stop")
        if self._tasks >= self.count + self.waiting:
            raise Overloaded("the server has too many queries to answer; try again in a moment")
        self._tasks += 1
        try:
            try:
                async with asyncio.timeout(self.time_limit_s):
                    await self._slots.acquire()
            except TimeoutError:
                raise Overloaded("the server is busy with other queries; try again in a moment") from None
            try:
                return await self._answer(task)
            finally:
                self._slots.release()
        finally:
            self._tasks -= 1

    async def ask(
        self, question: str, parameters: Mapping[str, str] | None = None, *, row_limit: int = MAX_ROWS
    ) -> Answer:
        """Return what `kg.asking.questions.ask_question` returns: the answer of a question, by its name, or of SPARQL.

        Raises:
            UsageError: there is no such question, the query cannot be parsed, or a parameter is wrong.
            KgError: it has too many rows; and what `answer` raises.
        """
        reply, body = await self.answer(question=question, parameters=dict(parameters or {}), row_limit=row_limit)
        try:
            if reply["status"] != 200:
                raise (UsageError if reply["status"] == 400 else KgError)(reply["message"])
            found: Answer = await asyncio.to_thread(lambda: pickle.loads(body.read_bytes()))  # noqa: S301 - written by kg
            return found
        finally:
            body.unlink(missing_ok=True)

    async def _answer(self, task: dict[str, Any]) -> tuple[Reply, Path]:
        assert self._folder  # noqa: S101
        if self._refusing:
            raise Overloaded("the server is about to stop")
        self._number += 1
        body = self._folder / f"{self._number}.body"
        worker = await self._take()
        line = json.dumps({**task, "output": str(body), "limit": self.size_limit}).encode() + b"\n"
        try:
            async with asyncio.timeout(self.time_limit_s):
                reply = await worker.ask(line)
        except BaseException as error:
            # too late, or whoever asked has gone, or the server stops
            await asyncio.shield(self._end(worker))
            body.unlink(missing_ok=True)
            if self._refusing:
                raise Overloaded("the server is about to stop") from None
            if isinstance(error, TimeoutError):
                limit = f"{self.time_limit_s:g} s"
                raise TookTooLong(f"the query took longer than {limit} and was stopped; make it narrower") from None
            raise
        self._free.append(worker)
        return reply, body

    @contextlib.asynccontextmanager
    async def changing(self) -> Any:
        """Hold off other changes and snapshots while the graph is changed; later tasks see the change."""
        async with self._changing:
            try:
                yield
            finally:
                self._store = None
                self.changes += 1

    async def _take(self) -> _Worker:
        async with self._changing:
            if self._store is None:
                self._store = await asyncio.to_thread(self._take_snapshot)
            store = self._store
        for worker in [worker for worker in self._free if worker.store != store]:
            await self._end(worker)
        return self._free.pop() if self._free else await self._begin(store)

    async def _begin(self, store: Path) -> _Worker:
        # -P: the folder in which the server was started is no place for modules
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "kg.serving.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": _python_path()},
            start_new_session=True,
        )
        worker = _Worker(process, store)
        self._all.add(worker)
        about = {"store": str(store), "base": self.graph.base, "prefixes": dict(self.graph.prefixes)}
        try:
            await worker.ask(json.dumps(about).encode() + b"\n")
        except BaseException:
            await asyncio.shield(self._end(worker))
            raise
        return worker

    async def _end(self, worker: _Worker) -> None:
        self._all.discard(worker)
        if worker in self._free:
            self._free.remove(worker)
        await worker.end()
        if self.writable and worker.store != self._store and not any(w.store == worker.store for w in self._all):
            await asyncio.to_thread(shutil.rmtree, worker.store, ignore_errors=True)

    def _take_snapshot(self) -> Path:
        assert self._folder  # noqa: S101
        self._number += 1
        snapshot = self._folder / f"{self._number}.store"
        self.graph.store.backup(snapshot)
        return snapshot

    def _copy(self) -> Path:
        """Return the folder of a new store with the content of one that is in memory."""
        assert self._folder  # noqa: S101
        folder, dump = self._folder / "store", self._folder / "store.nq"
        self.graph.store.dump(dump, ox.RdfFormat.N_QUADS)
        copy = ox.Store(folder)
        copy.bulk_load(path=dump, format=ox.RdfFormat.N_QUADS)
        copy.flush()
        dump.unlink()
        return folder


def _python_path() -> str:
    """Return a PYTHONPATH by which a process finds the same kg."""
    package = Path(kg.__file__).resolve().parent.parent
    return os.pathsep.join(filter(None, (str(package), os.environ.get("PYTHONPATH"))))
