"""Lines of text for people: wrapped to a width, with styles on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

BOLD, DIM, UNDERLINE, RESET = "\x1b[1m", "\x1b[2m", "\x1b[1;4m", "\x1b[0m"
_WIDEST_LABEL = 24


class Lines:
    """Collects lines.

    Attributes:
        terminal: whether styles are written.
        width: columns to wrap to; at least 40 are taken.
        most: items of a section that are shown, or None for all.
        lines: what is there so far.
    """

    def __init__(self, terminal: bool, width: int, most: int | None = None) -> None:
        self.terminal, self.width, self.most = terminal, max(40, width), most
        self.lines: list[str] = []

    def style(self, text: str, code: str) -> str:
        """Return the text in a style, where there are styles."""
        return f"{code}{text}{RESET}" if self.terminal and text else text

    def wrap(self, text: str, first: str, code: str = "") -> list[str]:
        """Return lines of a text behind `first`; the next lines stand under the start of the text."""
        rest = " " * len(first)
        lines = textwrap.wrap(text, self.width - len(first), break_on_hyphens=False) or [""]
        styled = [self.style(line, code) if code else line for line in lines]
        return [(first if not i else rest) + line for i, line in enumerate(styled)]

    def section(self, heading: str, items: Sequence[tuple[str, str]]) -> None:
        """Add a heading and items, each with a label in front; nothing where there are no items."""
        if not items:
            return
        self.lines += ["", self.style(heading, BOLD)]
        shown = items[: self.most] if self.most else items
        column = max(len(number) for number, _ in shown)
        for number, text in shown:
            self.lines += self.wrap(text, f"  {number:<{min(column, _WIDEST_LABEL)}}  ")
        if len(shown) < len(items):
            self.lines.append(f"  and {len(items) - len(shown)} more")

    def mark(self, text: str, begin: str, end: str, first: str, plain: tuple[str, str], code: str) -> None:
        """Add a text in which `begin` and `end` enclose what has a style, or stands between `plain` without styles."""
        opening, closing = (code, RESET) if self.terminal else plain
        self.lines += [line.replace(begin, opening).replace(end, closing) for line in self.wrap(text, first)]

    def text(self) -> str:
        """Return all lines as one text that ends with a line break."""
        return "\n".join(line.rstrip() for line in self.lines) + "\n"
