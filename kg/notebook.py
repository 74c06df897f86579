"""How things show themselves in a notebook: HTML in which texts of papers are only ever text."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from pathlib import Path

from kg.asking.lines import BOLD, DIM, RESET, UNDERLINE

_HEIGHT_PX = 640
_CELL = "padding:2px 8px;vertical-align:top;text-align:{}"
_STYLES = {BOLD: "<b>", DIM: '<span style="opacity:.6">', UNDERLINE: "<mark>"}
_ENDS = {BOLD: "</b>", DIM: "</span>", UNDERLINE: "</mark>"}


def render_rows(
    columns: Sequence[str], cells: Iterable[Sequence[str]], right: Sequence[bool], *, left_out: int = 0
) -> str:
    """Return a table.

    Args:
        columns: their names.
        cells: texts, row by row.
        right: whether a column is aligned to the right.
        left_out: how many more rows there are.

    >>> render_rows(["n"], [["<3"]], [True]).partition("<td")[2]
    ' style="padding:2px 8px;vertical-align:top;text-align:right">&lt;3</td></tr></table>'
    """
    styles = [_CELL.format("right" if is_right else "left") for is_right in right]

    def line(tag: str, texts: Sequence[str]) -> str:
        row = (f'<{tag} style="{s}">{html.escape(text)}</{tag}>' for s, text in zip(styles, texts, strict=True))
        return f"<tr>{''.join(row)}</tr>"

    body = "".join(line("td", row) for row in cells)
    more = f"<p>… and {left_out} more rows</p>" if left_out else ""
    return f"<table>{line('th', columns)}{body}</table>{more}"


def render_text(text: str) -> str:
    r"""Return text with the styles of a terminal (`kg.asking.lines`) as HTML.

    >>> render_text(f"{BOLD}results{RESET}\n  <2")
    '<pre style="white-space:pre-wrap"><b>results</b>\n  &lt;2</pre>'
    """
    written, end = html.escape(text), ""
    pieces: list[str] = []
    for piece in written.split("\x1b["):
        code, _, rest = piece.partition("m") if pieces else ("", "", piece)
        style = f"\x1b[{code}m"
        if style == RESET:
            pieces.append(end + rest)
            end = ""
        elif style in _STYLES:
            pieces.append(_STYLES[style] + rest)
            end = _ENDS[style]
        else:
            pieces.append(rest)
    return f'<pre style="white-space:pre-wrap">{"".join(pieces)}{end}</pre>'


class Page:
    """The network as one HTML page, which loads nothing.

    Attributes:
        html: the page.
    """

    def __init__(self, html: str) -> None:
        self.html = html

    def save(self, path: str | Path) -> Path:
        """Write the page, whole or not at all, and return where it is."""
        from kg.folder import write_whole

        write_whole(Path(path), [self.html.encode()])
        return Path(path)

    def __repr__(self) -> str:
        return f"<Page of {len(self.html):,} characters; save(path) writes it>"

    def _repr_html_(self) -> str:
        # the frame runs the page's own scripts, and may neither see the notebook nor load or open anything
        page = html.escape(self.html, quote=False).replace("'", "&#39;")
        style = f"width:100%;height:{_HEIGHT_PX}px;border:1px solid #8888"
        return f'<iframe sandbox="allow-scripts" style="{style}" srcdoc=\'{page}\'></iframe>'
