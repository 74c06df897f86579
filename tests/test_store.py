from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import UsageError
from kg.ontology import BASE_IRI, KG, prefixes
from kg.store import OpenGraph, open_graph

SMALL = Path(__file__).parent / "data" / "small.ttl"
TITLE = "http://purl.org/dc/terms/title"


def titles(graph: OpenGraph) -> list[str]:
    return sorted(o.value for _, o in graph.pairs(TITLE) if isinstance(o, ox.Literal))


@pytest.fixture(scope="module")
def expected() -> list[str]:
    return titles(open_graph(SMALL))


def make_folder(folder: Path, text: bytes) -> Path:
    folder.mkdir()
    (folder / "graph.ttl").write_bytes(text)
    store = ox.Store(str(folder / "store"))
    store.bulk_load(text, ox.RdfFormat.TURTLE)
    store.flush()
    return folder


def test_a_built_folder_is_opened_by_its_store(tmp_path: Path, expected: list[str]) -> None:
    folder = make_folder(tmp_path / "out", SMALL.read_bytes())
    (folder / "graph.ttl").write_text("this is not read")
    before = sorted((p.name, p.stat().st_mtime_ns) for p in folder.rglob("*"))
    graph = open_graph(folder)
    assert (titles(graph), graph.base, graph.prefixes) == (expected, BASE_IRI, prefixes())
    assert sorted((p.name, p.stat().st_mtime_ns) for p in folder.rglob("*")) == before


@pytest.mark.parametrize("broken", ["missing", "empty", "cut"])
def test_a_folder_without_a_good_store_is_opened_by_its_turtle(
    tmp_path: Path, expected: list[str], broken: str
) -> None:
    folder = make_folder(tmp_path / "out", SMALL.read_bytes())
    for file in (folder / "store").iterdir():
        if broken == "missing" or file.suffix == ".sst" or file.name.startswith("MANIFEST"):
            file.unlink()
        elif broken == "empty":
            file.write_bytes(b"")
    assert titles(open_graph(folder)) == expected


@pytest.mark.parametrize(
    ("name", "rdf_format"),
    [
        ("g.ttl", ox.RdfFormat.TURTLE),
        ("g.nt", ox.RdfFormat.N_TRIPLES),
        ("g.nq", ox.RdfFormat.N_QUADS),
        ("g.trig", ox.RdfFormat.TRIG),
        ("g.jsonld", ox.RdfFormat.JSON_LD),
        ("g.rdf", ox.RdfFormat.RDF_XML),
        ("g.owl", ox.RdfFormat.RDF_XML),
        ("G.TTL", ox.RdfFormat.TURTLE),
        ("turtle", ox.RdfFormat.TURTLE),
        ("triples", ox.RdfFormat.N_TRIPLES),
        ("quads.txt", ox.RdfFormat.N_QUADS),
        ("xml", ox.RdfFormat.RDF_XML),
        ("json", ox.RdfFormat.JSON_LD),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_rdf_files_are_known_by_ending_or_content(
    tmp_path: Path, expected: list[str], name: str, rdf_format: ox.RdfFormat, zipped: bool
) -> None:
    store = ox.Store()
    store.load(path=SMALL)
    data = store.dump(format=rdf_format, from_graph=None if rdf_format.supports_datasets else ox.DefaultGraph()) or b""
    path = tmp_path / (name + (".gz" if zipped else ""))
    path.write_bytes(gzip.compress(data) if zipped else data)
    assert titles(open_graph(str(path))) == expected


def test_named_graphs_are_asked_as_one(tmp_path: Path) -> None:
    path = tmp_path / "g.nq"
    line = f'<http://e/p> <{TITLE}> "One" <http://e/%s> .\n'
    path.write_text(line % "a" + line % "b" + f'<http://e/q> <{TITLE}> "Two" .\n')
    graph = open_graph(path)
    assert titles(graph) == ["One", "Two"]
    assert sorted(g.value for g in graph.store.named_graphs() if isinstance(g, ox.NamedNode)) == [
        "http://e/a",
        "http://e/b",
    ]


@pytest.mark.parametrize("described", [True, False])
def test_the_base_is_read_from_the_graph(tmp_path: Path, described: bool) -> None:
    base = "http://me.example/papers/"
    lines = SMALL.read_text(encoding="utf-8").replace(BASE_IRI, base)
    path = tmp_path / "g.ttl"
    path.write_text(lines if described else lines.replace("void:Dataset", "dcat:Catalog"), encoding="utf-8")
    graph = open_graph(path)
    assert (graph.base, graph.prefixes) == (base, prefixes(base))
    assert graph.term(KG.uses).value == base + "ontology#uses"


def test_a_graph_of_others_has_the_default_base(tmp_path: Path) -> None:
    path = tmp_path / "g.ttl"
    path.write_text("<http://e/a> a <http://e/B> .")
    assert open_graph(path).base == BASE_IRI


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none", None, "there is no graph at {path}; make one with kg build"),
        ("g.ttl", b"<http://e/a> <http://e/b> 1 .\n<http://e/a> oops .\n", "{path}:2: "),
        ("g.nt", b"<http://e/a> <http://e/b> .\n", "{path}:1: "),
        ("page.html", b"<!DOCTYPE html><html></html>", "{path} is not RDF; a graph is a folder made by kg build, or "),
        ("g.bin", b"\x00\x01\x02", "{path} is not RDF; a graph is a folder made by kg build, or a file such as"),
        ("g.ttl.gz", b"\x1f\x8b\x08\x00broken", "{path} cannot be read: "),
        ("notes.txt", b"Dear all,\nthis is prose.\n", "{path}:1: "),
    ],
)
def test_what_is_no_graph_is_said_in_one_line(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        open_graph(path)
    assert str(caught.value).startswith(message.format(path=path))
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_no_graph(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        open_graph(tmp_path)
    assert (
        str(caught.value) == f"{tmp_path} is not a graph: it has neither store/ nor graph.ttl; make one with kg build"
    )


def test_asking_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from kg.asking import card_reader, cards, counts, paths, questions, tables\n"
        "heavy = {'networkx', 'rdflib', 'keybert', 'sklearn', 'numpy', 'onnxruntime', 'rich', 'urllib.request'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
