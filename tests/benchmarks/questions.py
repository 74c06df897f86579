"""The ready questions with their default parameters: kg beside the engines it could have used."""

from __future__ import annotations

import multiprocessing
import re
import statistics
import subprocess
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from kg.asking.questions import Question, ask_question, list_questions
from tests.benchmarks import servers
from tests.benchmarks.measuring import Step, Taken, measure, run_quietly
from tests.benchmarks.reporting import show, table

TURNS = 3
_TOO_LONG = "too long"
_START_S = 60
TEXT = """\
The {count} ready questions with their default parameters, on the graph above, in milliseconds by the clock: the
median of {turns} answers after a first one, so that nothing is started or read for the first time. Each has
{limit:.0f} s for an answer; what takes longer is ended, and counts as that long below. kg looks up what a text names
before it asks its store, which is pyoxigraph's; the others get the query as it stands in `queries/`. rdflib has the
graph in memory. Jena runs in a Java of its own for each question, whose start does not count; Virtuoso is asked over
HTTP. A number with ≠ comes from an answer that has not as many rows as kg's.

"""

Ask = Callable[[], int]
Found = tuple[float, int] | str
"""Median of the seconds and number of rows, or why there are none."""


def _in_turn(connection: Connection, make: Callable[[], Ask]) -> None:
    """Ask once and send the number of rows, ask on and send the median of the seconds; or send what went wrong."""
    try:
        ask, seconds = make(), []
        connection.send(ask())
        for _ in range(TURNS):
            start = time.perf_counter()
            ask()
            seconds.append(time.perf_counter() - start)
        connection.send(statistics.median(seconds))
    except Exception as error:  # whatever the engine raises is what the table says
        connection.send(f"{type(error).__name__}: {error}"[:200])


def in_fork(make: Callable[[], Ask], limit_s: float) -> Found:
    """Return seconds and rows from a process that has what this one has, or why there are none."""
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=_in_turn, args=(there, make))
    child.start()
    rows: Any = here.recv() if here.poll(limit_s) else _TOO_LONG
    seconds: Any = rows if isinstance(rows, str) else here.recv() if here.poll(limit_s * TURNS) else _TOO_LONG
    child.kill()
    child.join()
    return seconds if isinstance(seconds, str) else (seconds, rows)


def _ask_all(make: Callable[[Question], Ask], limit_s: float) -> Callable[[], object]:
    return lambda: {question.name: in_fork(lambda q=question: make(q), limit_s) for question in list_questions()}  # type: ignore[misc]


def ask_kg(folder: str, limit_s: float) -> Callable[[], object]:
    """kg, from a name to a table."""
    from kg.store import open_graph

    def make(question: Question) -> Ask:
        graph = open_graph(folder)
        return lambda: _count(ask_question(graph, question, time_limit_s=None))

    return _ask_all(make, limit_s)


def _count(answer: object) -> int:
    return len(getattr(answer, "rows", [answer]))


def ask_pyoxigraph(folder: str, limit_s: float) -> Callable[[], object]:
    """The engine that kg uses, with the query as it is."""
    from pyoxigraph import Store

    def make(question: Question) -> Ask:
        store = Store.read_only(f"{folder}/store")
        return lambda: len(list(store.query(question.text)))  # type: ignore[arg-type]

    return _ask_all(make, limit_s)


def ask_rdflib(folder: str, limit_s: float) -> Callable[[], object]:
    """rdflib's engine, over its graph in memory."""
    import rdflib

    graph = rdflib.Graph().parse(f"{folder}/graph.ttl")
    return _ask_all(lambda question: lambda: sum(1 for _ in graph.query(question.text)), limit_s)


