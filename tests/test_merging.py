"""Where papers came from, and which of them are one, whatever the order of the inputs."""

import io
import json
import random
from itertools import cycle, permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.asking.query import Table, ask
from kg.build import build_graph
from kg.errors import UsageError
from kg.paper import Paper
from kg.reading.merging import merge_papers
from kg.reading.read import read_papers
from kg.store import open_graph
from kg.validation import validate_graph
from tests.pages import PAGES, write


def test_folders_and_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("in/a.json", "in/deep/b.json", "in/.hidden/c.json", "in/.d.json", "other/in/a.json", "e.json"):
        write(tmp_path, name, json.dumps([{"title": name}]))

    def names(*inputs: str) -> dict[str, tuple[str, ...]]:
        return {paper.title: paper.sources for paper in read_papers([tmp_path / given for given in inputs]).papers}

    assert names("in") == {"in/a.json": ("a.json",), "in/deep/b.json": ("deep/b.json",)}
    assert names("e.json", "in/deep") == {"e.json": ("e.json",), "in/deep/b.json": ("b.json",)}
    top = tmp_path.name
    assert names("in", "other") == {
        "in/a.json": ("a.json",),
        "in/deep/b.json": ("deep/b.json",),
        "other/in/a.json": ("in/a.json",),
    }
    assert names("in/a.json", "other/in/a.json") == {
        "in/a.json": (f"{top}/in/a.json",),
        "other/in/a.json": ("other/in/a.json",),
    }
    (tmp_path / "in" / "deep" / "loop").symlink_to(tmp_path / "in")
    monkeypatch.chdir(tmp_path / "in")
    assert names("in") == {"in/a.json": ("a.json",), "in/deep/b.json": ("deep/b.json",)}
    assert [paper.sources for paper in read_papers(["."]).papers] == [("a.json",), ("deep/b.json",)]


def test_standard_input(tmp_path: Path) -> None:
    stdin = io.BytesIO(b'{"title": "Z"}\n{"title": "Y"}\n')
    assert read_papers(["-"], stdin=stdin).papers == (
        Paper("Y", "", ("standard input",)),
        Paper("Z", "", ("standard input",)),
    )
    with pytest.raises(UsageError) as caught:
        read_papers(["-"], stdin=io.BytesIO(b""))
    assert str(caught.value) == "standard input: empty; fill the file or leave it out"


def test_papers_that_are_one(tmp_path: Path) -> None:
    one = {"title": "Owls:  At Night", "abstract": "Short.", "arxiv_id": "2301.00001v1", "year": 2023}
    two = {"title": "OWLS - at night", "abstract": "It is longer.", "doi": "10.1000/X", "date": "2023-02"}
    three = {
        "title": "Owls by Night",
        "doi": "https://doi.org/10.1000/x",
        "authors": ["J. Doe"],
        "abstract": "It is lo!ger.",
    }
    four = {"title": "Owls in the Dark", "arxiv_id": "2301.00001"}
    for number, record in enumerate((one, two, three, four)):
        write(tmp_path, f"{number}.json", json.dumps([record]))
    assert read_papers([tmp_path]).papers == (
        Paper(
            "Owls in the Dark",
            "It is lo!ger.",
            ("0.json", "1.json", "2.json", "3.json"),
            arxiv_id="2301.00001",
            doi="10.1000/X",
            date="2023-02",
            authors=("J. Doe",),
        ),
    )


def test_odd_identifiers_join_nothing_and_keep_nothing_apart(tmp_path: Path) -> None:
    odd = [{"title": "A", "doi": "n/a", "arxiv_id": "none"}, {"title": "B", "doi": "n/a", "arxiv_id": "none"}]
    twice = [{"title": "Owls", "doi": "n/a"}, {"title": "owls", "doi": "none"}]
    papers = read_papers([write(tmp_path, "a.json", json.dumps(twice + odd))]).papers
    assert [(paper.title, paper.doi) for paper in papers] == [("A", "n/a"), ("B", "n/a"), ("Owls", "n/a")]


X, Y = {"doi": "10.1000/X"}, {"doi": "10.1000/y"}
ONE, TWO = {"arxiv_id": "2301.00001"}, {"arxiv_id": "2302.00002"}
SAME_TITLE: list[tuple[list[dict[str, str]], list[tuple[str, str, str]]]] = [
    ([X, Y], [("10.1000/X", "", "doi:10.1000/x"), ("10.1000/y", "", "doi:10.1000/y")]),
    ([ONE, TWO], [("", "2301.00001", "arxiv:2301.00001"), ("", "2302.00002", "arxiv:2302.00002")]),
    # what has no identifier is one with the only other, and with none of several
    ([X, {}, {}], [("10.1000/X", "", "")]),
    ([X, Y, {}, {}], [("", "", ""), ("10.1000/X", "", "doi:10.1000/x"), ("10.1000/y", "", "doi:10.1000/y")]),
    # a DOI and an arXiv identifier do not differ, and what has both connects
    ([X, ONE], [("10.1000/X", "2301.00001", "")]),
    (
        [X, ONE, X | TWO, Y | TWO],
        [("", "2301.00001", "arxiv:2301.00001"), ("10.1000/X", "2302.00002", "doi:10.1000/x")],
    ),
    # the DOI that arXiv gives is an arXiv identifier
    (
        [X, ONE | {"doi": "10.48550/arXiv.2301.00001"}, {"doi": "10.48550/ARXIV.2301.00001"}],
        [("10.1000/X", "2301.00001", "")],
    ),
]


