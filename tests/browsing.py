"""A reader in front of a page, in a real browser without a network.

Needs the browser Chromium and its driver (`apt-get install chromium chromium-driver`) and the package selenium.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kg.network import page as page_module
from kg.network.network import read_network
from kg.network.page import render_page
from kg.store import open_graph

webdriver = pytest.importorskip("selenium.webdriver", reason="the package selenium is not installed")
exceptions = pytest.importorskip("selenium.common.exceptions")
support = pytest.importorskip("selenium.webdriver.support.ui")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
needs_browser = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium or chromedriver is not installed")

SMALL = Path(__file__).parent / "data" / "small.ttl"
TITLE = "How Far Can KV Cache Quantization Go?"
EVIL = """</script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1"> & <b>bold</b>"""
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
    "--proxy-server=127.0.0.1:9",
    "--hide-scrollbars",
)
KEYS = {"enter": "\ue007", "escape": "\ue00c", "down": "\ue015", "right": "\ue014", "tab": "\ue004"}
WAIT_S = 30


class Reader:
    """A reader in front of a page."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, page: Path, end: str = "", width: int = 1280, height: int = 800, dark: bool = False) -> Reader:
        """Open a page anew, forget what was logged before, and wait until it is drawn."""
        self.driver.get("about:blank")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        for log in ("browser", "performance"):
            self.driver.get_log(log)
        self.driver.get(page.as_uri() + end)
        self.until(lambda: self.js("return 'ready' in document.documentElement.dataset"))
        return self

    def until(self, holds: Callable[[], Any]) -> Any:
        ignored = [exceptions.StaleElementReferenceException]
        wait = support.WebDriverWait(self.driver, WAIT_S, 0.05, ignored_exceptions=ignored)
        return wait.until(lambda _: holds())

    def js(self, script: str, *values: object) -> Any:
        return self.driver.execute_script(script, *values)

    def all(self, selector: str) -> list[Any]:
        return list(self.driver.find_elements("css selector", selector))

    def one(self, selector: str) -> Any:
        return self.until(lambda: next(iter(self.all(selector)), None))

    def text(self, selector: str) -> str:
        return str(self.one(selector).text)

    def press(self, *keys: str) -> None:
        webdriver.ActionChains(self.driver).send_keys(*(KEYS.get(key, key) for key in keys)).perform()

    def search(self, text: str) -> None:
        field = self.one("#search")
        field.clear()
        field.send_keys(text)
        self.until(lambda: self.all("#results li"))

    def found(self) -> list[str]:
        return [str(item.text) for item in self.all("#results [role=option] span")]

    def labels(self) -> set[str]:
        """Return the labels of the drawn nodes, on one line each."""
        return set(self.js("return nodes.get().filter((n) => !n.hidden).map((n) => n.label.replace('\\n', ' '))"))

    def click_at(self, point: list[float], times: int = 1) -> None:
        """Click a point of the window, as a hand does."""
        for event in ("mouseMoved", *("mousePressed", "mouseReleased") * times):
            at = {"type": event, "x": point[0], "y": point[1], "button": "left", "clickCount": 1}
            if event == "mouseMoved":
                at |= {"button": "none", "clickCount": 0}
            self.driver.execute_cdp_cmd("Input.dispatchMouseEvent", at)

    def place(self, label: str) -> list[float]:
        """Return where in the window a drawn node is."""
        script = """const id = nodes.get().find((n) => n.label.replace('\\n', ' ') === arguments[0]).id;
            const at = network.canvasToDOM(network.getPosition(id)), box = mynetwork.getBoundingClientRect();
            return [box.x + at.x, box.y + at.y]"""
        return list(self.js(script, label))

    def middle(self, kind: str) -> list[Any]:
        """Return x and y of a point that hits a drawn line of a kind and nothing else, and the label of its start."""
        script = """const facts = JSON.parse(document.getElementById('facts').textContent);
            const box = mynetwork.getBoundingClientRect();
            for (const line of edges.get().filter((e) => !e.hidden && facts.edges[e.id].kind === arguments[0])) {
              const [a, b] = [network.getPosition(line.from), network.getPosition(line.to)];
              for (let part = 0.3; part < 0.75; part += 0.05) {
                const at = network.canvasToDOM({ x: a.x + part * (b.x - a.x), y: a.y + part * (b.y - a.y) });
                if (network.getNodeAt(at) === undefined && network.getEdgeAt(at) === line.id)
                  return [box.x + at.x, box.y + at.y, facts.nodes[facts.edges[line.id].from].label];
              }
            }"""
        return list(self.js(script, kind))

    def requests(self) -> list[str]:
        """Return all that the browser asked for since the page was opened."""
        events = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def problems(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


@contextmanager
def open_browser(profile: Path) -> Iterator[Any]:
    """Give a browser without a network; it keeps what it needs in a folder."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={profile}", "--window-size=1280,900"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.set_page_load_timeout(WAIT_S)
    try:
        yield driver
    finally:
        driver.quit()


def draw_pages(folder: Path) -> Path:
    """Fill a folder with the small graph, in which one title is hostile, drawn by pyvis and as an atlas."""
    text = SMALL.read_text("utf-8")
    old = f'dcterms:title "{TITLE}"'
    assert old in text
    (folder / "small.ttl").write_text(text.replace(old, f"dcterms:title {json.dumps(EVIL)}"), "utf-8")
    network = read_network(open_graph(folder / "small.ttl"))
    (folder / "small.html").write_text(render_page(network, title="Small & <odd>"), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_module, "DRAWN_MAX", (0, 0))
        (folder / "atlas.html").write_text(render_page(network, title="Small & <odd>"), "utf-8")
    return folder
