"""Keyphrases: KeyBERT's scores, our order, no variants, and the bars on shared data where it is there."""

import json
import subprocess
import sys
import zlib
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kg.extraction.candidates import find_candidates
from kg.extraction.keyphrases import are_variants, find_keyphrases, group_candidates, score_phrases
from kg.extraction.ranking import Trees, measure
from kg.extraction.rarity import parse_rarity, phrase_key, read_rarity
from kg.extraction.tagger import Tagger
from kg.mention import Keyphrase
from kg.paper import Span
from kg.resources import resource_folder
from kg.training.keyphrases import loose_key, read_gold

TEXT = (
    "Graph Pruning for Dense Retrieval\n"
    "Dense retrieval ranks passages by vectors. We propose graph pruning, which removes edges of the nearest neighbor"
    " graph. On three datasets, graph pruning makes dense retrieval faster at the same recall."
)


def direction(text: str) -> NDArray[np.float64]:
    """Turn a text into a direction: that of its words' checksums."""
    row = np.full(16, 0.01)
    for word in text.lower().split():
        row[zlib.crc32(word.encode()) % 16] += 1
    return row


def fake_vectors(phrases: Sequence[Sequence[Span]]) -> NDArray[np.float64]:
    return np.array([direction(spans[0].surface) for spans in phrases])


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger(resource_folder("models"))


def surfaces(found: tuple[Keyphrase, ...]) -> list[str]:
    return [keyphrase.span.surface for keyphrase in found]


