"""One HTML file that shows a network: pyvis draws it, and the page's own search, filters and cards stand around it.

A network that is too large for that becomes an atlas (see `kg.network.atlas`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import networkx as nx
from pyvis.network import Network

from kg.network.atlas import render_atlas
from kg.network.communities import find_communities, name_communities
from kg.network.forces import spread_network
from kg.network.frame import frame_page, join_scripts, name_key
from kg.network.layout import Place, label_lines, layout_network
from kg.network.reader import Quote, Reported, Stated

_SCRIPTS = ("facts.js", "names.js", "colours.js", "view.js", "parts.js", "card.js", "search.js", "main.js")
_VIS = "templates/lib/vis-9.1.2/vis-network.min.js"

TITLE = "Papers and what they share"
"""The heading of a page whose maker gives none."""

DRAWN_MAX = 10_000, 30_000
"""The most nodes and edges of a network that pyvis draws."""

SPREAD_LEAST = 300
"""The nodes from which on a picture of all has places of its own (`MANY` in `view.js`)."""

_STEP = 60
"""Pixels between neighbouring nodes in a picture of all."""

_SHAPES = {
    "Paper": "square",
    "Method": "dot",
    "Benchmark": "triangle",
    "Hardware": "diamond",
    "Task": "star",
    "Metric": "triangleDown",
    "Keyphrase": "hexagon",
}
_OPTIONS = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "nodes": {"borderWidth": 1, "chosen": False, "font": {"size": 13}},
    "edges": {"smooth": False, "chosen": False, "hoverWidth": 0, "color": {"inherit": False}},
    "interaction": {"hover": True, "keyboard": False, "selectConnectedEdges": False, "hoverConnectedEdges": False},
}
_START = '<script type="text/javascript">'
_WHOLE = "data = {nodes: nodes, edges: edges};"
_PART = (
    "const isShown = { filter: (item) => !item.hidden };\n"
    "data = { nodes: new vis.DataView(nodes, isShown), edges: new vis.DataView(edges, isShown) };"
)
"""What pyvis hands to vis-network, and what it hands over here: what is shown, as hidden nodes cost time as well."""


class _Ids(list[int]):
    """The node ids of pyvis, which looks every edge's ends up in them: a list whose `in` takes no search."""

    def __contains__(self, item: object) -> bool:
        return isinstance(item, int) and 0 <= item < len(self)


def render_page(network: nx.Graph, places: Mapping[str, Place] | None = None, *, title: str = TITLE) -> str:
    """Return an HTML page that shows a network made by `kg.network.network`; the same network gives the same text.

    Args:
        network: what is shown.
        places: where each node is drawn, as `kg.network.layout.layout_network` returns it; None computes it. An atlas
            has places of its own.
        title: the heading of the page.
    """
    communities = find_communities(network)
    names = name_communities(network, communities)
    if network.number_of_nodes() > DRAWN_MAX[0] or network.number_of_edges() > DRAWN_MAX[1]:
        return render_atlas(network, communities, names, title=title)
    places = layout_network(network) if places is None else places
    ids = {node: position for position, node in enumerate(places)}
    texts = {node: _Text(of) for node, of in network.nodes(data=True) if of["kind"] == "Paper"}
    pairs = sorted(sorted(pair, key=ids.__getitem__) for pair in network.edges)
    edges = [_edge_facts(network, one, other, ids, texts) for one, other in pairs]
    spread = spread_network(network, communities) if len(network) > SPREAD_LEAST else {}
    facts = {
        "title": title,
        "left_out": network.graph.get("left_out", 0),
        "focus": ids.get(network.graph.get("focus", "")),
        "communities": names,
        "spread": [[round(_STEP * x), round(_STEP * y)] for x, y in (spread[node] for node in places if spread)],
        "nodes": [
            {**_node_facts(node, network.nodes[node], ids, texts), "community": min(communities[node], len(names))}
            for node in places
        ],
        "edges": edges,
    }
    return frame_page(title, facts, (_vis_script(), _draw(network, places, edges), join_scripts(*_SCRIPTS)))


