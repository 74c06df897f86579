"""Take the pictures of the explorer for the documentation: `python docs/make_screenshots.py ADDRESS FOLDER`.

ADDRESS is where `kg serve` serves the graph of `seeds/`, such as http://127.0.0.1:8000/. Needs Chromium and the package
playwright.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

PAPER = "paper/spectr-fast-speculative-decoding-via-optimal-62548467"
QUERY = """SELECT ?device ?gb ?title {
  ?paper kg:runsOn ?hardware ; dcterms:title ?title .
  ?hardware skos:prefLabel ?device ; kg:memoryGB ?gb .
}
ORDER BY ?gb ?title
"""


def show_start(page: Page) -> None:
    """Search from the start page."""
    page.locator("main input[type=search]").type("specul")
    page.wait_for_selector("main [role=option]")


def show_paper(page: Page) -> None:
    """Point at a statement of a paper, beside its network."""
    page.wait_for_selector(".stage[data-ready]")
    page.locator(".stated li", has_text="linear programming").first.hover()


def show_query(page: Page) -> None:
    """Wait for the answer of a query."""
    page.wait_for_selector("table.rows")


def show_compare(page: Page) -> None:
    """Wait for the table."""
    page.wait_for_selector("table.compare")


PICTURES = {
    "start": ("", show_start, "light"),
    "paper": (PAPER, show_paper, "light"),
    "compare": ("compare?of=method/diffusion-model", show_compare, "light"),
    "query": (f"query?query={quote(QUERY)}", show_query, "dark"),
}


def main(address: str, folder: Path) -> None:
    """Write one PNG file for each picture, 1280 by 800 at double density."""
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (path, show, colours) in PICTURES.items():
            size = {"width": 1280, "height": 800}
            context = browser.new_context(viewport=size, device_scale_factor=2, color_scheme=colours)  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(address.rstrip("/") + "/" + path)
            page.wait_for_selector("html[data-ready]")
            show(page)
            page.screenshot(path=str(folder / f"explorer-{name}.png"))
            context.close()
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]))
