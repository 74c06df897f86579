"""The explorer in a real browser: what a reader types, clicks and sees, and that the browser talks to nothing else.

Needs the browser Chromium (`apt-get install chromium`) and the package playwright.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
pytest.importorskip("uvicorn", reason="the package uvicorn is not installed")

from tests.explorer_reader import Reader, expect, sync_api
from tests.explorer_site import EVIL_LABEL, EVIL_PAPER, EVIL_TITLE, LONGDRAFT, TWINDRAFT, hostile_graph, serve

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed"),
    pytest.mark.xdist_group("explorer"),
]
VIEWS = [
    "",
    TWINDRAFT,
    EVIL_PAPER,
    "method/speculative-decoding",
    "hardware/a100",
    "compare",
    "compare?of=method/speculative-decoding",
    "questions",
    "questions/results-on-a-benchmark",
    f"query?query={quote('SELECT ?title { ?p dcterms:title ?title } ORDER BY ?title')}",
    "graph",
    "method/nix",
    "statement/nix",
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve(hostile_graph()) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def reader(browser: Any, address: str) -> Iterator[Reader]:
    found = Reader(browser, address, viewport={"width": 1280, "height": 900})
    yield found
    found.context.close()
    assert [url for url in found.asked if not url.startswith(address) and not url.startswith("blob:" + address)] == []
    assert found.errors == []


def test_search_as_one_types_leads_to_a_card_and_back(reader: Reader) -> None:
    page = reader.open()
    field = page.locator("main input[type=search]")
    field.type("sd")
    expect(page.locator("main [role=option]")).to_have_count(1)
    expect(page.locator("main [role=option]")).to_contain_text("also called SD")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", page.locator("main [role=option]").get_attribute("id"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("speculative decoding")
    assert page.url == reader.address + "method/speculative-decoding"
    page.locator(".card").get_by_role("link", name="TwinDraft: Two Draft Models").first.click()
    expect(page.locator("h1")).to_have_text("TwinDraft: Two Draft Models for Faster Speculative Decoding")
    page.go_back()
    expect(page.locator("h1")).to_have_text("speculative decoding")
    page.go_back()
    expect(page.locator("main input[type=search]")).to_have_value("sd")


def test_the_slash_goes_to_search_and_escape_leaves_it(reader: Reader) -> None:
    page = reader.open(TWINDRAFT)
    page.keyboard.press("/")
    field = page.locator("#find input")
    expect(field).to_be_focused()
    field.type("gsm8")
    expect(page.locator("#find [role=listbox]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#find [role=listbox]")).to_be_hidden()
    expect(field).to_have_value("gsm8")
    page.keyboard.press("Escape")
    expect(field).to_have_value("")
    expect(field).not_to_be_focused()


def test_pointing_at_a_statement_lights_its_sentence_and_its_mention(reader: Reader) -> None:
    page = reader.open(TWINDRAFT)
    assert page.locator("mark.Method", has_text="SD").count() == 1
    expect(page.locator(".abstract .lit")).to_have_count(0)
    page.locator(".stated li", has_text="tree attention").hover()
    assert page.locator(".abstract .lit").all_inner_texts() == ["tree attention"]
    near = "".join(page.locator(".abstract .near").all_inner_texts())
    assert (
        near
        == "We propose TwinDraft, which lets two draft models guess and verifies their guesses with tree attention."
    )
    page.get_by_role("link", name="A100").first.focus()
    assert page.locator(".abstract .lit").all_inner_texts() == ["one A100 GPU"]
    page.locator(".abstract mark", has_text="tree attention").hover()
    expect(page.locator("li.lit")).to_have_count(1)
    expect(page.locator("li.lit")).to_contain_text("tree attention")


def test_a_card_has_roles_results_and_related_papers_with_reasons(reader: Reader) -> None:
    page = reader.open(TWINDRAFT)
    assert page.locator(".roles dt").all_inner_texts() == [
        "Introduces",
        "Uses",
        "Compares with",
        "Mentions",
        "Evaluates on",
        "Runs on",
        "Measures",
        "Keyphrases",
    ]
    assert page.locator("table.results tbody tr").all_inner_texts() == [
        "2.5×\tspeedup\tTwinDraft\tMedusa\tGSM8K, HumanEval, A100"
    ]
    first = page.locator(".related .papers > li").first
    expect(first).to_contain_text("How Far Can KV Cache Quantization Go?")
    expect(first).to_contain_text("this introduces, that compares with")
    expect(page.get_by_role("link", name="Turtle")).to_have_attribute("href", f"/{TWINDRAFT}?format=ttl")


def test_the_network_grows_where_one_clicks_and_stays_where_it_was(reader: Reader) -> None:
    page = reader.open("method/twindraft")
    before = reader.labels()
    assert before >= {"TwinDraft", "How Far Can KV Cache Quantization Go?"}
    where = "cy => Object.fromEntries(cy.nodes().map(node => [node.id(), [node.position('x'), node.position('y')]]))"
    places = reader.drawn().evaluate(where)
    reader.click_node("How Far Can KV Cache Quantization Go?")
    page.wait_for_function("count => Number(document.querySelector('.stage').dataset.nodes) > count", arg=len(before))
    grown = reader.labels()
    assert grown > before
    assert "H100" in grown
    later = reader.drawn().evaluate(where)
    assert {number: later[number] for number in places} == places
    expect(page.locator(".chosen")).to_contain_text("How Far Can KV Cache Quantization Go?")
    page.locator(".chosen .thing").click()
    expect(page.locator("h1")).to_have_text("How Far Can KV Cache Quantization Go?")
    page.go_back()
    expect(page.locator("h1")).to_have_text("TwinDraft")
    assert reader.labels() == grown


def test_the_network_is_filtered_by_kind(reader: Reader) -> None:
    page = reader.open(TWINDRAFT)
    assert {"A100", "tree attention"} <= reader.labels()
    page.locator(".network .chip", has_text="hardware").click()
    hidden = "cy => cy.nodes(':visible').every(node => node.data('kind') !== 'Hardware')"
    page.wait_for_function(hidden, arg=reader.drawn())
    page.locator(".as-list summary").click()
    assert page.locator(".as-list").get_by_role("link", name="A100").count() == 0
    assert page.locator(".as-list").get_by_role("link", name="tree attention").count() == 1


def test_papers_are_compared_sorted_filtered_and_exported(reader: Reader) -> None:
    page = reader.open("compare")
    rows = page.locator("table.compare tbody tr")
    expect(rows).to_have_count(5)
    page.get_by_role("button", name="Results", exact=True).click()
    expect(rows.first).to_contain_text("LongDraft")
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Results")
    page.get_by_label("Hardware", exact=True).select_option("hardware/a100")
    expect(rows).to_have_count(2)
    assert page.url == reader.address + "compare?hardware=hardware%2Fa100&sort=-results"
    with page.expect_download() as found:
        page.get_by_role("link", name="CSV").click()
    lines = found.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == [
        "paper",
        "CodeRank: Contrastive Learning for Code Search",
        "TwinDraft: Two Draft Models for Faster Speculative Decoding",
    ]
    page.reload()
    expect(rows).to_have_count(2)


def test_a_question_is_asked_with_a_suggested_name(reader: Reader) -> None:
    page = reader.open("questions")
    page.get_by_role("link", name="Papers that evaluate on a benchmark").click()
    field = page.get_by_role("combobox", name="benchmark")
    field.fill("longb")
    page.locator("main [role=option]").click()
    expect(field).to_have_value("LongBench")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("table.rows tbody tr")).to_have_count(2)
    assert page.url == reader.address + "questions/who-evaluates-on-a-benchmark?benchmark=LongBench"
    editor = page.get_by_role("link", name="Open as SPARQL")
    expect(editor).to_have_attribute("href", re.compile("LongBench"))  # that of the answer, not of the default's
    editor.click()
    assert 'VALUES ?benchmark { "LongBench" }' in page.locator(".CodeMirror").inner_text()
    expect(page.locator("table.rows tbody tr")).to_have_count(2)
    page.locator("table.rows").get_by_text("LongDraft").wait_for()


def test_a_name_that_is_unknown_is_told(reader: Reader) -> None:
    page = reader.open("questions/who-evaluates-on-a-benchmark?benchmark=GSM9K")
    expect(page.get_by_role("alert")).to_contain_text("the graph has no benchmark 'GSM9K'; did you mean GSM8K")


def test_a_query_is_completed_run_and_exported(reader: Reader) -> None:
    page = reader.open("query")
    page.locator(".page[data-ready] .CodeMirror").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("SELECT ?device { ?paper kg:runs")
    hint = page.locator(".CodeMirror-hints li")
    expect(hint.first).to_contain_text("kg:runsOn")
    page.keyboard.press("Enter")
    page.keyboard.type(" ?d . ?d skos:prefLabel ?device } ORDER BY ?device")
    expect(page.locator(".parseErrorIcon")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    expect(page.locator("table.rows tbody tr")).to_have_count(5)
    assert page.url == reader.address + "query?query=" + quote(
        "SELECT ?device { ?paper kg:runsOn ?d . ?d skos:prefLabel ?device } ORDER BY ?device", safe=""
    )
    with page.expect_download() as found:
        page.get_by_role("button", name="CSV").click()
    text = found.value.path().read_bytes().decode("utf-8-sig")
    assert text == "device\r\nA100\r\nA100\r\nGeForce RTX 4090\r\nH100\r\nconsumer GPU\r\n"


def test_the_endpoint_is_the_editor_in_a_browser(reader: Reader) -> None:
    page = reader.open("sparql")
    page.locator(".page[data-ready] .CodeMirror").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator("table.rows tbody tr")).to_have_count(4)


def test_what_is_no_thing_is_shown_as_turtle(reader: Reader) -> None:
    page = reader.open("graph")
    expect(page.locator("h1")).to_have_text("graph")
    expect(page.locator("pre.turtle")).to_contain_text("a void:Dataset")
    page.get_by_role("link", name="Turtle").click()
    assert page.url == reader.address + "graph?format=ttl"


def test_a_query_that_cannot_be_read_is_pointed_at(reader: Reader) -> None:
    page = reader.open(f"query?query={quote('SELECT ?x { ?x nix:y ?z }')}")
    expect(page.get_by_role("alert")).to_contain_text("^")


def test_the_editor_completes_names_of_concepts(reader: Reader) -> None:
    page = reader.open("query")
    page.locator(".page[data-ready] .CodeMirror").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("SELECT * { ?p kg:uses method:kv-c")
    page.keyboard.press("Control+Space")
    expect(page.locator(".CodeMirror-hints li").first).to_contain_text("method:kv-cache-quantization")


def test_hostile_names_stay_text_in_every_view(reader: Reader) -> None:
    query = quote("SELECT ?title ?label { ?p kg:uses ?m ; dcterms:title ?title . ?m skos:prefLabel ?label }")
    for path in (EVIL_PAPER, "method/evil", "compare", f"query?query={query}"):
        page = reader.open(path)
        expect(page.locator("main")).to_contain_text("onerror=")
        if path.startswith(("paper", "method")):
            reader.drawn()
        assert page.evaluate("[window.hacked, document.querySelectorAll('main img, main script').length]") == [None, 0]
    page = reader.open(EVIL_PAPER)
    expect(page.locator("h1")).to_have_text(EVIL_TITLE)
    expect(page.locator(".abstract")).to_have_text("It is 𝒪(n) <b>fast</b>.")
    expect(page.locator(".card").get_by_text(EVIL_LABEL)).to_have_count(1)


@pytest.mark.parametrize("path", VIEWS)
def test_every_view_fits_a_phone(browser: Any, address: str, path: str) -> None:
    phone = Reader(browser, address, viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    page = phone.open(path)
    if path.startswith(("paper", "method/spec", "hardware")):
        phone.drawn()
    if path.startswith("query"):
        page.wait_for_selector("table.rows")
    assert (phone.overflow(), phone.errors) == (0, [])
    phone.context.close()


@pytest.mark.parametrize("path", VIEWS)
def test_every_view_has_one_heading_a_title_and_names_for_its_controls(reader: Reader, path: str) -> None:
    page = reader.open(path)
    if path.startswith("query"):
        page.wait_for_selector("table.rows")
    nameless = """[...document.querySelectorAll('button, input, select, a')].filter((each) => !(
        each.getAttribute('aria-label') || each.textContent.trim() || each.labels?.length || each.type === 'hidden'
    )).map((each) => each.outerHTML)"""
    assert (page.locator("h1").count(), page.evaluate(nameless)) == (1, [])
    assert page.title().endswith("kg")
    assert page.evaluate("[...document.querySelectorAll('table')].every((table) => table.caption)")


def test_dark_colours_follow_the_system_and_the_choice_is_kept(browser: Any, address: str) -> None:
    night = Reader(browser, address, color_scheme="dark")
    page = night.open()
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(21, 23, 26)"
    page.get_by_role("button", name="Dark colours").click()
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.reload()
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    night.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast(browser: Any, address: str, scheme: str) -> None:
    reader = Reader(browser, address, color_scheme=scheme)
    page = reader.open(TWINDRAFT)
    script = """() => {
        const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
        const css = getComputedStyle(document.documentElement);
        const light = (name) => {
            canvas.fillStyle = css.getPropertyValue('--' + name);
            canvas.fillRect(0, 0, 1, 1);
            const parts = [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((part) => part / 255);
            const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const ratio = (one, two) => {
            const [a, b] = [light(one), light(two)];
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        };
        const texts = ['ink', 'soft', 'accent', 'warn'];
        const grounds = ['ground', 'panel', 'field', 'tint'];
        const pairs = texts.flatMap((text) => grounds.map((ground) => [text, ground]));
        return [...pairs, ['on-accent', 'accent'], ['ink', 'mark']].filter((pair) => ratio(...pair) < 4.5);
    }"""
    assert page.evaluate(script) == []
    reader.context.close()


def test_a_server_that_is_gone_is_told_and_can_be_asked_again(reader: Reader) -> None:
    page = reader.open("questions")
    reader.context.route("**/api/compare*", lambda route: route.abort())
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("The server does not answer.")
    reader.context.unroute("**/api/compare*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("h1")).to_have_text("Papers compared")
    reader.errors = [error for error in reader.errors if "ERR_FAILED" not in error]


def test_scrolling_is_where_it_was_on_the_way_back(reader: Reader) -> None:
    page = reader.open("compare")
    page.set_viewport_size({"width": 900, "height": 300})
    page.locator("table.compare").get_by_role("link", name="TwinDraft: Two").scroll_into_view_if_needed()
    page.wait_for_function("scrollY > 100")
    at = page.evaluate("scrollY")
    page.locator("table.compare").get_by_role("link", name="TwinDraft: Two").click()
    expect(page.locator("h1")).to_contain_text("TwinDraft")
    assert page.evaluate("scrollY") == 0
    page.go_back()
    expect(page.locator("h1")).to_have_text("Papers compared")
    page.wait_for_function("at => Math.abs(scrollY - at) < 2", arg=at)


def test_the_longest_way_back_ends_at_the_start(reader: Reader) -> None:
    page = reader.open()
    for path in ("questions", "compare"):
        page.locator(f"nav a[href='/{path}']").click()
        expect(page.locator(f"nav a[href='/{path}']")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="LongDraft: Self").click()
    expect(page.locator("h1")).to_contain_text("LongDraft")
    assert page.url == reader.address + LONGDRAFT
    for title in ("Papers compared", "Questions", "What do these papers share?"):
        page.go_back()
        expect(page.locator("h1")).to_have_text(title)
