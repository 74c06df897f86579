"""Results: tables of sentences → exact values and links; the model; properties; floors on the gold."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.extraction.quantities import Quantity, find_quantities
from kg.extraction.result_parts import link_results
from kg.extraction.results import ResultModel, find_results, load_model, log_odds, overlap, read_features
from kg.extraction.sentences import find_sentences
from kg.mention import Mention, Result
from kg.paper import Span
from kg.training.data import find_near

WORDS = re.findall(r"\S+\n?", "we gain 4% over Adam , and ( 3.2times ) faster than . by of 1.5x\n to from FPS")
EVERYTHING = ResultModel({"bias": 5.0})


def results(text: str, mentions: Sequence[Mention] = (), model: ResultModel | None = None) -> tuple[Result, ...]:
    return find_results(text, find_sentences(text), mentions, find_quantities(text), model)


def mention(text: str, surface: str, kind: str, role: str | None = None, confidence: float = 0.9) -> Mention:
    start = text.index(surface)
    return Mention(kind, start, start + len(surface), surface, role, confidence, "tagger")


VALUES = [
    ("Fastor reaches a 2.3times speedup over eager decoding.", ["2.3times"]),
    ("It improves accuracy by 4.1% and cuts memory by 30\\% compared to Adam.", ["4.1%", "30\\%"]),
    (
        "On four tasks, our method achieves an F1 of 0.91, outperforming Basel by up to 3.2 points.",
        ["0.91", "3.2 points"],
    ),
    ("We obtain 1.8$\\times$ to the throughput of the baseline.", ["1.8$\\times$"]),
    ("Experiments show that Fastor is up to 12x faster than prior work.", ["12x"]),
    ("Our model runs at 45 FPS on one GPU with an mAP of 51.2%.", ["45 FPS", "51.2%"]),
    ("Recall improves from 61.3% to 70.9% with our loss.", ["70.9%"]),
    ("We train on 8 GPUs with a batch size of 256.", []),
    ("In 2019, three groups studied the problem with 5 datasets.", []),
    ("Models like Llama 3.1 and GPT-4 have 70B parameters.", []),
]


@pytest.mark.parametrize(("sentence", "expected"), VALUES)
def test_claims_are_told_from_settings(sentence: str, expected: list[str]) -> None:
    text = f"A faster decoder\nDecoding is slow. {sentence}"
    assert [r.span.surface for r in results(text)] == expected


LINKS = [
    ("It reaches an accuracy of 93.1% on Foo.", [("93.1%", "accuracy", None)]),
    ("It reaches 93.1% top-1 accuracy on Foo.", [("93.1%", "top-1 accuracy", None)]),
    ("It cuts training time by 40% compared to Adam.", [("40%", "training time", "Adam")]),
    ("It is 3.5× faster than eager decoding.", [("3.5×", "faster", "eager decoding")]),
    ("It yields a wall-clock speedup of up to 2.1x over vLLM.", [("2.1x", "wall-clock speedup", "vLLM")]),
    ("It uses 2x less memory than the dense model.", [("2x", "memory", "dense model")]),
    ("It gives a 12% improvement in recall over BM25.", [("12%", "recall", "BM25")]),
    ("We report good results (F1 = 0.88).", [("0.88", "F1", None)]),
    ("It has 1.5× and 2.5× higher throughput.", [("1.5×", "throughput", None), ("2.5×", "throughput", None)]),
    (
        "Speed rises by 15% over Ring and 36% over Star.",
        [("15%", "Speed", "Ring"), ("36%", "Speed", "Star")],
    ),
    ("The error falls from 7.1% to 4.2% here.", [("7.1%", "error", None), ("4.2%", "error", "7.1%")]),
    ("It runs at 30 FPS here.", [("30 FPS", "FPS", None)]),
]


@pytest.mark.parametrize(("text", "expected"), LINKS)
def test_metric_and_baseline_are_linked(text: str, expected: list[tuple[str, str, str | None]]) -> None:
    found = results(f"A title\n{text}", model=EVERYTHING)
    got = [(r.span.surface, r.metric and r.metric.surface, r.baseline and r.baseline.surface) for r in found]
    assert got == expected


def test_the_result_of_a_whole_sentence() -> None:
    text = "Fastor: quick sampling\nFastor attains a sampling speedup of 1.3times over plain diffusion."
    own = mention(text, "Fastor", "Method", "introduces")
    metric = mention(text, "sampling speedup", "Metric")
    place = text.index("1.3times")
    subject = Span.of(text, text.index("Fastor attains"), text.index(" attains"))
    again = Mention("Method", subject.start, subject.end, "Fastor", "introduces", 0.9, "tagger")
    expected = Result(
        span=Span.of(text, place, place + 8),
        value="1.3×",
        number="1.3",
        unit="×",
        metric=metric.span,
        subject=subject,
        baseline=Span.of(text, text.index("plain"), len(text) - 1),
        confidence=0.993,
        rule="quantity",
    )
    assert results(text, [own, again, metric], ResultModel({"bias": 5.0})) == (expected,)


def test_the_subject_is_the_method_the_paper_introduces() -> None:
    text = "Study of A and B\nA is old. We make B. It gains 4% over A. On B, 5% is lost."
    places = [m.start() for m in re.finditer(r"\b[AB]\b", text)]
    mentions = [
        Mention("Method", p, p + 1, text[p], "introduces" if text[p] == "B" else "compares", 0.9, "tagger")
        for p in places
        if text[p : p + 2] != "A "[:2] or p > 9
    ]
    first, second = results(text, mentions, EVERYTHING)
    assert first.subject == Span.of(text, text.index("make B") + 5, text.index("make B") + 6)
    assert second.subject == Span.of(text, text.index("On B") + 3, text.index("On B") + 4)


def test_the_tagger_weighs_in() -> None:
    text = "A title\nWe find 3.4 here."
    model = ResultModel({}, joint=(1.0, 1.0, -2.0, 0.0))
    other = mention(text, "title", "Task")
    assert results(text, [other], model) == ()
    assert [r.confidence for r in results(text, [mention(text, "3.4", "Result")], model)] == [0.9]
    assert [r.confidence for r in results(text, [], model)] == [0.5]


def test_a_span_of_the_tagger_that_is_no_quantity_needs_more() -> None:
    text = "A title\nThe bound is log n here."
    assert results(text, [mention(text, "log n", "Result", confidence=0.8)]) == ()
    (found,) = results(text, [mention(text, "log n", "Result", confidence=0.95)])
    assert (found.span.surface, found.number, found.unit, found.rule) == ("log n", None, "", "tagger")


def test_texts_without_numbers_have_no_results() -> None:
    assert results("A title\nNo number is said.") == results("A title\n") == find_results("", (), (), ()) == ()


def test_features_name_words_and_their_classes() -> None:
    text = "A title\nIt gains 4% more."
    quantities = find_quantities(text)
    features = read_features(text, find_sentences(text)[1], quantities, 0, {"gains": 7})
    assert {"u=%", "l1=gains", "l1c=7", "r1=more", "lb=it", "title=False", "count=1"} <= features
    assert "l1c=7" not in read_features(text, find_sentences(text)[1], quantities, 0)


def test_probabilities_follow_the_weights() -> None:
    model = ResultModel({"a": 1.5, "b": -0.5}, alone=(2.0, 1.0))
    assert model.probability(frozenset("abc"), None, False) == pytest.approx(1 / (1 + 2.718281828**-3))
    assert log_odds(0.5) == 0
    assert overlap((0, 10), (5, 10)) == 0.5


def test_the_shipped_weights_are_whole() -> None:
    model = load_model()
    assert len(model.weights) > 500
    assert len(model.classes) > 5000
    assert model.joint[0] > 0 < model.joint[1]
    assert model.alone[0] > 0


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS)))
def test_any_text_gives_ordered_results_inside_it(words: list[str]) -> None:
    text = "title\n" + " ".join(words)
    found = results(text, model=EVERYTHING)
    for result in found:
        for span in (result.span, result.metric, result.subject, result.baseline):
            assert span is None or text[span.start : span.end] == span.surface
    assert all(one.span.end <= two.span.start for one, two in pairwise(found))
    assert len(found) == len(find_quantities(text))


def test_long_input_takes_linear_time() -> None:
    text = "A title\n" + "we gain 4.1% accuracy over the old model, and " * 2000
    began = time.process_time()
    assert len(results(text, model=EVERYTHING)) == 2000
    assert time.process_time() - began < 60


def _plain(value: str) -> str:
    value = value.casefold().replace("\\", "").replace(" ", "").replace("percent", "%")
    return re.sub(r"(?:times|×|x)\Z", "x", value)


def read(shared: Path, name: str) -> list[tuple[str, list[dict[str, str]]]]:
    papers = json.loads((shared / "gold" / f"{name}.papers.json").read_text(encoding="utf-8"))
    texts = {p["id"]: f"{p['title']}\n{p['abstract']}" for p in papers}
    lines = (shared / "gold" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [(texts[entry["id"]], entry["results"]) for entry in map(json.loads, lines)]


def test_values_on_the_gold(shared: Path) -> None:
    right = found = total = 0
    for text, entries in read(shared, "dev"):
        own, true = {_plain(r.span.surface) for r in results(text)}, {_plain(r["value"]) for r in entries}
        right, found, total = right + len(own & true), found + len(own), total + len(true)
    assert 2 * right / (found + total) >= 0.89


def test_links_on_the_gold(shared: Path) -> None:
    counts = {"metric": [0, 0, 0], "baseline": [0, 0, 0]}
    for text, entries in read(shared, "train"):
        quantities = find_quantities(text)
        pairs: list[tuple[Quantity, dict[str, str]]] = []
        for entry in entries:
            near = find_near(text, entry["value"], entry.get("quote") or "")
            same = [q for q in quantities if near and overlap((q.span.start, q.span.end), near[0]) >= 0.5]
            if same and same[0] not in [q for q, _ in pairs]:
                pairs.append((same[0], entry))
        pairs.sort(key=lambda pair: pair[0].span)
        linked = link_results(text, find_sentences(text), (), [(0.9, q, "gold") for q, _ in pairs])
        for (_, entry), result in zip(pairs, linked, strict=True):
            for name, span in (("metric", result.metric), ("baseline", result.baseline)):
                words = [set(re.findall(r"\w+", s.lower())) for s in (span.surface if span else "", entry[name] or "")]
                counts[name][0] += bool(words[0] & words[1])
                counts[name][1] += bool(words[0])
                counts[name][2] += bool(words[1])
    scores = {name: 2 * right / (found + total) for name, (right, found, total) in counts.items()}
    assert scores["metric"] >= 0.72, scores
    assert scores["baseline"] >= 0.68, scores
