"""The documentation site: its generated pages say all there is, it builds without a warning, and it loads nothing."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from generated import include_sections, make_pages, section_of
from terms import STATEMENT, read_terms
from trees import Branch, draw_tree

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ("mkdocs", "material", "mkdocstrings", "mkdocstrings_handlers")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
MADE = make_pages()


def test_every_command_and_option_is_on_the_page_of_commands() -> None:
    from typer.main import get_command

    from kg.cli import app

    page = MADE["reference/commands.md"]
    commands = getattr(get_command(app), "commands")  # noqa: B009
    assert re.findall(r"^## kg (\w+)$", page, re.M) == list(commands)
    for name, command in commands.items():
        part = page.partition(f"## kg {name}\n")[2].partition("\n## ")[0]
        options = [option for p in command.params if p.param_type_name == "option" for option in p.opts]
        assert [option for option in options if f"`{option}`" not in part] == []


def test_an_option_is_described_with_its_default() -> None:
    page = MADE["reference/commands.md"]
    assert "| `-o`, `--output` `DIR` | The folder to build. | `kg-out` |\n" in page
    assert "| `INPUT...` | Files, folders, or - for standard input. |  |\n" in page


def test_every_question_is_on_the_page_of_questions() -> None:
    from kg.asking.questions import list_questions

    page = MADE["reference/questions.md"]
    assert re.findall(r"^## (.+)$", page, re.M) == [question.title for question in list_questions()]
    assert "kg query papers-on-a-task -p task='code search'\n" in page
    assert "| `task` | label or alias of a task | `code search` |\n" in page


def test_every_term_is_on_the_pages_of_the_ontology() -> None:
    from kg.ontology import KG

    known = {name for name in vars(KG) if not name.startswith("_")}
    assert {term.name for term in read_terms()} == known
    listed = re.findall(r"^## kg:\w+ \{ #(\w+) \}$", MADE["ontology/classes.md"] + MADE["ontology/properties.md"], re.M)
    assert sorted(listed) == sorted(known)
    assert (
        "## kg:uses { #uses }\n\nThe paper builds on, applies or studies the method.\n\n"
        "- a kind of: [`kg:involves`](properties.md#involves)\n- from: [`kg:Paper`](classes.md#Paper)\n"
        "- to: [`kg:Method`](classes.md#Method)\n- example: A paper uses optimal transport.\n"
    ) in MADE["ontology/properties.md"]


def test_the_picture_of_a_statement_shows_what_graphs_have() -> None:
    graph = (ROOT / "tests" / "data" / "small.ttl").read_text(encoding="utf-8")

    def words(tree: Branch) -> list[str]:
        return [word for label, below in tree.below for word in (label, *words(below))]

    assert words(STATEMENT) == [
        *("rdf:subject", "rdf:predicate", "rdf:object"),
        *("hasEvidence", "oa:hasSelector", "inSentence"),
    ]
    assert [word for word in words(STATEMENT) if word.rpartition(":")[2] not in graph] == []


def test_a_tree_is_drawn_from_left_to_right() -> None:
    tree = Branch("A & B", (("has", Branch("C")), ("is", Branch("D"))))
    svg = draw_tree(tree, "a <title>")
    assert re.findall(r">([^<>]+)</text>", svg) == ["C", "has", "D", "is", "A &amp; B"]
    boxes = [tuple(map(float, b)) for b in re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"', svg)]
    (c, d, root) = boxes
    assert c[0] == d[0] > root[0] + root[2]
    assert c[1] < root[1] < d[1]
    assert 'aria-label="a &lt;title&gt;"' in svg


def test_a_section_of_another_file_is_taken_in_with_its_links() -> None:
    page = include_sections("{{ README.md: How good it is }}\n\nEnd.\n", "explanation/quality.md")
    assert "| methods |" in page
    assert "(../reference/tagger.md)" in page
    assert page.endswith("\n\nEnd.\n")
    with pytest.raises(KeyError, match="has no section 'Nothing'"):
        section_of("README.md", "Nothing")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site, or skip."""
    if MISSING:
        pytest.skip(f"not installed here: {', '.join(MISSING)} (make docs installs them)")
    folder = tmp_path_factory.mktemp("site")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr + done.stdout
    return folder


