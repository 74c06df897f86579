"""What the explorer finds as one types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

testclient = pytest.importorskip("starlette.testclient", reason="the package starlette is not installed")
pytest.importorskip("httpx", reason="the package httpx is not installed")

from kg.asking.catalogue import Catalogue  # noqa: E402
from kg.asking.search import SearchIndex  # noqa: E402
from tests.explorer_site import (  # noqa: E402
    EVIL_PAPER,
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


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SD", [("speculative decoding", "SD")]),
        ("gsm8k", [("GSM8K", "GSM8K")]),
        ("draft", [("TwinDraft", "TwinDraft"), ("LongDraft", "LongDraft")]),
        ("kv-cach", [("KV cache quantization", "KV cache quantization")] * 2),
        (
            "code search",
            [("code search", "code search"), ("Code Search", "Code Search"), ("CodeSearchNet", "CodeSearchNet")],
        ),
        (
            "search code",
            [("code search", "code search"), ("Code Search", "Code Search"), ("CodeSearchNet", "CodeSearchNet")],
        ),
        ("quantization CACHE", [("KV cache quantization", "KV cache quantization")] * 2),
        ("", []),
        ("§", []),
        ("nothing at all", []),
    ],
)
def test_search_finds_labels_and_aliases_in_any_case(
    catalogue: Catalogue, query: str, found: list[tuple[str, str]]
) -> None:
    kinds = ("Method", "Benchmark", "Hardware", "Task", "Metric", "Keyphrase")
    hits = SearchIndex(catalogue).search(query, kinds=kinds)
    assert [(catalogue.labels[number], name) for number, name in hits] == found


def test_exact_names_come_before_beginnings_before_words_before_parts(catalogue: Catalogue) -> None:
    hits = SearchIndex(catalogue).search("co")
    assert [catalogue.labels[number] for number, _ in hits] == [
        "CodeBERT",
        "CodeRank",
        "contrastive learning",
        "CodeNeg",
        "CodeSearchNet",
        "consumer GPU",
        "code search",
        "Code Search",
        TITLES["paper/coderank-contrastive-learning-for-code-search-24562725"],
        "Long Context",
        TITLES[EVIL_PAPER],
        TITLES[LONGDRAFT],
    ]


def test_what_is_misspelt_is_answered_with_what_begins_like_it(client: Any) -> None:
    answer = get(client, "/api/search?q=speculatvie")
    assert (answer["found"], paths(answer["near"])) == (
        [],
        [
            "method/speculative-decoding",
            "keyphrase/speculative-decoding",
            "method/self-speculative-decoding",
            LONGDRAFT,
            TWINDRAFT,
        ],
    )


def test_a_keyphrase_is_not_offered_beside_the_concept_of_its_name(client: Any) -> None:
    answer = get(client, "/api/search?q=kv-cache+quant")
    assert paths(answer["found"]) == [
        "method/kv-cache-quantization",
        "paper/how-far-can-kv-cache-quantization-ef10cab4",
    ]
