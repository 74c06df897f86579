"""Take the pictures of the explorer for the documentation: `python docs/make_screenshots.py GRAPH FOLDER`.

GRAPH is the built graph of `seeds/`, which `kg serve` serves meanwhile. Needs Chromium and the packages playwright,
selenium and pillow.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from make_picture import SCALES, shrink
from playwright.sync_api import Browser, Page, sync_playwright

BYTES_MAX = 200_000
PAPER = "paper/spectr-fast-speculative-decoding-via-optimal-62548467"
QUERY = """SELECT ?device ?gb ?title {
  ?paper kg:runsOn ?hardware ; dcterms:title ?title .
  ?hardware skos:prefLabel ?device ; kg:memoryGB ?gb .
}
ORDER BY ?gb ?title
"""


def show_paper(page: Page) -> None:
    """Point at a statement of a paper, beside its network."""
    page.wait_for_selector(".stage[data-ready]")
    page.locator(".stated li", has_text="linear programming").first.hover()


def show_query(page: Page) -> None:
    """Wait for the answer of a query."""
    page.wait_for_selector("table.rows")


PICTURES = {
    "paper": (PAPER, show_paper, "light"),
    "query": (f"query?query={quote(QUERY)}", show_query, "dark"),
}


def take_picture(browser: Browser, address: str, name: str) -> bytes:
    """Return a PNG of a view, 1280 by 800 points, as sharp as `BYTES_MAX` allows."""
    path, show, colours = PICTURES[name]
    picture = b""
    for scale in SCALES:
        size = {"width": 1280, "height": 800}
        context = browser.new_context(viewport=size, device_scale_factor=scale, color_scheme=colours)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(address + path)
        page.wait_for_selector("html[data-ready]")
        show(page)
        picture = shrink(page.screenshot())
        context.close()
        if len(picture) <= BYTES_MAX:
            break
    return picture


def main(graph: str, folder: Path) -> None:
    """Write one PNG file for each picture."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    command = [sys.executable, "-m", "kg", "serve", "-g", graph, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server, sync_playwright() as playwright:
        assert server.stdout  # noqa: S101
        address = server.stdout.readline().strip()
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            for name in PICTURES:
                picture = take_picture(browser, address, name)
                (folder / f"explorer-{name}.png").write_bytes(picture)
                print(f"{folder}/explorer-{name}.png: {len(picture) / 1000:.0f} kB")
        finally:
            browser.close()
            server.terminate()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]))
