"""The page of a large network in a real browser: what a reader clicks, types and sees.

Needs the browser Chromium and its driver (`apt-get install chromium chromium-driver`) and the package selenium.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browsing import EVIL, Reader, draw_pages, needs_browser, open_browser

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
def atlas(folder: Path) -> Path:
    return folder / "atlas.html"


def test_an_atlas_opens_without_asking_for_anything(reader: Reader, atlas: Path) -> None:
    reader.open(atlas)
    assert reader.requests() == [atlas.as_uri()]
    assert [problem for problem in reader.problems() if "GL Driver Message" not in problem] == []
    assert reader.text("#status") == "37 of 37 nodes shown"
    assert reader.text("#card h2") == "Small & <odd>"
    drawn = """const done = arguments[0];
        const pixels = (canvas) => {
          const copy = document.createElement('canvas');
          [copy.width, copy.height] = [canvas.width, canvas.height];
          copy.getContext('2d').drawImage(canvas, 0, 0);
          return copy.getContext('2d').getImageData(0, 0, copy.width, copy.height).data.some(Boolean);
        };
        requestAnimationFrame(() => done(pixels(document.querySelector('canvas.sigma-labels'))))"""
    assert reader.driver.execute_async_script(drawn)


def test_an_atlas_is_searched_and_shows_what_is_connected(reader: Reader, atlas: Path) -> None:
    reader.open(atlas)
    reader.press("/")
    reader.search("tree att")
    assert reader.found() == ["tree attention"]
    reader.press("enter")
    reader.until(lambda: reader.text("#card h2") == "tree attention")
    assert reader.text("#card .kind").startswith("method in 2 papers")
    assert reader.text("#card code") == "kg show method:tree-attention"
    assert reader.js("return decodeURI(location.hash)") == "#method/tree-attention"
    reader.all("#card [data-node]")[0].click()
    reader.until(lambda: reader.text("#card .kind").startswith("paper, "))
    reader.one("#back").click()
    reader.until(lambda: reader.text("#card h2") == "tree attention")


def test_a_click_in_an_atlas_selects_what_is_there(reader: Reader, atlas: Path) -> None:
    reader.open(atlas, "#hardware/a100")
    reader.until(lambda: reader.text("#card h2") == "A100")
    at = reader.until(lambda: reader.js("return document.getElementById('mynetwork').dataset.place"))
    x, y = map(float, at.split())
    reader.press("escape")
    reader.until(lambda: reader.text("#card h2") == "Small & <odd>")
    reader.click_at([x, y])
    reader.until(lambda: reader.text("#card h2") == "A100")


def test_kinds_and_colours_of_an_atlas_can_be_chosen(reader: Reader, atlas: Path) -> None:
    reader.open(atlas)
    reader.one("#kinds input[value=Benchmark]").send_keys(" ")
    reader.until(lambda: reader.text("#status") == "32 of 37 nodes shown")
    reader.one("#colouring option[value=community]").click()
    reader.until(lambda: reader.one("#legend").is_displayed())
    assert "CodeRank" in reader.text("#legend")
    reader.one("#reset").click()
    reader.until(lambda: reader.text("#status") == "37 of 37 nodes shown")
    assert not reader.one("#legend").is_displayed()


def test_markup_in_a_title_stays_text_in_an_atlas(reader: Reader, atlas: Path) -> None:
    reader.open(atlas, "#paper/how-far-can-kv-cache-quantization-ef10cab4")
    assert reader.text("#card h2") == EVIL
    reader.search("window.hacked")
    assert reader.found() == [EVIL]
    assert reader.js("return [window.hacked ?? null, document.querySelectorAll('img, h2 *').length]") == [None, 0]
    assert reader.requests() == [atlas.as_uri()]


def test_an_atlas_is_dark_and_fits_a_phone(reader: Reader, atlas: Path) -> None:
    reader.open(atlas, width=386, height=844, dark=True)
    assert reader.js(
        "return [getComputedStyle(document.body).backgroundColor, document.documentElement.scrollWidth <= 386]"
    ) == ["rgb(21, 23, 26)", True]
