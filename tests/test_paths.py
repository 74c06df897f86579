from __future__ import annotations

import random
from pathlib import Path as File

import pyoxigraph as ox
import pytest

from kg.asking import paths
from kg.asking.paths import Path, Related, Shared, Step, find_path, relate, render_path, render_relations
from kg.asking.things import Thing, find_paper, find_thing
from kg.errors import KgError, UsageError
from kg.ontology import BASE_IRI, prefixes
from kg.store import OpenGraph, open_graph

SMALL = File(__file__).parent / "data" / "small.ttl"
GRAPH = open_graph(SMALL)
A, B, C, D = (find_paper(GRAPH, name) for name in ("TwinDraft", "LongDraft", "How Far", "CodeRank"))
HEAD = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in prefixes().items())


def make_graph(text: str, seed: int | None = None) -> OpenGraph:
    """Return a graph of papers p1, p2 ... and methods a, b ...; lines such as `p1 uses a` state what they do."""
    lines = []
    for subject, role, target in (line.split() for line in text.strip().splitlines()):
        method = f"method:{target}"
        lines.append(f'{method} a kg:Method ; skos:prefLabel "{target}" .')
        if role == "broader":
            lines.append(f'method:{subject} a kg:Method ; skos:prefLabel "{subject}" ; skos:broader {method} .')
        else:
            lines.append(f'paper:{subject} a kg:Paper ; dcterms:title "Paper {subject}" ; kg:{role} {method} .')
    if seed is not None:
        random.Random(seed).shuffle(lines)
    store = ox.Store()
    for line in lines:
        store.load(HEAD + line, ox.RdfFormat.TURTLE)
    return OpenGraph(store, BASE_IRI, prefixes())


def labels(path: Path) -> list[str]:
    return [thing.label for thing in path.things]


# Related papers


def test_the_papers_related_with_one() -> None:
    twin, tree = find_thing(GRAPH, "method:twindraft"), find_thing(GRAPH, "tree attention")
    model = find_thing(GRAPH, "method:large-language-model")
    gsm8k, a100 = find_thing(GRAPH, "GSM8K"), find_thing(GRAPH, "A100")
    common = Shared(model, "mentions", "mentions", 0.208, 3)
    assert relate(GRAPH, A) == (
        Related(
            C,
            2.208,
            (
                Shared(twin, "introduces", "compares with", 1.0, 2),
                Shared(tree, "uses", "compares with", 1.0, 2),
                common,
            ),
        ),
        Related(B, 0.958, (Shared(gsm8k, "evaluates on", "evaluates on", 0.75, 2), common)),
        Related(D, 0.5, (Shared(a100, "runs on", "runs on", 0.5, 2),)),
    )
    assert relate(GRAPH, "TwinDraft", 1) == relate(GRAPH, A)[:1]


def test_related_papers_in_words() -> None:
    assert render_relations(relate(GRAPH, A)) == (
        "  2.2  How Far Can KV Cache Quantization Go?\n"
        "       - this paper introduces TwinDraft, the other compares with it (2 papers)\n"
        "       - this paper uses tree attention, the other compares with it (2 papers)\n"
        "       - both mention large language model (3 papers)\n"
        "  1.0  LongDraft: Self-Speculative Decoding of Long Contexts on Consumer GPUs\n"
        "       - both evaluate on GSM8K (2 papers)\n"
        "       - both mention large language model (3 papers)\n"
        "  0.5  CodeRank: Contrastive Learning for Code Search\n"
        "       - both run on A100 (2 papers)\n"
    )
    assert render_relations(()) == "no other paper shares a concept with it\n"


def test_rare_concepts_weigh_more() -> None:
    graph = make_graph("p1 uses a\np2 uses a\np1 uses b\np3 uses b\np4 uses b\np5 uses c")
    assert [(r.paper.label, r.weight) for r in relate(graph, "Paper p1")] == [
        ("Paper p2", 1.322),
        ("Paper p3", 0.737),
        ("Paper p4", 0.737),
    ]


def test_related_papers_are_those_of_a_paper() -> None:
    with pytest.raises(UsageError) as caught:
        relate(GRAPH, find_thing(GRAPH, "GSM8K"))
    assert str(caught.value) == "GSM8K is a benchmark; related papers are found for a paper"
    with pytest.raises(UsageError, match="the graph has no paper 'GSM8K'"):
        relate(GRAPH, "GSM8K")


# Paths


