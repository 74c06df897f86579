"""What assistants are told of a graph: descriptions, rows, relations and ways, with their evidence."""

from __future__ import annotations

from pathlib import Path

from kg.asking.questions import ask_question
from kg.assistants.answers import Evidence, Named, PathStep, Rows, RowStatement, Statement
from kg.assistants.teller import describe, explain_path, relate_paper, tell_rows
from kg.store import open_graph

ROOT = Path(__file__).parent.parent
SMALL = str(ROOT / "tests" / "data" / "small.ttl")
GRAPH = open_graph(SMALL)
TWIN = Named(
    "Paper",
    "TwinDraft: Two Draft Models for Faster Speculative Decoding",
    "paper:twindraft-two-draft-models-for-faster-81ca155f",
)


def test_a_description_carries_the_evidence() -> None:
    told = describe(GRAPH, "SD")
    assert (told.thing, told.aliases, told.statements_left_out) == (
        Named("Method", "speculative decoding", "method:speculative-decoding"),
        ["SD", "Speculative Decoding", "Speculative decoding"],
        0,
    )
    sentence = "Speculative decoding (SD) speeds up large language models, but one draft model is often wrong."
    assert told.statements == [
        Statement(
            "uses",
            TWIN,
            0.93,
            [
                Evidence(TWIN.label, "Speculative Decoding", TWIN.name, 0.93),
                Evidence(sentence, "Speculative decoding", TWIN.name, 0.93),
                Evidence(sentence, "SD", TWIN.name, 0.93),
            ],
        )
    ]
    (result,) = describe(GRAPH, "Medusa").results
    assert (result.value, result.metric, result.subject, result.baseline, result.paper, result.evidence) == (
        *("2.5×", "speedup", "TwinDraft", "Medusa", TWIN),
        [
            Evidence(
                "On GSM8K and HumanEval, TwinDraft reaches a 2.5x speedup over Medusa on one A100 GPU.",
                "2.5x",
                TWIN.name,
                0.92,
            )
        ],
    )


def test_rows_come_with_what_their_papers_report() -> None:
    answer = ask_question(GRAPH, "SELECT ?p ?v { ?p kg:reports ?r . ?r kg:value ?v FILTER(?v = '2.5×') }")
    sentence = "On GSM8K and HumanEval, TwinDraft reaches a 2.5x speedup over Medusa on one A100 GPU."
    assert tell_rows(GRAPH, answer, 10) == Rows(
        ["p", "v"],
        [{"p": TWIN.name, "v": "2.5×"}],
        1,
        [RowStatement(0, "reports", "2.5×", Evidence(sentence, "2.5x", TWIN.name, 0.92))],
    )


def test_related_papers_come_with_a_sentence_of_each() -> None:
    told = relate_paper(GRAPH, "TwinDraft", 3)
    assert told.paper == TWIN
    last = told.related[-1].shared[0]
    assert (last.reason, last.papers, [(e.mention, e.paper) for e in last.evidence]) == (
        "both run on A100",
        2,
        [("one A100 GPU", TWIN.name), ("one A100 GPU", "paper:coderank-contrastive-learning-for-code-search-24562725")],
    )


def test_a_step_to_a_wider_concept_has_no_evidence() -> None:
    narrow = Named("Method", "self-speculative decoding", "method:self-speculative-decoding")
    wide = Named("Method", "speculative decoding", "method:speculative-decoding")
    assert explain_path(GRAPH, narrow.name, "SD").steps == [PathStep(narrow, "is a kind of", wide, 1, [])]
