from __future__ import annotations

from decimal import Decimal

from kg.concepts import resolve_concepts
from kg.links import Link, find_links
from tests.corpus import PAPERS, extractions


def test_papers_are_linked_by_what_they_share_rare_before_common() -> None:
    found = extractions()
    links = tuple(find_links(found, resolve_concepts(found)))
    one, three, four = PAPERS[0].id, PAPERS[2].id, PAPERS[3].id
    first, second = sorted((four, three))
    third, fourth = sorted((three, one))
    assert links == (
        Link(first, second, ("method/large-language-model",), Decimal("1.322")),
        Link(third, fourth, ("method/knowledge-distillation", "method/speculative-decoding"), Decimal("2.644")),
    )


def test_one_paper_has_no_links() -> None:
    found = extractions()[:1]
    assert tuple(find_links(found, resolve_concepts(found))) == ()
    assert tuple(find_links((), resolve_concepts(()))) == ()
