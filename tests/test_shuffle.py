"""Records by key, and that what they make is the same in any parts, in any order, in memory and on disk."""

from __future__ import annotations

import random
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import astuple
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import joining, naming, readings, shuffle
from kg.concepts import Resolution, resolve_concepts
from kg.decisions import Decision
from kg.extraction.abbreviations import find_abbreviations
from kg.links import find_links
from kg.mention import Extraction, Mention
from kg.paper import Paper
from kg.shuffle import Records, Shuffle, Table

PAIRS = st.lists(st.tuples(st.text(max_size=2), st.integers()))

NAMES = {
    "Method": (
        "dense retriever;dense retrieval;Dense Retrieval model;retrieval;QWLS;quantal wing line search;line search;"
        "Quantal Wing Line Searches;random sampling;negative sampling;hard negative sampling;signal processor;"
        "signal processing;LLMs;large language models;language model;"
        "the OwlNet method;OwlNet;OwlNet model;owl-net;OWL;Optimal Wing Loss;"
        "transformer;Transformers;transformer model;fine tuning;fine-tuning;finetuning;pruning;2:4 sparsity"
    ),
    "Benchmark": "CIFAR10;CIFAR-10;OwlBench;Owl Bench dataset",
    "Hardware": "A100;NVIDIA A100;two V100 GPUs",
    "Task": "owl counting;counting of owls",
    "Metric": "accuracy;owl score",
}
JOINTS = (", ", " and ", " such as ", " and other ", " beats ", " library, ", " for negatives and ")


@st.composite
def papers(draw: st.DrawFn) -> list[Extraction]:
    """Return the extractions of up to ten papers, which name few things, in many ways and with short forms."""
    found = []
    for number in range(draw(st.integers(0, 10))):
        text, mentions = "We study ", []
        for kind in draw(st.lists(st.sampled_from([*NAMES, *["Method"] * 8]), max_size=8)):
            name = draw(st.sampled_from(NAMES[kind].split(";")))
            role = draw(st.sampled_from(["introduces", "uses"]))
            mentions.append(Mention(kind, len(text), len(text) + len(name), name, role, 0.9, "tagger"))
            text += name + draw(st.sampled_from(JOINTS))
        text += draw(st.sampled_from(["", "quantal wing line search (QWLS).", "Optimal Wing Loss (OWL) and more."]))
        title = f"Paper {draw(st.integers(0, 99))} {number}"
        start = len(title) + 1
        moved = tuple(
            Mention(m.kind, m.start + start, m.end + start, m.surface, m.role, m.confidence, m.rule) for m in mentions
        )
        paper = Paper(title, text)
        found.append(Extraction(paper, moved, abbreviations=find_abbreviations(paper.text)))
    return sorted(found, key=lambda e: e.paper.id)


FORMS = st.sampled_from(NAMES["Method"].split(";"))
DECISIONS = st.lists(st.builds(Decision, st.booleans(), st.just("Method"), FORMS, FORMS), max_size=4)


def everything(resolution: Resolution) -> tuple[object, ...]:
    """Return all that a resolution says, and the links that follow from it."""
    concepts = [astuple(concept) for concept in resolution.concepts.values()]
    return concepts, dict(resolution.denotes), list(resolution.merges), resolution.unused, list(find_links(resolution))


class Scattered(Shuffle[Any]):
    """A shuffle as other machines may do it: groups, and the values in them, come in no order."""

    def groups(self) -> Iterator[tuple[str, list[Any]]]:
        """Yield the groups by the hash of their keys."""
        for key, values in sorted(super().groups(), key=lambda group: zlib.crc32(group[0].encode())):
            random.Random(len(values)).shuffle(values)
            yield key, values


@settings(deadline=None, max_examples=60)
@given(found=papers(), decisions=DECISIONS, part=st.integers(1, 4), run=st.integers(1, 8))
def test_any_parts_on_disk_and_in_any_order_give_the_same_concepts_and_links(
    found: list[Extraction], decisions: list[Decision], part: int, run: int
) -> None:
    whole = everything(resolve_concepts(found, decisions))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shuffle, "RUN", run)
        patch.setattr(shuffle, "BLOCK", 2)
        patch.setattr(naming, "_HELD", run)
        assert everything(resolve_concepts(found, decisions, part)) == whole
        for module in (readings, joining, naming):
            patch.setattr(module, "Shuffle", Scattered)
        patch.setattr("kg.concepts.Shuffle", Scattered)
        assert everything(resolve_concepts(found, decisions, part)) == whole


@settings(deadline=None)
@given(pairs=PAIRS, run=st.integers(1, 9))
def test_a_shuffle_brings_together_what_has_one_key(pairs: list[tuple[str, int]], run: int) -> None:
    by_key, expected = Shuffle[int](run), defaultdict[str, list[int]](list)
    for key, value in pairs:
        by_key.add(key, value)
        expected[key].append(value)
    assert list(by_key.in_order()) == sorted(expected.items())


@settings(deadline=None)
@given(values=st.lists(st.integers()), held=st.integers(1, 9), block=st.integers(1, 4))
def test_records_come_as_they_were_added_and_again(values: list[int], held: int, block: int) -> None:
    records = Records[int](held, block)
    for value in values:
        records.append(value)
    blocks = [records.block(number) for number in range(-(-len(values) // block))]
    assert list(records) == list(records) == [value for block in blocks for value in block] == values
    assert len(records) == len(values)


@settings(deadline=None)
@given(pairs=PAIRS, held=st.integers(1, 9), block=st.integers(1, 4))
def test_a_table_finds_what_is_in_it_and_nothing_else(pairs: list[tuple[str, int]], held: int, block: int) -> None:
    table, expected = Table[int](held, block), dict(sorted(pairs))
    for key, value in expected.items():
        table.append(key, value)
    assert dict(table) == expected == dict(table.pairs())
    assert [table.look_up(key + "x") for key in expected] == [expected.get(key + "x") for key in expected]
    with pytest.raises(KeyError):
        table["not there"]
