"""The user's decisions on what is one concept: a file of merges that can be read and changed.

A build writes the user's decisions and what it merged to `merges.tsv`; `kg build --merges FILE` reads decisions of the
same shape back, so that a build with the file that it wrote gives the same graph.
The columns are `decision`, `kind`, `form`, `other`, `reason`, `confidence`, `paper`; only the first four are read.
`together` joins two forms, `apart` takes a form out of the concept of another; lines that start with `merged`
(what the build itself decided) and comments (`#`) are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kg.errors import UsageError, did_you_mean
from kg.mention import KINDS


@dataclass(frozen=True)
class Decision:
    """That two surface forms of one kind denote the same concept (`together`) or do not."""

    together: bool
    kind: str
    form: str
    other: str


def read_decisions(path: Path) -> tuple[Decision, ...]:
    """Return the decisions of a file, in its order.

    Raises:
        UsageError: the file is missing, not UTF-8, or a line is not a decision; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); give a file of merges") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8; save it as UTF-8 text") from error
    return tuple(_parse(lines, path))


def _parse(lines: Iterable[str], path: Path) -> Iterable[Decision]:
    kinds = {kind.casefold(): kind for kind in KINDS}
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line.split("\t")]
        if not line.strip() or line.startswith("#") or cells[0] in ("merged", "decision"):
            continue
        where = f"{path}:{number}"
        if cells[0] not in ("together", "apart"):
            raise UsageError(f"{where}: a line starts with together or apart, not {cells[0]!r}")
        if len(cells) < 4 or not (cells[2] and cells[3]):
            raise UsageError(f"{where}: a decision has kind, form and other form after it, separated by tabs")
        if cells[1].casefold() not in kinds:
            raise UsageError(f"{where}: {cells[1]!r} is not a kind{did_you_mean(cells[1], KINDS)}")
        yield Decision(cells[0] == "together", kinds[cells[1].casefold()], cells[2], cells[3])
