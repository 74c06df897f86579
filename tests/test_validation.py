from __future__ import annotations

from pathlib import Path

import pytest

from kg.store import open_graph
from kg.validation import Violation, validate_graph

CORPUS = Path(__file__).parent / "data" / "corpus.ttl"
PAPER = "paper:a-survey-of-llms-8ba94662"

BROKEN = [
    (
        "kg:weight 2.6 .",
        "kg:weight -2.6 .",
        {Violation("link:dd1237182db4ba12", "Link-weight", "a link has a weight above 0, not -2.6")},
    ),
    (
        "kg:uses method:large-language-model .",
        "kg:uses method:large-language-model, metric:fid .",
        {
            Violation(PAPER, "Paper-uses", "kg:uses leads to a method, not metric:fid"),
            Violation(PAPER, "statement", "kg:uses metric:fid has no statement"),
        },
    ),
    (
        "kg:mentions method:language-model, method:masked-language-model ;",
        "kg:mentoins method:language-model ; kg:mentions method:language-model, method:masked-language-model ;",
        {Violation(PAPER, "ontology", "kg:mentoins is not a term of the ontology")},
    ),
    (
        'oa:exact "CIFAR-10"',
        'oa:exact "CIFAR-100"',
        {
            Violation(
                "span:distilling-drafts-f9969abf.143-151", "quote", "quotes 'CIFAR-100', but 'CIFAR-10' stands there"
            )
        },
    ),
]


def test_the_golden_graph_is_valid() -> None:
    assert validate_graph(open_graph(CORPUS)) == ()


@pytest.mark.parametrize(("part", "broken", "violations"), BROKEN)
def test_what_is_broken_is_named(tmp_path: Path, part: str, broken: str, violations: set[Violation]) -> None:
    text = CORPUS.read_text(encoding="utf-8")
    assert text.count(part) == 1
    (tmp_path / "broken.ttl").write_text(text.replace(part, broken), encoding="utf-8")
    assert set(validate_graph(open_graph(tmp_path / "broken.ttl"))) == violations
