"""JSON, JSON Lines, CSV and TSV: papers as objects or rows with named fields."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

from kg.errors import did_you_mean
from kg.paper import Paper
from kg.reading.fields import KNOWN, TITLES, FieldsError, field_name, paper_of
from kg.reading.source import Problem, Reading, Source, shorten

LISTS = ("papers", "data", "items", "results", "entries")
"""Names under which an object may hold the list of papers."""
DELIMITERS = ",\t;|"
_NEXT = re.compile(r"[\s,]*")
MAX_FIELD = 1 << 28
"""Longest field of a table, in characters."""


def read_json(text: str, source: Source) -> Reading:
    """Return the papers of one JSON value: a list of objects, an object that holds such a list, or one paper."""
    try:
        value = json.loads(text)
    except RecursionError:
        return Reading((), (source.problem(None, "JSON that is nested too deeply; papers are a flat list of objects"),))
    except json.JSONDecodeError as error:
        what = f"broken JSON ({error.msg.lower()}, column {error.colno}); mend the line, or put one object on each line"
        return Reading((), (source.problem(error.lineno, what),))
    except ValueError:
        return Reading((), (source.problem(None, "JSON with a number of thousands of digits; make it a text"),))
    items = _find_items(value)
    if items is None:
        what = "JSON without papers; give a list of objects, or an object with one under " + ", ".join(LISTS)
        return Reading((), (source.problem(1, what),))
    if not items:
        return Reading((), (source.problem(1, "a list without papers; add some or leave the file out"),))
    papers, problems = [], []
    starts: tuple[int, ...] | None = None
    line, counted = 1, 0
    for number, item in enumerate(items):
        try:
            papers.append(_paper_of(item, source))
        except FieldsError as error:
            starts = _entry_starts(text, len(items)) if starts is None else starts
            if starts:
                line += text.count("\n", counted, starts[number])
                counted = starts[number]
            problems.append(source.problem(line if starts else None, f"entry {number + 1}: {error}"))
    return Reading(tuple(papers), tuple(problems))


def read_json_lines(text: str, source: Source) -> Reading:
    """Return the papers of a text with one JSON object on each line; blank lines are skipped."""
    papers: list[Paper] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            papers.append(_paper_of(json.loads(line), source))
        except FieldsError as error:
            problems.append(source.problem(number, str(error)))
        except RecursionError:
            problems.append(source.problem(number, "JSON that is nested too deeply; a paper is a flat object"))
        except json.JSONDecodeError as error:
            what = f"broken JSON ({error.msg.lower()}, column {error.colno})"
            problems.append(source.problem(number, f"{what}; mend the line or delete it"))
        except ValueError:
            problems.append(source.problem(number, "JSON with a number of thousands of digits; make it a text"))
    return Reading(tuple(papers), tuple(problems))


def read_table(text: str, source: Source) -> Reading:
    """Return the papers of a table with a header; the delimiter is found by looking at the header.

    Fields in quotes may hold delimiters and line feeds. A row with more fields than the header is a problem.
    """
    delimiter = find_delimiter(text)
    limit = csv.field_size_limit(MAX_FIELD)
    try:
        return _read_rows(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), source)
    finally:
        csv.field_size_limit(limit)


def _read_rows(rows: Any, source: Source) -> Reading:
    header: list[str] = []
    papers: list[Paper] = []
    problems: list[Problem] = []
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            problems.append(source.problem(line, f"broken table ({error}); double the quotes inside quotes"))
            break
        if not any(field.strip() for field in row):
            continue
        if not header:
            header = [name.strip() for name in row]
            names = [field_name(name) for name in header]
            if not set(names) & set(TITLES):
                near = did_you_mean("title", header)
                listed = ", ".join(shorten(name, 30).strip('"') for name in header[:12])
                what = f'no column "title"{near or "; add one"} (columns: {listed})'
                return Reading((), (source.problem(line, what),))
            continue
        try:
            if len(row) > len(header):
                raise FieldsError(f"{len(row)} fields, but {len(header)} in the header; put quotes around the fields")
            papers.append(paper_of(dict(zip(header, row, strict=False)), source.name))
        except FieldsError as error:
            problems.append(source.problem(line, str(error)))
    if not papers and not problems:
        problems.append(source.problem(1, "a header without rows; add some or leave the file out"))
    return Reading(tuple(papers), tuple(problems))


def find_delimiter(text: str) -> str:
    r"""Return the delimiter that makes most known columns of the first line, or most columns.

    >>> find_delimiter("id;title, long;abstract\n"), find_delimiter("title\nOne")
    (';', ',')
    """
    head = text.lstrip().split("\n", 1)[0]

    def columns(delimiter: str) -> tuple[int, int]:
        names = [field_name(name.strip(' "')) for name in head.split(delimiter)]
        return len(KNOWN & set(names)), len(names)

    return max(DELIMITERS, key=columns)


def is_table(text: str) -> bool:
    r"""Return whether the first line reads like a header: a title column, or two known columns.

    >>> is_table("id,title\n1,One"), is_table("A title, of course\n\nWe …")
    (True, False)
    """
    head = text.lstrip().split("\n", 1)[0]
    if len(head) > 5000:
        return False
    names = {field_name(name.strip(' "')) for name in head.split(find_delimiter(head))}
    return bool(names & set(TITLES)) or len(names & KNOWN) >= 2


def is_json_lines(text: str) -> bool:
    r"""Return whether a text that begins like JSON has one object on each line, broken ones included.

    >>> is_json_lines('{"a": 1}\n{"a": '), is_json_lines('{"a":\n 1}')
    (True, False)
    """
    text = text.lstrip()
    first, _, rest = text.partition("\n")
    rest = rest.lstrip()
    if not text.startswith("{") or not rest:
        return False
    return _is_object(first) or (rest.startswith("{") and _is_object(rest.partition("\n")[0]))


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _paper_of(item: Any, source: Source) -> Paper:
    if not isinstance(item, dict):
        raise FieldsError("not an object; give each paper as an object with a title")
    return paper_of(item, source.name)


def _find_items(value: Any) -> list[Any] | None:
    """Return the papers in a JSON value, or None where there are none."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return None
    for name in LISTS:
        for key, below in value.items():
            if key.casefold() == name and isinstance(below, list):
                return below
    names = {field_name(name) for name in value}
    if names & set(TITLES) or isinstance(value.get("paper"), dict):
        return [value]
    below = list(value.values())
    if below and all(isinstance(item, dict) and _find_items(item) == [item] for item in below):
        return [{"id": key} | item for key, item in value.items()]
    return None


def _entry_starts(text: str, count: int) -> tuple[int, ...]:
    """Return the offset at which each of the `count` papers of a JSON text begins, or nothing where that is unclear."""
    decoder = json.JSONDecoder()
    lists = "|".join(LISTS)
    for opening in re.finditer(rf'^\s*\[|"(?:{lists})"\s*:\s*\[', text, re.IGNORECASE):
        position, starts = opening.end(), list[int]()
        while True:
            found = _NEXT.match(text, position)
            position = found.end() if found else position
            if text[position : position + 1] in ("]", ""):
                break
            starts.append(position)
            position = decoder.raw_decode(text, position)[1]
        if len(starts) == count:
            return tuple(starts)
    return ()
