"""Questions are asked in processes of their own: a query that takes too long can only be ended with its process.

A worker opens the graph once and answers one question after the other. The first that takes too long ends the worker;
the next question starts another.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from kg.asking.query import Answer, QueryTimeout
from kg.asking.questions import ask_question
from kg.errors import KgError
from kg.store import open_graph

MOST_WORKERS = 2
"""Questions that are answered at the same time; others wait."""

_GRACE_S = 10.0
"""Seconds, beside the time limit, in which a worker has to reply."""


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    ready: bool = False

    def end(self) -> None:
        """End the process, whatever it does."""
        self.pipe.close()
        self.process.kill()
        self.process.join()


class Workers:
    """Answers questions about the graph at one place, safely from several threads."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._free = threading.BoundedSemaphore(MOST_WORKERS)
        self._idle: list[_Worker] = []

    def ask(self, question: str, parameters: Mapping[str, str], *, time_limit_s: float, row_limit: int) -> Answer:
        """Return what `kg.asking.questions.ask_question` returns.

        Raises:
            UsageError: there is no such question, the query cannot be parsed, or a parameter is wrong.
            QueryTimeout: it takes too long.
            KgError: it has too many rows, or its process died.
        """
        with self._free:
            worker = self._idle.pop() if self._idle else self._start()
            try:
                if not worker.ready:
                    worker.ready = worker.pipe.recv()
                worker.pipe.send((question, dict(parameters), time_limit_s, row_limit))
                if not worker.pipe.poll(time_limit_s + _GRACE_S):
                    raise QueryTimeout(f"the query took longer than {time_limit_s:g} s")
                reply: Answer | KgError = worker.pipe.recv()
            except (EOFError, OSError):
                worker.end()
                raise KgError("the query ended the process that ran it; make it narrower") from None
            except BaseException:
                worker.end()
                raise
            if isinstance(reply, QueryTimeout):
                worker.end()
            else:
                self._idle.append(worker)
        if isinstance(reply, KgError):
            raise reply
        return reply

    def close(self) -> None:
        """End the processes that wait for questions."""
        while self._idle:
            self._idle.pop().end()

    def _start(self) -> _Worker:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_answer, args=(self._place, theirs), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)


def _answer(place: str, pipe: Connection) -> None:
    """Answer questions until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    graph = open_graph(place)
    pipe.send(True)
    while True:
        try:
            question, parameters, time_limit_s, row_limit = pipe.recv()
        except EOFError:
            return
        try:
            reply: Answer | KgError = ask_question(
                graph, question, parameters, time_limit_s=time_limit_s, row_limit=row_limit
            )
        except KgError as error:
            reply = error
        pipe.send(reply)
        if isinstance(reply, QueryTimeout):
            # the query still runs in a thread that cannot be ended
            os._exit(0)
