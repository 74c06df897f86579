"""Noun phrases: tables of sentences and the phrases that stand in them."""

from pathlib import Path

import pytest

from kg.extraction.candidates import MAX_WORDS, find_candidates, find_chunks, split_words
from kg.paper import Span

# Sentence and its longest phrases, separated by bars.
SENTENCES = [
    ("We rank passages by MRR@10.", "passages|MRR@10"),
    ("The agent solves issues of SWE-bench Lite.", "agent|issues|SWE-bench Lite"),
    ("DPM-Solver++ takes ten steps, Llama-3.1-8B none.", "DPM-Solver++|steps|Llama-3.1-8B"),
    ("The kernels are written in C++ for a GPU.", "kernels|C++|GPU"),
    ("Clusters found by k-means depend on ℓ_p distances.", "Clusters|k-means|ℓ_p distances"),
    ("Chain-of-thought prompting helps small models.", "Chain-of-thought prompting|small models"),
    ("The final output follows the input.", "final output|input"),
    ("Our method outperforms strong baselines.", "method|strong baselines"),
    ("It achieves linear convergence, fast inference.", "linear convergence|fast inference"),
    ("We train deep networks to rank web pages.", "deep networks|web pages"),
    ("Which shows that graph pruning is robust.", "graph pruning"),
    ("We study (sparse attention), then “dense retrieval”.", "sparse attention|dense retrieval"),
    ("Accuracy improves by 2.5x with 16 heads at 40%.", "Accuracy|heads"),
    ("The experts decide—ties go to chance.", "experts|ties|chance"),
    ("Partially observed Markov processes are hard.", "Partially observed Markov processes"),
    ("The scheduler is written for Qwen 2.5 models.", "scheduler|Qwen 2.5 models"),
    ("We propose 2:4 sparsity for IT systems.", "2:4 sparsity|IT systems"),
    # A known limit: words that are as often nouns as verbs stay, where no neighbour tells.
    ("The experts vote.", "experts vote"),
    ("Based on this, they don't converge.", ""),
    ("", ""),
    ("...", ""),
]


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES)
def test_chunks(sentence: str, expected: str) -> None:
    chunks = [sentence[chunk[0].start : chunk[-1].end] for chunk in find_chunks(split_words(sentence))]
    assert [chunk for chunk in chunks if any(span.surface in chunk for span in find_candidates(sentence))] == (
        expected.split("|") if expected else []
    )


def test_parts_that_can_stand_alone_are_candidates() -> None:
    assert find_candidates("efficient graph search") == (
        Span(0, 15, "efficient graph"),
        Span(0, 22, "efficient graph search"),
        Span(10, 15, "graph"),
        Span(10, 22, "graph search"),
        Span(16, 22, "search"),
    )


@pytest.mark.parametrize(
    ("sentence", "terms"),
    [
        ("We scale a mixture of experts to the web.", ["mixture of experts"]),
        ("Devices join the Internet of Things.", ["Internet of Things"]),
        ("The accuracy of models drops.", []),
        ("The quality of the service drops.", []),
    ],
)
def test_of_joins_terms(sentence: str, terms: list[str]) -> None:
    assert [span.surface for span in find_candidates(sentence) if " of " in span.surface] == terms


def test_no_phrase_crosses_the_end_of_the_title() -> None:
    surfaces = {span.surface for span in find_candidates("Fast Graph Search\nLarge graphs\nare common.")}
    assert "Search\nLarge" not in " ".join(surfaces)
    assert {"Fast Graph Search", "Large graphs"} <= surfaces


def test_a_phrase_may_run_over_a_line_of_the_abstract() -> None:
    assert Span(21, 33, "graph\nsearch") in find_candidates("A title\nWe speed up \ngraph\nsearch.")


def test_long_chunks_give_short_candidates() -> None:
    text = "web page image text graph node edge ranking"
    found = find_candidates(text)
    assert max(len(span.surface.split()) for span in found) == MAX_WORDS
    assert all(text[span.start : span.end] == span.surface for span in found)


def test_recall_on_gold(shared: Path) -> None:
    from kg.extraction.rarity import phrase_key
    from kg.training.keyphrases import read_gold

    gold = read_gold(shared / "gold/dev.jsonl", shared / "gold/dev.papers.json")
    wanted = found = 0
    for text, keyphrases in gold:
        keys = {phrase_key(span.surface) for span in find_candidates(text)}
        wanted += len(keyphrases)
        found += sum(phrase_key(phrase) in keys for phrase in keyphrases)
    assert found / wanted >= 0.94
