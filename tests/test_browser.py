"""The page in a real browser without a network: what a reader clicks, types and sees.

Needs the browser Chromium and its driver (`apt-get install chromium chromium-driver`) and the package selenium.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kg.network.network import query_network, read_network
from kg.network.page import render_page
from kg.notebook import Page
from kg.store import open_graph
from tests.browsing import EVIL, SMALL, Reader, draw_pages, needs_browser, open_browser

pytestmark = needs_browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def reader(browser: Any) -> Reader:
    return Reader(browser)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_pages(tmp_path_factory.mktemp("page"))


@pytest.fixture
def page(folder: Path) -> Path:
    return folder / "small.html"


def test_the_page_asks_for_nothing_but_itself(reader: Reader, page: Path) -> None:
    reader.open(page)
    assert reader.requests() == [page.as_uri()]
    assert reader.problems() == []
    assert reader.text("h1") == "Small & <odd>"
    assert reader.text("#status") == "37 of 37 nodes shown"


def test_labels_do_not_overlap_and_are_legible(reader: Reader, page: Path) -> None:
    reader.open(page)
    overlaps, scale, outside = reader.js(
        """const ids = nodes.getIds({ filter: (n) => !n.hidden }), found = [], outside = [];
        const boxes = ids.map((id) => network.getBoundingBox(id));
        boxes.forEach((a, i) => {
          const low = network.canvasToDOM({ x: a.left, y: a.top });
          const high = network.canvasToDOM({ x: a.right, y: a.bottom });
          if (low.x < 0 || low.y < 0 || high.x > mynetwork.clientWidth || high.y > mynetwork.clientHeight)
            outside.push(ids[i]);
          boxes.slice(0, i).forEach((b, j) => {
            if (a.left < b.right - 2 && b.left < a.right - 2 && a.top < b.bottom - 2 && b.top < a.bottom - 2)
              found.push([i, j]);
          });
        });
        return [found, network.getScale(), outside]"""
    )
    assert (overlaps, outside) == ([], [])
    assert 13 * scale > 9


def test_search_and_enter_show_a_card_with_evidence(reader: Reader, page: Path) -> None:
    reader.open(page)
    reader.press("/")
    reader.search("tree att")
    assert reader.found() == ["tree attention"]
    reader.press("enter")
    reader.until(lambda: reader.text("#card h2") == "tree attention")
    assert reader.text("#card .kind").startswith("method in 2 papers")
    assert "verifies their guesses with tree attention." in reader.text("#card")
    marks = {mark.text for mark in reader.all("#card mark")}
    assert marks == {"tree attention"}
    assert reader.js("return decodeURI(location.hash)") == "#method/tree-attention"
    assert reader.js("return document.activeElement.id") == "card"


def test_search_finds_aliases_and_goes_by_arrow_keys(reader: Reader, page: Path) -> None:
    reader.open(page)
    reader.search("A100 GPU")
    assert reader.found()[0] == "A100"
    reader.search("code")
    names = reader.found()
    assert len(names) > 3
    reader.press("down")
    assert [item.get_attribute("aria-selected") for item in reader.all("#results [role=option]")][:2] == [
        "false",
        "true",
    ]
    assert reader.one("#search").get_attribute("aria-activedescendant") == "found-1"
    reader.press("enter")
    assert reader.text("#card h2") == names[1]
    reader.search("nothing like this")
    assert reader.text("#results") == "Nothing has this name"
    reader.press("escape")
    assert reader.one("#search").get_attribute("aria-expanded") == "false"


def test_a_click_on_a_node_opens_its_card_and_back_closes_it(reader: Reader, page: Path) -> None:
    reader.open(page)
    reader.click_at(reader.place("GSM8K"))
    reader.until(lambda: reader.text("#card h2") == "GSM8K")
    assert "EVALUATED ON BY 2" in reader.text("#card")
    reader.one("#back").click()
    reader.until(lambda: reader.text("#card h2") == "Small & <odd>")
    assert reader.js("return location.hash") == ""


def test_a_card_of_a_paper_has_results_links_and_sources(reader: Reader, page: Path) -> None:
    reader.open(page, "#paper/twindraft-two-draft-models-for-faster-81ca155f")
    card = reader.text("#card")
    for line in ("2.5×", "speedup of TwinDraft over Medusa", "INTRODUCES", "1 ×, 98 % sure", "export.bib, listing.txt"):
        assert line in card
    links = {link.get_attribute("href") for link in reader.all("#card a")}
    assert links >= {"https://arxiv.org/abs/2501.00001", "https://github.com/example/twindraft"}
    assert "weight 2.0" in card


def test_a_click_on_a_line_shows_its_evidence(reader: Reader, page: Path) -> None:
    reader.open(page)
    x, y, label = reader.middle("statement")
    reader.click_at([x, y])
    reader.until(lambda: reader.text("#card .kind").startswith("statement"))
    assert label in reader.text("#card")
    assert reader.all("#card blockquote mark")


def test_a_click_on_a_link_lists_the_techniques(reader: Reader, page: Path) -> None:
    reader.open(page)
    x, y, _ = reader.middle("link")
    reader.click_at([x, y])
    reader.until(lambda: reader.text("#card .kind").startswith("shared techniques"))
    assert "bits: the rarer a shared technique, the more it counts" in reader.text("#card")
    shared = {tag.text for tag in reader.all("#card .tag")}
    assert shared in ({"tree attention", "TwinDraft"}, {"KV cache quantization"})


def test_kinds_can_be_taken_out(reader: Reader, page: Path) -> None:
    reader.open(page)
    assert "GSM8K" in reader.labels()
    reader.one("#kinds input[value=Benchmark]").send_keys(" ")
    reader.until(lambda: "GSM8K" not in reader.labels())
    assert "A100" in reader.labels()
    reader.one("#back").click()
    reader.until(lambda: "GSM8K" in reader.labels())
    assert reader.one("#kinds input[value=Benchmark]").is_selected()


def test_roles_can_be_taken_out(reader: Reader, page: Path) -> None:
    reader.open(page)
    reader.one("#roles summary").click()
    buttons = reader.all("#roles button")
    assert [button.text for button in buttons] == ["All", "None"]
    buttons[1].click()
    reader.until(lambda: reader.labels() == set())
    reader.one("#roles input[value=introduces]").click()
    reader.until(lambda: reader.labels() == {"TwinDraft", "LongDraft", "CodeRank", "CodeNeg"})
    reader.press("escape")
    assert not reader.one("#roles .drop").is_displayed()


def test_focus_expand_and_reset(reader: Reader, page: Path) -> None:
    reader.open(page, "#hardware/h100")
    reader.one("#focus").click()
    reader.until(lambda: len(reader.labels()) == 3)
    reader.click_at(reader.place("GPU"))
    reader.until(lambda: reader.text("#card h2") == "GPU")
    assert reader.text("#expand") == "Expand: 3 more"
    reader.one("#expand").click()
    reader.until(lambda: {"A100", "consumer GPU", "accelerator"} <= reader.labels())
    reader.one("#reset").click()
    reader.until(lambda: len(reader.labels()) > 30)


def test_a_double_click_expands(reader: Reader, page: Path) -> None:
    reader.open(page, "#hardware/h100")
    reader.one("#focus").click()
    reader.until(lambda: len(reader.labels()) == 3)
    at = reader.place("GPU")
    reader.click_at(at, times=2)
    reader.until(lambda: "accelerator" in reader.labels())


def test_the_keyboard_walks_through_the_network(reader: Reader, page: Path) -> None:
    reader.open(page)
    reader.js("document.getElementById('mynetwork').focus()")
    reader.press("right")
    reader.until(lambda: reader.all("#card #expand"))
    first = reader.text("#card h2")
    reader.press("down")
    reader.until(lambda: reader.text("#card h2") != first)
    reader.press("f")
    reader.until(lambda: len(reader.labels()) < 37)
    reader.press("escape")
    reader.until(lambda: reader.text("#card h2") == "Small & <odd>")


def test_what_is_shown_is_listed_in_words(reader: Reader, page: Path) -> None:
    reader.open(page)
    listed = reader.js("return [...document.querySelectorAll('#shown li')].map((item) => item.textContent)")
    assert len(listed) == 37
    assert EVIL in listed
    reader.one("#shown [data-node]").send_keys("\ue007")
    reader.until(lambda: reader.all("#card #focus"))


def test_markup_in_a_title_stays_text(reader: Reader, page: Path) -> None:
    reader.open(page, "#paper/how-far-can-kv-cache-quantization-ef10cab4")
    assert reader.text("#card h2") == EVIL
    reader.search("window.hacked")
    assert reader.found() == [EVIL]
    assert reader.js("return [window.hacked ?? null, document.querySelectorAll('img, h2 *').length]") == [None, 0]
    assert reader.requests() == [page.as_uri()]


def test_an_injected_script_does_not_run(reader: Reader, page: Path) -> None:
    reader.open(page)
    reader.js(
        "const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s)"
    )
    assert reader.js("return window.hacked ?? null") is None


def test_a_phone_shows_the_card_under_the_network(reader: Reader, page: Path, tmp_path: Path) -> None:
    reader.open(page, "#benchmark/gsm8k", width=386, height=844)
    stage, panel, wide = reader.js(
        "const r = (id) => document.getElementById(id).getBoundingClientRect().toJSON();"
        "return [r('stage'), r('panel'), document.documentElement.scrollWidth]"
    )
    assert wide <= 386
    assert panel["top"] >= stage["bottom"] - 1
    assert stage["height"] >= 300
    assert reader.driver.save_screenshot(str(tmp_path / "phone.png"))


def test_the_dark_scheme_is_dark(reader: Reader, page: Path) -> None:
    reader.open(page, dark=True)
    ground, label = reader.js(
        "return [getComputedStyle(document.body).backgroundColor,"
        " nodes.get().find((n) => n.group !== 'Paper').font.color]"
    )
    assert (ground, label) == ("rgb(21, 23, 26)", "#e9eaec")


def test_the_page_of_a_focus_opens_with_its_card(reader: Reader, tmp_path: Path) -> None:
    drawn = tmp_path / "focus.html"
    drawn.write_text(render_page(read_network(open_graph(SMALL), focus="tree attention")), "utf-8")
    reader.open(drawn)
    assert reader.text("#card h2") == "tree attention"
    assert len(reader.labels()) == 3


def test_the_networks_of_queries_and_of_nothing_open(reader: Reader, tmp_path: Path) -> None:
    import networkx as nx
    import pyoxigraph as ox

    graph = open_graph(SMALL)
    broader = "<http://www.w3.org/2004/02/skos/core#broader>"
    query = f"CONSTRUCT {{ ?a <https://x.example/under> ?b }} WHERE {{ ?a {broader} ?b }}"
    triples = graph.store.query(query)
    assert isinstance(triples, ox.QueryTriples)
    drawn = tmp_path / "query.html"
    drawn.write_text(render_page(query_network(triples, graph=graph)), "utf-8")
    reader.open(drawn, "#hardware/gpu")
    assert "under" in reader.text("#card")
    empty = tmp_path / "empty.html"
    empty.write_text(render_page(nx.Graph()), "utf-8")
    reader.open(empty)
    assert reader.text("#status") == "0 of 0 nodes shown"
    assert reader.problems() == []


def test_a_page_in_a_notebook_is_alive_and_cannot_see_the_notebook(reader: Reader, page: Path, tmp_path: Path) -> None:
    notebook = tmp_path / "notebook.html"
    frame = Page(page.read_text("utf-8"))._repr_html_()
    notebook.write_text(f"<!DOCTYPE html><html data-ready><meta charset='utf-8'><title>mine</title>{frame}", "utf-8")
    reader.open(notebook)
    reader.driver.switch_to.frame(0)
    try:
        reader.until(lambda: reader.js("return 'ready' in document.documentElement.dataset"))
        reader.search("tree att")
        reader.press("enter")
        reader.until(lambda: reader.text("#card h2") == "tree attention")
        tries = "try { return parent.document.title } catch (error) { return error.name }"
        assert (reader.js(tries), reader.js("return window.hacked ?? null")) == ("SecurityError", None)
    finally:
        reader.driver.switch_to.default_content()
    assert {url for url in reader.requests() if not url.startswith("about:")} == {notebook.as_uri()}


def test_many_nodes_are_drawn_in_places_of_their_own(reader: Reader, page: Path, tmp_path: Path) -> None:
    import networkx as nx

    network = nx.Graph()
    for i in range(400):
        kind = "Paper" if i % 4 == 0 else "Method"
        network.add_node(
            f"https://x.example/{kind.lower()}/{i}", label=f"thing {i}", kind=kind, rank=1 / (1 + i), count=3
        )
        of = network.nodes[f"https://x.example/{kind.lower()}/{i}"]
        of |= (
            {"title": f"thing {i}", "abstract": "", "results": ()} if kind == "Paper" else {"aliases": (), "facts": ()}
        )
    nodes = list(network)
    network.add_edges_from(
        ((nodes[i], nodes[(7 * i + 1) % 400]) for i in range(400)), kind="other", properties=("near",)
    )
    drawn = tmp_path / "many.html"
    drawn.write_text(render_page(network), "utf-8")
    reader.open(drawn)
    reader.js("amount.value = amount.max; amount.dispatchEvent(new Event('change'))")
    reader.until(lambda: reader.text("#status") == "400 of 400 nodes shown")
    same = """const facts = JSON.parse(document.getElementById('facts').textContent);
        return facts.spread.every(([x, y], id) => {
          const at = network.getPosition(id);
          return at.x === x && at.y === y;
        })"""
    assert reader.js(same)
    assert reader.js("return nodes.get().every((node) => node.label === '')"), "labels are written by rank"


def test_colours_show_kinds_or_communities(reader: Reader, page: Path) -> None:
    reader.open(page)
    colours = "return new Set(nodes.get().map((node) => node.color.background)).size"
    facts = json.loads(reader.js("return document.getElementById('facts').textContent"))
    by_kind = reader.js(colours)
    assert not reader.one("#legend").is_displayed()
    reader.one("#colouring option[value=community]").click()
    reader.until(lambda: reader.one("#legend").is_displayed())
    names = [button.text for button in reader.all("#legend button")]
    assert names[: len(facts["communities"])] == facts["communities"]
    assert (by_kind, reader.js(colours)) == (7, len(names))
    reader.all("#legend button")[0].click()
    first = [node for node in facts["nodes"] if node["community"] == 0]
    reader.until(lambda: reader.text("#status") == f"{len(first)} of 37 nodes shown")
