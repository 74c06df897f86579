"""Ready questions as forms, and their answers as tables whose names lead to the things they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyoxigraph as ox

from kg.asking.catalogue import Catalogue, path_of
from kg.asking.parameters import Term, bind, make_term
from kg.asking.query import Answer, Table
from kg.asking.questions import Question, find_question
from kg.asking.tables import clean
from kg.asking.things import shorten
from kg.errors import KgError
from kg.exploring.csv_text import write_csv
from kg.ontology import rebase

MOST_ROWS = 1000
"""Rows that an answer shows; its CSV has all."""

_NUMBERS = {f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("integer", "decimal", "double", "float")}
_NAMED = {
    "title": "Paper",
    "other_title": "Paper",
    "introduced_by": "Paper",
    "task": "Task",
    "addresses": "Task",
    "benchmark": "Benchmark",
    "evaluates_on": "Benchmark",
    "other_benchmark": "Benchmark",
    "hardware": "Hardware",
    "keyphrase": "Keyphrase",
    "metric": "Metric",
}
"""The kind of what a column names; other columns name the first kind that has the name, methods first."""

_UNLINKED = {"role", "reason", "value", "sentence", "vendor", "form", "unit", "quote", "rule", "source", "sources"}


def show_question(question: Question) -> dict[str, Any]:
    """Return a question with its parameters, as values of JSON."""
    return {
        "name": question.name,
        "title": question.title,
        "description": question.description,
        "parameters": [
            {"name": p.name, "kind": p.kind, "default": p.default, "help": p.help} for p in question.parameters
        ],
    }


def read_parameters(given: Mapping[str, str]) -> dict[str, str]:
    """Return the values that a form gives to a question: fields that are left empty have their defaults."""
    return {name: value for name, value in given.items() if value != ""}


def show_answer(catalogue: Catalogue, name: str, given: Mapping[str, str], answer: Answer) -> dict[str, Any]:
    """Return the answer of a question as values of JSON: its columns, its first rows, and its query.

    Raises:
        UsageError: there is no such question, or a value is wrong.
        KgError: the answer is no table.
    """
    question, table = find_question(name), _check_table(name, answer)
    return {
        **show_question(question),
        "given": {p.name: given.get(p.name, p.default) for p in question.parameters},
        "columns": [column.replace("_", " ") for column in table.columns],
        "total": len(table.rows),
        "rows": [
            [_show_cell(catalogue, column, term) for column, term in zip(table.columns, row, strict=True)]
            for row in table.rows[:MOST_ROWS]
        ],
        "query": _write_query(catalogue, question, given),
    }


def export_answer(catalogue: Catalogue, name: str, answer: Answer) -> str:
    """Return the whole answer of a question as CSV; raises what `show_answer` raises."""
    table = _check_table(name, answer)
    return write_csv(table.columns, ([_text(catalogue, term) for term in row] for row in table.rows))


def _check_table(name: str, answer: Answer) -> Table:
    if not isinstance(answer, Table):
        raise KgError(f"{name} has no table for an answer; ask it with kg query")
    return answer


def _write_query(catalogue: Catalogue, question: Question, given: Mapping[str, str]) -> str:
    """Return the query of a question with its values in it, without the header that declares parameters."""
    prefixes = catalogue.graph.prefixes
    terms: dict[str, Term | tuple[Term, ...]] = {
        p.name: make_term(p.name, given[p.name], "number" if p.kind == "number" else "text", prefixes)
        for p in question.parameters
        if given.get(p.name)
    }
    lines = bind(rebase(question.text, catalogue.graph.base), terms).splitlines()
    while lines and (lines[0].startswith("#") or not lines[0].strip()):
        lines.pop(0)
    return f"# {question.title}\n" + "\n".join(lines) + "\n"


def _text(catalogue: Catalogue, term: Term | None) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        return shorten(catalogue.graph, term.value)
    return term.value if isinstance(term, ox.Literal) else str(term)


def _show_cell(catalogue: Catalogue, column: str, term: Term | None) -> dict[str, Any]:
    """Return a cell: its text, whether it is a number, and the thing that it names."""
    cell: dict[str, Any] = {"text": clean(_text(catalogue, term))}
    if isinstance(term, ox.NamedNode):
        number = catalogue.numbers.get(term.value)
        if number is not None:
            return {**cell, "thing": catalogue.describe(number)}
        return {**cell, "path": path_of(catalogue.graph, term.value), "iri": term.value}
    if not isinstance(term, ox.Literal):
        return cell
    if term.datatype.value in _NUMBERS:
        return {**cell, "number": True}
    if term.value.startswith(("https://", "http://")):
        return {**cell, "iri": term.value}
    number = None if column in _UNLINKED else _find_named(catalogue, column, term.value)
    return cell if number is None else {**cell, "thing": catalogue.describe(number)}


def _find_named(catalogue: Catalogue, column: str, text: str) -> int | None:
    """Return the thing that a cell names, where it is sure which one: by the kind of the column, else methods first."""
    named = [number for number in catalogue.called(text) if catalogue.labels[number] == text]
    kind = _NAMED.get(column)
    if kind is not None:
        named = [number for number in named if catalogue.kinds[number] == kind]
        return named[0] if len(named) == 1 else None
    order = ("Paper", "Method", "Benchmark", "Hardware", "Task", "Metric", "Keyphrase")
    return min(named, key=lambda number: order.index(catalogue.kinds[number]), default=None)
