"""One HTML file that shows a large network: sigma.js draws it by WebGL, and search, filters and cards stand around it.

It holds what papers do with which concepts, and no evidence. What is there once for each node or edge travels in
columns: labels as lines of one text, numbers as bytes.
"""

from __future__ import annotations

import base64
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import networkx as nx

from kg.network.forces import spread_network
from kg.network.frame import ASSETS, frame_page, join_scripts, name_key
from kg.network.reader import KEYPHRASE

_SCRIPTS = ("columns.js", "names.js", "colours.js", "search.js", "lines.js", "atlas.js")
_KINDS = ("Paper", "Method", "Benchmark", "Hardware", "Task", "Metric", "Keyphrase", "Concept")
_FURTHEST = 32_000
_SHARES = 0.999
"""The part of the nodes whose places make up the picture; the rest is moved to its edge."""


def render_atlas(network: nx.Graph, communities: Mapping[str, int], names: Sequence[str], *, title: str) -> str:
    """Return an HTML page that shows a network made by `kg.network.network`; the same network gives the same text.

    Args:
        network: what is shown.
        communities: the community of each node.
        names: of the first communities.
        title: the heading of the page.
    """
    of: dict[str, dict[str, Any]] = dict(network.nodes(data=True))
    late = (KEYPHRASE.capitalize(),)
    nodes = sorted(network, key=lambda node: (of[node]["kind"] in late, -of[node]["rank"], node))
    ids = {node: position for position, node in enumerate(nodes)}
    edges = sorted(_edge(data, ids[one], ids[other], ids) for one, other, data in network.edges(data=True))
    roles = sorted({role for _, _, role in edges})
    places = spread_network(network, communities)
    far = sorted(max(abs(x), abs(y)) for x, y in places.values())
    scale = _FURTHEST / (far[int(_SHARES * (len(far) - 1))] or 1) if far else 1
    facts = {
        "title": title,
        "left_out": network.graph.get("left_out", 0),
        "focus": ids.get(network.graph.get("focus", "")),
        "communities": list(names),
        "kinds": _KINDS,
        "roles": roles,
        "labels": "\n".join(" ".join(of[node]["label"].split()) for node in nodes),
        "keys": "\n".join(name_key(node) for node in nodes),
        "columns": {
            "x": _bytes("h", (_near(scale * places[node][0]) for node in nodes)),
            "y": _bytes("h", (_near(-scale * places[node][1]) for node in nodes)),
            "kind": _bytes("B", (_KINDS.index(of[node]["kind"]) for node in nodes)),
            "rank": _bytes("B", (round(255 * of[node]["rank"]) for node in nodes)),
            "count": _bytes("I", (of[node]["count"] for node in nodes)),
            "community": _bytes("B", (min(communities[node], len(names)) for node in nodes)),
            "from": _bytes("I", (edge[0] for edge in edges)),
            "to": _bytes("I", (edge[1] for edge in edges)),
            "role": _bytes("B", (roles.index(edge[2]) for edge in edges)),
        },
    }
    sigma = (ASSETS / "sigma.js").read_text(encoding="utf-8")
    return frame_page(title, facts, (sigma, join_scripts(*_SCRIPTS)))


def _edge(data: Mapping[str, Any], one: int, other: int, ids: Mapping[str, int]) -> tuple[int, int, str]:
    """Return the ends of an edge, the paper or the narrower concept first, and its strongest role or its kind."""
    if data["kind"] == "statement":
        first = data["statements"][0]
        return ids[first.paper], ids[first.concept], str(first.role)
    if data["kind"] == "broader":
        return ids[data["narrow"]], ids[data["broad"]], "broader"
    return min(one, other), max(one, other), str(data["kind"])


def _near(value: float) -> int:
    return max(-_FURTHEST, min(_FURTHEST, round(value)))


def _bytes(kind: str, values: Iterable[int]) -> str:
    """Return whole numbers of 1, 2 or 4 bytes ("B", "h", "I"), least byte first, as base64."""
    column = array(kind, values)
    if sys.byteorder == "big":  # pragma: no cover - no such machine at hand
        column.byteswap()
    return base64.b64encode(column.tobytes()).decode()
