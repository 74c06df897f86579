"""The page as text: one file, the same every time, that loads nothing and takes no text for markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from kg.network import page as page_module
from kg.network.frame import ASSETS, write_json
from kg.network.network import read_network
from kg.network.page import render_page
from kg.store import open_graph

SMALL = Path(__file__).parent / "data" / "small.ttl"
HOW_FAR = "How Far Can KV Cache Quantization Go?"
EVIL = "</script><img src=x onerror=alert(1)> & <!-- \u2028 {{facts}} 𝔸"


class _Reader(HTMLParser):
    """Collects tags, attributes and the text of scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags:
            self.texts.append((self.tags[-1][0], data))


def read_page(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader


def facts_of(page: str) -> Any:
    found = re.search(r'<script type="application/json" id="facts">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


@pytest.fixture(scope="module")
def small() -> nx.Graph:
    return read_network(open_graph(SMALL))


@pytest.fixture(scope="module")
def page(small: nx.Graph) -> str:
    return render_page(small, title="Small")


def render_as_atlas(network: nx.Graph, title: str) -> str:
    """Return the page of a network as if it were too large for pyvis."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_module, "DRAWN_MAX", (0, 0))
        return render_page(network, title=title)


@pytest.fixture(scope="module")
def atlas(small: nx.Graph) -> str:
    return render_as_atlas(small, "Small")


def test_the_same_network_gives_the_same_page(page: str, atlas: str) -> None:
    again = read_network(open_graph(SMALL))
    assert render_page(again, title="Small") == page
    assert render_as_atlas(again, "Small") == atlas


@pytest.mark.parametrize("kind", ["page", "atlas"])
def test_nothing_is_loaded_from_anywhere(kind: str, request: pytest.FixtureRequest) -> None:
    page = request.getfixturevalue(kind)
    reader = read_page(page)
    loading = {"src", "href", "srcset", "data", "action", "poster", "background"}
    assert [attrs for _, attrs in reader.tags if loading & set(attrs)] == []
    assert {tag for tag, _ in reader.tags} & {"link", "iframe", "object", "embed", "base", "img"} == set()
    styles = "".join(text for tag, text in reader.texts if tag == "style")
    assert "url(" not in styles
    assert "@import" not in styles
    own = page.replace(facts_of_text(page), "")
    assert re.findall(r"\b(?:fetch|importScripts|sendBeacon)\s*\(", own) == []
    importing = re.findall(r"(?<!\.)\bimport\s*\((?![^()]*\)\s*\{)", own)  # graphology has a method of this name
    assert importing == []
    assert re.findall(r"\b(?:WebSocket|EventSource|XMLHttpRequest)\s*\(", own) == []
    assert "sourceMappingURL" not in page


def facts_of_text(page: str) -> str:
    found = re.search(r'id="facts">(.*?)</script>', page, re.S)
    assert found
    return found[1]


@pytest.mark.parametrize(("kind", "count"), [("page", 3), ("atlas", 2)])
def test_the_policy_allows_only_the_scripts_of_the_page(kind: str, count: int, request: pytest.FixtureRequest) -> None:
    page = request.getfixturevalue(kind)
    reader = read_page(page)
    policy = next(attrs["content"] for _, attrs in reader.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.S)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{each}'" for each in hashes)
    assert len(scripts) == count
    assert policy == (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    assert not any(name.startswith("on") for _, attrs in reader.tags for name in attrs)


def test_the_network_is_drawn_by_pyvis(page: str, small: nx.Graph) -> None:
    nodes = re.search(r"nodes = new vis\.DataSet\((\[.*?\])\);", page)
    edges = re.search(r"edges = new vis\.DataSet\((\[.*?\])\);", page)
    assert nodes
    assert edges
    drawn = json.loads(nodes[1])
    assert len(drawn) == small.number_of_nodes()
    assert len(json.loads(edges[1])) == small.number_of_edges()
    assert drawn[0] == {
        "hidden": True,
        "id": 0,
        "label": "A100",
        "shape": "diamond",
        "group": "Hardware",
        "size": 18.0,
    } | {axis: drawn[0][axis] for axis in "xy"}
    assert '"physics": {"enabled": false}' in page
    assert "new vis.DataView(nodes" in page
    assert page.count("vis-network") >= 1


def test_facts_are_short_and_whole(page: str) -> None:
    facts = facts_of(page)
    a100 = facts["nodes"][0]
    assert a100 == {
        "key": "hardware/a100",
        "label": "A100",
        "kind": "Hardware",
        "aliases": ["A100 GPU"],
        "facts": [
            ["vendor", "NVIDIA"],
            ["architecture", "Ampere"],
            ["memory in GB", "40"],
            ["memory in GB", "80"],
            ["released", "2020"],
        ],
        "count": 2,
        "rank": 1.0,
        "community": a100["community"],
    }
    assert 0 <= a100["community"] < len(facts["communities"])
    assert facts["spread"] == [], "few nodes need no second places"
    twin = next(i for i, node in enumerate(facts["nodes"]) if node["key"].startswith("paper/twindraft"))
    edge = next(edge for edge in facts["edges"] if (edge["from"], edge["to"]) == (twin, 0))
    assert edge == {
        "from": twin,
        "to": 0,
        "kind": "statement",
        "statements": [
            {"role": "runs", "confidence": 0.98, "count": 1, "evidence": [["hardware", 0.98, 259, 331, 343, 344]]}
        ],
    }
    broader = [
        (facts["nodes"][e["from"]]["label"], facts["nodes"][e["to"]]["label"])
        for e in facts["edges"]
        if e["kind"] == "broader"
    ]
    assert ("GeForce RTX 4090", "consumer GPU") in broader


def test_markup_in_texts_stays_text(tmp_path: Path) -> None:
    changed = tmp_path / "evil.ttl"
    title = '"How Far Can KV Cache Quantization Go?" ;\n    kg:comparesWith'
    text = SMALL.read_text("utf-8")
    assert title in text
    changed.write_text(text.replace(title, f"{json.dumps(EVIL, ensure_ascii=False)} ;\n    kg:comparesWith"), "utf-8")
    page = render_page(read_network(open_graph(changed)), title=EVIL)
    reader = read_page(page)
    assert "img" not in {tag for tag, _ in reader.tags}
    assert page.count("</script>") == 4
    assert "".join(text for tag, text in reader.texts if tag == "title").strip() == EVIL
    facts = facts_of(page)
    paper = next(node for node in facts["nodes"] if node["key"].startswith("paper/how-far"))
    assert paper["label"] == facts["title"] == EVIL
    assert "\u2028" not in facts_of_text(page)


def test_offsets_count_utf16_units(tmp_path: Path) -> None:
    changed = tmp_path / "wide.ttl"
    text = SMALL.read_text("utf-8")
    assert text.count("We study KV cache") >= 1
    changed.write_text(text.replace("We study KV cache", "W𝔢 study KV cache"), "utf-8")
    facts = facts_of(render_page(read_network(open_graph(changed)), title="Wide"))
    ids = [i for i, node in enumerate(facts["nodes"]) if node["key"].startswith("paper/how-far")]
    paper = facts["nodes"][ids[0]]
    units = f"{paper['label']}\n{paper['abstract']}".encode("utf-16-le")
    seen = set()
    for edge in facts["edges"]:
        for stated in edge.get("statements", ()) if edge["from"] == ids[0] else ():
            for quote in stated["evidence"]:
                start, end = quote[3:5]
                seen.add(units[2 * start : 2 * end].decode("utf-16-le"))
    assert "TwinDraft" in seen
    assert "Perplexity" in seen


def test_json_is_safe_in_a_script() -> None:
    assert write_json(EVIL) == (
        '"\\u003c/script\\u003e\\u003cimg src=x onerror=alert(1)\\u003e \\u0026 \\u003c!-- \\u2028 {{facts}} 𝔸"'
    )


def test_a_page_of_nothing_is_a_page() -> None:
    assert facts_of(render_page(nx.Graph())) == {
        "title": "Papers and what they share",
        "left_out": 0,
        "focus": None,
        "communities": [],
        "spread": [],
        "nodes": [],
        "edges": [],
    }


def read_column(facts: Any, name: str, code: str) -> list[int]:
    raw = base64.b64decode(facts["columns"][name])
    return list(struct.unpack(f"<{len(raw) // struct.calcsize(code)}{code}", raw))


def test_an_atlas_has_all_nodes_and_edges_in_columns(atlas: str, small: nx.Graph) -> None:
    facts = facts_of(atlas)
    labels, keys = facts["labels"].split("\n"), facts["keys"].split("\n")
    kinds = [facts["kinds"][kind] for kind in read_column(facts, "kind", "B")]
    counts = read_column(facts, "count", "I")
    assert sorted(zip(labels, kinds, counts, strict=True)) == sorted(
        (of["label"], of["kind"], of["count"]) for _, of in small.nodes(data=True)
    )
    assert labels[keys.index("hardware/a100")] == "A100"
    assert kinds.index("Keyphrase") > max(i for i, kind in enumerate(kinds) if kind != "Keyphrase")
    roles = [facts["roles"][role] for role in read_column(facts, "role", "B")]
    ties = set(zip(read_column(facts, "from", "I"), roles, read_column(facts, "to", "I"), strict=True))
    assert len(ties) == small.number_of_edges()
    twin = next(i for i, key in enumerate(keys) if key.startswith("paper/twindraft"))
    assert (twin, "runs", keys.index("hardware/a100")) in ties
    assert (keys.index("hardware/a100"), "broader", keys.index("hardware/gpu")) in ties
    places = list(zip(read_column(facts, "x", "h"), read_column(facts, "y", "h"), strict=True))
    assert len(set(places)) == len(labels)
    assert max(map(abs, (at for place in places for at in place))) <= 32_000


def test_markup_in_the_texts_of_an_atlas_stays_text(tmp_path: Path) -> None:
    changed = tmp_path / "evil.ttl"
    text = SMALL.read_text("utf-8")
    changed.write_text(
        text.replace(f'dcterms:title "{HOW_FAR}"', f"dcterms:title {json.dumps(EVIL, ensure_ascii=False)}"), "utf-8"
    )
    page = render_as_atlas(read_network(open_graph(changed)), EVIL)
    assert "img" not in {tag for tag, _ in read_page(page).tags}
    assert page.count("</script>") == 3
    facts = facts_of(page)
    assert facts["title"] == EVIL
    assert " ".join(EVIL.split()) in facts["labels"].split("\n")


def test_what_is_bundled_names_its_licences() -> None:
    bundle = (ASSETS / "sigma.js").read_text("utf-8")
    licences = (ASSETS / "webgl" / "LICENSES.txt").read_text("utf-8")
    versions = json.loads((ASSETS / "webgl" / "package.json").read_text("utf-8"))["dependencies"]
    for name in ("sigma", "graphology", "graphology-utils", "events"):
        assert f"{name} {versions[name]}" in bundle
        assert f"{name} {versions[name]}, from the npm registry" in licences
    assert "Permission is hereby granted, free of charge" in bundle