def _draw(network: nx.Graph, places: Mapping[str, Place], edges: Iterable[Mapping[str, object]]) -> str:
    """Return the script that pyvis writes for the network; everything is hidden until the page shows it."""
    drawn = Network(directed=True, cdn_resources="local")
    drawn.node_ids = _Ids()
    drawn.set_options(json.dumps(_OPTIONS))
    for position, (node, (x, y)) in enumerate(places.items()):
        attributes = network.nodes[node]
        drawn.add_node(
            position,
            label="\n".join(label_lines(attributes["label"], paper=attributes["kind"] == "Paper")),
            group=attributes["kind"],
            shape=_SHAPES.get(attributes["kind"], "dot"),
            size=round((5 if attributes["kind"] == "Paper" else 6) + 12 * attributes["rank"] ** 0.8, 1),
            x=x,
            y=y,
            hidden=True,
        )
    for position, edge in enumerate(edges):
        drawn.add_edge(edge["from"], edge["to"], id=position, arrows="", hidden=True)
    written = drawn.generate_html()
    script = str(written[written.rindex(_START) + len(_START) : written.rindex("</script>")])
    return script.replace(_WHOLE, _PART)


def _vis_script() -> str:
    spec = find_spec("pyvis")
    if spec is None or spec.origin is None:  # pragma: no cover - pyvis was imported above
        raise FileNotFoundError("the package pyvis has no files")
    script = (Path(spec.origin).parent / _VIS).read_text(encoding="utf-8").replace("\r\n", "\n")
    return script.rpartition("//# sourceMappingURL=")[0] or script


def _node_facts(
    node: str, attributes: Mapping[str, Any], ids: Mapping[str, int], texts: Mapping[str, _Text]
) -> dict[str, object]:
    facts = {"key": name_key(node), **attributes}
    if attributes["kind"] == "Paper":
        facts["results"] = [_result_facts(result, texts[node], ids) for result in attributes["results"]]
        del facts["title"]
    return {name: value for name, value in facts.items() if value not in ("", (), [])}


def _edge_facts(
    network: nx.Graph, one: str, other: str, ids: Mapping[str, int], texts: Mapping[str, _Text]
) -> dict[str, object]:
    edge: dict[str, Any] = network.edges[one, other]
    kind = edge["kind"]
    ends = (one, other)
    facts: dict[str, object] = {"kind": kind}
    if kind == "statement":
        ends = ends if one == edge["statements"][0].paper else (other, one)
        facts["statements"] = [_statement_facts(stated, texts.get(ends[0], _NO_TEXT)) for stated in edge["statements"]]
    elif kind == "link":
        facts |= {"weight": edge["weight"], "shares": [ids.get(iri, name_key(iri)) for iri in edge["shares"]]}
    elif kind == "broader":
        ends = (edge["narrow"], edge["broad"])
    else:
        facts["properties"] = edge["properties"]
    return {"from": ids[ends[0]], "to": ids[ends[1]], **facts}


def _statement_facts(stated: Stated, text: _Text) -> dict[str, object]:
    facts = {
        "role": stated.role,
        "confidence": stated.confidence,
        "score": stated.score,
        "count": stated.count,
        "evidence": [text.quote(quote) for quote in stated.evidence],
    }
    return {name: value for name, value in facts.items() if value not in (None, [])}


def _result_facts(result: Reported, text: _Text, ids: Mapping[str, int]) -> dict[str, object]:
    facts = {
        "value": result.value,
        "metric": result.metric,
        "subject": result.subject,
        "baseline": result.baseline,
        "concepts": [(name, ids[iri]) for name, iri in result.concepts if iri in ids],
        "evidence": [text.quote(quote) for quote in result.evidence],
    }
    return {name: value for name, value in facts.items() if value not in ("", [])}


class _Text:
    """The text of a paper as a browser counts it: offsets in UTF-16 units instead of code points."""

    def __init__(self, attributes: Mapping[str, Any]) -> None:
        self._text = f"{attributes.get('title', '')}\n{attributes.get('abstract', '')}"
        self._wide = [] if max(self._text) <= "\uffff" else [i for i, char in enumerate(self._text) if char > "\uffff"]

    def _unit(self, offset: int) -> int:
        return offset + sum(wide < offset for wide in self._wide)

    def quote(self, quote: Quote) -> list[object]:
        """Return sentence and mention as offsets, or, where the paper's text is not there, the sentence itself."""
        found = [quote.rule, quote.confidence]
        if self._text[quote.sentence_start : quote.sentence_end] != quote.sentence:
            return [*found, quote.sentence]
        return [*found, *map(self._unit, (quote.sentence_start, quote.start, quote.end, quote.sentence_end))]


_NO_TEXT = _Text({})
