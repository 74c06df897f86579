"""The time and the memory for a paper grow with its length, not with the square of it, whatever is in it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.concepts import resolve_concepts
from kg.extraction.places import Places
from kg.extraction.quantities import find_quantities
from kg.extraction.result_parts import _outermost
from kg.extraction.results import find_results
from kg.extraction.sentences import find_sentences
from kg.extraction.tagger import Reading, _without_overlap
from kg.mention import Extraction, Mention, Result
from kg.paper import Paper, Span
from kg.statements import make_statements

ROOT = Path(__file__).parent.parent
TEXT = "abcdefghijklmnopqrstuvwxyz" * 2
RANGES = st.tuples(st.integers(0, 40), st.integers(1, 12)).map(lambda pair: (pair[0], sum(pair)))
TOKENS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=1, max_size=15)

RULES = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (100, 100))  # of which some are used; the square would take hours
from kg.extraction.abbreviations import find_abbreviations
from kg.extraction.addresses import find_addresses
from kg.extraction.candidates import find_candidates
from kg.extraction.notation import read_notation
from kg.extraction.quantities import find_quantities
from kg.extraction.results import find_results
from kg.extraction.sentences import find_sentences
from kg.vocabulary import load_vocabulary
size = 30_000
for unit in sys.argv[1:]:
    text = "A title\\n" + (unit * size)[:size]
    for read in (read_notation, find_candidates, find_abbreviations, find_addresses):
        read(text)
    for name in ("hardware", "benchmarks"):
        load_vocabulary(name).find_mentions(text)
    find_results(text, find_sentences(text), (), find_quantities(text)[:500])
print("done")
"""

READERS = """
import resource
resource.setrlimit(resource.RLIMIT_CPU, (100, 100))  # of which few are used; the square would take hours
import gzip, json
from kg.reading.read import read_text
from kg.reading.encoding import decode
from kg.reading.source import Source
from kg.reading.tabular import read_json
n, source = 400_000, Source("x", "x")
blank = " " * n
assert decode(gzip.compress(b"") * 50_000 + gzip.compress(b"some text")) == "some text"
assert len(read_json("[" + ",\\n".join(["{}"] * 60_000) + "]", source).problems) == 60_000
for fields in (
    {"categories": f"a{blank}b;c"}, {"authors": f"A{blank}B and C D"}, {"url": "https://" * (n // 8)},
    {"arxiv": "http://" * (n // 7)}, {"date": "1" * n}, {"doi": "10." * (n // 3)}, {"abstract": "10.1/" * (n // 5)},
    {"authors": "A and " * (n // 6)}, {"url": f"arxiv:{'a' * n}"}, {"abstract": "@" * n},
):
    assert len(read_text(json.dumps([{"title": "T"} | fields]), source).papers) == 1
entry = "@article{a, title={T}, author={A" + blank + "B and C}}"
assert read_text(entry, source).papers[0].authors == ("A B", "C")
print("done")
"""


