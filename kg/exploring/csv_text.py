"""Tables as CSV that a spreadsheet only shows: no cell of it is run as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*([eE][+-]?\d+)?\s?%?")


def guard(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe stands in front of what could be one.

    >>> guard("=HYPERLINK(1)"), guard("-3.5"), guard("+cmd|x"), guard("plain")
    ("'=HYPERLINK(1)", '-3.5', "'+cmd|x", 'plain')
    """
    start = cell.lstrip("\t\r\n \u00a0\u3000")[:1]
    risky = cell[:1] in ("\t", "\r", "\n") or start in ("=", "+", "-", "@", "＝", "＋", "－", "＠")
    return "'" + cell if risky and not _NUMBER.fullmatch(cell) else cell


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a table as CSV whose lines end with CR LF, each cell guarded.

    >>> write_csv(["a"], [["=1"]])
    "a\r\n'=1\r\n"
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([guard(column) for column in columns])
    writer.writerows([guard(cell) for cell in row] for row in rows)
    return out.getvalue()