def ask_jena(folder: str, limit_s: float) -> Callable[[], object]:
    """Jena's engine over TDB2, in a process for each question."""
    command = servers.jena_command("tdb2.tdbquery", "--loc", Path(folder) / "tdb2")

    def ask(question: Question) -> Found:
        query = Path(folder) / "query.rq"
        query.write_text(question.text, encoding="utf-8")
        try:
            rows = run_quietly([*command, "--results=tsv", f"--query={query}"], limit_s + _START_S).count("\n") - 1
            timing = ["--time", f"--repeat=1,{TURNS}", "--results=none", f"--query={query}"]
            said = run_quietly([*command, *timing], limit_s * (TURNS + 1) + _START_S)
        except RuntimeError as error:
            return str(error)
        except subprocess.TimeoutExpired:
            return _TOO_LONG
        times = re.findall(r"^Time: ([\d.]+) sec", said, re.M)
        seconds = statistics.median(map(float, times[-TURNS:]))
        return (seconds, rows) if seconds <= limit_s else _TOO_LONG

    return lambda: {question.name: ask(question) for question in list_questions()}


def ask_virtuoso(folder: str, limit_s: float) -> Callable[[], object]:
    """Virtuoso, over HTTP."""
    server = servers.Virtuoso(Path(folder) / "virtuoso")
    return _ask_all(lambda question: lambda: server.ask(question.text, limit_s), limit_s)


ENGINES: tuple[tuple[str, Step], ...] = (
    ("kg", ask_kg),
    ("pyoxigraph", ask_pyoxigraph),
    ("rdflib", ask_rdflib),
    ("Jena TDB2", ask_jena),
    ("Virtuoso", ask_virtuoso),
)


def write_questions(folder: Path, limit_s: float) -> str:
    """Return the section on questions, asked of the stores that were loaded into a folder."""
    answers: dict[str, dict[str, Found]] = {}
    absent = ""
    for name, step in ENGINES:
        taken = measure(step, folder, limit_s, limit_s=7200)
        print(f"  {name}: {taken if isinstance(taken, str) else f'{taken.seconds:.1f} s'}", flush=True)
        if isinstance(taken, Taken):
            answers[name] = taken.answer
        else:
            absent += f"\n{name}: {taken}.\n"
    engines = list(answers)
    rows, notes = [], set()
    for question in list_questions():
        cells: list[object] = [question.name]
        wanted = answers["kg"][question.name]
        for engine in engines:
            found = answers[engine][question.name]
            if isinstance(found, str):
                cells.append(_TOO_LONG if found == _TOO_LONG else "error")
                if found != _TOO_LONG:
                    notes.add(f"{engine}, {question.name}: {found.splitlines()[0].replace(f'{folder}/', '')}")
            else:
                seconds, count = found
                differs = not isinstance(wanted, str) and count != wanted[1]
                cells.append(f"{show(seconds * 1000)}{' ≠' if differs else ''}")
        rows.append(cells)
    rows += _sums(answers, engines, limit_s)
    text = TEXT.format(count=len(list_questions()), turns=TURNS, limit=limit_s) + table(["question", *engines], rows)
    return text + absent + ("\n" + "".join(f"- {note}\n" for note in sorted(notes)) if notes else "")


def _sums(answers: dict[str, dict[str, Found]], engines: list[str], limit_s: float) -> list[list[object]]:
    """Return the rows below: the sum, and the median of the ratios to kg, over what both answered."""

    def seconds(engine: str, name: str) -> float | None:
        found = answers[engine][name]
        if found == _TOO_LONG:
            return limit_s
        return None if isinstance(found, str) else found[0]

    names = [name for name in answers["kg"] if all(seconds(engine, name) is not None for engine in engines)]
    total = [sum(seconds(engine, name) or 0.0 for name in names) for engine in engines]
    ratios: list[object] = []
    for engine in engines:
        pairs = [(seconds("kg", name), seconds(engine, name)) for name in answers["kg"]]
        both = [other / own for own, other in pairs if own and other]
        ratios.append(statistics.median(both) if both and engine != "kg" else None)
    return [
        [f"**sum of the {len(names)} without an error**", *(1000 * value for value in total)],
        ["**its ratio to kg**", None, *(value / total[0] for value in total[1:])],
        ["**median of the ratios to kg**", *ratios],
    ]