def run_python(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_rules_over_a_text_do_not_take_the_square_of_its_length() -> None:
    units = (
        *(
            " ",
            "\n",
            "\t",
            "a",
            "A",
            "7",
            "{",
            "}",
            "$",
            "\\",
            "(",
            ")",
            "[",
            ".",
            "-",
            "~",
            "_{",
            "$x$ ",
            "\\cite[",
            "``",
        ),
        *("A.", "1,", "a/", "https://", "(A1) ", "A1, short for ", "et al. ", "10^{", "1-2-", "5 and ", "\u200b", "漢"),
        *("\\textbf{", "orders of ", "from 1 to ", "8 A100 ", "O(n ", "GSM8K ", "than 5% ", "up to ", "a\u0301"),
    )
    assert run_python(RULES, *units) == "done\n"


def test_readers_do_not_take_the_square_of_the_length_of_a_field() -> None:
    assert run_python(READERS) == "done\n"


def count_calls(work: Callable[[], object]) -> int:
    seen = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal seen
        seen += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return seen


def test_the_statements_of_a_long_paper_take_linear_time() -> None:
    """Counted, not timed: the work for a paper of 4n names and results is not much more than four times that for n."""

    def steps(count: int) -> int:
        sentence = "OwlNet gains 3% over BatNet. "
        paper = Paper("Long", sentence * count)
        mentions, results = [], []
        for n in range(count):
            at = len("Long\n") + n * len(sentence)
            for name, start in (("OwlNet", at), ("BatNet", at + 21)):
                mentions.append(Mention("Method", start, start + 6, name, "uses", 0.9, "tagger"))
            own = Span(at, at + 6, "OwlNet")
            results.append(Result(Span(at + 13, at + 15, "3%"), "3%", "3", "%", None, own, None, 0.9, "quantity"))
        extraction = Extraction(paper, tuple(mentions), results=tuple(results))
        resolution = resolve_concepts([extraction])
        return count_calls(lambda: make_statements(extraction, resolution))

    assert steps(400) < 6 * steps(100)


@pytest.mark.parametrize(
    "sentence", ["OwlNet gains 3% over OwlNet. ", "5%, ", "OwlNet is 1.5x faster than BatNet and "]
)
def test_the_results_of_a_long_paper_take_linear_work(sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.extraction.result_parts.REACH", 300)
    monkeypatch.setattr("kg.extraction.result_parts._LIST", 5)

    def work(count: int) -> Callable[[], object]:
        text = "A title\n" + sentence * count
        mentions = [
            Mention(kind, start, start + 6, text[start : start + 6], role, 0.99, "tagger")
            for start in range(len(text))
            if (text.startswith(("OwlNet", "BatNet"), start))
            for kind, role in (("Method", "introduces"), ("Metric", None), ("Baseline", None))
        ]
        mentions += [
            Mention("Result", q.span.start, q.span.end, q.span.surface, None, 0.99, "tagger")
            for q in find_quantities(text)
        ]
        quantities, sentences = find_quantities(text), find_sentences(text)
        return lambda: find_results(text, sentences, sorted(mentions, key=lambda m: m.start), quantities)

    assert count_calls(work(400)) < 6 * count_calls(work(100))


@given(st.lists(RANGES, max_size=12), RANGES)
def test_places(ranges: list[tuple[int, int]], asked: tuple[int, int]) -> None:
    start, end = asked
    places = Places(ranges, lambda pair: pair)
    assert places.meeting(start, end) == sorted(r for r in ranges if r[0] < end and start < r[1])
    assert places.beginning(start, end) == sorted(r for r in ranges if start <= r[0] < end)


@given(st.lists(RANGES, max_size=10))
def test_the_outermost_mentions(ranges: list[tuple[int, int]]) -> None:
    mentions = [Mention("Method", start, end, TEXT[start:end], "uses", 0.9, "tagger") for start, end in ranges]
    inside = [
        m
        for m in mentions
        if any(o.start <= m.start and m.end <= o.end and (o.start, o.end) != (m.start, m.end) for o in mentions)
    ]
    expected = [m for m in mentions if m not in inside]
    assert sorted(_outermost(mentions), key=lambda m: m.start) == sorted(expected, key=lambda m: m.start)


@given(st.lists(RANGES, max_size=12, unique=True))
def test_spans_that_stay_do_not_cross_more_probable_ones(ranges: list[tuple[int, int]]) -> None:
    spans = np.array(sorted(ranges), np.int64).reshape(-1, 2)
    confidence = np.array([(7 * start + 3 * end) % 11 / 11 for start, end in spans.tolist()], np.float32)
    expected: list[int] = []
    for i in sorted(range(len(spans)), key=lambda i: (-float(confidence[i]), i)):
        start, end = spans[i].tolist()
        if not any(s < start < e or s < end < e for s, e in spans[expected].tolist()):
            expected.append(i)
    assert _without_overlap(range(len(spans)), spans, confidence) == sorted(expected)


def make_reading(tokens: list[tuple[int, int]], ranges: list[tuple[int, int]]) -> Reading:
    """Make a reading of two windows: the second reads the last word pieces of the first again."""
    places, position = [(0, 0)], 0
    for gap, size in tokens:
        places.append((position + gap, position + gap + size))
        position += gap + size
    places += [(0, 0), (0, 0), *places[-2:], (0, 0)]
    states = np.linspace(-1, 1, len(places) * 3, dtype=np.float32).reshape(-1, 3)
    logits = np.linspace(-3, 3, 16 * len(ranges), dtype=np.float32).reshape(-1, 16)
    spans = np.array(ranges, np.int64).reshape(-1, 2)
    settings = {"calibration": {"Keyphrase": (1.0, 0.0)}}
    return Reading(TEXT, spans, logits, np.array(places, np.int64), states, settings)


@settings(max_examples=200)
@given(TOKENS, st.lists(st.lists(RANGES, min_size=1, max_size=3), max_size=4))
def test_the_vector_of_a_phrase_is_the_mean_of_its_word_pieces(
    tokens: list[tuple[int, int]], phrases: list[list[tuple[int, int]]]
) -> None:
    reading = make_reading(tokens, [])
    found = reading.vectors([[Span.of(TEXT, *place) for place in places] for places in phrases])
    for places, row in zip(phrases, found, strict=True):
        inside = [(reading.tokens[:, 0] < end) & (reading.tokens[:, 1] > start) for start, end in places]
        shares = np.sum(inside, axis=0).astype(np.float64)
        expected = (reading.states * shares[:, None]).sum(axis=0) / max(shares.sum(), 1)
        assert np.allclose(row, expected)


@given(st.lists(RANGES, max_size=10, unique=True), st.lists(RANGES, max_size=4))
def test_a_span_that_was_no_candidate_gets_the_probability_of_the_nearest(
    ranges: list[tuple[int, int]], asked: list[tuple[int, int]]
) -> None:
    reading = make_reading([(0, 1)], sorted(ranges))
    expected = []
    for first, last in asked:
        shares = [
            max(min(end, last) - max(start, first), 0) / (max(end, last) - min(start, first))
            for start, end in sorted(ranges)
        ]
        best = int(np.argmax(shares)) if shares else -1
        expected.append(float(reading.probabilities("Keyphrase")[best]) * shares[best] if shares else 0.0)
    assert reading.keyphrase_probabilities(asked) == pytest.approx(expected)
