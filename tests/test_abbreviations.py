"""Short and long forms: tables of definitions, and what holds for every text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extraction.abbreviations import find_abbreviations

CASES: list[tuple[str, list[tuple[str, str]]]] = [
    # long (SHORT)
    ("We train a graph neural network (GNN) here.", [("GNN", "graph neural network")]),
    ("Large owl models (LOMs) are big.", [("LOMs", "Large owl models")]),
    ("We use the owl nets~(ONs) here.", [("ONs", "owl nets")]),
    ("The hidden Owl model [HOM] hides.", [("HOM", "hidden Owl model")]),
    ("Low-Rank Owl Adaptation (LoROA) works.", [("LoROA", "Low-Rank Owl Adaptation")]),
    ("Class-conditional Cat Sampling (CCS) is new.", [("CCS", "Class-conditional Cat Sampling")]),
    ("A non-owl baseline (NOB) and a pre-Owl Net (ON).", [("NOB", "non-owl baseline"), ("ON", "Owl Net")]),
    ("word to vector (W2V) fails, top 5 accuracy (T5A) too.", [("T5A", "top 5 accuracy")]),
    ("Owl selection (OS; Barn, 2020) and Tree Search (i.e., TS).", [("OS", "Owl selection"), ("TS", "Tree Search")]),
    ('"Owl Forest" (OF) is quoted.', [("OF", "Owl Forest")]),
    # SHORT (long)
    ("Use SGD (stochastic gradient descent) now.", [("SGD", "stochastic gradient descent")]),
    ("Use OWL (the Only Way to Learn) now.", [("OWL", "Only Way to Learn")]),
    # without brackets
    ("We call it ONE, short for Owl Network Engine, and go.", [("ONE", "Owl Network Engine")]),
    ("OTT, which stands for Owl Tree Test.", [("OTT", "Owl Tree Test")]),
    ("We study owl tree search, or OTS, today.", [("OTS", "owl tree search")]),
    # titles
    ("OTS: Owl Tree Search for Forests\nWe go.", [("OTS", "Owl Tree Search")]),
    ("SOFT: Small Owl-over Flight Technique\nWe go.", [("SOFT", "Small Owl-over Flight Technique")]),
    ("BIG: Owl Selection by Balancing Information Gain in Trees\nWe go.", [("BIG", "Balancing Information Gain")]),
    # none
    ("Owls (see Figure 2) and trees (2020) and a GPU (fast).", []),
    ("The model (BERT) is known, as is one more (A100).", []),
    ("OWL: Fast Decoding via Trees\nWe go.", []),
    ("We use a CPU, or GPU, here. Owl (Barn Owl).", []),
    ("A sentence ends here. Models (SEH) differ.", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "pairs"), CASES)
def test_finds_definitions(text: str, pairs: list[tuple[str, str]]) -> None:
    assert [(short.surface, long.surface) for short, long in find_abbreviations(text)] == pairs


def test_offsets_and_order() -> None:
    text = "AT: A Tree\nA tree (AT) and owl nets (ON)."
    found = [(short.start, short.end, long.start, long.end) for short, long in find_abbreviations(text)]
    assert found == [(0, 2, 4, 10), (19, 21, 11, 17), (37, 39, 27, 35)]


PIECES = st.sampled_from(
    ["(", ")", "[", "]", "owl ", "Owl", "ON", "(ON)", ", or ", "short for ", ": ", "\n", "-", ". ", "é"]
)


@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60))
def test_spans_lie_in_the_text(text: str) -> None:
    found = find_abbreviations(text)
    assert found == tuple(sorted(found))
    for short, long in found:
        assert text[short.start : short.end] == short.surface
        assert text[long.start : long.end] == long.surface == long.surface.strip()
        assert len(long.surface) > len(short.surface)
        assert long.end <= short.start or short.end <= long.start


@pytest.mark.parametrize("piece", ["(", "(A", "a (AB) ", "AB ", "a", "AB, or AB,", "AB, short for "])
def test_time_is_linear(piece: str) -> None:
    times = []
    for count in (2_000, 16_000):
        start = time.process_time()
        find_abbreviations(piece * count)
        times.append(time.process_time() - start)
    assert times[1] < 30 * times[0] + 0.5
