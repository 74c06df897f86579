"""How fluid kg's pages are beside plain pyvis, in the same browser. Run: python -m tests.benchmarks.page

Invents a graph (see `invented.py`), lets kg and pyvis make a page of its network, opens them in headless Chromium
without a GPU, and prints for each: size, seconds until it is drawn, seconds to draw all nodes (kg's page shows some
at first), frames a second while all are dragged and zoomed (60 is the most), megabytes of JavaScript memory; then the
ratios of kg to pyvis.

    python -m tests.benchmarks.page                              # 3,000 nodes, 10,000 edges: the page that pyvis draws
    python -m tests.benchmarks.page --nodes 50000 --edges 150000 # the page that WebGL draws, here in software

pyvis lays out in the browser unless told otherwise, which takes minutes; `--physics` waits for that too. Needs
selenium, Chromium and its driver.
"""

from __future__ import annotations

import argparse
import math
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import networkx as nx
from selenium import webdriver

from kg.network.layout import layout_network
from kg.network.network import read_network
from kg.network.page import render_page
from tests.benchmarks.invented import invent_graph
from tests.benchmarks.reporting import table

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-precise-memory-info",
    "--proxy-server=127.0.0.1:9",
    "--window-size=1400,900",
    "--hide-scrollbars",
)
PHYSICS_S = 180
TEXT = """\
One HTML file with an invented network, opened in headless Chromium without a GPU: seconds until it is written (layout
included), its size, seconds until it is drawn, seconds to draw all nodes (kg's page shows some at first), frames a
second while all are dragged and zoomed (60 is the most), memory of its scripts. kg's page holds the sentences behind
each node and edge as well. pyvis lays out in the browser unless told otherwise ("with physics"): drawn is when that
has settled, within 180 s.

"""
MOVE_S = 4.0

DRAWN = """
const done = arguments[0];
const wait = () => {
  if (!(%s)) return setTimeout(wait, 5);
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() / 1000)));
};
wait();
"""
KG_READY = "'ready' in document.documentElement.dataset"
PYVIS_READY = "typeof network !== 'undefined' && network"
SETTLED = """
const done = arguments[0];
const wait = () => (network.physics.ready ? requestAnimationFrame(() => done(0)) : setTimeout(wait, 20));
wait();
"""
SHOW_ALL = """
for (const box of document.querySelectorAll('#kinds input:not(:checked)')) box.click();
const amount = document.getElementById('amount');
const start = performance.now();
if (amount) {
  amount.value = amount.max;
  for (const name of ['input', 'change']) amount.dispatchEvent(new Event(name));
}
const done = arguments[0];
requestAnimationFrame(() => requestAnimationFrame(() => done((performance.now() - start) / 1000)));
"""
COUNT = (
    "window.frames_ = 0; const f = () => { window.frames_ += 1; requestAnimationFrame(f); }; requestAnimationFrame(f);"
)
EMPTY = """
const box = (document.getElementById('mynetwork') || document.getElementById('stage')).getBoundingClientRect();
const free = (x, y) => typeof network === 'undefined' || !network ||
  (network.getNodeAt({ x, y }) === undefined && network.getEdgeAt({ x, y }) === undefined);
for (let y = 0.5; y < 0.95; y += 0.01)
  for (let x = 0.3; x < 0.7; x += 0.01)
    if (free(box.width * x, box.height * y)) return [box.x + box.width * x, box.y + box.height * y];
return [box.x + 5, box.y + 5];
"""


def write_pyvis(network: nx.Graph, places: dict[str, tuple[float, float]] | None, path: Path) -> None:
    """Write the page of plain pyvis, with positions and without physics, or as it is by default."""
    from pyvis.network import Network

    page = Network(height="860px", width="100%", cdn_resources="in_line")
    known = set()
    for node, of in network.nodes(data=True):
        at = {"x": places[node][0], "y": places[node][1]} if places else {}
        page.add_node(node, label=of["label"][:40], group=of["kind"], title=of["label"], **at)
    page.toggle_physics(places is None)
    known = set(page.node_ids)
    page.node_ids = known  # pyvis searches a list for both ends of every edge
    for one, other in network.edges:
        page.add_edge(one, other)
    page.node_ids = list(known)
    path.write_text(page.generate_html(), encoding="utf-8")


