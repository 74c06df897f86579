"""Processes that extract papers side by side: each loads the models once and computes in one thread.

A worker is this module, started anew by the same interpreter. It reads parcels of papers from its standard input and
answers each on its standard output with their records; it ends when its input does, so none is left behind when the
process that started it dies.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
import threading
import traceback
from collections.abc import Generator, Sequence
from contextlib import suppress
from typing import IO

from kg.errors import KgError
from kg.paper import Paper
from kg.records import write_record

PARCEL = 8
"""Papers that a worker gets at once."""

LEAST = 12
"""Papers that are worth starting a worker for: it takes about as long as reading them."""

_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from kg.workers import serve; serve()"
_SIZE = struct.Struct("<Q")


def count_cores() -> int:
    """Return how many cores this process may use, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def count_workers(papers: int, jobs: int | None) -> int:
    """Return how many workers to start for so many papers, of at most `jobs` (None: one a core); 0 for none.

    >>> count_workers(3, 8), count_workers(30, 8), count_workers(1000, 8), count_workers(1000, 1)
    (0, 2, 8, 0)
    """
    workers = min(jobs or count_cores(), papers // LEAST)
    return workers if workers > 1 else 0


def extract_side_by_side(papers: Sequence[Paper], workers: int) -> Generator[tuple[int, bytes], None, None]:
    """Yield the number of each paper and the record of what is found in it, as workers finish them.

    Raises:
        KgError: a worker ended before its work was done.
    """
    parcels: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, list[bytes]] | BaseException] = queue.SimpleQueue()
    starts = range(0, len(papers), PARCEL)
    for start in starts:
        parcels.put(start)
    running = [_start_worker() for _ in range(workers)]
    try:
        for process in running:
            threading.Thread(target=_attend, args=(process, papers, parcels, done), daemon=True).start()
        for _ in starts:
            answer = _wait(done)
            if isinstance(answer, BaseException):
                raise answer
            start, records = answer
            yield from enumerate(records, start)
    finally:
        for process in running:
            process.kill()
        for process in running:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    pipe and pipe.close()


def _start_worker() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _START, json.dumps(sys.path)]
    # in a session of its own, Ctrl-C meets only the process that started it, also before it can look away
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)


def _wait(done: queue.SimpleQueue[tuple[int, list[bytes]] | BaseException]) -> tuple[int, list[bytes]] | BaseException:
    """Return the next answer; in short waits, as some systems deliver an interrupt only between them."""
    while True:
        try:
            return done.get(timeout=1.0)
        except queue.Empty:
            continue


def _attend(
    process: subprocess.Popen[bytes],
    papers: Sequence[Paper],
    parcels: queue.SimpleQueue[int],
    done: queue.SimpleQueue[tuple[int, list[bytes]] | BaseException],
) -> None:
    """Give parcels to one worker until there are none, and hand on what it answers."""
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    try:
        while True:
            try:
                start = parcels.get_nowait()
            except queue.Empty:
                return
            _send(process.stdin, papers[start : start + PARCEL])
            answer = _receive(process.stdout)
            if answer is None:
                raise BrokenPipeError
            done.put(answer if isinstance(answer, BaseException) else (start, answer))  # type: ignore[arg-type]
    except OSError:
        code = process.wait()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        more = "; perhaps there was not enough memory" if code == -9 else ""
        done.put(KgError(f"a process that reads papers {how}{more}: start the command again, or take --jobs 1"))
    except BaseException as error:  # a bug, for the thread that waits
        done.put(error)


def serve() -> None:
    """Extract what comes from standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one ends it
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    from kg.extraction.extract import Models, extract_papers

    models = Models()
    while True:
        papers = _receive(source)
        if papers is None:
            return
        answer: object
        try:
            answer = [write_record(extraction) for extraction in extract_papers(papers, models)]  # type: ignore[arg-type]
        except KgError as error:
            answer = error
        except Exception:
            answer = RuntimeError("a process that reads papers failed:\n" + traceback.format_exc())
        try:
            _send(sink, answer)
        except OSError:
            return


def _send(sink: IO[bytes], value: object) -> None:
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    sink.write(_SIZE.pack(len(data)) + data)
    sink.flush()


def _receive(source: IO[bytes]) -> object | None:
    """Return the next value, or None where there is none."""
    head = source.read(_SIZE.size)
    if len(head) < _SIZE.size:
        return None
    (size,) = _SIZE.unpack(head)
    data = source.read(size)
    return pickle.loads(data) if len(data) == size else None  # noqa: S301 - from a process of our own
