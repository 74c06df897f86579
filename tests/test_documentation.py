"""The documentation is run: what its commands and programs print is what is shown (see docs/refill.py)."""

from __future__ import annotations

import doctest
import re
import runpy
from pathlib import Path
from types import ModuleType

import generated
import pytest
import refill as refilling
import trees
from refill import CUT, Place, cut_as, is_run, list_pages, refill

ROOT = Path(__file__).resolve().parent.parent
PAGES = list_pages()


@pytest.mark.xdist_group("built")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_shows_what_its_commands_print(page: Path, built: Path, tmp_path: Path) -> None:
    said = (built.parent / "said.txt").read_text(encoding="utf-8")
    text = page.read_text(encoding="utf-8")
    assert refill(text, Place.make(tmp_path / "reader", built, said)) == text


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place with an empty graph, for pages that ask none."""
    (tmp_path / "kg-out").mkdir()
    return Place.make(tmp_path / "reader", tmp_path / "kg-out", "2 papers in kg-out\n")


def test_what_a_page_shows_is_replaced_by_what_is_printed(place: Place) -> None:
    page = """
```tsv title="sub/mine.tsv"
one	1
two	2
```

```console
$ kg build seeds
old
$ cat sub/mine.tsv
$ printf '%s\\n' 'a
b' c d
x
…
z
$ make demo
left as it is
```

```python
print("n", 1 + 1)
```

```text
old
```
"""
    expected = page.replace("old\n$", "2 papers in kg-out\n$").replace("mine.tsv\n$", "mine.tsv\none\t1\ntwo\t2\n$")
    expected = expected.replace("x\n…\nz", "a\n…\nd").replace("text\nold", "text\nn 2")
    assert refill(page, place) == expected
    assert refill(expected, place) == expected


def test_a_command_that_fails_is_an_error_unless_the_page_says_so(place: Place) -> None:
    with pytest.raises(RuntimeError, match="exit code 2"):
        refill("```console\n$ kg show x -g nowhere\n```\n", place)
    shown = refill('```console\n$ kg show x -g nowhere 2> /dev/null; echo "exit code $?"\n```\n', place)
    assert shown.splitlines()[2] == "exit code 2"


@pytest.mark.xdist_group("built")
def test_the_notebook_prints_what_it_shows(built: Path, tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat", reason="the package nbformat is not installed")
    for package in ("nbclient", "ipykernel"):
        pytest.importorskip(package, reason=f"the package {package} is not installed")
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    (tmp_path / "kg-out").symlink_to(built)
    (tmp_path / "docs").mkdir()
    script = runpy.run_path(str(ROOT / "docs" / "run_notebook.py"))
    stored, run = nbformat.read(script["NOTEBOOK"], as_version=4), script["run_notebook"](tmp_path / "docs")
    assert [cell.get("outputs") for cell in run.cells] == [cell.get("outputs") for cell in stored.cells]


def test_a_session_shows_what_its_statements_return(place: Place) -> None:
    page = "```pycon\n>>> x = 1\n>>> x + 1\nold\n>>> for i in range(2):\n...     print(i)\n...\n```\n"
    shown = refill(page, place)
    assert shown == "```pycon\n>>> x = 1\n>>> x + 1\n2\n>>> for i in range(2):\n...     print(i)\n0\n1\n```\n"
    assert refill(page + "```pycon\n>>> x\n```\n", place) == shown + "```pycon\n>>> x\n1\n```\n"
    assert refill(shown, place) == shown


def test_no_page_builds_over_the_graph_that_all_ask(place: Place) -> None:
    for command in ("kg build seeds --merges mine.tsv", "kg build mine.bib -o kg-out"):
        with pytest.raises(ValueError, match="add -o FOLDER"):
            place.answer(command)


@pytest.mark.parametrize("module", [generated, refilling, trees])
def test_the_examples_of_the_tools_are_true(module: ModuleType) -> None:
    failed, attempted = doctest.testmod(module)
    assert (failed, attempted > 0) == (0, True)


def test_lines_are_left_out_where_they_were() -> None:
    assert cut_as(["1", "2", "3", "4"], ["a", CUT]) == ["1", CUT]
    assert cut_as(["1", "2"], ["a", CUT, "z"]) == ["1", "2"]
    assert cut_as(["1"], []) == ["1"]
    assert [is_run(c) for c in ("kg stats", "kg", "kg train gold", "make demo", "pip install .")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.xdist_group("built")
def test_the_turtle_of_the_readme_stands_in_the_graph(built: Path) -> None:
    graph = (built / "graph.ttl").read_text(encoding="utf-8").splitlines()
    (block,) = re.findall(r"^```turtle\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S | re.M)
    assert [line for line in block.splitlines() if line.strip() not in ("", CUT) and line not in graph] == []


def test_every_command_is_shown_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    from kg.cli import app

    names = {command.callback.__name__ for command in app.registered_commands if command.callback}
    assert {name for name in names if f"kg {name}" not in text} == set()


def test_every_module_is_in_the_design() -> None:
    text = (ROOT / "DESIGN.md").read_text(encoding="utf-8")
    modules = {p.stem for p in (ROOT / "kg").rglob("*.py") if "_vendor" not in p.parts and not p.stem.startswith("__")}
    assert {m for m in modules if f"`{m}`" not in text} == set()


def test_links_between_pages_lead_somewhere() -> None:
    made = {(ROOT / "docs" / path).resolve() for path in generated.make_pages()}
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text(encoding="utf-8")):
            path = (page.parent / target).resolve()
            assert path.exists() or path in made, f"{page.name} links to {target}"