@contextmanager
def open_browser() -> Iterator[Any]:
    """Start Chromium without a GPU and without a network."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        driver.set_page_load_timeout(100)
        driver.set_script_timeout(100)
        try:
            yield driver
        finally:
            driver.quit()


def _mouse(driver: Any, kind: str, x: float, y: float, **more: object) -> None:
    driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **more})


def _frames(driver: Any, step: Any) -> float:
    """Return frames a second while `step` is called again and again."""
    driver.execute_script("window.frames_ = 0")
    start = time.perf_counter()
    turn = 0
    while time.perf_counter() - start < MOVE_S:
        step(turn)
        turn += 1
    taken = time.perf_counter() - start
    return float(driver.execute_script("return window.frames_")) / taken


def measure(driver: Any, path: Path, ready: str, *, physics: bool = False) -> dict[str, float]:
    """Return what was measured of one page."""
    driver.get("about:blank")
    driver.get(path.as_uri())
    found = {"MB": path.stat().st_size / 1e6, "drawn s": driver.execute_async_script(DRAWN % ready)}
    if physics:
        start = time.perf_counter()
        driver.set_script_timeout(PHYSICS_S)
        try:
            driver.execute_async_script(SETTLED)
        except Exception:  # a timeout: it takes longer than anyone waits
            found["drawn s"] = math.inf
        found["drawn s"] += time.perf_counter() - start
        return found
    if ready == KG_READY:
        found["all s"] = driver.execute_async_script(SHOW_ALL)
    driver.execute_script(COUNT)
    x, y = driver.execute_script(EMPTY)
    _mouse(driver, "mouseMoved", x, y)
    _mouse(driver, "mousePressed", x, y, button="left", clickCount=1)
    found["drag fps"] = _frames(
        driver,
        lambda turn: _mouse(
            driver,
            "mouseMoved",
            x + 120 * math.sin(turn / 12),
            y + 80 * math.sin(turn / 17),
            button="left",
            buttons=1,
        ),
    )
    _mouse(driver, "mouseReleased", x, y, button="left", clickCount=1)
    found["zoom fps"] = _frames(
        driver,
        lambda turn: _mouse(driver, "mouseWheel", x, y, deltaX=0, deltaY=-120 if turn % 40 < 20 else 120),
    )
    found["JS MB"] = driver.execute_script("return performance.memory.usedJSHeapSize") / 1e6
    return found


def measure_pages(nodes: int, edges: int, *, physics: bool, only_kg: bool = False) -> dict[str, dict[str, float]]:
    """Return what was measured of the pages of kg, and of pyvis, of one invented graph.

    Args:
        nodes: of its network.
        edges: of its network.
        physics: whether the page that pyvis makes by default is opened as well.
        only_kg: whether pyvis is left out.
    """
    clock = time.perf_counter()

    def lap() -> float:
        nonlocal clock
        before, clock = clock, time.perf_counter()
        return clock - before

    network = read_network(invent_graph(nodes, edges))
    lap()
    places = layout_network(network)
    laid_out = lap()
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        pages = {"kg": Path(folder) / "kg.html"}
        pages["kg"].write_text(render_page(network, places), encoding="utf-8")
        found["kg"] = {"written s": laid_out + lap()}
        for name, wanted, at in (
            ("pyvis, with kg's positions", not only_kg, places),
            ("pyvis, with physics", physics, None),
        ):
            if wanted:
                pages[name] = Path(folder) / f"{len(pages)}.html"
                lap()
                write_pyvis(network, at, pages[name])
                found[name] = {"written s": lap() + (laid_out if at else 0)}
        with open_browser() as driver:
            for name, path in pages.items():
                ready = KG_READY if name == "kg" else PYVIS_READY
                found[name] |= measure(driver, path, ready, physics="physics" in name)
                print(
                    f"  {name}: " + ", ".join(f"{value:.2f} {what}" for what, value in found[name].items()), flush=True
                )
    return found


def write_page_section(sizes: Sequence[tuple[int, int, bool, bool]]) -> str:
    """Return the section on the page, for networks of nodes, edges, whether with physics, whether kg alone."""
    if not (shutil.which("chromium") or shutil.which("google-chrome")) or not shutil.which("chromedriver"):
        return f"{TEXT}Chromium and its driver are not here, so it was not measured.\n"
    heads = {
        "written s": "written after s", "MB": "MB", "drawn s": "drawn after s", "all s": "all drawn after s",
        "drag fps": "dragged", "zoom fps": "zoomed", "JS MB": "memory in MB",
    }  # fmt: skip
    rows: list[list[object]] = []
    for nodes, edges, physics, only_kg in sizes:
        for name, values in measure_pages(nodes, edges, physics=physics, only_kg=only_kg).items():
            rows.append([nodes, edges, name, *(values.get(key) for key in heads)])
    return TEXT + table(["nodes", "edges", "page of", *heads.values()], rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=3_000)
    parser.add_argument("--edges", type=int, default=10_000)
    parser.add_argument("--physics", action="store_true", help="open the page that pyvis makes by default as well")
    parser.add_argument("--only-kg", action="store_true", help="leave pyvis out")
    asked = parser.parse_args()
    found = measure_pages(asked.nodes, asked.edges, physics=asked.physics, only_kg=asked.only_kg)
    for name, values in found.items():
        if name != "kg":
            both = {what: found["kg"][what] / value for what, value in values.items() if value}
            print(f"kg / {name}: " + ", ".join(f"{value:.2f} {what}" for what, value in both.items()))


if __name__ == "__main__":
    main()
