"""The page of benchmarks: tables of what was taken, the machine, and sections that can be renewed one by one."""

from __future__ import annotations

import math
import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from tests.benchmarks.measuring import ROOT, Step, Taken, count_cores, measure

HEAD = """# How fast

`make bench` measures kg beside other programs on the machine at hand and writes this page. A row is one step by one
program, in a process of its own, on data that all have alike. Seconds are by the clock; "processor" is the time of all
threads and processes together; "ready" is the time from the start of the process until it could begin; MB is the most
memory that its processes have had. The ratio says how many times as long a program takes as the first row of its table,
for the same amount: only ratios carry over to other machines.

"""

_PACKAGES = (
    *("pyoxigraph", "rdflib", "oxrdflib", "onnxruntime", "numpy", "networkx", "pyvis"),
    *("keybert", "sentence-transformers", "transformers", "torch"),
)


@dataclass(frozen=True)
class Peer:
    """One program that does a step.

    Attributes:
        name: what the table calls it.
        step: what is measured.
        arguments: what the step is given.
        amount: how much work it does, in the unit of the table.
        cores: how many cores it may use; all if it is not given.
    """

    name: str
    step: Step
    arguments: tuple[object, ...]
    amount: float
    cores: int | None = None


def compare(peers: Sequence[Peer], limit_s: float = 3600) -> list[tuple[Peer, Taken | str]]:
    """Return what each peer takes, one after the other."""
    found = []
    for peer in peers:
        taken = measure(peer.step, *peer.arguments, cores=peer.cores, limit_s=limit_s)
        print(f"  {peer.name}: {taken if isinstance(taken, str) else f'{taken.seconds:.2f} s'}", flush=True)
        found.append((peer, taken))
    return found


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown; numbers are rounded to what can be told apart."""
    lines = [head, ["---"] * len(head), *([show(cell) for cell in row] for row in rows)]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def show(cell: object) -> str:
    """Return a cell as text.

    >>> show(1234567), show(1234.5), show(12.345), show(0.012345), show(None)
    ('1,234,567', '1,234', '12.3', '0.012', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, int):
        return f"{cell:,}"
    if cell == math.inf:
        return "too long"
    if isinstance(cell, float):
        return (
            f"{cell:,.0f}"
            if cell >= 100
            else f"{cell:.1f}"
            if cell >= 10
            else f"{cell:.2g}"
            if cell < 0.1
            else f"{cell:.2f}"
        )
    return str(cell)


def compared(unit: str, found: Sequence[tuple[Peer, Taken | str]], more: Mapping[str, str] | None = None) -> str:
    """Return the table of what peers took.

    Args:
        unit: of their amounts, as a plural.
        found: peers and what they took; the ratio is to the first.
        more: a further column: its head, and the key of the peers' answers that it shows.
    """
    more = more or {}
    base = next((peer.amount / taken.seconds for peer, taken in found[:1] if isinstance(taken, Taken)), None)
    head = ["by", "cores", unit, "ready", "seconds", "processor", f"{unit} a second", "MB", "ratio", *more]
    rows: list[list[object]] = []
    for peer, taken in found:
        cells: list[object] = [peer.name, peer.cores or count_cores()]
        if isinstance(taken, str):
            rows.append([*cells, taken, *[None] * (len(head) - 3)])
            continue
        rate = peer.amount / taken.seconds
        cells += [int(peer.amount), taken.ready, taken.seconds, taken.cpu, rate, int(taken.memory)]
        rows.append([*cells, base / rate if base and rows else None, *(taken.answer[key] for key in more.values())])
    return table(head, rows)


def describe_machine(servers: Iterable[str] = ()) -> str:
    """Return processor, cores, memory and versions, of servers as they are given."""
    model = platform.machine()
    with suppress(OSError):
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
        model = found[1] if found else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = [f"Python {platform.python_version()}"]
    for package in _PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            versions.append(f"{package} {metadata.version(package)}")
    made_of = f"{model}, {count_cores()} cores, {memory:.0f} GiB of memory, {platform.system()}"
    return f"{made_of}. {', '.join([*versions, *servers])}.\n"


def renew(page: Path, sections: Mapping[str, str], order: Sequence[str]) -> None:
    """Write sections, by title, into a page that may hold others; those keep what they say."""
    old = page.read_text(encoding="utf-8") if page.is_file() else ""
    kept = {part.partition("\n")[0]: part.partition("\n")[2].strip() for part in old.split("\n## ")[1:]}
    now = {title: text.strip() for title, text in {**kept, **sections}.items() if title in order}
    parts = [f"## {title}\n\n{now[title]}\n\n" for title in order if title in now]
    page.write_text(HEAD + "".join(parts).rstrip() + "\n", encoding="utf-8")


def shared_folder() -> Path:
    """Return the folder of real papers that is not part of the repository; it may not be there."""
    return Path(os.environ.get("KG_SHARED") or ROOT.parent / "shared")
