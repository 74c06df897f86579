"""How long commands take from their start to their end, on the graph of `seeds/`."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.benchmarks import servers
from tests.benchmarks.measuring import ROOT, Missing
from tests.benchmarks.reporting import table

TURNS = 9
TEXT = """\
From the start of a process to its end, in milliseconds: the median of {turns} turns, after a first one. Commands ask
the graph of `seeds/`. The ratio is to `kg query`.

"""


def time_command(command: Sequence[str | Path]) -> tuple[float, float, float] | None:
    """Return seconds by the clock, seconds of the processor, and MB at most; None where the command fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    found: list[tuple[float, float, float]] = []
    for _ in range(TURNS + 1):
        start = time.perf_counter()
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            return None
        seconds = time.perf_counter() - start
        found.append((seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))
    seconds, processor, memory = (statistics.median(values) for values in zip(*found[1:], strict=True))
    return seconds, processor, memory


def write_starting(folder: Path) -> str:
    """Return the section on start-up."""
    kg: list[str | Path] = [sys.executable, "-m", "kg"]
    graph = folder / "kg-out"
    subprocess.run([*kg, "build", ROOT / "seeds", "-o", graph], check=True, capture_output=True, cwd=ROOT)
    commands: list[tuple[str, list[str | Path]]] = [
        ("kg query papers-with-code", [*kg, "query", "papers-with-code", "-g", graph]),
        ("kg --version", [*kg, "--version"]),
        ("kg --help", [*kg, "--help"]),
        ("kg queries", [*kg, "queries"]),
        ("kg show SpecTr", [*kg, "show", "SpecTr", "-g", graph]),
        ("kg stats", [*kg, "stats", "-g", graph]),
        ("kg related SpecTr", [*kg, "related", "SpecTr", "-g", graph]),
        ("kg export -f ntriples", [*kg, "export", "-f", "ntriples", "-g", graph]),
        ("python -c pass", [sys.executable, "-c", "pass"]),
        ("import rdflib, read the graph", [sys.executable, "-c", _RDFLIB, graph / "graph.ttl"]),
        ("import keybert", [sys.executable, "-W", "ignore", "-c", "import keybert"]),
        ("import transformers.pipeline", [sys.executable, "-W", "ignore", "-c", "from transformers import pipeline"]),
    ]
    with suppress(Missing):
        commands.append(("Jena riot --version", servers.jena_command("riotcmd.riot", "--version")))
    base = 0.0
    rows: list[list[object]] = []
    for name, command in commands:
        taken = time_command(command)
        print(f"  {name}: {'failed' if taken is None else f'{taken[0]:.2f} s'}", flush=True)
        if taken is None:
            rows.append([name, "not installed" if name.startswith("import") else "failed", None, None, None])
            continue
        base = base or taken[0]
        ratio = taken[0] / base if rows else None
        rows.append([name, 1000 * taken[0], 1000 * taken[1], int(taken[2]), ratio])
    return TEXT.format(turns=TURNS) + table(["command", "ms", "processor ms", "MB", "ratio"], rows)


_RDFLIB = "import rdflib, sys; rdflib.Graph().parse(sys.argv[1])"
