"""Keyphrases: KeyBERT's scores, our order, no variants, and the bars on shared data where it is there."""

import json
import zlib
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kg.extraction.candidates import find_candidates
from kg.extraction.embedder import Embedder
from kg.extraction.keyphrases import are_variants, find_keyphrases, score_phrases
from kg.extraction.ranking import Trees, measure
from kg.extraction.rarity import parse_rarity, phrase_key, read_rarity
from kg.mention import Keyphrase
from kg.paper import Span
from kg.training.keyphrases import loose_key, read_gold

TEXT = (
    "Graph Pruning for Dense Retrieval\n"
    "Dense retrieval ranks passages by vectors. We propose graph pruning, which removes edges of the nearest neighbor"
    " graph. On three datasets, graph pruning makes dense retrieval faster at the same recall."
)


class FakeEmbedder:
    """Ten lines that turn a text into a direction: that of its words' checksums."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array of shape (texts, 16)."""
        rows = np.full((len(texts), 16), 0.01, np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                rows[row, zlib.crc32(word.encode()) % 16] += 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


def surfaces(found: tuple[Keyphrase, ...]) -> list[str]:
    return [keyphrase.span.surface for keyphrase in found]


def test_the_score_is_the_cosine_to_four_decimals() -> None:
    fake = FakeEmbedder()
    whole, part = fake.embed([TEXT, "Graph Pruning"])
    assert score_phrases(TEXT, ["Graph Pruning", "C++"], fake)["Graph Pruning"] == round(float(whole @ part), 4)


def test_signs_and_case_reach_keybert_whole() -> None:
    assert set(score_phrases("a text", ["C++", "MRR@10", "SWE-bench"], FakeEmbedder())) == {
        "C++",
        "MRR@10",
        "SWE-bench",
    }


def test_keyphrases_of_a_paper(embedder: Embedder) -> None:
    found = find_keyphrases(TEXT, find_candidates(TEXT), embedder, count=3)
    assert set(surfaces(found)[:2]) == {"Graph Pruning", "Dense Retrieval"}
    vectors = embedder.embed([TEXT, *surfaces(found)])
    assert [k.score for k in found] == [round(float(vectors[0] @ vector), 4) for vector in vectors[1:]]
    assert all(TEXT[k.span.start : k.span.end] == k.span.surface for k in found)


@pytest.mark.parametrize("text", ["", "\n", "Of the\n", "is are\nwas were. We do."])
def test_a_text_without_candidates_has_no_keyphrases(text: str) -> None:
    assert find_keyphrases(text, find_candidates(text), FakeEmbedder()) == ()


def test_one_word() -> None:
    found = find_keyphrases("Pruning\n", find_candidates("Pruning\n"), FakeEmbedder())
    assert surfaces(found) == ["Pruning"]
    assert find_keyphrases("Pruning\n", find_candidates("Pruning\n"), FakeEmbedder(), count=0) == ()


def test_order_of_candidates_and_other_papers_change_nothing(embedder: Embedder) -> None:
    candidates = find_candidates(TEXT)
    first = find_keyphrases(TEXT, candidates, Embedder(threads=1))
    embedder.embed(["another paper", "Dense Retrieval"])
    assert find_keyphrases(TEXT, candidates[::-1], embedder) == first


def test_no_two_are_variants() -> None:
    found = surfaces(find_keyphrases(TEXT, find_candidates(TEXT), FakeEmbedder()))
    assert not [pair for pair in combinations(map(phrase_key, found), 2) if are_variants(*pair)]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Dense retrieval", "dense retrievals", True),
        ("retrieval", "dense retrieval", True),
        ("GNN", "graph neural network", True),
        ("graph pruning", "graph search", False),
        ("SD", "search", False),
    ],
)
def test_variants(one: str, other: str, expected: bool) -> None:
    assert are_variants(phrase_key(one), phrase_key(other)) is expected


def test_hints_move_phrases_up() -> None:
    candidates = find_candidates(TEXT)
    place = TEXT.index("recall")
    plain = surfaces(find_keyphrases(TEXT, candidates, FakeEmbedder(), count=5))
    hints = {(place, place + 6): 0.99}
    sure = surfaces(find_keyphrases(TEXT, candidates, FakeEmbedder(), count=5, hints=hints))
    asked = find_keyphrases(
        TEXT, candidates, FakeEmbedder(), count=5, hints=lambda start, end: hints.get((start, end), 0.0)
    )
    assert "recall" not in plain
    assert sure[0] == "recall"
    assert surfaces(asked) == sure


def test_hints_of_one_half_change_nothing() -> None:
    candidates = find_candidates(TEXT)
    neutral = find_keyphrases(TEXT, candidates, FakeEmbedder(), hints=lambda start, end: 0.5)
    assert neutral == find_keyphrases(TEXT, candidates, FakeEmbedder())


def test_measurements_have_a_row_a_phrase() -> None:
    rarity = parse_rarity(["10", "graph\t5\t3\t2", "graph pruning\t2\t1\t1"])
    groups = {"graph pruning": [Span(0, 13, "Graph Pruning")], "recall": [Span(20, 26, "recall")]}
    features = measure("Graph Pruning\nIt has recall.", groups, rarity)
    assert features.shape == (2, len(features[0]))
    assert np.isfinite(features).all()
    assert features[:, 0].tolist() == [1.0, 0.0]


def test_trees_add_up() -> None:
    tree = [[1, 0.5, 1, 2], [-0.25], [0, 2.0, 3, 4], [0.5], [1.0]]
    rows = np.array([[0.0, 0.0], [2.0, 1.0], [3.0, 1.0]])
    assert Trees.of({"base": 0.5, "trees": [tree, [[1.0]]]}).log_odds(rows).tolist() == [1.25, 2.0, 2.5]


def test_the_table_of_rarity() -> None:
    rarity = read_rarity()
    assert rarity.papers == 45_347
    assert rarity.word("result")[0] > rarity.word("quantization")[0] > 0
    assert rarity.phrase("no such phrase") == (0, 0, 0)


def test_gold_bar(shared: Path, embedder: Embedder) -> None:
    hits = given = wanted = 0
    for text, keyphrases in read_gold(shared / "gold/dev.jsonl", shared / "gold/dev.papers.json"):
        right = {loose_key(phrase) for phrase in keyphrases}
        found = {loose_key(phrase) for phrase in surfaces(find_keyphrases(text, find_candidates(text), embedder))}
        hits, given, wanted = hits + len(right & found), given + len(found), wanted + len(right)
    assert 2 * hits / (given + wanted) >= 0.53


def test_inspec_bar(shared: Path, embedder: Embedder) -> None:
    stem = pytest.importorskip("nltk.stem.porter").PorterStemmer().stem

    def key(phrase: str) -> str:
        return " ".join(stem(word) for word in phrase.lower().replace("-", " ").split())

    lines = (shared / "keyphrases/inspec.valid.jsonl").read_text("utf-8").splitlines()[:100]
    total = 0.0
    for row in map(json.loads, lines):
        right = {key(phrase) for phrase in row["keyphrases"]}
        found = {key(s) for s in surfaces(find_keyphrases(row["text"], find_candidates(row["text"]), embedder))}
        total += 2 * len(right & found) / (len(right) + len(found))
    assert total / len(lines) >= 0.36
