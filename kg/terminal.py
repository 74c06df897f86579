"""What commands share: reading queries and parameters, writing answers, and what is said on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from kg.errors import KgError, UsageError

if TYPE_CHECKING:
    from kg.asking.query import Answer
    from kg.decisions import Decision

T = TypeVar("T")


def read_query(query: str) -> str:
    """Return what a query argument stands for: the text of a .rq file or of standard input, else itself."""
    try:
        if query == "-":
            return sys.stdin.read()
        if query.endswith((".rq", ".sparql")) and "{" not in query:
            return Path(query).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        place = "standard input" if query == "-" else query
        raise UsageError(f"{place}: cannot be read; give a file with a SPARQL query") from error
    return query


def parse_parameters(pairs: Sequence[str]) -> dict[str, str]:
    """Return the parameters that are written NAME=VALUE."""
    out = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"-p {pair}: a parameter is written NAME=VALUE")
        out[name.strip().lstrip("?$")] = value
    return out


def print_answer(answer: Answer, format: str | None, output: str, prefixes: Mapping[str, str]) -> None:
    """Write an answer in a format; a table on a terminal, plain data elsewhere."""
    from kg.asking.tables import render

    terminal = output == "-" and on_terminal()
    text = render(answer, format, terminal=terminal, width=terminal_width(), prefixes=prefixes)
    write_output(output, [text])


def write_output(output: str, pieces: Iterable[bytes]) -> None:
    """Write to standard output, or to a file that is there whole or not at all."""
    if output == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    else:
        from kg.folder import write_whole

        write_whole(Path(output), pieces)


def cache_folder(given: Path | None, none: bool) -> Path | None:
    """Return the folder of the cache that the options ask for, or None."""
    if given is not None and none:
        raise UsageError("--cache and --no-cache do not go together; give one of them")
    if given is not None or none:
        return given
    from kg.cache import find_cache_folder

    return find_cache_folder()


def cluster_address(engine: str, address: str | None) -> str | None:
    """Return the address of the Ray cluster that the options ask for, None where Ray is not asked for.

    >>> cluster_address("local", None), cluster_address("ray", None), cluster_address("ray", "10.0.0.1:6379")
    (None, 'local', '10.0.0.1:6379')
    """
    if engine not in ("local", "ray"):
        raise UsageError(f"--engine {engine}: there are local and ray")
    if engine == "local" and address is not None:
        raise UsageError("--address is that of a Ray cluster; add --engine ray")
    return (address or "local") if engine == "ray" else None


def show_progress(items: Sequence[T], doing: str) -> Iterable[T]:
    """Show the way through a sequence on standard error, if that is a terminal: how many, how fast, how long yet."""
    if not items or not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.fields[rate]}")
    bar = Progress(
        *(TextColumn(doing), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn(elapsed_when_finished=True)),
        console=Console(stderr=True),
        transient=True,
    )

    def walk() -> Iterator[T]:
        with bar:
            task = bar.add_task(doing, total=len(items), rate="")
            for item in items:
                yield item
                speed = bar.tasks[task].finished_speed or bar.tasks[task].speed
                bar.update(task, advance=1, rate=f"{speed:.1f}/s" if speed else "")

    return walk()


def print_text(text: str) -> None:
    """Write text as UTF-8, whatever the locale is."""
    write_output("-", [text.encode("utf-8", "replace")])


def say(line: str) -> None:
    """Write to standard error, control characters made visible."""
    from kg.asking.tables import clean

    print("\n".join(map(clean, line.split("\n"))), file=sys.stderr)


def say_address(address: str) -> None:
    """Write where a server stands to standard output, at once, and to a terminal how to stop it."""
    print(address, flush=True)
    if on_terminal():
        say("stop with Ctrl-C")


def list_problems(problems: Iterable[object]) -> None:
    """List what could not be read, on standard error."""
    for problem in problems:
        say(f"kg: {problem}")


def say_bare(papers: int) -> None:
    """Say how many papers have no abstract, on standard error, if there are any."""
    if papers:
        say(f"kg: {papers} {'paper has' if papers == 1 else 'papers have'} no abstract; only the title was read")


def list_unused(decisions: Iterable[Decision]) -> None:
    """List the decisions that met nothing, on standard error."""
    for d in decisions:
        say(f"kg: no {d.kind.lower()} is written {d.form!r} or {d.other!r}; the decision on them was passed over")


def standard_input(inputs: Sequence[str]) -> BinaryIO | None:
    """Return standard input if it is asked for; it may not be there otherwise."""
    return sys.stdin.buffer if "-" in inputs else None


def stop_at_once(error: KgError) -> None:
    """End the process at once: a query that was stopped may still run in a thread that cannot be ended."""
    import os

    say(f"kg: {error}")
    sys.stderr.flush()
    os._exit(error.exit_code)


def on_terminal() -> bool:
    """Return whether standard output is a terminal."""
    return sys.stdout.isatty()


def terminal_width() -> int:
    """Return the columns of the terminal."""
    import shutil

    return shutil.get_terminal_size((100, 24)).columns
