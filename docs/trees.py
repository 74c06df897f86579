"""Trees as SVG: boxes from left to right, lines with words on them; the colours are those of the page around."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass

CHARACTER = 7.0
"""Width of a character in pixels, with room to spare."""
BOX = 30
ROW = 52
BEND = 30
MARGIN = 8
SMALLEST = 0.78
"""How far a picture shrinks on a narrow screen before it is scrolled."""


@dataclass(frozen=True)
class Branch:
    """A box with its text, and the boxes to the right of it, each with the words on the line to it."""

    text: str
    below: tuple[tuple[str, Branch], ...] = ()


def draw_tree(tree: Branch, title: str, links: Mapping[str, str] | None = None) -> str:
    """Return a tree as HTML with one SVG picture, to be put into a page; `links` are addresses for texts of boxes.

    >>> draw_tree(Branch("A", (("has", Branch("B")),)), "t").count("<rect")
    2
    """
    shapes: list[str] = []
    width, height, _ = _draw(tree, float(MARGIN), float(MARGIN), shapes, links or {})
    size = f'width="{width + MARGIN:.0f}" height="{height:.0f}" viewBox="0 0 {width + MARGIN:.0f} {height:.0f}"'
    name = f'role="img" aria-label="{html.escape(title)}" style="min-width: {SMALLEST * width:.0f}px"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {name} {size}>{"".join(shapes)}</svg>'
    return f'<div class="tree">{svg}</div>'


def _draw(
    tree: Branch, left: float, top: float, shapes: list[str], links: Mapping[str, str]
) -> tuple[float, float, float]:
    """Draw a tree from its left upper corner on; return its right end, its lower end, the middle of its root."""
    box = len(tree.text) * CHARACTER + 20
    longest = max((len(words) for words, _ in tree.below), default=0) * CHARACTER * 0.95
    right, bottom = left + box, top
    begin, end = left + box + BEND, left + box + BEND + longest + 18
    ends = []
    for words, branch in tree.below:
        far, bottom, middle = _draw(branch, end, bottom, shapes, links)
        right = max(right, far)
        ends.append(middle)
        shapes.append(f'<text class="line" x="{begin + 4:.1f}" y="{middle - 7:.1f}">{html.escape(words)}</text>')
    bottom = max(bottom, top + ROW)
    middle = (ends[0] + ends[-1]) / 2 if ends else top + ROW / 2
    for y in ends:
        bend = left + box + BEND / 2
        shapes.append(
            f'<path d="M{left + box:.1f} {middle:.1f} C{bend:.1f} {middle:.1f} {bend:.1f} {y:.1f} {begin:.1f} {y:.1f}'
            f' H{end - 1:.1f} m-7 -4 l7 4 l-7 4"/>'
        )
    drawn = f'<rect x="{left:.1f}" y="{middle - BOX / 2:.1f}" width="{box:.1f}" height="{BOX}" rx="6"/>'
    drawn += f'<text x="{left + box / 2:.1f}" y="{middle + 5:.1f}">{html.escape(tree.text)}</text>'
    link = links.get(tree.text)
    shapes.append(f'<a href="{html.escape(link)}">{drawn}</a>' if link else drawn)
    return right, bottom, middle
