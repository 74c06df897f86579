"""What the explorer reads from the server: search, cards, neighbours, comparisons, questions, and their errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

testclient = pytest.importorskip("starlette.testclient", reason="the package starlette is not installed")
pytest.importorskip("httpx", reason="the package httpx is not installed")

from kg.asking.catalogue import Catalogue  # noqa: E402
from kg.exploring.csv_text import guard  # noqa: E402
from kg.exploring.explorer import ASSETS  # noqa: E402
from kg.exploring.neighbours import Filter, find_around, find_neighbours  # noqa: E402
from kg.serving.workers import TookTooLong, Workers  # noqa: E402
from tests.explorer_site import (  # noqa: E402
    EVIL_LABEL,
    EVIL_PAPER,
    EVIL_TITLE,
    LONGDRAFT,
    TITLES,
    TWINDRAFT,
    get,
    hostile_graph,
    make_app,
    paths,
)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with testclient.TestClient(make_app(hostile_graph())) as made:
        yield made


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(hostile_graph())


def test_overview_counts_and_begins_with_dated_papers(client: Any) -> None:
    answer = get(client, "/api/overview")
    assert answer["counts"] == {
        "Paper": 5,
        "Method": 13,
        "Benchmark": 5,
        "Hardware": 6,
        "Task": 1,
        "Metric": 4,
        "Keyphrase": 5,
        "statements": 42,
        "results": 5,
    }
    assert paths(answer["papers"])[:2] == [LONGDRAFT, TWINDRAFT]
    assert paths(answer["entrances"]["Benchmark"])[:2] == ["benchmark/gsm8k", "benchmark/longbench"]
    assert len(answer["questions"]) == 24


def test_a_papers_card_quotes_its_own_text(client: Any) -> None:
    card = get(client, f"/api/thing?path=/{TWINDRAFT}")
    text = f"{card['label']}\n{card['abstract']}"
    said = {
        (stated["role"], stated["thing"]["label"]): {
            text[quote["at"] + quote["start"] : quote["at"] + quote["end"]] for quote in stated["quotes"]
        }
        for stated in card["statements"]
    }
    assert said["uses", "speculative decoding"] == {"Speculative Decoding", "Speculative decoding", "SD"}
    assert said["runs on", "A100"] == {"one A100 GPU"}
    assert [(result["value"], result["metric"], result["baseline"]) for result in card["results"]] == [
        ("2.5×", "speedup", "Medusa")
    ]
    assert [question["title"] for question in card["questions"]] == [
        "Papers that share keyphrases with a paper",
        "Papers that share techniques with a paper",
        "Papers that build on a paper",
        "What a paper builds on",
    ]


def test_a_concepts_card_has_its_papers_by_role_and_the_rest_in_parts(client: Any) -> None:
    card = get(client, "/api/thing?path=method/speculative-decoding")
    assert {name: card[name] for name in ("aliases", "broader", "roles", "merges")} | {
        "narrower": paths(card["narrower"]),
        "namesakes": paths(card["namesakes"]),
        "roles": [
            (role["role"], role["total"], [each["thing"]["path"] for each in role["papers"]]) for role in card["roles"]
        ],
        "merges": [(merge["form"], merge["reason"], paths(merge["papers"])) for merge in card["merges"]],
    } == {
        "aliases": ["SD"],
        "broader": [],
        "narrower": ["method/self-speculative-decoding"],
        "namesakes": ["keyphrase/speculative-decoding"],
        "roles": [("uses", 1, [TWINDRAFT])],
        "merges": [("SD", "abbreviation", [TWINDRAFT]), ("Speculative Decoding", "spelling", [])],
    }
    part = get(client, "/api/papers?path=method/large-language-model&role=mentions&skip=1&limit=1")
    assert ([each["thing"]["path"] for each in part["papers"]], part["more"]) == ([TWINDRAFT], 1)


def test_related_papers_say_why(client: Any) -> None:
    first = get(client, f"/api/related?path={TWINDRAFT}")["related"][0]
    reasons = [(why["role"], why["other_role"], why["thing"]["label"]) for why in first["reasons"]]
    assert (first["thing"]["path"], reasons, first["more"]) == (
        "paper/how-far-can-kv-cache-quantization-ef10cab4",
        [
            ("introduces", "compares with", "TwinDraft"),
            ("uses", "compares with", "tree attention"),
            ("mentions", "mentions", "large language model"),
        ],
        0,
    )


def test_neighbours_are_few_rare_first_and_can_go_on(catalogue: Catalogue) -> None:
    centre = catalogue.numbers[catalogue.graph.base + TWINDRAFT]
    found, more = find_neighbours(catalogue, centre, Filter(), most=3)
    assert ([catalogue.path(number) for number in found], more) == (
        ["method/twindraft", "method/tree-attention", "benchmark/gsm8k"],
        6,
    )
    rest, more = find_neighbours(catalogue, centre, Filter(), most=50, without=(centre, *found))
    assert (len(rest), more, set(rest) & set(found)) == (6, 0, set())
    around = find_around(catalogue, {centre, *found}, Filter())
    assert [catalogue.path(number) for number in around] == ["paper/how-far-can-kv-cache-quantization-ef10cab4"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("kind=Hardware", ["hardware/a100"]),
        ("role=introduces", ["method/twindraft"]),
        ("kind=Benchmark,Hardware&role=evaluates on", ["benchmark/gsm8k", "benchmark/humaneval"]),
        ("kind=Paper", []),
    ],
)
def test_neighbours_are_filtered_by_kind_and_role(client: Any, filters: str, found: list[str]) -> None:
    assert paths(get(client, f"/api/neighbours?iri={TWINDRAFT}&{filters}")["nodes"]) == found


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("", sorted(TITLES, key=lambda path: TITLES[path].casefold())),
        ("of=method/speculative-decoding", [LONGDRAFT, TWINDRAFT]),
        ("of=method/speculative-decoding&role=introduces", []),
        ("hardware=hardware/a100", ["paper/coderank-contrastive-learning-for-code-search-24562725", TWINDRAFT]),
        ("since=2025&sort=-title", [TWINDRAFT, LONGDRAFT]),
        ("until=2024", []),
        ("q=kv+CACHE", ["paper/how-far-can-kv-cache-quantization-ef10cab4"]),
        (f"papers={TWINDRAFT.removeprefix('paper/')}&papers={EVIL_PAPER}&sort=-results", [TWINDRAFT, EVIL_PAPER]),
        ("sort=-Benchmark&since=2025", [LONGDRAFT, TWINDRAFT]),
    ],
)
def test_comparison_takes_filters_and_orders(client: Any, filters: str, found: list[str]) -> None:
    answer = get(client, f"/api/compare?{filters}")
    assert ([row["paper"]["path"] for row in answer["rows"]], answer["total"]) == (found, len(found))


def test_comparison_shows_cells_by_role(client: Any) -> None:
    [row] = get(client, f"/api/compare?papers={TWINDRAFT}&kind=Method,Hardware")["rows"]
    cells = {kind: [(tie["role"], tie["thing"]["label"]) for tie in ties] for kind, ties in row["cells"].items()}
    assert (cells, row["results"]) == (
        {
            "Method": [
                ("introduces", "TwinDraft"),
                ("uses", "tree attention"),
                ("uses", "speculative decoding"),
                ("compares with", "Medusa"),
                ("mentions", "large language model"),
            ],
            "Hardware": [("runs on", "A100")],
        },
        [
            {
                "value": "2.5×",
                "metric": "speedup",
                "subject": "TwinDraft",
                "baseline": "Medusa",
                "on": ["GSM8K", "HumanEval"],
            }
        ],
    )


def test_csv_runs_no_formula(client: Any) -> None:
    answer = client.get(f"/api/compare.csv?papers={EVIL_PAPER}")
    quoted = EVIL_TITLE.replace('"', '""')
    assert answer.text == (
        "\ufeffpaper,address,year,method: uses,results\r\n"
        f'"{quoted}",https://kg.example.org/{EVIL_PAPER},,\'{EVIL_LABEL},\r\n'
    )
    assert answer.headers["content-disposition"] == 'attachment; filename="comparison.csv"'


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("  =1", "'  =1"),
        ("+1", "+1"),
        ("-2.5", "-2.5"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("2.5×", "2.5×"),
        ("", ""),
    ],
)
def test_cells_that_could_be_formulas_are_guarded(cell: str, safe: str) -> None:
    assert guard(cell) == safe


def test_a_question_is_answered_with_links_and_its_query(client: Any) -> None:
    answer = get(client, "/api/questions/who-evaluates-on-a-benchmark?benchmark=longbench")
    assert answer["columns"] == ["title", "evaluates on"]
    assert [[(cell["text"], cell["thing"]["path"]) for cell in row] for row in answer["rows"]] == [
        [(TITLES[path], path), ("LongBench", "benchmark/longbench")]
        for path in ("paper/how-far-can-kv-cache-quantization-ef10cab4", LONGDRAFT)
    ]
    bound = client.post("/sparql", data={"query": answer["query"]}).json()["results"]["bindings"]
    assert [row["title"]["value"] for row in bound] == [row[0]["text"] for row in answer["rows"]]


def test_a_value_that_is_made_to_break_out_of_a_query_stays_a_value(client: Any) -> None:
    answer = client.get("/api/questions/who-evaluates-on-a-benchmark", params={"benchmark": 'x" } } DROP ALL #'})
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "the graph has no benchmark 'x\" } } DROP ALL #'"},
    )


def test_a_questions_csv_is_its_whole_answer(client: Any) -> None:
    answer = client.get("/api/questions/papers-with-code.csv")
    assert answer.text == (
        "\ufefftitle,address\r\n"
        "CodeRank: Contrastive Learning for Code Search,https://github.com/example/coderank\r\n"
        "TwinDraft: Two Draft Models for Faster Speculative Decoding,https://github.com/example/twindraft\r\n"
    )


def test_a_question_that_takes_too_long_is_stopped(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def take_too_long(self: Workers, **task: object) -> None:
        raise TookTooLong("the query took longer than 30 s and was stopped; make it narrower")

    monkeypatch.setattr(Workers, "answer", take_too_long)
    answers = [client.get(f"/api/questions/papers-with-code{ending}") for ending in ("", ".csv")]
    said = "the query took longer than 30 s and was stopped; make it narrower"
    assert [(answer.status_code, answer.json()) for answer in answers] == [(503, {"error": said})] * 2


def test_the_editor_learns_prefixes_terms_and_examples(client: Any) -> None:
    answer = get(client, "/api/terms")
    assert answer["prefixes"]["method"] == "https://kg.example.org/method/"
    assert [
        "kg:Paper",
        "class",
        "A research paper, known by its title and abstract.",
    ] in answer["terms"]
    assert [name for name, kind, _ in answer["terms"] if name == "kg:introduces"] == ["kg:introduces"]
    assert len(answer["examples"]) == 24


@pytest.mark.parametrize(
    ("address", "status", "error"),
    [
        ("/api/thing?path=method/nix", 404, "the graph has no paper or concept 'method/nix'; search for its name"),
        ("/api/related?path=method/twindraft", 400, "related papers are found for a paper; give the path of one"),
        (
            "/api/compare?sort=x",
            400,
            "papers cannot be sorted by 'x'; take one of title, year, Method, Benchmark, ",
        ),
        ("/api/neighbours?iri=method/twindraft&limit=-1", 400, "limit is a whole number, not '-1'"),
        (
            "/api/search?q=a&kind=Nix",
            400,
            "kind cannot be 'Nix'; take some of Paper, Method, Benchmark, Hardware, Task, Metric, Keyphrase",
        ),
        (
            "/api/questions/papers-with-cod",
            404,
            "there is no question 'papers-with-cod'; did you mean papers-with-code or",
        ),
        ("/api/questions/papers-with-code?x=1", 400, "papers-with-code has no parameter x; it has none"),
        ("/api/nix", 404, "there is no /api/nix"),
    ],
)
def test_errors_say_what_to_do(client: Any, address: str, status: int, error: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.json()["error"][: len(error)]) == (status, error)


@pytest.mark.parametrize(
    "address",
    ["/", "/compare", "/questions", "/questions/papers-with-code", "/query", "/sparql", "/graph", f"/{TWINDRAFT}"],
)
def test_the_page_is_one_and_runs_nothing_inline(client: Any, address: str) -> None:
    answer = client.get(address, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'self'; style-src 'self' 'unsafe-inline'")
    assert answer.text == client.get("/query").text
    assert answer.text.count("<script") == answer.text.count("<script src=")
    assert " on" not in "".join(part.split(">")[0] for part in answer.text.split("<")[1:])


def test_pages_of_data_have_the_icon_too(client: Any) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.headers["content-type"], answer.content) == ("image/svg+xml", (ASSETS / "icon.svg").read_bytes())


def test_the_page_knows_under_which_path_it_stands() -> None:
    with testclient.TestClient(make_app(hostile_graph(), "https://you.example/lab/")) as client:
        assert '<script src="/lab/assets/main.js" type="module">' in client.get("/query").text


def test_a_concept_that_is_not_under_the_base_has_a_page() -> None:
    graph = hostile_graph()
    import pyoxigraph as ox

    node = ox.NamedNode("urn:x:ü")
    graph.store.add(
        ox.Quad(
            node,
            ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
            graph.term("https://kg.example.org/ontology#Task"),
        )
    )
    with testclient.TestClient(make_app(graph)) as client:
        answer = get(client, "/api/thing?path=thing%3Firi%3Durn%253Ax%253A%25C3%25BC")
    assert (answer["iri"], answer["label"], answer["path"]) == ("urn:x:ü", "urn:x:ü", "thing?iri=urn%3Ax%3A%C3%BC")


def test_every_file_that_the_scripts_name_is_there_and_none_is_elsewhere() -> None:
    own = [path for path in ASSETS.iterdir() if path.suffix in (".js", ".css", ".html", ".svg")]
    named = {
        name for path in own for name in re.findall(r"[\"'](?:\./|assets/)([\w./-]+\.(?:js|css))", path.read_text())
    }
    named |= set(re.findall(r"assets/([\w.]+)", (ASSETS / "page.html").read_text()))
    assert {name for name in named if not (ASSETS / name).is_file()} == set()
    assert {path.name for path in own} - named == {"page.html"}
    elsewhere = {url for path in own for url in re.findall(r"https?://[\w.]+", path.read_text())}
    assert elsewhere == {"http://www.w3.org", "https://arxiv.org", "https://doi.org"}


def test_third_party_scripts_stand_beside_their_licences() -> None:
    vendor = ASSETS / "vendor"
    scripts = {path.stem for path in vendor.iterdir() if path.suffix in (".js", ".css")}
    assert scripts == {path.name.partition(".")[0] for path in vendor.glob("*.LICENSE.txt")}
