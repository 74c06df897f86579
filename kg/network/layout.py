"""Where the nodes of a network are drawn, and in which order they appear.

Everything here is plain arithmetic in a fixed order with no random numbers, so that positions are the same on every
machine. What appears first is spread by springs (Fruchterman and Reingold, "Graph drawing by force-directed placement",
1991) and then moved apart until no two labels overlap; each later node takes the free place nearest to its neighbours.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import networkx as nx

FIRST_MAX = 44
"""The most nodes that are drawn before anything is expanded."""

_LATE_KINDS = ("Keyphrase",)
_VAGUE = frozenset("better cheaper faster fewer higher larger less lower more slower smaller".split())
"""Labels that compare without saying what: nobody looks for them first."""

_CELL = 60.0
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
_ASPECT = 1.5

Place = tuple[float, float]


def order_nodes(network: nx.Graph) -> list[str]:
    """Return all nodes in the order in which they are drawn.

    The focus of the network, if it has one, comes before all. The first `FIRST_MAX` are chosen one by one, papers and
    concepts in turn: each has a high rank and is connected to those before it, most of all to those that are hardly
    connected yet. The rest follows by rank, keyphrases and what is vague last. Ties go by IRI.
    """

    def is_late(node: str) -> bool:
        of = network.nodes[node]
        return of["kind"] in _LATE_KINDS or of["label"].casefold() in _VAGUE

    rank: dict[str, float] = dict(network.nodes(data="rank"))
    kind: dict[str, str] = dict(network.nodes(data="kind"))
    by_rank = sorted(network, key=lambda node: (is_late(node), -rank[node], node))
    concepts = [n for n in by_rank if kind[n] != "Paper" and not is_late(n) and network.degree(n) > 1]
    groups = {
        True: [node for node in by_rank if kind[node] == "Paper"][: 4 * FIRST_MAX],
        False: concepts[: 4 * FIRST_MAX],
    }
    focus = network.graph.get("focus")
    shown: dict[str, int] = {focus: 0} if focus else {}
    """The chosen nodes, each with the number of its chosen neighbours."""

    def gain(node: str) -> float:
        ties = (1 / (1 + shown[near]) for near in network[node] if near in shown and kind[near] != kind[node])
        return rank[node] * ((kind[node] != "Paper" or not shown) / 2 + sum(sorted(ties)))

    for group in groups.values():
        if focus in group:
            group.remove(focus)
    for turn in range(min(FIRST_MAX, len(network)) - len(shown)):
        group = groups[turn % 2 == 1] or groups[turn % 2 == 0]
        if not group:
            break
        best = max(group, key=gain)
        group.remove(best)
        near = [node for node in network[best] if node in shown and kind[node] != kind[best]]
        shown[best] = len(near)
        for node in near:
            shown[node] += 1
    return [*shown, *(node for node in by_rank if node not in shown)]


def label_lines(label: str, *, paper: bool = False) -> list[str]:
    """Return what is written beside a node: at most two lines of about 22 characters.

    A paper whose title begins with a name and a colon goes by the name.

    >>> label_lines("SpecTr: Fast Speculative Decoding via Optimal Transport", paper=True)
    ['SpecTr']
    >>> label_lines("Energy-Based Diffusion Language Models for Text Generation", paper=True)
    ['Energy-Based Diffusion', 'Language Models for …']
    """
    words = label.split()
    if paper:
        name, colon, _ = label.partition(": ")
        words = name.split() if colon and len(name) <= 24 else words
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) > 21:
            if len(lines) == 2:
                lines[-1] += " …"
                break
            lines.append("")
        word = word if len(word) <= 24 else word[:22] + "…"
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def layout_network(network: nx.Graph) -> dict[str, Place]:
    """Return a position in pixels for every node, centred on (0, 0), y downwards, in drawing order.

    No two of the nodes that `order_nodes` puts first overlap, labels of 13-pixel type included; nor do later ones.
    """
    order = order_nodes(network)
    boxes = {node: _box(network.nodes[node]) for node in order}
    places = _spread(network, order[:FIRST_MAX])
    _separate(places, boxes)
    grid = _Grid(boxes)
    for node in places:
        grid.put(node, places[node])
    for turn, node in enumerate(order[FIRST_MAX:]):
        near = [places[other] for other in network[node] if other in places]
        x, y = (sum(values) / len(near) for values in zip(*near, strict=True)) if near else (0.0, 0.0)
        places[node] = grid.put(node, grid.free(node, (x, y), turn * _GOLDEN_ANGLE))
    return {node: (float(round(x)), float(round(y))) for node, (x, y) in places.items()}


def _box(attributes: dict[str, object]) -> tuple[float, float]:
    """Return half the width and half the height that a node takes with its label."""
    lines = label_lines(str(attributes["label"]), paper=attributes["kind"] == "Paper")
    return max(map(len, lines)) * 3.7 + 8, 14 + 9 * len(lines)


def _spread(network: nx.Graph, nodes: list[str]) -> dict[str, Place]:
    """Return positions of a few nodes: springs along edges, repulsion between all, in a box wider than high."""
    count = len(nodes)
    length = 75.0
    x = [round(length * math.sqrt(i) * math.cos(i * _GOLDEN_ANGLE), 3) for i in range(count)]
    y = [round(length * math.sqrt(i) * math.sin(i * _GOLDEN_ANGLE), 3) for i in range(count)]
    index = {node: i for i, node in enumerate(nodes)}
    springs: list[tuple[int, int, float]] = []
    for one, other, edge in network.subgraph(nodes).edges(data=True):
        weight = 1.0 if edge["kind"] != "link" else min(1.0, edge["weight"] / 20)
        springs.append((min(index[one], index[other]), max(index[one], index[other]), weight))
    springs.sort()
    for step in range(300):
        limit = length * (1 - step / 300)
        dx, dy = [-0.03 * v for v in x], [-0.03 * v for v in y]
        for i in range(count):
            for j in range(i):
                ex, ey = x[i] - x[j], y[i] - y[j]
                push = length * length / max(ex * ex + ey * ey, 1.0)
                dx[i] += ex * push
                dy[i] += ey * push
                dx[j] -= ex * push
                dy[j] -= ey * push
        for i, j, weight in springs:
            ex, ey = x[i] - x[j], y[i] - y[j]
            pull = weight * math.sqrt(ex * ex + ey * ey) / length
            dx[i] -= ex * pull
            dy[i] -= ey * pull
            dx[j] += ex * pull
            dy[j] += ey * pull
        for i in range(count):
            shift = math.sqrt(dx[i] * dx[i] + dy[i] * dy[i]) or 1.0
            x[i] += dx[i] / shift * min(shift, limit)
            y[i] += dy[i] / shift * min(shift, limit)
    return _level(dict(zip(nodes, zip(x, y, strict=True), strict=True)))


def _level(places: dict[str, Place]) -> dict[str, Place]:
    """Return places centred and turned so that they reach furthest to the sides, and stretched that way."""
    count = len(places) or 1
    middle = [sum(place[axis] for place in places.values()) / count for axis in (0, 1)]
    centred = {node: (x - middle[0], y - middle[1]) for node, (x, y) in places.items()}
    xx, yy, xy = (sum(place[i] * place[j] for place in centred.values()) for i, j in ((0, 0), (1, 1), (0, 1)))
    angle = round(0.5 * math.atan2(2 * xy, xx - yy), 6)
    cos, sin = round(math.cos(angle), 6), round(math.sin(angle), 6)
    return {node: (_ASPECT * (x * cos + y * sin), y * cos - x * sin) for node, (x, y) in centred.items()}


def _separate(places: dict[str, Place], boxes: dict[str, tuple[float, float]]) -> None:
    """Move overlapping nodes apart, along the axis on which they overlap less, until none do (or 200 rounds)."""
    nodes = list(places)
    for _ in range(200):
        moved = False
        for i, one in enumerate(nodes):
            for other in nodes[:i]:
                (x1, y1), (x2, y2) = places[one], places[other]
                over_x = boxes[one][0] + boxes[other][0] - abs(x1 - x2)
                over_y = boxes[one][1] + boxes[other][1] - abs(y1 - y2)
                if over_x > 0 and over_y > 0:
                    moved = True
                    if over_x < over_y:
                        shift = math.copysign(over_x / 2 + 1, x1 - x2)
                        places[one], places[other] = (x1 + shift, y1), (x2 - shift, y2)
                    else:
                        shift = math.copysign(over_y / 2 + 1, y1 - y2)
                        places[one], places[other] = (x1, y1 + shift), (x2, y2 - shift)
        if not moved:
            return


class _Grid:
    """The occupied places, in cells, so that a free one is found fast."""

    def __init__(self, boxes: dict[str, tuple[float, float]]) -> None:
        self._boxes = boxes
        self._cells: dict[tuple[int, int], list[tuple[float, float, float, float]]] = defaultdict(list)
        self._start: dict[tuple[int, int], int] = defaultdict(int)

    def _around(self, node: str, place: Place) -> Iterable[tuple[int, int]]:
        (wide, high), (x, y) = self._boxes[node], place
        for column in range(math.floor((x - wide) / _CELL), math.floor((x + wide) / _CELL) + 1):
            for row in range(math.floor((y - high) / _CELL), math.floor((y + high) / _CELL) + 1):
                yield column, row

    def put(self, node: str, place: Place) -> Place:
        for cell in self._around(node, place):
            self._cells[cell].append((*place, *self._boxes[node]))
        return place

    def free(self, node: str, wanted: Place, angle: float) -> Place:
        """Return the first free place on a spiral around a wanted one; where it is crowded, from further out."""
        wide, high = self._boxes[node]
        centre = math.floor(wanted[0] / _CELL), math.floor(wanted[1] / _CELL)
        turn = self._start[centre]
        while True:
            radius = 16 * math.sqrt(turn)
            x = wanted[0] + _ASPECT * radius * math.cos(angle + turn * _GOLDEN_ANGLE)
            y = wanted[1] + radius * math.sin(angle + turn * _GOLDEN_ANGLE)
            if not any(
                abs(x - x2) < wide + wide2 and abs(y - y2) < high + high2
                for cell in self._around(node, (x, y))
                for x2, y2, wide2, high2 in self._cells[cell]
            ):
                self._start[centre] = max(self._start[centre], turn // 2)
                return x, y
            turn += 1 + turn // 40
