"""The documentation is run: every command it shows is executed, and what it prints is compared with what is shown."""

from __future__ import annotations

import doctest
import os
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("built")
ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CUT = "…"
"""A line that stands for lines left out."""


def commands() -> Iterator[tuple[str, str, list[str]]]:
    """Yield page and number, command, and the lines that are shown below it."""
    for page in PAGES:
        for block in re.findall(r"^```console\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M):
            for number, part in enumerate(re.split(r"^\$ ", block, flags=re.M)[1:]):
                command, _, shown = part.partition("\n")
                yield f"{page.name}:{number}:{command[:40]}", command, shown.splitlines()


SHOWN = list(commands())


@pytest.fixture(scope="module")
def place(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the reader has it: the corpus, and the graph built from it."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "seeds").symlink_to(ROOT / "seeds")
    (folder / "queries").symlink_to(ROOT / "queries")
    (folder / "kg-out").symlink_to(built)
    return folder


@pytest.mark.parametrize(("command", "shown"), [s[1:] for s in SHOWN], ids=[s[0] for s in SHOWN])
def test_a_command_prints_what_is_shown(command: str, shown: list[str], place: Path) -> None:
    words = shlex.split(command)
    if words[0] != "kg" or words[1] == "build":
        pytest.skip("shown for the reader; the build is run by its own tests")
    environment = {**os.environ, "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-m", "kg", *words[1:]], cwd=place, env=environment, capture_output=True, encoding="utf-8"
    )
    printed = [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]
    assert done.returncode == 0, done.stderr
    if CUT in shown:
        cut = shown.index(CUT)
        printed = [*printed[:cut], CUT, *printed[len(printed) - (len(shown) - cut - 1) :]]
    assert printed == shown


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_a_session_of_python_prints_what_is_shown(page: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    said: list[str] = []
    for block in re.findall(r"^```pycon\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M):
        session = doctest.DocTestParser().get_doctest(block, {}, page.name, str(page), None)
        doctest.DocTestRunner(verbose=False).run(session, out=said.append)
    assert "".join(said) == ""


def test_the_notebook_prints_what_it_shows(place: Path) -> None:
    nbformat = pytest.importorskip("nbformat", reason="the package nbformat is not installed")
    for package in ("nbclient", "ipykernel"):
        pytest.importorskip(package, reason=f"the package {package} is not installed")
    (place / "docs").mkdir()
    script = runpy.run_path(str(ROOT / "docs" / "run_notebook.py"))
    stored, run = nbformat.read(script["NOTEBOOK"], as_version=4), script["run_notebook"](place / "docs")
    assert [cell.get("outputs") for cell in run.cells] == [cell.get("outputs") for cell in stored.cells]


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
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
