"""Imports point one way, and commands that only read do not load models or tools for building."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "kg"
MODULES = {
    ".".join(("kg", *p.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): p
    for p in sorted(PACKAGE.rglob("*.py"))
    if "_vendor" not in p.parts
}

BEFORE_GRAPH = (
    "errors paper mention forms reading extraction hardware concepts decisions narrower omission links statements"
)
RDF = {"rdflib", "pyoxigraph", "pyshacl"}


def imports(path: Path, top_level_only: bool = False) -> set[str]:
    """Return the modules that a file imports, but for those that only a type checker sees."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if top_level_only:
        nodes: list[ast.AST] = [n for n in tree.body if not isinstance(n, ast.If)]
    else:
        hidden = {id(n) for i in ast.walk(tree) if isinstance(i, ast.If) and _is_type_checking(i) for n in ast.walk(i)}
        nodes = [n for n in ast.walk(tree) if id(n) not in hidden]
    out = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            out |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            out |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return out


def _is_type_checking(node: ast.If) -> bool:
    return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def test_no_module_imports_in_a_circle() -> None:
    graph = {
        name: {i for i in imports(path) if i in MODULES and i not in (name, "kg")} for name, path in MODULES.items()
    }
    list(TopologicalSorter(graph).static_order())


def rows_of_the_design() -> dict[str, int]:
    """Return the row of the table in DESIGN.md in which each module, or its folder, stands."""
    table = (PACKAGE.parent / "DESIGN.md").read_text(encoding="utf-8").partition("| module |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name.rstrip("/"): number for number, row in enumerate(rows) for name in re.findall(r"`([\w/]+)`", row)}


def test_modules_import_from_their_own_row_of_the_design_and_from_rows_above() -> None:
    rows = rows_of_the_design()
    upward = [
        f"{name} imports {other}"
        for name, path in MODULES.items()
        if name.split(".")[1:] and not name.endswith("__main__")
        for other in imports(path)
        if other in MODULES and other != "kg" and rows[other.split(".")[1]] > rows[name.split(".")[1]]
    ]
    assert upward == []


@pytest.mark.parametrize("name", BEFORE_GRAPH.split())
def test_nothing_before_the_graph_knows_rdf(name: str) -> None:
    paths = [p for m, p in MODULES.items() if m == f"kg.{name}" or m.startswith(f"kg.{name}.")]
    assert paths
    assert not {i.split(".")[0] for p in paths for i in imports(p)} & RDF


@pytest.mark.parametrize("command", ["--help", "query --help", "queries", "stats -g tests/data/small.ttl"])
def test_reading_loads_no_model_and_nothing_for_building(command: str) -> None:
    code = (
        f"import sys; sys.argv = ['kg', *{command.split()!r}]\n"
        "from kg.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'keybert', 'sklearn', 'onnxruntime', 'tokenizers', 'networkx', 'rdflib', 'pyvis', 'numpy'}\n"
        "heavy |= {'starlette', 'uvicorn', 'asyncio'}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    root = PACKAGE.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "loaded: []"
