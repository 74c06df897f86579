"""A source, and what came out of reading it: papers and the problems met on the way."""

from __future__ import annotations

from dataclasses import dataclass

from kg.paper import Paper


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that could not be read.

    Attributes:
        source: the file as the call names it: the argument, and below a folder the path in it.
        line: number of the line, from 1, or None where the whole file is meant.
        message: what happened; what to do next.
    """

    source: str
    line: int | None
    message: str

    def __str__(self) -> str:
        """Return the one line that is shown.

        >>> print(Problem("new.jsonl", 3, "no title; add a title"))
        new.jsonl:3: no title; add a title
        """
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        return " ".join(f"{place}: {self.message}".split())


@dataclass(frozen=True)
class Reading:
    """What came out of one or more sources.

    Attributes:
        papers: in the order of the source; of all sources together: each once, sorted by `Paper.id`.
        problems: in the order they were met.
    """

    papers: tuple[Paper, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Source:
    """A given input file.

    Attributes:
        name: what papers call it (`Paper.sources`); does not change when the folder that was given is moved.
        place: what problems call it, so that it can be opened.
    """

    name: str
    place: str

    def problem(self, line: int | None, message: str) -> Problem:
        """Return a problem of this source."""
        return Problem(self.place, line, message)


def shorten(text: str, width: int = 60) -> str:
    """Return the beginning of a text in quotation marks, for a message.

    >>> shorten("a very long title", 12)
    '"a very long…"'
    """
    head = " ".join(text[: 4 * width].split())
    return f'"{head}"' if len(head) <= width and len(text) <= 4 * width else f'"{head[: width - 1].rstrip()}…"'