def test_a_path_between_two_papers() -> None:
    tree = find_thing(GRAPH, "tree attention")
    steps = (Step(A, "uses", tree, 2), Step(C, "compares with", tree, 2))
    assert find_path(GRAPH, "TwinDraft: Two", "How Far") == find_path(GRAPH, A, C) == Path((A, tree, C), steps, 4.0)


def test_a_path_in_words() -> None:
    assert render_path(find_path(GRAPH, "contrastive learning", "LongDraft"), width=200) == (
        "1. CodeRank: Contrastive Learning for Code Search uses contrastive learning (1 paper)\n"
        "2. CodeRank: Contrastive Learning for Code Search runs on A100 (2 papers)\n"
        "3. A100 is a kind of GPU\n"
        "4. consumer GPU is a kind of GPU\n"
        "5. LongDraft: Self-Speculative Decoding of Long Contexts on Consumer GPUs runs on consumer GPU (1 paper)\n"
        "6. LongDraft: Self-Speculative Decoding of Long Contexts on Consumer GPUs introduces LongDraft (1 paper)\n"
    )


def test_the_way_back_is_the_same_way() -> None:
    there, back = find_path(GRAPH, A, B), find_path(GRAPH, B, A)
    assert (there.things, there.steps, there.cost) == (back.things[::-1], back.steps[::-1], back.cost)


def test_rare_concepts_are_preferred_to_ubiquitous_ones() -> None:
    everywhere = "\n".join(f"p{n} uses common" for n in range(1, 17))
    graph = make_graph(f"{everywhere}\np1 uses a\np2 uses a\np2 uses b\np3 uses b")
    assert labels(find_path(graph, "Paper p1", "Paper p3")) == ["Paper p1", "a", "Paper p2", "b", "Paper p3"]
    assert labels(find_path(graph, "Paper p4", "Paper p5")) == ["Paper p4", "common", "Paper p5"]


def test_strong_roles_are_preferred_to_weak_ones() -> None:
    graph = make_graph("p1 mentions a\np2 uses a\np1 uses b\np2 uses b")
    assert labels(find_path(graph, "Paper p1", "Paper p2")) == ["Paper p1", "b", "Paper p2"]


def test_a_narrower_concept_leads_to_the_wider() -> None:
    graph = make_graph("p1 uses a\np2 uses b\na broader wide\nb broader wide")
    path = find_path(graph, "Paper p1", "Paper p2")
    assert render_path(path) == (
        "1. Paper p1 uses a (1 paper)\n2. a is a kind of wide\n3. b is a kind of wide\n4. Paper p2 uses b (1 paper)\n"
    )


@pytest.mark.parametrize("seed", range(5))
def test_of_ways_of_equal_length_the_same_is_taken(seed: int) -> None:
    text = "\n".join(f"p{paper} uses {method}" for paper in (1, 2) for method in "dbca")
    assert labels(find_path(make_graph(text, seed), "Paper p1", "Paper p2")) == ["Paper p1", "a", "Paper p2"]
    assert labels(find_path(make_graph(text, seed), "Paper p2", "Paper p1")) == ["Paper p2", "a", "Paper p1"]


def test_a_search_that_gives_up_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = make_graph("p1 uses a\np2 uses a\np2 uses b\np3 uses b\np3 uses c\np4 uses c")
    assert len(find_path(graph, "Paper p1", "Paper p4").steps) == 6
    monkeypatch.setattr(paths, "MOST_NODES", 3)
    with pytest.raises(KgError, match="nothing among the 3 things nearest to them connects 'Paper p1' with 'Paper p4'"):
        find_path(graph, "Paper p1", "Paper p4")


def test_what_has_no_path() -> None:
    graph = make_graph("p1 uses a\np2 uses b")
    with pytest.raises(KgError) as caught:
        find_path(graph, "Paper p1", "Paper p2")
    assert (str(caught.value), caught.value.exit_code) == (
        "nothing in the graph connects 'Paper p1' with 'Paper p2'",
        1,
    )
    with pytest.raises(UsageError) as same:
        find_path(graph, "a", "method:a")
    assert str(same.value) == "a is the same thing twice; give two"


def test_a_title_in_a_path_cannot_steer_a_terminal() -> None:
    thing = Thing("Paper", "Evil \x1b[31m", "http://e/", "paper:evil")
    step = Step(thing, "uses", Thing("Method", "a", "http://e/a", "method:a"), 1)
    shown = render_path(Path((thing, step.object), (step,), 1.0), terminal=True)
    assert shown == "1. Evil ␛[31m \x1b[1muses\x1b[0m a (1 paper)\n"
