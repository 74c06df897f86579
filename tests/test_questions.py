from __future__ import annotations

import random
import re
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from kg.asking.parameters import bind
from kg.asking.query import Table
from kg.asking.questions import (
    Parameter,
    Question,
    ask_question,
    find_question,
    list_questions,
    question_names,
    read_question,
    tabulate_questions,
)
from kg.asking.tables import render
from kg.asking.things import DCTERMS, RDF, find_thing, match_papers
from kg.asking.tokens import cut_tokens, find_groups, is_ordered
from kg.errors import UsageError
from kg.ontology import BASE_IRI, KG, prefixes
from kg.store import OpenGraph, open_graph

ROOT = Path(__file__).parent.parent
SMALL = Path(__file__).parent / "data" / "small.ttl"
ANSWERS = Path(__file__).parent / "data" / "answers.txt"
GRAPH = open_graph(SMALL)
QUESTIONS = list_questions()
NAMES = [question.name for question in QUESTIONS]

PAPER = {"paper": "TwinDraft: Two"}
GIVEN: dict[str, dict[str, str]] = {
    "evidence-for-a-statement": {**PAPER, "concept": "SD"},
    "keyphrase-overlap": PAPER,
    "papers-sharing-techniques-with-a-paper": PAPER,
    "papers-that-build-on-a-paper": PAPER,
    "results-of-a-method": {"method": "longdraft"},
    "what-a-paper-builds-on": {"paper": "How Far Can KV Cache Quantization Go?"},
}
"""What is asked where the small graph does not know the default."""


def answer(name: str, graph: OpenGraph = GRAPH) -> Table:
    found = ask_question(graph, find_question(name), GIVEN.get(name))
    assert isinstance(found, Table)
    return found


def plain(value: object) -> object:
    """Return a term of either engine as text or number."""
    if value is None:
        return None
    if isinstance(value, ox.Literal | rdflib.Literal):
        datatype = value.datatype.value if isinstance(value, ox.Literal) else str(value.datatype)
        text = value.value if isinstance(value, ox.Literal) else str(value)
        return Decimal(text) if datatype.endswith(("#integer", "#decimal")) else text
    return value.value if isinstance(value, ox.NamedNode) else str(value)


@cache
def rdflib_graph() -> rdflib.Graph:
    return rdflib.Graph().parse(SMALL)


def test_there_are_questions() -> None:
    assert set(NAMES) >= {
        "benchmarks-that-go-together",
        "co-used-techniques",
        "evidence-for-a-statement",
        "keyphrase-overlap",
        "methods-introduced",
        "most-shared-techniques",
        "papers-by-hardware",
        "papers-connecting-two-topics",
        "papers-on-less-than-memory",
        "papers-sharing-techniques-with-a-paper",
        "papers-that-use-a-method",
        "papers-with-code",
        "results-on-a-benchmark",
        "speed-ups-claimed",
        "what-a-paper-builds-on",
        "who-evaluates-on-a-benchmark",
    }
    assert list(question_names()) == NAMES == sorted(NAMES)


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_a_question_is_well_formed(question: Question) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", question.name)
    assert question.description.endswith(".")
    assert is_ordered(question.text)
    tokens = cut_tokens(question.text)
    assert not [t.text for t in tokens if t.text.startswith(("[", "_:"))]
    values = {g.header: question.text[g.start : g.end].strip() for g in find_groups(question.text) if g.kind == "data"}
    for parameter in question.parameters:
        assert values[parameter.name,] == (
            parameter.default if parameter.kind == "number" else f'"{parameter.default}"'
        )


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_a_question_declares_its_prefixes_and_uses_terms_that_exist(question: Question) -> None:
    known = prefixes()
    declared = dict(re.findall(r"^PREFIX (\w+): <([^>]+)>$", question.text, re.MULTILINE))
    assert declared.items() <= known.items()
    used: dict[str, set[str]] = {}
    for before, token in zip(
        ("", *(t.text for t in cut_tokens(question.text))), cut_tokens(question.text), strict=False
    ):
        if token.kind == "name" and before != "PREFIX":
            prefix, _, local = token.text.partition(":")
            used.setdefault(prefix, set()).add(declared[prefix] + local)
    assert used.keys() == declared.keys()
    ontology = {s.value for s, *_ in quads(ROOT / "ontology" / "kg.ttl")}
    graph = {term for triple in quads(SMALL) for term in (t.value for t in triple)}
    assert used.get("kg", set()) <= ontology
    assert set().union(*used.values()) <= ontology | graph


