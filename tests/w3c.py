"""The test suite of the W3C for SPARQL 1.1: its manifests as cases, and servers to try them on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from kg.ontology import BASE_IRI, prefixes
from kg.serving.server import make_app
from kg.site import Site
from kg.store import OpenGraph

_GIVEN = os.environ.get("KG_SHARED")
SUITE = (Path(_GIVEN) if _GIVEN else Path(__file__).resolve().parents[2] / "shared") / "w3c" / "sparql11"
BASE = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
ADDRESS = "http://127.0.0.1:8000/"
TOKEN = {"Authorization": "Bearer secret"}

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"

FOLDERS = (
    *("aggregates", "bind", "bindings", "cast", "construct", "exists", "functions", "grouping", "negation"),
    *("project-expression", "property-path", "subquery", "syntax-query", "csv-tsv-res", "json-res"),
    *("add", "basic-update", "clear", "copy", "delete", "delete-data", "delete-insert", "delete-where", "drop", "move"),
    *("syntax-update-1", "syntax-update-2", "update-silent", "protocol"),
)
"""All but `entailment` (a graph of kg means what it says), `service` and `syntax-fed` (this server asks no other)."""

_LOAD = "the server fetches nothing: LOAD is refused"
_OF_NO_GRAPH = "the engine looks for zero steps of a path only among the nodes of the graph"
_IN_GRAPH = "the engine puts the graph variable into each pattern of GRAPH, and not once around its solutions"
CANNOT_PASS = {
    "aggregates/agg-groupconcat-04": "the engine keeps a language that all the strings share, as SPARQL 1.2 will",
    "aggregates/agg-groupconcat-06": "the engine keeps a language that all the strings share, as SPARQL 1.2 will",
    "aggregates/agg-empty-group-count-graph": _IN_GRAPH,
    "bindings/graph": _IN_GRAPH,
    "csv-tsv-res/csv03": "the store keeps the value of a number, not its spelling: 1.0E6 comes back as 1000000",
    "functions/bnode01": "the engine names the node that BNODE makes of a string by the string alone",
    "negation/graph-minus": _IN_GRAPH,
    "property-path/zero_or_more_set_end": _OF_NO_GRAPH,
    "property-path/zero_or_more_set_start": _OF_NO_GRAPH,
    "property-path/zero_or_one_set_end": _OF_NO_GRAPH,
    "property-path/zero_or_one_set_start": _OF_NO_GRAPH,
    "syntax-query/test_4": "the engine refuses a function that it does not know",
    **{f"update-silent/{name}": _LOAD for name in ("load-silent", "load-into-silent")},
    **{f"syntax-update-1/test_{number}": _LOAD for number in (1, 2, 3, 4, 37)},
}


Node = ox.NamedNode | ox.BlankNode


class Manifest:
    """A manifest as a graph to walk through."""

    def __init__(self, path: Path, base: str) -> None:
        self._store = ox.Store()
        self._store.load(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=base)

    def all(self, subject: Node, predicate: str) -> list[Node]:
        found = self._store.quads_for_pattern(subject, ox.NamedNode(predicate), None)
        return [quad.object for quad in found]  # type: ignore[misc]

    def one(self, subject: Node, predicate: str) -> Node | None:
        return next(iter(self.all(subject, predicate)), None)

    def text(self, subject: Node, predicate: str) -> str:
        found = self.one(subject, predicate)
        return "" if found is None else found.value

    def items(self, node: Node | None) -> Iterator[Node]:
        while node is not None and node.value != RDF + "nil":
            first = self.one(node, RDF + "first")
            assert first is not None
            yield first
            node = self.one(node, RDF + "rest")

    def entries(self) -> Iterator[Node]:
        for quad in self._store.quads_for_pattern(None, ox.NamedNode(MF + "entries"), None):
            yield from self.items(quad.object)  # type: ignore[arg-type]


Data = tuple[tuple[str, str], ...]
"""The graphs of a dataset: name (empty: the default graph) and path in the suite."""


@dataclass(frozen=True)
class Case:
    """One test of a manifest; which fields are used depends on its kind."""

    folder: str
    name: str
    kind: str
    text: str = ""
    data: Data = ()
    result: str = ""
    after: Data = ()

    def read(self) -> str:
        return (SUITE / self.text).read_text(encoding="utf-8")


def cases(folder: str, file: str = "manifest.ttl") -> Iterator[Case]:
    manifest = Manifest(SUITE / folder / file, f"{BASE}{folder}/{file}")
    for entry in manifest.entries():
        kind = manifest.text(entry, RDF + "type").rpartition("#")[2]
        name = entry.value.rpartition("#")[2]
        if kind.endswith("ProtocolTest"):
            yield Case(folder, name, kind, f"{folder}/{file}", _data(manifest, entry))
            continue
        action, result = manifest.one(entry, MF + "action"), manifest.one(entry, MF + "result")
        assert action is not None
        if isinstance(action, ox.NamedNode):
            yield Case(folder, name, kind, text=_path(action.value))
        elif "Update" in kind:
            assert result is not None
            text = _path(manifest.text(action, UT + "request"))
            yield Case(folder, name, kind, text, _data(manifest, action), after=_data(manifest, result))
        else:
            assert result is not None
            text = _path(manifest.text(action, QT + "query"))
            yield Case(folder, name, kind, text, _data(manifest, action), _path(result.value))


def _path(iri: str) -> str:
    assert iri.startswith(BASE), iri
    return iri.removeprefix(BASE)


def _data(manifest: Manifest, node: Node) -> Data:
    found = [("", _path(file.value)) for space in (QT, UT) for file in manifest.all(node, space + "data")]
    for space in (QT, UT):
        for graph in manifest.all(node, space + "graphData"):
            if isinstance(graph, ox.NamedNode):
                found.append((graph.value, _path(graph.value)))
            else:
                file = manifest.text(graph, UT + "graph")
                found.append((manifest.text(graph, RDFS + "label"), _path(file)))
    return tuple(sorted(found))


def load(store: ox.Store, data: Data) -> ox.Store:
    formats = {"ttl": ox.RdfFormat.TURTLE, "nt": ox.RdfFormat.N_TRIPLES, "rdf": ox.RdfFormat.RDF_XML}
    for name, path in data:
        graph = ox.NamedNode(name) if name else ox.DefaultGraph()
        if name:
            store.add_graph(graph)
        kind = formats[path.rpartition(".")[2]]
        store.load(path=str(SUITE / path), format=kind, base_iri=BASE + path, to_graph=graph)
    return store


ALL = [case for folder in FOLDERS for case in cases(folder)] if SUITE.is_dir() else []
if ALL:
    ALL += [case for kind in ("direct", "indirect") for case in cases("graph-store-protocol", f"manifest-{kind}.ttl")]


def parameters(*kinds: str) -> list[object]:
    """Return the cases of some kinds as parameters, those with the same data behind one another."""
    chosen = sorted((case for case in ALL if case.kind in kinds), key=lambda case: (case.folder, case.data, case.name))
    if not chosen:
        reason = "the test suite of the W3C is not here; set KG_SHARED to the folder that has w3c/sparql11"
        return [pytest.param(None, marks=pytest.mark.skip(reason), id="none")]
    return [
        pytest.param(case, id=f"{case.folder}/{case.name}", marks=pytest.mark.xdist_group(f"w3c-{case.folder}"))
        for case in chosen
    ]


class Servers:
    """One server at a time, kept while the data stays the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data: Data | None = None
        self._stack = ExitStack()

    def reading(self, data: Data) -> TestClient:
        """Return a client of a server that has the data in memory."""
        if self._data != data:
            self.close()
            store = load(ox.Store(), data)
            app = make_app(Site(OpenGraph(store, BASE_IRI, prefixes()), "nowhere", ADDRESS), workers=1)
            self._client = self._stack.enter_context(TestClient(app, base_url=ADDRESS))
            self._data = data
        return self._client

    def writing(self, data: Data, address: str = ADDRESS) -> tuple[TestClient, ox.Store]:
        """Return a client of a new server that may be written to, and its store."""
        self.close()
        folder = Path(mkdtemp(dir=self._folder))
        store = load(ox.Store(folder / "store"), data)
        site = Site(OpenGraph(store, BASE_IRI, prefixes()), str(folder), address)
        app = make_app(site, workers=1, token="secret")
        return self._stack.enter_context(TestClient(app, base_url=address)), store

    def close(self) -> None:
        self._stack.close()
        self._data = None


def expect(case: Case, passed: bool, why: str = "") -> None:
    """Fail if a test does not pass that should, or passes that cannot."""
    name = f"{case.folder}/{case.name}"
    if name in CANNOT_PASS:
        assert not passed, f"{name} passes: {CANNOT_PASS[name]} no longer holds"
    else:
        assert passed, why
