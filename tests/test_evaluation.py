from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kg.concepts import resolve_concepts
from kg.errors import UsageError
from kg.evaluation import Score, evaluate, read_gold, read_gold_concepts, read_titles, render_evaluation
from kg.extraction.extract import extract_papers
from kg.findings import write_json_lines
from kg.reading.read import read_papers
from tests.corpus import PAPERS, extractions

TITLES = {f"p{n}": paper.title for n, paper in enumerate(PAPERS)}
GOLD = (
    {
        "id": "p0",
        "methods": [
            {"name": "QuickDraft", "aliases": [], "role": "introduces"},
            {"name": "speculative decoding", "aliases": ["SD"], "role": "uses"},
            {"name": "Medusa", "aliases": [], "role": "mentions"},
            {"name": "draft model", "aliases": [], "role": "uses"},
        ],
        "benchmarks": [{"name": "GSM8K", "aliases": [], "role": "evaluates"}],
        "hardware": [{"name": "A100 GPUs", "aliases": []}],
        "results": [{"value": "2.5times"}, {"value": "8"}],
        "urls": ["https://github.com/example/quickdraft"],
        "keyphrases": ["speculative decoding", "tiny drafts", "latency"],
    },
    {"id": "p2", "methods": [{"name": "LLMs", "aliases": ["large language models"], "role": "mentions"}]},
    {"id": "p9", "methods": []},
)
CONCEPTS = ({"concept": "LLM", "type": "method", "members": [["p2", "LLMs"], ["p0", "draft model"]]},)


def test_scores_of_the_corpus() -> None:
    found = evaluate(GOLD, {**TITLES, "p9": "Not there"}, extractions(), resolve_concepts(extractions()), CONCEPTS)
    assert found.scores == {
        "method": Score(right=4, predicted=7, found=4, gold=5),
        "introduces": Score(1, 1, 1, 1),
        "benchmark": Score(1, 2, 1, 1),
        "hardware": Score(1, 1, 1, 1),
        "results": Score(1, 1, 1, 2),
        "urls": Score(1, 1, 1, 1),
        "keyphrases@10": Score(2, 3, 2, 3),
    }
    assert found.roles == {"method": (3, 4), "benchmark": (1, 1)}
    assert found.concepts == pytest.approx((1.0, 0.5, 2 / 3))
    assert found.calibration == ((0.8, 0.9, 10, 0.6),)
    assert found.errors == (
        "p0\tmethod\tWRONG\tknowledge distillation",
        "p0\tmethod\tMISSED\tdraft model",
        "p2\tmethod\tWRONG\tKnowledge-Distillation",
        "p2\tmethod\tWRONG\tspeculative-decoding methods",
        "p2\tbenchmark\tWRONG\tCIFAR-10",
    )
    assert found.missing == ("p9",)


def test_the_table_is_aligned() -> None:
    found = evaluate(GOLD[:1], TITLES, extractions()[:1], resolve_concepts(extractions()[:1]))
    assert render_evaluation(found).splitlines()[:3] == [
        "                     P      R     F1   right/predicted   found/gold",
        "method           0.750  0.750  0.750   3/4               3/4",
        "introduces       1.000  1.000  1.000   1/1               1/1",
    ]


def test_a_line_that_is_no_annotation_is_named(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text('{"id": "p0", "methods": []}\n{"id": "p1"}\n')
    with pytest.raises(UsageError) as error:
        read_gold(tmp_path / "gold.jsonl")
    assert str(error.value) == f"{tmp_path}/gold.jsonl:2: not an annotation with id and methods; see the guide"


FLOORS = {
    "method": 0.80,
    "introduces": 0.80,
    "benchmark": 0.87,
    "hardware": 0.88,
    "results": 0.92,
    "urls": 0.99,
    "keyphrases@10": 0.64,
}
"""F1 on the development papers below which extraction must not fall; these only rise."""


def test_scores_on_gold_do_not_fall_and_agree_with_the_scorer(shared: Path, tmp_path: Path) -> None:
    gold = shared / "gold"
    extracted = tuple(extract_papers(read_papers([gold / "dev.papers.json"]).papers))
    resolution = resolve_concepts(extracted)
    found = evaluate(
        read_gold(gold / "dev.jsonl"),
        read_titles([e.paper for e in extracted]),
        extracted,
        resolution,
        read_gold_concepts(gold / "dev.concepts.jsonl"),
    )
    too_low = {kind: round(found.scores[kind].f1, 3) for kind, floor in FLOORS.items() if found.scores[kind].f1 < floor}
    assert too_low == {}
    assert found.concepts is not None
    assert found.concepts[2] >= 0.86

    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    shown = [f"| {s.precision:.3f} | {s.recall:.3f} | {s.f1:.3f} |" for s in found.scores.values()]
    assert [row for row in shown if row not in readme] == []

    out = tmp_path / "extraction.jsonl"
    out.write_text("".join(write_json_lines(extracted, resolution)), encoding="utf-8")
    scorer = [sys.executable, str(shared / "eval" / "score.py"), str(gold / "dev.jsonl"), str(out)]
    table = subprocess.run(
        [*scorer, "--papers", str(gold / "dev.papers.json")], capture_output=True, text=True, check=True
    ).stdout
    theirs = {line.split()[0]: line.split()[3] for line in table.splitlines()[1:]}
    assert theirs == {kind: f"{score.f1:.3f}" for kind, score in found.scores.items()}
    assert all(json.loads(line)["mentions"] for line in out.read_text(encoding="utf-8").splitlines())