@cache
def quads(path: Path) -> list[tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode | ox.Literal]]:
    return [(q.subject, q.predicate, q.object) for q in ox.parse(path=path)]


def test_the_answers_on_the_small_graph() -> None:
    written = []
    for name in NAMES:
        given = "".join(f" -p {key}={value!r}" for key, value in GIVEN.get(name, {}).items())
        written.append(f"== {name}{given}\n{render(answer(name), 'table').decode()}")
    assert "\n".join(written) == ANSWERS.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_question_has_an_answer_on_the_small_graph(name: str) -> None:
    assert answer(name).rows


@pytest.mark.parametrize("name", NAMES)
def test_two_engines_agree(name: str) -> None:
    question = find_question(name)
    kinds = {p.name: p.kind for p in question.parameters}
    terms = {key: ox.Literal(value) for key, value in GIVEN.get(name, {}).items() if kinds[key] != "number"}
    found = answer(name)
    rows = rdflib_graph().query(bind(question.text, terms))
    assert [str(v) for v in rows.vars or ()] == list(found.columns)
    assert [tuple(map(plain, row)) for row in rows] == [tuple(map(plain, row)) for row in found.rows]  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_the_triples_does_not_matter(seed: int) -> None:
    triples = sorted(ox.parse(path=SMALL), key=str)
    random.Random(seed).shuffle(triples)
    store = ox.Store()
    for quad in triples:
        store.add(quad)
    shuffled = OpenGraph(store, BASE_IRI, prefixes())
    assert {name: answer(name, shuffled) for name in NAMES} == {name: answer(name) for name in NAMES}


def test_a_graph_with_another_base_has_the_same_answers(tmp_path: Path) -> None:
    path = tmp_path / "g.ttl"
    path.write_text(SMALL.read_text(encoding="utf-8").replace(BASE_IRI, "http://me.example/"), encoding="utf-8")
    moved = open_graph(path)
    assert {name: answer(name, moved) for name in NAMES} == {name: answer(name) for name in NAMES}


# Parameters


@pytest.mark.parametrize(
    "value",
    ["speculative decoding", "SPECULATIVE Decoding", "SD", "sd", "method:speculative-decoding"],
)
def test_a_method_is_known_by_any_of_its_names(value: str) -> None:
    assert ask_question(GRAPH, "papers-that-use-a-method", {"method": value}) == answer("papers-that-use-a-method")


@pytest.mark.parametrize(
    "value",
    [
        "TwinDraft: Two Draft Models for Faster Speculative Decoding",
        "two draft models",
        "twindraft-two-draft-models-for-faster-81ca155f",
        "paper:twindraft-two-draft-models-for-faster-81ca155f",
        "<https://kg.example.org/paper/twindraft-two-draft-models-for-faster-81ca155f>",
        "2501.00001",
        "arXiv:2501.00001v3",
        "10.1000/twindraft",
    ],
)
def test_a_paper_is_known_by_title_part_and_identifier(value: str) -> None:
    name = "papers-that-build-on-a-paper"
    assert ask_question(GRAPH, name, {"paper": value}) == answer(name)


