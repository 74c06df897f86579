"""Answers as text: a table for people, and the formats of the W3C for programs."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias, get_args

import pyoxigraph as ox

from kg.asking.parameters import Term
from kg.asking.query import Answer, Table
from kg.errors import UsageError, did_you_mean
from kg.ontology import prefixes as known_prefixes

Format: TypeAlias = Literal["table", "csv", "tsv", "json", "xml", "markdown", "ttl", "nt"]
FORMATS: tuple[Format, ...] = get_args(Format)

_STRING = "http://www.w3.org/2001/XMLSchema#string"
_NUMBERS = {f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("integer", "decimal", "double", "float")}
_RESULTS = "http://www.w3.org/2005/sparql-results#"
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def read_format(name: str | None) -> Format | None:
    """Return the format of that name, or None for None.

    Raises:
        UsageError: there is no such format.
    """
    for known in FORMATS:
        if name is not None and name.casefold() == known:
            return known
    if name is not None:
        raise UsageError(f"{name!r} is not a format{did_you_mean(name, FORMATS)} (there are {', '.join(FORMATS)})")
    return None


def default_format(answer: Answer, *, terminal: bool) -> Format:
    """Return the format where none is asked for: a table on a terminal, CSV in a pipe; triples are Turtle in both."""
    if isinstance(answer, tuple):
        return "ttl"
    return "table" if terminal else "csv"


def render(
    answer: Answer,
    format: str | None = None,
    *,
    terminal: bool = False,
    width: int = 100,
    prefixes: Mapping[str, str] | None = None,
) -> bytes:
    r"""Return an answer as UTF-8 that ends with a line break; CSV lines end with CR LF, as its standard says.

    >>> render(Table(("n",), ((ox.Literal(3),),)), "tsv")
    b'?n\n3\n'

    Args:
        answer: what `kg.asking.query.ask` returned.
        format: one of `FORMATS`, or None for the default.
        terminal: whether the text goes to a terminal: a table then has colours and is wrapped to `width` columns.
        width: columns of the terminal.
        prefixes: those that shorten IRIs in a table, in Markdown and in Turtle; None takes all that kg knows.

    Raises:
        UsageError: there is no such format, or it does not fit the answer.
    """
    chosen = next((known for known in FORMATS if known == format), None)
    if format is not None and chosen is None:
        raise UsageError(f"there is no format {format!r}{did_you_mean(format, FORMATS) or _hint(FORMATS)}")
    known = known_prefixes() if prefixes is None else prefixes
    return _render(answer, chosen or default_format(answer, terminal=terminal), terminal, width, known).encode()


def _hint(names: Sequence[str]) -> str:
    return f"; take one of {', '.join(names)}"


def _render(answer: Answer, chosen: Format, terminal: bool, width: int, known: Mapping[str, str]) -> str:
    if chosen in ("ttl", "nt"):
        return _write_triples(answer, chosen, known)
    if isinstance(answer, bool):
        return _write_boolean(answer, chosen)
    table = tabulate(answer)
    if chosen == "csv":
        return _write_csv(table)
    if chosen == "tsv":
        return _write_tsv(table)
    if chosen == "json":
        return _write_json(table)
    if chosen == "xml":
        return _write_xml(table)
    cells, right = lay_out(table, known)
    if chosen == "markdown":
        return _write_markdown(table.columns, cells)
    if terminal:
        return _draw_table(table.columns, cells, right, width)
    return _align_table(table.columns, cells, right)


def tabulate(answer: Table | tuple[ox.Triple, ...]) -> Table:
    """Return triples as a table of subject, predicate and object, and a table as it is."""
    return answer if isinstance(answer, Table) else Table(("subject", "predicate", "object"), tuple(map(tuple, answer)))


def lay_out(table: Table, prefixes: Mapping[str, str]) -> tuple[list[list[str]], list[bool]]:
    """Return the cells of a table as people read them, and of each column whether it holds numbers alone."""
    shorten = _Shortener(prefixes)
    cells = [[clean(shorten(term)) for term in row] for row in table.rows]
    right = [_is_numeric(column) for column in zip(*table.rows, strict=True)] or [False] * len(table.columns)
    return cells, right


def clean(text: str) -> str:
    r"""Return text that a terminal only shows: no control characters, no change of direction, on one line.

    >>> clean("a\x1b[31mred\n b")
    'a␛[31mred b'
    """
    return _UNSAFE.sub(_picture, re.sub(r"[\t\r\n]+\s*", " ", text))


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"


class _Shortener:
    """Writes terms for people: prefixed names, lexical forms, nothing for an unbound variable."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._names = {namespace: prefix for prefix, namespace in prefixes.items()}

    def __call__(self, term: Term | None) -> str:
        if term is None:
            return ""
        if isinstance(term, ox.NamedNode):
            cut = max(term.value.rfind("/"), term.value.rfind("#")) + 1
            prefix = self._names.get(term.value[:cut])
            return term.value if prefix is None or cut == len(term.value) else f"{prefix}:{term.value[cut:]}"
        if isinstance(term, ox.Triple):
            return f"<<( {self(term.subject)} {self(term.predicate)} {self(term.object)} )>>"
        return term.value if isinstance(term, ox.Literal) else str(term)


