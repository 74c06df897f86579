"""Files, folders and standard input as papers: each once, with all the sources it came from.

The kind of a file is told by its content: a listing page, JSON, JSON Lines, CSV, TSV or BibTeX, perhaps in gzip.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from kg.errors import UsageError, did_you_mean
from kg.paper import Paper
from kg.reading.bibtex import is_bibtex, read_bibtex
from kg.reading.encoding import EncodingError, decode
from kg.reading.listing import is_listing, read_listing
from kg.reading.merging import merge_papers
from kg.reading.source import Problem, Reading, Source
from kg.reading.tabular import is_json_lines, is_table, read_json, read_json_lines, read_table

__all__ = ["Problem", "Reading", "read_papers"]

STDIN = "standard input"
_TABLES = (".csv", ".tsv", ".tab")
_UNKNOWN = (
    "not recognised as a listing page, JSON, JSON Lines, CSV, TSV or BibTeX; "
    "save it as titles and abstracts with blank lines between"
)


def read_papers(inputs: Sequence[str | Path], *, stdin: BinaryIO | None = None, keep_going: bool = False) -> Reading:
    """Return the papers of all inputs, each once, sorted by `Paper.id`, whatever the order of the inputs.

    Args:
        inputs: files, folders (read with all below them, hidden files left out) and "-" for standard input. A file that
            is given twice is read once.
        stdin: what "-" reads; the standard input of the process where it is None.
        keep_going: return what can be read, with the problems, instead of raising at the first problem.

    Raises:
        UsageError: something cannot be read and `keep_going` is false; or nothing can be read at all. The text is the
            first problem as one line.
    """
    problems: list[Problem] = []
    papers: list[Paper] = []

    def add(reading: Reading) -> None:
        if reading.problems and not keep_going:
            raise UsageError(str(reading.problems[0]))
        papers.extend(reading.papers)
        problems.extend(reading.problems)

    if not inputs:
        raise UsageError("no input; name a file, a folder, or - for standard input")
    files, lost = _find_files([str(given) for given in inputs])
    add(Reading((), tuple(lost)))
    if any(str(given) == "-" for given in inputs):
        source = Source(STDIN, STDIN)
        add(_read(lambda: (stdin or sys.stdin.buffer).read(), source))
    for path, source in files:
        add(_read(path.read_bytes, source))
    if not papers:
        others = len(problems) - 1
        more = f" (and {others} more problem{'s' if others > 1 else ''})" if others > 0 else ""
        raise UsageError(f"{problems[0]}{more}" if problems else "no papers in the input; name another file")
    return Reading(merge_papers(papers), tuple(problems))


def read_text(text: str, source: Source) -> Reading:
    """Return the papers of one decoded file, of whatever kind it is."""
    body = text.lstrip("\ufeff \t\n")
    if body.startswith("{") and is_json_lines(text):
        return read_json_lines(text, source)
    if body.startswith(("[", "{")):
        return read_json(text, source)
    if is_bibtex(text) or body.startswith("@") or source.place.lower().removesuffix(".gz").endswith(".bib"):
        return read_bibtex(text, source)
    if body[:200].lower().startswith(("<!doctype", "<html", "<?xml", "<feed", "<rss")):
        return _problem(
            source, "HTML or XML; save the page as text (select all, copy, paste), or export JSON or BibTeX"
        )
    if is_table(text) or source.place.lower().removesuffix(".gz").endswith(_TABLES):
        return read_table(text, source)
    reading = read_listing(text, source) if is_listing(text) else Reading(())
    return reading if reading.papers or reading.problems else _problem(source, _UNKNOWN)


def _problem(source: Source, message: str) -> Reading:
    return Reading((), (source.problem(None, message),))


def _read(read: Callable[[], bytes], source: Source) -> Reading:
    """Return the papers of one source, or what kept it from being read."""
    try:
        return read_text(decode(read()), source)
    except EncodingError as error:
        return Reading((), (source.problem(error.line, str(error)),))
    except OSError as error:
        return _problem(source, f"{(error.strerror or str(error)).lower()}; check the file and its permissions")


def _find_files(inputs: Sequence[str]) -> tuple[list[tuple[Path, Source]], list[Problem]]:
    """Return the files in all inputs, each once, sorted by name, and problems with the inputs themselves."""
    problems: list[Problem] = []
    found: dict[str, tuple[str, Path]] = {}

    def add(name: str, path: Path) -> None:
        identity = os.path.realpath(path)
        kept = found.get(identity)
        if kept is None or (len(name), name, str(path)) < (len(kept[0]), kept[0], str(kept[1])):
            found[identity] = name, path

    for given in inputs:
        path = Path(given)
        if given == "-":
            continue
        if path.is_dir():
            empty = True
            for below in _walk(path, problems):
                empty = False
                add(below.relative_to(path).as_posix(), below)
            if empty:
                problems.append(Problem(given, None, "a folder without files; put papers there or name another"))
        elif path.exists():
            add(path.name, path)
        else:
            folder = path.parent
            beside = sorted(other.name for other in folder.iterdir()) if folder.is_dir() else []
            near = did_you_mean(path.name, beside) or "; check the name"
            problems.append(Problem(given, None, f"no such file or folder{near}"))
    names = _distinct_names([(name, path) for name, path in found.values()])
    files = [(path, Source(name, str(path))) for name, path in names]
    return sorted(files, key=lambda file: file[1].name), problems


def _walk(folder: Path, problems: list[Problem]) -> Iterator[Path]:
    """Yield the files in a folder and below it, but hidden ones and built graphs; links are followed once."""

    def lost(error: OSError) -> None:
        what = f"{(error.strerror or 'not readable').lower()}; check the folder and its permissions"
        problems.append(Problem(str(error.filename), None, what))

    seen = set()
    for place, folders, files in os.walk(folder, followlinks=True, onerror=lost):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        if {"graph.ttl", "extraction.jsonl"} <= set(files):  # what an earlier build wrote is no source of papers
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))


def _distinct_names(files: list[tuple[str, Path]]) -> list[tuple[str, Path]]:
    """Return the files under names that differ: as many parts of the path in front as that takes."""
    parts = {path: path.absolute().parts for _, path in files}
    sizes = {path: len(Path(name).parts) for name, path in files}
    while True:
        named = {path: "/".join(parts[path][-sizes[path] :]) for path in sizes}
        owners: dict[str, list[Path]] = {}
        for path, name in named.items():
            owners.setdefault(name, []).append(path)
        longer = [p for same in owners.values() if len(same) > 1 for p in same if sizes[p] < len(parts[p])]
        if not longer:
            return [(name, path) for path, name in named.items()]
        for path in longer:
            sizes[path] += 1