@pytest.mark.xdist_group("site")
def test_the_site_has_all_pages(site: Path) -> None:
    pages = [*(p.relative_to(ROOT / "docs").as_posix() for p in (ROOT / "docs").rglob("*.md")), *MADE]
    built = {p.relative_to(site).as_posix() for p in site.rglob("*.html")}
    assert built == {"404.html", *(re.sub(r"\.md$", ".html", page) for page in pages)}
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    assert [page for page in pages if page not in nav] == []


@pytest.mark.xdist_group("site")
def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    loaded = re.compile(r"""<(?!a\b)\w+[^>]*?\s(?:src|href|srcset|data)=["']?(\w+:|//)[^"' >]*""")
    outside = {
        f"{path.relative_to(site)}: {found[0]}"
        for path in site.rglob("*.html")
        for found in loaded.finditer(path.read_text(encoding="utf-8"))
        if found[1] != "data:"
    }
    styles = {
        f"{path.relative_to(site)}: {found}"
        for path in site.rglob("*.css")
        for found in re.findall(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')]*)", path.read_text(encoding="utf-8"))
    }
    assert outside | styles == set()
    # the script of the theme asks a CDN where a page has a Mermaid diagram, a Git host where a repository is named
    pages = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.html"))
    assert re.findall(r'class="mermaid"|data-md-component="source"', pages) == []


@pytest.mark.xdist_group("site")
def test_the_pictures_lead_to_the_classes(site: Path) -> None:
    picture = (site / "ontology" / "index.html").read_text(encoding="utf-8")
    classes = (site / "ontology" / "classes.html").read_text(encoding="utf-8")
    linked = set(re.findall(r'<a href="classes\.html#(\w+)"><rect', picture))
    assert linked == {
        *("Paper", "Concept", "Method", "Benchmark", "Hardware", "Task", "Metric", "Keyphrase"),
        *("Statement", "Evidence", "Span", "Result", "Link", "Merge"),
    }
    assert [name for name in linked if f'id="{name}"' not in classes] == []


@pytest.mark.xdist_group("site")
def test_the_search_knows_what_pages_say(site: Path) -> None:
    index = (site / "search" / "search_index.js").read_text(encoding="utf-8")
    assert all(word in index for word in ("comparesWith", "papers-on-less-than-memory", "--keep-going", "Zotero"))


@pytest.mark.xdist_group("site")
def test_a_reader_without_server_and_network_can_search(site: Path, tmp_path: Path) -> None:
    webdriver = pytest.importorskip("selenium.webdriver", reason="the package selenium is not installed")
    support = pytest.importorskip("selenium.webdriver.support.ui")
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and chromedriver):
        pytest.skip("chromium or chromedriver is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    flags = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-sync"
    for flag in (*flags.split(), "--proxy-server=127.0.0.1:9", f"--user-data-dir={tmp_path}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(chromedriver))
    try:
        driver.get((site / "index.html").as_uri())
        driver.execute_script("document.querySelector('[data-md-toggle=search]').click()")
        field = driver.find_element("css selector", ".md-search__input")
        field.send_keys("papers-on-less-than-memory")
        titles = support.WebDriverWait(driver, 60).until(
            lambda d: [e.text for e in d.find_elements("css selector", ".md-search-result__article h1") if e.text]
        )
        asked = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    finally:
        driver.quit()
    assert "Ready questions" in titles
    addresses = [m["params"]["request"]["url"] for m in asked if m["method"] == "Network.requestWillBeSent"]
    assert {address.partition(":")[0] for address in addresses} <= {"file", "data", "blob", "chrome"}