def _is_numeric(column: Sequence[Term | None]) -> bool:
    terms = [term for term in column if term is not None]
    return bool(terms) and all(isinstance(term, ox.Literal) and term.datatype.value in _NUMBERS for term in terms)


def _write_boolean(answer: bool, chosen: Format) -> str:
    word = "true" if answer else "false"
    if chosen == "json":
        return json.dumps({"head": {}, "boolean": answer}) + "\n"
    if chosen == "xml":
        return (
            f'<?xml version="1.0"?>\n<sparql xmlns="{_RESULTS}">\n  <head/>\n  <boolean>{word}</boolean>\n</sparql>\n'
        )
    return word + "\n"


def _write_triples(answer: Answer, chosen: Format, prefixes: Mapping[str, str]) -> str:
    if not isinstance(answer, tuple):
        raise UsageError(f"{chosen} is for CONSTRUCT and DESCRIBE; take one of table, csv, tsv, json, xml, markdown")
    if chosen == "nt":
        return (ox.serialize(answer, format=ox.RdfFormat.N_TRIPLES) or b"").decode()
    iris = {term.value for triple in answer for term in triple if isinstance(term, ox.NamedNode)}
    iris |= {term.datatype.value for triple in answer for term in triple if isinstance(term, ox.Literal)} - {_STRING}
    used = {name: space for name, space in prefixes.items() if any(iri.startswith(space) for iri in iris)}
    return (ox.serialize(answer, format=ox.RdfFormat.TURTLE, prefixes=used) or b"").decode()


def _write_csv(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow(["" if term is None else _plain(term) for term in row])
    return out.getvalue()


def _plain(term: Term) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def _write_tsv(table: Table) -> str:
    lines = ["\t".join(f"?{column}" for column in table.columns)]
    lines += ["\t".join("" if term is None else _turtle(term) for term in row) for row in table.rows]
    return "\n".join(lines) + "\n"


def _turtle(term: Term) -> str:
    if isinstance(term, ox.Literal):
        kind = term.datatype.value.rpartition("#")[2]
        pattern = {"integer": r"[+-]?\d+", "decimal": r"[+-]?\d*\.\d+"}.get(kind)
        if pattern and term.datatype.value in _NUMBERS and re.fullmatch(pattern, term.value):
            return term.value
    return str(term).replace("\t", "\\t").replace("\r", "\\r")


def _write_json(table: Table) -> str:
    rows = [
        {column: _json_term(term) for column, term in zip(table.columns, row, strict=True) if term is not None}
        for row in table.rows
    ]
    document = {"head": {"vars": list(table.columns)}, "results": {"bindings": rows}}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _json_term(term: Term) -> dict[str, object]:
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Triple):
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: _json_term(part) for name, part in parts.items()}}
    found: dict[str, object] = {"type": "literal", "value": term.value}
    if term.language:
        return {**found, "xml:lang": term.language}
    return found if term.datatype.value == _STRING else {**found, "datatype": term.datatype.value}


