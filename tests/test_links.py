from __future__ import annotations

from decimal import Decimal

from kg.concepts import resolve_concepts
from kg.links import Link, find_links
from kg.mention import Extraction
from kg.paper import Paper
from tests.corpus import PAPERS, extractions, mention


def test_papers_are_linked_by_what_they_share_rare_before_common() -> None:
    found = extractions()
    links = tuple(find_links(resolve_concepts(found)))
    one, three, four = PAPERS[0].id, PAPERS[2].id, PAPERS[3].id
    first, second = sorted((four, three))
    third, fourth = sorted((three, one))
    assert links == (
        Link(first, second, ("method/large-language-model",), Decimal("1.3")),
        Link(third, fourth, ("method/knowledge-distillation", "method/speculative-decoding"), Decimal("2.6")),
    )


def test_one_paper_has_no_links() -> None:
    found = extractions()[:1]
    assert tuple(find_links(resolve_concepts(found))) == ()
    assert tuple(find_links(resolve_concepts(()))) == ()


def test_only_the_heaviest_links_of_a_paper_are_kept() -> None:
    papers = sorted((Paper(f"Paper {n}", "We use OwlNet and BatNet.") for n in range(100)), key=lambda p: p.id)
    owl, bat = (mention(papers[0], "Method", name, "uses") for name in ("OwlNet", "BatNet"))
    found = [Extraction(p, (owl,) * (n % 9 == 0) + (bat,) * (n % 18 == 0)) for n, p in enumerate(papers)]
    resolution = resolve_concepts(found)
    every = tuple(find_links(resolution, kept=100))
    assert [len(link.shared) for link in every].count(2) == 15
    assert len(every) == 66

    def heaviest(paper: str) -> list[Link]:
        own = [link for link in every if paper in (link.first, link.second)]
        return sorted(own, key=lambda link: (-link.weight, *({link.first, link.second} - {paper})))[:2]

    best = {link for paper in papers for link in heaviest(paper.id)}
    assert tuple(find_links(resolution, kept=2)) == tuple(link for link in every if link in best)