def test_a_part_of_a_title_is_whole_words_first() -> None:
    graph = OpenGraph(ox.Store(), BASE_IRI, prefixes(BASE_IRI))
    titles = ("SpecTr: Fast Decoding", "Spectral Clustering", "On SPECTR's limits", "Deep Spectra")
    graph.store.extend(
        ox.Quad(ox.NamedNode(f"{BASE_IRI}paper/p{number}"), ox.NamedNode(predicate), value)
        for number, title in enumerate(titles)
        for predicate, value in ((DCTERMS + "title", ox.Literal(title)), (RDF + "type", graph.term(KG.Paper)))
    )
    found = {name: [node.value[-2:] for node in match_papers(graph, name)] for name in ("spectr", "Spect", "p1", "x")}
    assert found == {"spectr": ["p0", "p2"], "Spect": ["p0", "p1", "p2", "p3"], "p1": ["p1"], "x": []}


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        (
            "papers-that-use-methods",
            {},
            "there is no question 'papers-that-use-methods'; did you mean papers-that-use-a-method",
        ),
        ("zzz", {}, "there is no question 'zzz'; kg queries lists them"),
        (
            "papers-that-use-a-method",
            {"metod": "x"},
            "papers-that-use-a-method has no parameter metod; did you mean method?",
        ),
        ("papers-that-use-a-method", {"q": "x"}, "papers-that-use-a-method has no parameter q; it has method"),
        ("papers-with-code", {"q": "x"}, "papers-with-code has no parameter q; it has none"),
        ("papers-on-less-than-memory", {"gigabytes": "a lot"}, "gigabytes is a number such as 24 or 1.5, not 'a lot'"),
        (
            "papers-that-use-a-method",
            {"method": "tree atention"},
            "the graph has no method 'tree atention'; did you mean tree attention?",
        ),
        (
            "papers-that-use-a-method",
            {"method": "method:tree-atention"},
            "the graph has no method 'method:tree-atention'; did you mean tree attention?",
        ),
        (
            "what-a-paper-builds-on",
            {"paper": "Longdrift"},
            "the graph has no paper 'Longdrift'; did you mean LongDraft",
        ),
        ("what-a-paper-builds-on", {}, "the graph has no paper 'SpecTr'"),
        ("papers-on-a-task", {"task": "GSM8K"}, "the graph has no task 'GSM8K'"),
    ],
)
def test_what_is_unknown_is_said(name: str, parameters: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        ask_question(GRAPH, name, parameters)
    assert str(caught.value).startswith(message)


def test_an_unknown_default_says_how_to_choose() -> None:
    with pytest.raises(UsageError) as caught:
        ask_question(GRAPH, "what-a-paper-builds-on")
    assert str(caught.value).endswith(" (the default); choose with -p paper=NAME")


def test_an_answer_may_be_empty_where_all_names_are_known() -> None:
    assert ask_question(GRAPH, "kinds-of-a-method", {"method": "Medusa"}) == Table(("kind", "papers"), ())


@pytest.mark.parametrize("value", ['" } } #', "\\", '") || (1=1', "\n}", "x' || '1'='1", '"@en'])
def test_a_value_cannot_leave_its_place(value: str) -> None:
    for name, parameter in (("papers-that-use-a-method", "method"), ("what-a-paper-builds-on", "paper")):
        with pytest.raises(UsageError, match="the graph has no "):
            ask_question(GRAPH, name, {parameter: value})


def test_any_query_can_be_asked() -> None:
    rows = ask_question(GRAPH, "SELECT ?l { ?b a kg:Task ; skos:prefLabel ?l }")
    assert rows == Table(("l",), ((ox.Literal("code search"),),))
    given = ask_question(GRAPH, "SELECT ?p { ?p kg:addresses ?t }", {"t": "task:code-search"})
    assert given == Table(("p",), ((find_thing(GRAPH, "CodeRank: C").node,),))


def test_a_file_with_the_header_of_a_question_is_one() -> None:
    text = (ROOT / "queries" / "papers-that-use-a-method.rq").read_text(encoding="utf-8")
    assert ask_question(GRAPH, text, {"method": "SD"}) == answer("papers-that-use-a-method")


def test_a_header_is_read() -> None:
    parameters = '# parameter m (concept ?t) = "x y": a, b: c\n# parameter n (number) = 2: d\n'
    text = f"# title: A\n# description: B.\n{parameters}\nASK {{}}"
    assert read_question("q", text) == Question(
        "q", "A", "B.", (Parameter("m", "concept", "x y", "a, b: c", "t"), Parameter("n", "number", "2", "d")), text
    )
    for wrong in ("ASK {}", "# title: A\nASK {}", text.replace("(number)", "(date)"), "# a comment\n" + text):
        with pytest.raises(ValueError, match="q: "):
            read_question("q", wrong)


def test_the_questions_as_a_table() -> None:
    table = tabulate_questions([find_question("papers-connecting-two-topics"), find_question("papers-with-code")])
    assert render(table, "tsv").decode() == (
        "?question\t?title\t?parameters\n"
        '"papers-connecting-two-topics"\t"Papers that connect two topics"\t'
        '"first=speculative decoding; second=large language model"\n'
        '"papers-with-code"\t"Papers with code"\t""\n'
    )