def cosine(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    return round(float(left @ right / np.linalg.norm(left) / np.linalg.norm(right)), 4)


def test_the_score_is_the_cosine_to_four_decimals() -> None:
    whole, phrases = direction(TEXT), ["Graph Pruning", "C++", "Dense Retrieval"]
    vectors = np.array([direction(phrase) for phrase in phrases])
    expected = {phrase: cosine(whole, vector) for phrase, vector in zip(phrases, vectors, strict=True)}
    assert score_phrases(TEXT, phrases, vectors, whole) == expected


def test_signs_and_case_reach_keybert_whole() -> None:
    phrases = ["C++", "MRR@10", "SWE-bench"]
    vectors = np.array([direction(phrase) for phrase in phrases])
    assert set(score_phrases("a text", phrases, vectors, direction("a text"))) == set(phrases)


def test_keyphrases_of_a_paper(tagger: Tagger) -> None:
    candidates = find_candidates(TEXT)
    vectors = tagger.read(TEXT).vectors
    found = find_keyphrases(TEXT, candidates, vectors, count=3)
    assert set(surfaces(found)[:2]) == {"Graph Pruning", "Dense Retrieval"}
    groups = group_candidates(candidates)
    whole = vectors(list(groups.values())).mean(axis=0)
    rows = vectors([groups[phrase_key(surface)] for surface in surfaces(found)])
    assert [k.score for k in found] == [cosine(whole, row) for row in rows]
    assert all(TEXT[k.span.start : k.span.end] == k.span.surface for k in found)


def run_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_keybert_loads_nothing_heavy() -> None:
    code = (
        "import sys; from kg.extraction.keyphrases import load_keybert; load_keybert();"
        "print([m for m in ('torch', 'sentence_transformers', 'huggingface_hub') if m in sys.modules])"
    )
    assert run_python(code) == "[]\n"


def test_what_keybert_does_not_need_is_loaded_when_it_is_used_and_works_then() -> None:
    code = """
import sys
from kg.extraction.keyphrases import _LATER, load_keybert
load_keybert()
print([name for name in _LATER if name in sys.modules])
from sklearn.metrics import consensus_score, label_ranking_average_precision_score
from sklearn.preprocessing import quantile_transform
print(label_ranking_average_precision_score([[0, 1, 1]], [[0.2, 0.1, 0.9]]))
print(consensus_score(([[True, True]], [[True, False]]), ([[True, True]], [[True, False]])))
print(quantile_transform([[1.0], [2.0], [4.0]], n_quantiles=3, output_distribution="normal").round(3).tolist())
import scipy.stats, numpy.testing, numpy.f2py
from scipy.optimize import linear_sum_assignment
from scipy.stats._stats_py import rankdata
print(scipy.stats.rankdata is rankdata, type(scipy.stats) is type(sys), numpy.testing is sys.modules["numpy.testing"])
print(linear_sum_assignment([[1, 2], [2, 1]])[1].tolist(), scipy.stats.mode([3, 3, 1]).mode)
"""
    ordinary = "import numpy.testing, numpy.f2py, sklearn.metrics, sklearn.preprocessing, pandas\n"
    late = run_python(code).splitlines()
    assert late[0] == "[]"
    assert late[1:] == run_python(ordinary + code).splitlines()[1:]


def test_keybert_loads_though_another_version_uses_what_is_put_off() -> None:
    code = """
from kg.extraction import keyphrases
keyphrases._LATER.update({"sklearn.utils": ()})
print(type(keyphrases.load_keybert()).__name__)
"""
    assert run_python(code) == "KeyBERT\n"


@pytest.mark.parametrize("text", ["", "\n", "Of the\n", "is are\nwas were. We do."])
def test_a_text_without_candidates_has_no_keyphrases(text: str) -> None:
    assert find_keyphrases(text, find_candidates(text), fake_vectors) == ()


def test_one_word() -> None:
    found = find_keyphrases("Pruning\n", find_candidates("Pruning\n"), fake_vectors)
    assert surfaces(found) == ["Pruning"]
    assert find_keyphrases("Pruning\n", find_candidates("Pruning\n"), fake_vectors, count=0) == ()


def test_order_of_candidates_and_other_papers_change_nothing(tagger: Tagger) -> None:
    candidates = find_candidates(TEXT)
    first = find_keyphrases(TEXT, candidates, tagger.read(TEXT).vectors)
    tagger.read("Another paper\nDense Retrieval.")
    assert (
        find_keyphrases(TEXT, candidates[::-1], Tagger(resource_folder("models"), threads=2).read(TEXT).vectors)
        == first
    )


def test_no_two_are_variants() -> None:
    found = surfaces(find_keyphrases(TEXT, find_candidates(TEXT), fake_vectors))
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
    plain = surfaces(find_keyphrases(TEXT, candidates, fake_vectors, count=5))
    hints = {(place, place + 6): 0.99}
    sure = surfaces(find_keyphrases(TEXT, candidates, fake_vectors, count=5, hints=hints))
    assert "recall" not in plain
    assert sure[0] == "recall"


def test_hints_of_one_half_change_nothing() -> None:
    candidates = find_candidates(TEXT)
    hints = {(candidate.start, candidate.end): 0.5 for candidate in candidates}
    assert find_keyphrases(TEXT, candidates, fake_vectors, hints=hints) == find_keyphrases(
        TEXT, candidates, fake_vectors
    )


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


def found_without_hints(text: str, tagger: Tagger) -> list[str]:
    return surfaces(find_keyphrases(text, find_candidates(text), tagger.read(text).vectors))


def test_gold_bar(shared: Path, tagger: Tagger) -> None:
    hits = given = wanted = 0
    for text, keyphrases in read_gold(shared / "gold/dev.jsonl", shared / "gold/dev.papers.json"):
        right = {loose_key(phrase) for phrase in keyphrases}
        found = {loose_key(phrase) for phrase in found_without_hints(text, tagger)}
        hits, given, wanted = hits + len(right & found), given + len(found), wanted + len(right)
    assert 2 * hits / (given + wanted) >= 0.53


def test_inspec_bar(shared: Path, tagger: Tagger) -> None:
    stem = pytest.importorskip("nltk.stem.porter").PorterStemmer().stem

    def key(phrase: str) -> str:
        return " ".join(stem(word) for word in phrase.lower().replace("-", " ").split())

    lines = (shared / "keyphrases/inspec.valid.jsonl").read_text("utf-8").splitlines()[:100]
    total = 0.0
    for row in map(json.loads, lines):
        right = {key(phrase) for phrase in row["keyphrases"]}
        found = {key(phrase) for phrase in found_without_hints(row["text"], tagger)}
        total += 2 * len(right & found) / (len(right) + len(found))
    assert total / len(lines) >= 0.36
