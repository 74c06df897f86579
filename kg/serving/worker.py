"""The process that answers: a task a line on standard input, a reply a line on standard output, bodies in files.

The engine cannot be interrupted, so a query runs in a process of its own, which can be ended. The process ends by
itself when its standard input does, that is, when the server is no more.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

import pyoxigraph as ox

from kg.asking.query import evaluate, explained
from kg.asking.questions import ask_question
from kg.asking.tokens import asks_elsewhere, cut_tokens, find_form, is_update
from kg.errors import KgError, UsageError
from kg.serving.formats import TABLES, TRIPLES, NotAcceptable, choose_format, content_type, write_triples
from kg.store import OpenGraph

Task: TypeAlias = Mapping[str, Any]
"""What to do: `query` (SPARQL), `graph` (the IRI of a graph to write, or None for the default graph), or `question` (a
name or SPARQL, with `parameters` and `row_limit`); `accept` and `format` of the client; `default_graphs`,
`named_graphs`; `output` (the file to write), `limit` (its bytes at most)."""
Reply: TypeAlias = dict[str, Any]
"""`status` of HTTP, and either `type` (the content type of the file) or `message`."""

_LONGEST_MESSAGE = 4_000


class TooLong(KgError):  # noqa: N818 - not an error of kg
    """An answer is longer than the limit."""


class _Limited:
    """A file that takes so many bytes and no more."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file, self._limit, self._left = file, limit, limit

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            size = f"{self._limit / 2**20:g} MiB"
            raise TooLong(f"the answer is longer than {size}; add a LIMIT, or take kg export for a whole graph")
        return self._file.write(data)

    def writelines(self, pieces: Any) -> None:
        for piece in pieces:
            self.write(piece)

    def flush(self) -> None:
        self._file.flush()


def answer(graph: OpenGraph, task: Task) -> Reply:
    """Write the answer to the file that the task names, and return what it is, or what is wrong."""
    try:
        with Path(task["output"]).open("wb") as file:
            output = cast("IO[bytes]", _Limited(file, task["limit"]))
            does = _answer_question if "question" in task else _answer_query if "query" in task else _write_graph
            kind = does(graph, task, output)
        return {"status": 200, "type": content_type(kind)}
    except NotAcceptable as problem:
        return _refuse(406, problem)
    except UsageError as problem:
        return _refuse(400, problem)
    except KgError as problem:
        return _refuse(500, problem)


def _refuse(status: int, problem: KgError) -> Reply:
    return {"status": status, "message": str(problem)[:_LONGEST_MESSAGE]}


def _answer_query(graph: OpenGraph, task: Task, output: IO[bytes]) -> str:
    sparql = task["query"]
    tokens = cut_tokens(sparql)
    if is_update(tokens):
        raise UsageError("this is a SPARQL Update, not a query; updates are sent as update=, or as sparql-update")
    if asks_elsewhere(sparql):
        raise UsageError("the query has a SERVICE clause, which asks another machine; this server does not")
    formats = TRIPLES if find_form(tokens) in ("CONSTRUCT", "DESCRIBE") else TABLES
    found = evaluate(graph, sparql, task["default_graphs"], task["named_graphs"])
    to, media_type = choose_format(task["accept"], task["format"], formats)
    with explained(graph, sparql):
        if isinstance(found, ox.QueryTriples):
            write_triples(found, to, output, graph.prefixes, graph.base)
        else:
            assert isinstance(to.engine, ox.QueryResultsFormat)  # noqa: S101
            found.serialize(output, to.engine)
    return media_type


def _answer_question(graph: OpenGraph, task: Task, output: IO[bytes]) -> str:
    """Write the answer as a value of Python: only the server reads it, which started this process."""
    found = ask_question(graph, task["question"], task["parameters"], time_limit_s=None, row_limit=task["row_limit"])
    output.write(pickle.dumps(found))
    return "application/octet-stream"


def _write_graph(graph: OpenGraph, task: Task, output: IO[bytes]) -> str:
    to, media_type = choose_format(task["accept"], task["format"], TRIPLES)
    name = ox.NamedNode(task["graph"]) if task["graph"] else ox.DefaultGraph()
    quads = graph.store.quads_for_pattern(None, None, None, name)
    write_triples((quad.triple for quad in quads), to, output, graph.prefixes, graph.base)
    return media_type


def main() -> None:
    """Open the store that the first line names and say so, then answer until standard input ends."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    first = json.loads(sys.stdin.readline())
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    graph = OpenGraph(ox.Store.read_only(first["store"]), first["base"], first["prefixes"])
    print(json.dumps({"status": 200}), flush=True)
    while True:
        reply = answer(graph, json.loads(lines.get()))
        print(json.dumps(reply), flush=True)


def _read(lines: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()