@pytest.mark.parametrize(("given_fields", "found"), SAME_TITLE)
def test_papers_of_one_title_are_two_where_their_identifiers_differ(
    given_fields: list[dict[str, str]], found: list[tuple[str, str, str]]
) -> None:
    titles = cycle(["Owls at Night", "OWLS: at night"])
    papers = [
        Paper(title, doi=fields.get("doi", ""), arxiv_id=fields.get("arxiv_id", ""))
        for title, fields in zip(titles, given_fields, strict=False)
    ]
    merged = merge_papers(papers)
    assert sorted((paper.doi, paper.arxiv_id, paper.apart) for paper in merged) == found
    assert len({paper.id for paper in merged}) == len(merged)
    assert {merge_papers(order) for order in permutations(papers)} == {merged}


def test_identifiers_of_papers_change_only_where_they_have_to() -> None:
    alone, named = Paper("Owls at Night"), Paper("Owls at Night", doi="10.1000/x")
    assert alone.id == named.id == merge_papers([named])[0].id == "owls-at-night-7230c9b1"
    ids = {paper.doi: paper.id for paper in merge_papers([alone, named, Paper("Owls at Night", doi="10.1000/y")])}
    assert ids == {"": alone.id, "10.1000/x": "owls-at-night-60d81c9c", "10.1000/y": "owls-at-night-302552f5"}


def test_two_papers_of_one_title_are_two_in_the_graph(tmp_path: Path) -> None:
    first, second = ({"title": "Owls", "abstract": "We use LoRA.", "doi": f"10.1000/{end}"} for end in "xy")
    built = []
    for number, rows in enumerate(([first, second], [second, first])):
        page = write(tmp_path, "owls.json", json.dumps(rows))
        built.append(build_graph([page], tmp_path / str(number)).folder)
    assert (built[0] / "graph.ttl").read_bytes() == (built[1] / "graph.ttl").read_bytes()
    graph = open_graph(built[0])
    assert validate_graph(graph) == ()
    query = "SELECT ?doi { ?p dcterms:title 'Owls' ; kg:doi ?doi ; kg:uses/skos:prefLabel 'LoRA' } ORDER BY ?doi"
    found = ask(graph, query)
    assert isinstance(found, Table)
    assert [str(getattr(doi, "value", doi)) for (doi,) in found.rows] == ["10.1000/x", "10.1000/y"]


RECORDS = st.builds(
    Paper,
    title=st.sampled_from(["One Owl", "one owl", "ONE  OWL", "Two Owls", "two-owls", "Three"]),
    abstract=st.sampled_from(["", "a", "b", "ab", "ba"]),
    sources=st.sampled_from([("a",), ("b",), ("c",)]),
    arxiv_id=st.sampled_from(["", "2301.00001", "2301.00002"]),
    doi=st.sampled_from(["", "10.1000/a", "10.1000/A", "10.1000/b", "10.48550/arXiv.2301.00001"]),
    date=st.sampled_from(["", "2020", "2020-01", "2021"]),
    authors=st.sampled_from([(), ("A",), ("B",), ("A", "B")]),
    categories=st.sampled_from([(), ("x",), ("y", "x"), ("x", "y")]),
)


@given(st.lists(RECORDS, max_size=8), st.randoms(use_true_random=False))
def test_merging_does_not_depend_on_the_order(papers: list[Paper], order: random.Random) -> None:
    shuffled = [*papers]
    order.shuffle(shuffled)
    merged = merge_papers(papers)
    assert merge_papers(shuffled) == merged
    assert merge_papers(papers + shuffled) == merged
    assert merge_papers(merged) == merged
    assert len({paper.id for paper in merged}) == len(merged)
    assert {source for p in merged for source in p.sources} == {source for p in papers for source in p.sources}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.permutations(["a.txt", "b.jsonl", "c.csv", "sub"]), st.integers(0, 3))
def test_shuffled_and_repeated_inputs_give_the_same_papers(tmp_path: Path, names: list[str], again: int) -> None:
    write(tmp_path, "a.txt", PAGES["furniture"])
    write(tmp_path, "b.jsonl", '{"title": "wings of night owls", "year": 2020}\n{"title": "Z"}\n')
    write(tmp_path, "c.csv", "title,abstract\nZ,An abstract.\n")
    write(tmp_path, "sub/d.json", '[{"title": "Z", "abstract": "Another one."}]')
    expected = read_papers([tmp_path / name for name in ("a.txt", "b.jsonl", "c.csv", "sub")])
    inputs = [tmp_path / name for name in names]
    assert read_papers([*inputs, inputs[again]]) == expected
    assert [paper.sources for paper in expected.papers] == [
        ("a.txt",),
        ("a.txt", "b.jsonl"),
        ("b.jsonl", "c.csv", "d.json"),
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.text('{}[]"title:,\n@a= .A\\u0', max_size=60).map(str.encode))
def test_any_bytes_give_papers_or_a_line(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path, "any", data)
    line = ""
    try:
        assert read_papers([path], keep_going=True).papers
    except UsageError as error:
        line = str(error)
    assert not line or ("\n" not in line and line.startswith(str(path)))


# The real pages


def test_real_pages(shared: Path) -> None:
    first, second = sorted((shared / "seeds").glob("*.txt"))
    assert len(read_papers([first]).papers) == 70
    assert len(read_papers([second]).papers) == 62
    reading = read_papers([shared / "seeds"])
    assert reading == read_papers([second, first])
    assert len(reading.papers) == 109
    assert len({paper.id for paper in reading.papers}) == 109
    assert [p.sources for p in reading.papers].count((first.name, second.name)) == 23
    assert min(len(paper.abstract) for paper in reading.papers) > 1000
    assert max(len(paper.title) for paper in reading.papers) < 130
    page = first.read_text(encoding="utf-8") + second.read_text(encoding="utf-8")
    assert all(p.title in page and p.abstract in page for p in reading.papers)
