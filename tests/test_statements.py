from __future__ import annotations

from decimal import Decimal

from kg.concepts import resolve_concepts
from kg.mention import Extraction
from kg.ontology import KG
from kg.paper import Paper, Span
from kg.statements import Evidence, Statement, make_statements
from tests.corpus import mention

PAPER = Paper("Owl Nets", "We present OwlNet. OwlNet runs on 8 A100 GPUs.", ("a.txt",))


def test_the_strongest_role_stands_and_every_place_is_its_evidence_once() -> None:
    found = Extraction(
        PAPER,
        (
            mention(PAPER, "Method", "OwlNet", "introduces", 0, 0.7),
            mention(PAPER, "Method", "OwlNet", "introduces", 0, 0.9),
            mention(PAPER, "Method", "OwlNet", "uses", 1, 0.8),
        ),
    )
    first, second = Span(9, 27, "We present OwlNet."), Span(28, 55, "OwlNet runs on 8 A100 GPUs.")
    assert make_statements(found, resolve_concepts([found])).statements == (
        Statement(
            PAPER.id,
            KG.introduces,
            "method/owlnet",
            (
                Evidence(Span(20, 26, "OwlNet"), first, "tagger", Decimal("0.9")),
                Evidence(Span(28, 34, "OwlNet"), second, "tagger", Decimal("0.8")),
            ),
        ),
    )


def test_a_device_carries_its_count() -> None:
    found = Extraction(PAPER, (mention(PAPER, "Hardware", "A100 GPUs", "runs"),))
    (statement,) = make_statements(found, resolve_concepts([found])).statements
    assert (statement.role, statement.object, statement.count) == (KG.runsOn, "hardware/a100", 8)
    assert statement.confidence == Decimal("0.9")
