"""The trained tagger: exact spans in plain sentences, and what holds for every text."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import KgError
from kg.extraction.samples import KINDS, WINDOW, read_samples, token_shapes
from kg.extraction.tagger import Tagger
from kg.mention import Mention
from kg.paper import Span
from kg.resources import resource_folder
from kg.training.data import find_forms, find_near, project, read_gold_files
from kg.training.select import f1, score

SHARED = Path(os.environ.get("KG_SHARED", Path(__file__).resolve().parents[2] / "shared"))
PAPER = (
    "QuickSort-Net: Learning to Sort Tensors on GPUs\n"
    "We introduce QuickSort-Net, a neural network that sorts tensors. QuickSort-Net builds on pointer networks and is "
    "trained with reinforcement learning. On ImageNet and CIFAR-10 it improves accuracy by 3.5% and runs 2.7x faster "
    "than ResNet-50 on a single NVIDIA A100 GPU."
)


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger(resource_folder("models"))


def surfaces(mentions: tuple[Mention, ...], kind: str) -> set[str]:
    return {m.surface for m in mentions if m.kind == kind}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Method", {"QuickSort-Net", "pointer networks", "reinforcement learning", "ResNet-50"}),
        ("Benchmark", {"ImageNet", "CIFAR-10"}),
        ("Result", {"3.5%", "2.7x"}),
    ],
)
def test_plain_sentences_give_these_surfaces(tagger: Tagger, kind: str, expected: set[str]) -> None:
    assert expected - surfaces(tagger.tag(PAPER), kind) == set()


def test_hardware_is_found_with_its_name(tagger: Tagger) -> None:
    assert any("A100" in surface for surface in surfaces(tagger.tag(PAPER), "Hardware"))


def test_the_new_method_is_introduced_wherever_it_stands(tagger: Tagger) -> None:
    roles = [(m.start, m.role) for m in tagger.tag(PAPER) if m.surface == "QuickSort-Net" and m.kind == "Method"]
    assert roles == [(0, "introduces"), (61, "introduces"), (113, "introduces")]


def test_only_methods_and_benchmarks_have_roles(tagger: Tagger) -> None:
    assert {m.kind for m in tagger.tag(PAPER) if m.role} <= {"Method", "Benchmark"}
    assert all(m.role for m in tagger.tag(PAPER) if m.kind in ("Method", "Benchmark"))


def test_reading_twice_gives_the_same(tagger: Tagger) -> None:
    first = tagger.tag(PAPER)
    tagger.tag("Another paper\nAbout something else.")
    assert tagger.tag(PAPER) == first
    assert Tagger(resource_folder("models"), threads=2).tag(PAPER) == first


@pytest.mark.parametrize("text", ["", "\n", " ", ".", "…", "\u0301", "\x00", "\ud800", "\n\n\n", "()"])
def test_a_text_without_words_has_no_mentions(tagger: Tagger, text: str) -> None:
    assert tagger.tag(text) == ()


def test_a_long_text_is_read_to_its_end(tagger: Tagger) -> None:
    filler = "The experiments are described in the next section of the paper. " * 60
    text = f"A long paper\n{filler}{PAPER.splitlines()[1]}"
    mentions = tagger.tag(text)
    assert "QuickSort-Net" in {m.surface for m in mentions if m.start > len(filler)}
    assert all(text[m.start : m.end] == m.surface for m in mentions)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200) | st.text(alphabet="aÉéİ́Ⅷ中–-$\\{}()%× .,\n2GPU", max_size=200))
def test_offsets_are_true_in_any_text(tagger: Tagger, text: str) -> None:
    for mention in tagger.tag(text):
        assert text[mention.start : mention.end] == mention.surface
        assert mention.kind in KINDS
        assert 0 < mention.confidence <= 1


def test_mentions_are_sorted(tagger: Tagger) -> None:
    keys = [(m.start, m.end, m.kind) for m in tagger.tag(PAPER)]
    assert keys == sorted(keys)


def test_keyphrase_scores_tell_a_topic_from_filler(tagger: Tagger) -> None:
    topic, filler = PAPER.index("reinforcement learning"), PAPER.index("single")
    spans = [(topic, topic + 22), (filler, filler + 6), (0, 1)]
    scores = tagger.keyphrase_scores(PAPER, spans)
    assert len(scores) == 3
    assert all(0 <= score <= 1 for score in scores)
    assert scores[0] > scores[1]


def test_the_vector_of_a_phrase_is_the_mean_of_its_word_pieces(tagger: Tagger) -> None:
    reading = tagger.read(PAPER)
    first, second = (Span.of(PAPER, start, start + 13) for start in (61, 113))
    inside = [
        any(span.start < end and start < span.end for span in (first, second)) for start, end in reading.tokens.tolist()
    ]
    pieces = [PAPER[start:end] for start, end in reading.tokens[inside].tolist()]
    assert "".join(pieces) == "QuickSort-NetQuickSort-Net"
    assert np.allclose(reading.vectors([[first, second]]), reading.states[inside].mean(axis=0), atol=1e-6)
    assert reading.vectors([[first], [second]]).shape == (2, 384)


def test_windows_overlap_and_fit(tagger: Tagger) -> None:
    samples = read_samples(tagger.tokenizer, "word " * 1200)
    assert all(len(sample.ids) <= WINDOW + 2 for sample in samples)
    covered = {tuple(span) for sample in samples for span in sample.spans.tolist()}
    assert {(i * 5, i * 5 + 4) for i in range(1200)} <= covered


def test_token_shapes_know_case_brackets_and_title() -> None:
    text = "New LLMs\nWe use vLLM (fast)."
    spans = [(0, 3), (4, 8), (9, 11), (12, 15), (16, 20), (22, 26)]
    assert token_shapes(text, spans) == [2 * 8 + 5, 4 * 8 + 1, 2 * 8 + 4, 8, 4 * 8, 8 + 2]


def test_a_missing_model_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(KgError, match="is missing"):
        Tagger(tmp_path)


def test_a_changed_model_is_refused(tmp_path: Path) -> None:
    for name in ("tagger.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((resource_folder("models") / name).read_bytes())
    (tmp_path / "tagger.onnx").write_bytes(b"something else")
    with pytest.raises(KgError, match="not the network"):
        Tagger(tmp_path)


@pytest.mark.parametrize(
    ("form", "found"),
    [
        ("graph network", ["Graph networks", "graph-network"]),
        ("SAM", ["SAM", "SAMs"]),
        ("2.5x", ["2.5x"]),
    ],
)
def test_gold_forms_are_found_again(form: str, found: list[str]) -> None:
    text = "Graph networks and the graph-network of Sam; SAM, SAMs and sam give 12.5x or 2.5x."
    assert [text[start:end] for start, end in find_forms(text, [form])] == found


def test_a_value_is_found_inside_its_quote() -> None:
    text = "With 4 layers we are faster, by 4 times, than before."
    assert find_near(text, "4", "faster, by 4 times") == [(32, 33)]


def test_gold_becomes_spans_and_roles() -> None:
    entry = {
        "id": "p", "methods": [{"name": "FooNet", "aliases": [], "kind": "model", "role": "introduces"}],
        "benchmarks": [], "hardware": [], "tasks": ["sorting"], "metrics": [], "keyphrases": [],
        "results": [{"value": "3%", "metric": "x", "subject": None, "baseline": None, "quote": "by 3%"}], "urls": [],
    }  # fmt: skip
    paper = project(entry, {"p": "FooNet\nSorting with FooNet, better by 3%."})
    assert sorted(paper.spans) == [("Method", 0, 6), ("Method", 20, 26), ("Result", 38, 40), ("Task", 7, 14)]
    assert paper.roles == {("Method", 0, 6): "introduces", ("Method", 20, 26): "introduces"}


FLOORS = {"Method": 0.76, "Benchmark": 0.70, "Hardware": 0.78, "Result": 0.78}


@pytest.mark.parametrize(("kind", "floor"), FLOORS.items())
def test_scores_on_gold_do_not_fall(tagger: Tagger, kind: str, floor: float) -> None:
    gold = SHARED / "gold"
    if not (gold / "dev.jsonl").is_file():
        pytest.skip(f"no gold annotations in {gold}")
    papers = read_gold_files(gold / "dev.jsonl", gold / "dev.papers.json")
    readings = [tagger.read(paper.text) for paper in papers]
    assert f1(score(papers, readings, kind)) >= floor


def test_settings_name_all_kinds() -> None:
    written = json.loads((resource_folder("models") / "tagger.json").read_text(encoding="utf-8"))
    assert tuple(written["kinds"]) == KINDS
    assert set(written["thresholds"]) == set(written["calibration"]) == set(KINDS)
