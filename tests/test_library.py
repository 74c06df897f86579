"""The library as its users meet it: `import kg`, graphs, papers, concepts, and tables of plain values."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import kg
from kg.asking.card_reader import make_card
from kg.asking.cards import render_card
from kg.asking.things import find_thing
from kg.errors import UsageError
from kg.network.network import read_network
from kg.ontology import BASE_IRI

ROOT = Path(__file__).parent.parent
SMALL = ROOT / "tests" / "data" / "small.ttl"
GRAPH = kg.open(SMALL)
TWIN, LONG, FAR, CODE = (
    "TwinDraft: Two Draft Models for Faster Speculative Decoding",
    "LongDraft: Self-Speculative Decoding of Long Contexts on Consumer GPUs",
    "How Far Can KV Cache Quantization Go?",
    "CodeRank: Contrastive Learning for Code Search",
)


def run(code: str, cwd: Path = ROOT) -> str:
    """Return what a program prints in a Python of its own."""
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


# The package


def test_importing_kg_loads_nothing_but_the_standard_library() -> None:
    code = "import sys; before = set(sys.modules); import kg; print(sorted(set(sys.modules) - before - {'kg'}))"
    loaded = json.loads(run(code).replace("'", '"'))
    assert [name for name in loaded if name.split(".")[0] not in sys.stdlib_module_names] == []


@pytest.mark.parametrize(
    "before",
    [
        "import kg",
        "import kg.build",
        "import kg; kg.build; import kg.build",
        "from kg.build import build_graph; import kg",
        "import importlib, kg; importlib.import_module('kg.build'); importlib.reload(kg)",
    ],
)
def test_build_is_the_function_before_and_after_its_module_is_imported(before: str) -> None:
    code = f"{before}\nfrom kg import build\nimport sys\nfrom kg.build import build_graph\n"
    code += "print(kg.build is build, build.__module__, build_graph.__module__, type(sys.modules['kg.build']).__name__)"
    assert run(code) == "True kg.library kg.build module\n"


def test_the_package_names_what_it_has_and_nothing_else() -> None:
    assert dir(kg) == [
        *("Concept", "Graph", "KgError", "Page", "Paper", "Row", "Table", "UsageError", "__version__", "build", "open")
    ]
    assert [getattr(kg, name).__module__ for name in dir(kg) if name != "__version__"] == [
        *("kg.members", "kg.library", "kg.errors", "kg.notebook", "kg.members", "kg.rows", "kg.rows", "kg.errors"),
        *("kg.library", "kg.library"),
    ]
    assert all(getattr(kg, name).__doc__ for name in dir(kg) if name != "__version__")
    with pytest.raises(AttributeError, match="module 'kg' has no attribute 'opne'"):
        _ = kg.opne  # type: ignore[attr-defined]


# Questions and parameters


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (80.0, ["A100", "H100"]),
        (Decimal("24"), ["GeForce RTX 4090"]),
        ('"24"^^xsd:decimal', ["GeForce RTX 4090"]),
        (24, []),
        ("24", []),
    ],
)
def test_a_number_is_bound_as_the_term_it_is(value: str | float | Decimal, found: list[str]) -> None:
    query = "SELECT ?device { ?h kg:memoryGB ?gb ; skos:prefLabel ?device } ORDER BY ?device"
    assert [row.device for row in GRAPH.query(query, gb=value)] == found


def test_things_and_text_are_bound_and_never_part_of_the_query() -> None:
    query = "SELECT ?title { ?paper kg:uses ?m ; dcterms:title ?title }"
    assert list(GRAPH.query(query, m=GRAPH.concept("SD"))) == [(TWIN,)]
    assert list(GRAPH.query(query, m="method:speculative-decoding")) == [(TWIN,)]
    assert list(GRAPH.query(query, m='"} UNION { ?s ?p ?o } #')) == []
    assert list(GRAPH.query("papers-that-use-a-method", method=GRAPH.concept("SD"))) == [
        (LONG, "uses", "self-speculative decoding"),
        (TWIN, "uses", "speculative decoding"),
    ]
    assert GRAPH.query("SELECT ?d { BIND(?x AS ?d) }", x=date(2025, 6, 1))[0].d == date(2025, 6, 1)
    assert GRAPH.query("SELECT ?d { BIND(?x AS ?d) }", x=datetime(2025, 6, 1, 10, tzinfo=UTC))[0].d == datetime(
        2025, 6, 1, 10, tzinfo=UTC
    )
    assert GRAPH.query("SELECT ?d { BIND(?x AS ?d) }", x=1e-7)[0].d == 1e-7


def test_a_query_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.rq"
    file.write_text("SELECT (COUNT(*) AS ?n) { ?p a kg:Paper }")
    assert list(GRAPH.query(file)) == [(4,)]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: GRAPH.query("papers-on-a-tsak"), "there is no question 'papers-on-a-tsak'; did you mean"),
        (lambda: GRAPH.query("SELECT * { ?s foo:x ?o }"), "line 1, column 15: the prefix foo: is not known"),
        (lambda: GRAPH.query("DELETE WHERE { ?s ?p ?o }"), "kg query only reads"),
        (
            lambda: GRAPH.query("papers-on-a-task", tsak="x"),
            "papers-on-a-task has no parameter tsak; did you mean task",
        ),
        (lambda: GRAPH.paper("LongDruft"), "the graph has no paper 'LongDruft'; did you mean LongDraft?"),
        (lambda: GRAPH.concept("GSM7K", "benchmark"), "the graph has no benchmark 'GSM7K'; did you mean GSM8K?"),
        (lambda: GRAPH.concept("SD", "metod"), "'metod' is not a kind; did you mean method"),
        (lambda: GRAPH.paper("TwinDraft").concepts(role="use"), "'use' is not a role; did you mean uses"),
        (lambda: GRAPH.concept("SD").papers("use"), "'use' is not a role; did you mean uses"),
        (lambda: GRAPH.search(" "), "there is nothing to search for"),
        (lambda: GRAPH.view(focus="SD", query="ASK {}"), "a focus and a query do not go together"),
        (lambda: GRAPH.view(query="ASK {}"), "a picture needs a CONSTRUCT query"),
        (lambda: GRAPH.export("graph.exe"), "graph.exe: no format is known by this ending"),
        (lambda: kg.open("nowhere"), "there is no graph at nowhere; make one with kg build"),
        (lambda: kg.build("nowhere.txt"), "nowhere.txt: "),
    ],
)
def test_what_is_wrong_is_said(ask: Callable[[], object], message: str) -> None:
    with pytest.raises(kg.UsageError) as caught:
        ask()
    assert str(caught.value).startswith(message)


# Papers and concepts


def test_the_papers_of_a_graph() -> None:
    assert [paper.title for paper in GRAPH.papers] == [CODE, FAR, LONG, TWIN]
    paper = GRAPH.papers[-1]
    assert (paper.name, paper.kind) == ("paper:twindraft-two-draft-models-for-faster-81ca155f", "Paper")
    assert paper.abstract.startswith("Speculative decoding (SD) speeds up large language models, but")
    kinds = (paper.methods, paper.benchmarks, paper.hardware, paper.tasks, paper.metrics, paper.keyphrases)
    assert [[concept.label for concept in concepts] for concepts in kinds] == [
        ["TwinDraft", "speculative decoding", "tree attention", "Medusa", "large language model"],
        ["GSM8K", "HumanEval"],
        ["A100"],
        [],
        ["speedup"],
        ["Speculative Decoding", "large language model"],
    ]
    assert [concept.label for concept in paper.concepts(role="introduces")] == ["TwinDraft"]
    assert [concept.label for concept in paper.concepts("method", "compares with")] == ["Medusa"]
    assert [result.value for result in paper.results] == ["2.5×"]
    assert paper.card == make_card(GRAPH.opened, find_thing(GRAPH.opened, TWIN))
    assert (paper == GRAPH.paper("twindraft"), paper in GRAPH.papers, paper == GRAPH.paper("LongDraft")) == (
        True,
        True,
        False,
    )
    assert (repr(paper), str(paper)) == (f"<Paper {TWIN!r}>", render_card(paper.card))


def test_the_papers_related_with_a_paper() -> None:
    related = GRAPH.paper("TwinDraft").related()
    assert related.columns == ("weight", "title", "paper", "reasons")
    assert [(row.weight, row.title, row.reasons) for row in related][1:] == [
        (
            0.958,
            LONG,
            "both evaluate on GSM8K; both mention large language model",
        ),
        (0.5, CODE, "both run on A100"),
    ]
    assert GRAPH.paper(related[0].paper) == GRAPH.paper(FAR)
    assert list(GRAPH.paper("TwinDraft").related(1)) == list(related)[:1]


def test_a_concept_of_a_graph() -> None:
    concept = GRAPH.concept("SD")
    assert (concept.label, concept.kind, concept.name) == (
        *("speculative decoding", "Method", "method:speculative-decoding"),
    )
    assert concept.aliases == ("SD", "Speculative Decoding", "Speculative decoding")
    assert (concept.broader, [narrow.label for narrow in concept.narrower]) == ((), ["self-speculative decoding"])
    assert concept.narrower[0].broader == (concept,)
    assert (concept.papers(), concept.papers("introduces")) == ((GRAPH.paper("TwinDraft"),), ())
    assert GRAPH.concept("speculative decoding", "keyphrase").name == "keyphrase:speculative-decoding"
    assert len({concept, GRAPH.concept("speculative decoding"), *GRAPH.concepts("method")}) == 12


def test_the_concepts_of_a_graph() -> None:
    assert [concept.label for concept in GRAPH.concepts("benchmark")] == [
        *("CodeNeg", "CodeSearchNet", "GSM8K", "HumanEval", "LongBench"),
    ]
    assert len(GRAPH.concepts()) == 33


def test_words_find_things_best_first() -> None:
    twin, long, far, code = (GRAPH.paper(title).name for title in (TWIN, LONG, FAR, CODE))
    assert list(GRAPH.search("DRAFT")) == [
        ("Paper", TWIN, twin, TWIN),
        ("Method", "TwinDraft", "method:twindraft", "TwinDraft"),
        ("Method", "LongDraft", "method:longdraft", "LongDraft"),
        ("Paper", LONG, long, LONG),
        ("Paper", FAR, far, ""),
    ]
    assert list(GRAPH.search("code search")) == [
        ("Task", "code search", "task:code-search", "code search"),
        ("Keyphrase", "Code Search", "keyphrase:code-search", "Code Search"),
        ("Paper", CODE, code, CODE),
        ("Benchmark", "CodeSearchNet", "benchmark:codesearchnet", "CodeSearchNet"),
    ]
    assert list(GRAPH.search("sd", "method", 1)) == [
        ("Method", "speculative decoding", "method:speculative-decoding", "SD")
    ]
    assert list(GRAPH.search("2-bit", "paper")) == [("Paper", FAR, far, "")]
    assert list(GRAPH.search('") } #')) == []


def test_how_two_things_hang_together() -> None:
    expected = [(FAR, "compares with", "TwinDraft", 2), (FAR, "evaluates on", "LongBench", 2)]
    assert list(GRAPH.path("method:twindraft", "LongBench")) == expected
    assert list(GRAPH.path(GRAPH.concept("TwinDraft"), GRAPH.concept("LongBench"))) == expected


def test_what_is_in_a_graph_and_which_questions_there_are() -> None:
    counts = {(row.of, row.what): row["count"] for row in GRAPH.stats()}
    assert (counts["graph", "papers"], counts["graph", "triples"], counts["concepts", "method"]) == (4, 1362, 12)
    assert GRAPH.questions.columns == ("question", "title", "parameters")
    assert ("papers-on-a-task", "Papers on a task", "task=code search") in list(GRAPH.questions)
    assert (list(GRAPH.validate()), GRAPH.validate().columns) == ([], ("focus", "rule", "message"))


def test_what_is_invalid_is_listed(tmp_path: Path) -> None:
    broken = SMALL.read_text(encoding="utf-8").replace("kg:confidence 0.72", "kg:confidence 1.72", 1)
    (tmp_path / "broken.ttl").write_text(broken, encoding="utf-8")
    assert list(kg.open(tmp_path / "broken.ttl").validate()) == [
        ("statement:8d0469ca4e3ee95b", *found)
        for found in (
            ("Statement-confidence", "a statement has one confidence above 0 and up to 1, not 1.72"),
            ("UncertainStatement-confidence", "an uncertain statement has a confidence below 1, not 1.72"),
        )
    ]


# Other libraries


def test_the_network_is_that_of_the_command_line() -> None:
    import networkx

    network = GRAPH.network(GRAPH.concept("SD"))
    assert networkx.utils.graphs_equal(network, read_network(GRAPH.opened, focus="method:speculative-decoding"))
    assert sorted(attributes["label"] for _, attributes in network.nodes(data=True)) == [
        *(TWIN, "self-speculative decoding", "speculative decoding"),
    ]


@pytest.mark.xdist_group("built")
def test_rdflib_reads_the_same_store(built: Path) -> None:
    import rdflib
    from rdflib.namespace import RDF, SKOS

    graph = kg.open(built)
    same = graph.rdflib()
    assert len(same) == len(graph.opened.store)
    assert {str(paper) for paper in same.subjects(RDF.type, rdflib.URIRef(BASE_IRI + "ontology#Paper"))} == {
        paper.iri for paper in graph.papers
    }
    rows = same.query("SELECT ?l { method:spectr skos:prefLabel ?l }")
    assert [str(row[0]) for row in rows] == ["SpecTr"]  # type: ignore[index]
    assert same.value(rdflib.URIRef(BASE_IRI + "method/spectr"), SKOS.prefLabel).toPython() == "SpecTr"  # type: ignore[union-attr]
    assert same.qname(BASE_IRI + "method/spectr") == "method:spectr"
    with pytest.raises(RuntimeError):
        same.add((rdflib.URIRef("urn:a"), RDF.type, rdflib.URIRef("urn:b")))


def test_a_graph_is_exported_by_the_ending_of_the_file(tmp_path: Path) -> None:
    written = GRAPH.export(tmp_path / "again.nt")
    assert written == tmp_path / "again.nt"
    assert set(kg.open(written).opened.store) == set(GRAPH.opened.store)
    assert GRAPH.export(tmp_path / "table", "csv").read_text(encoding="utf-8").startswith("paper,title,role,kind,")


# Building


@pytest.mark.xdist_group("built")
def test_a_graph_is_built_and_opened(tmp_path: Path) -> None:
    papers = [{"title": CODE, "abstract": "We present CodeRank, a method for code search. It runs on one A100 GPU."}]
    (tmp_path / "papers.json").write_text(json.dumps(papers))
    (tmp_path / "broken.json").write_text("{")
    graph = kg.build(
        [tmp_path / "papers.json", tmp_path / "broken.json"],
        tmp_path / "kg-out",
        base_iri="https://e.org/",
        keep_going=True,
    )
    assert (graph.place, [paper.title for paper in graph.papers]) == (tmp_path / "kg-out", [CODE])
    assert graph.opened.base == "https://e.org/"
    assert graph.built is not None
    assert [(graph.built.papers, len(graph.built.problems))] == [(1, 1)]
    assert [paper.title for paper in kg.build(str(tmp_path / "papers.json"), str(tmp_path / "kg-out")).papers] == [CODE]


def test_a_build_remembers_papers_where_it_is_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import kg.extractions

    asked: list[tuple[int, int | None]] = []

    def count_workers(papers: int, jobs: int | None) -> int:
        asked.append((papers, jobs))
        return 0

    monkeypatch.setattr(kg.extractions, "count_workers", count_workers)
    monkeypatch.setenv("KG_CACHE", str(tmp_path / "of the command"))
    (tmp_path / "papers.json").write_text(json.dumps([{"title": CODE, "abstract": "It runs on one A100 GPU."}]))

    def build(**options: Any) -> dict[str, bytes]:
        folder = Path(kg.build(tmp_path / "papers.json", tmp_path / "kg-out", **options).place)
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}

    plain = build(cache=False, jobs=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kg-out", "papers.json"]
    assert [build(), build(), build(cache=tmp_path / "own", jobs=2), build(cache=str(tmp_path / "own"))] == [plain] * 4
    assert asked == [(1, 1), (1, None), (0, None), (1, 2), (0, None)]
    assert [len(list((tmp_path / name).glob("*.sqlite"))) for name in ("of the command", "own")] == [1, 1]
    with pytest.raises(UsageError, match=r"^jobs is 0; give a number from 1, or None for one a core$"):
        build(jobs=0)