def _write_xml(table: Table) -> str:
    lines = ['<?xml version="1.0"?>', f'<sparql xmlns="{_RESULTS}">', "  <head>"]
    lines += [f'    <variable name="{_escape(column)}"/>' for column in table.columns]
    lines += ["  </head>", "  <results>"]
    for row in table.rows:
        lines.append("    <result>")
        for column, term in zip(table.columns, row, strict=True):
            if term is not None:
                lines.append(f'      <binding name="{_escape(column)}">{_xml_term(term)}</binding>')
        lines.append("    </result>")
    return "\n".join([*lines, "  </results>", "</sparql>"]) + "\n"


def _xml_term(term: Term) -> str:
    if isinstance(term, ox.NamedNode):
        return f"<uri>{_escape(term.value)}</uri>"
    if isinstance(term, ox.BlankNode):
        return f"<bnode>{_escape(term.value)}</bnode>"
    if isinstance(term, ox.Triple):
        parts = (("subject", term.subject), ("predicate", term.predicate), ("object", term.object))
        return "<triple>" + "".join(f"<{name}>{_xml_term(part)}</{name}>" for name, part in parts) + "</triple>"
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", term.value)
    kind = ""
    if term.language:
        kind = f' xml:lang="{_escape(term.language)}"'
    elif term.datatype.value != _STRING:
        kind = f' datatype="{_escape(term.datatype.value)}"'
    return f"<literal{kind}>{_escape(text)}</literal>"


def _escape(text: str) -> str:
    """Return text as XML has it, in elements and attributes (the functions of the library load half of `urllib`)."""
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\r", "&#13;")):
        text = text.replace(char, entity)
    return text


def _write_markdown(columns: Sequence[str], cells: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(re.sub(r"([\\|<*`\[])", r"\\\1", cell) for cell in row) + " |" for row in cells]
    return "\n".join(lines) + "\n"


def _width(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _align_table(columns: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    widths = [max(map(_width, column)) for column in zip(columns, *cells, strict=True)]
    lines = []
    for row in (columns, ["-" * width for width in widths], *cells):
        padded = []
        for cell, width, is_right in zip(row, widths, right, strict=True):
            gap = " " * (width - _width(cell))
            padded.append(gap + cell if is_right else cell + gap)
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines) + "\n"


def fit_widths(natural: Sequence[int], available: int) -> list[int]:
    """Return widths of columns whose sum is at most `available` (if that is at all possible), each at least 4.

    Columns that need no more than an equal share get what they need; the others share the rest, those with more text
    more, by the square root of it.

    >>> fit_widths([5, 120, 480], 65)
    [5, 20, 40]
    """
    widths = dict(enumerate(natural))
    wide = set(widths)
    while wide and sum(widths.values()) > available:
        rest = available - sum(natural[i] for i in widths if i not in wide)
        narrow = {i for i in wide if natural[i] * len(wide) <= rest}
        if not narrow:
            roots = sum(natural[i] ** 0.5 for i in wide)
            return [max(4, int(rest * natural[i] ** 0.5 / roots)) if i in wide else natural[i] for i in widths]
        wide -= narrow
    return list(natural)


def _draw_table(columns: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool], width: int) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, row_styles=("", "dim"))
    headings = [column.replace("_", " ") for column in columns]
    natural = [max(map(_width, column)) for column in zip(headings, *cells, strict=True)]
    for heading, is_right, fitted in zip(headings, right, fit_widths(natural, width - 3 * len(columns)), strict=True):
        drawn.add_column(Text(heading), justify="right" if is_right else "left", overflow="fold", width=fitted)
    for row in cells:
        drawn.add_row(*map(Text, row))
    out = io.StringIO()
    Console(file=out, force_terminal=True, width=width, legacy_windows=False).print(drawn)
    return "\n".join(line.rstrip() for line in out.getvalue().strip("\n").splitlines()) + "\n"
