"""A reader in front of the explorer, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
WAIT_MS = 60_000
expect = sync_api.expect
expect.set_options(timeout=WAIT_MS)


class Reader:
    """A reader in front of the explorer, who notes what the browser asks for and what goes wrong in it."""

    def __init__(self, browser: Any, address: str, **context: Any) -> None:
        self.address = address
        self.context = browser.new_context(accept_downloads=True, **context)
        self.page = self.context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning") and "status of 40" not in message.text:
            self.errors.append(message.text)

    def open(self, path: str = "") -> Any:
        self.page.goto(self.address + path)
        self.page.wait_for_selector("html[data-ready]")
        return self.page

    def drawn(self) -> Any:
        """Wait until the network is drawn, and return what draws it."""
        self.page.wait_for_selector(".stage[data-ready]")
        return self.page.evaluate_handle("document.querySelector('.stage').kgNetwork")

    def labels(self) -> set[str]:
        """Return the labels of what the network shows, on one line each."""
        script = "cy => cy.nodes(':visible').map(node => node.data('label').replaceAll('\\n', ' '))"
        return set(self.drawn().evaluate(script))

    def click_node(self, label: str) -> None:
        """Click a node of the network, as a hand does."""
        script = """(cy, label) => {
            const node = cy.nodes().filter(node => node.data('label').replaceAll('\\n', ' ') === label)[0];
            const at = node.renderedPosition(), box = cy.container().getBoundingClientRect();
            return [box.x + at.x, box.y + at.y];
        }"""
        self.page.locator(".stage").scroll_into_view_if_needed()
        self.page.mouse.click(*self.drawn().evaluate(script, label))

    def overflow(self) -> int:
        """Return how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))
