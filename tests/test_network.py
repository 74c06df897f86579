"""The network of the small graph: nodes, edges, ranks, parts of it, and networks that queries make."""

from __future__ import annotations

import random
from pathlib import Path

import networkx as nx
import pyoxigraph as ox
import pytest

from kg.errors import UsageError
from kg.network import network as network_module
from kg.network.communities import find_communities, name_communities
from kg.network.forces import spread_network
from kg.network.layout import FIRST_MAX, _box, label_lines, layout_network, order_nodes
from kg.network.network import query_network, read_network
from kg.network.reader import Quote, Reported, Stated
from kg.ontology import BASE_IRI, prefixes
from kg.store import OpenGraph, open_graph

SMALL = Path(__file__).parent / "data" / "small.ttl"
TWIN = BASE_IRI + "paper/twindraft-two-draft-models-for-faster-81ca155f"
LONG = BASE_IRI + "paper/longdraft-self-speculative-decoding-of-long-7748c662"
CACHE = BASE_IRI + "paper/how-far-can-kv-cache-quantization-ef10cab4"
CODE = BASE_IRI + "paper/coderank-contrastive-learning-for-code-search-24562725"
A100 = BASE_IRI + "hardware/a100"
SENTENCE = "On GSM8K and HumanEval, TwinDraft reaches a 2.5x speedup over Medusa on one A100 GPU."
PREFIXES = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in prefixes().items())


@pytest.fixture(scope="module")
def graph() -> OpenGraph:
    return open_graph(SMALL)


def construct(graph: OpenGraph, query: str) -> list[ox.Triple]:
    triples = graph.store.query(PREFIXES + query)
    assert isinstance(triples, ox.QueryTriples)
    return list(triples)


def ends(names: set[str] | list[str]) -> list[str]:
    """Return what stands behind the base, sorted."""
    return sorted(name.removeprefix(BASE_IRI) for name in names)


def test_a_paper_has_its_text_and_its_results(graph: OpenGraph) -> None:
    attributes = read_network(graph).nodes[TWIN]
    assert {name: attributes[name] for name in ("label", "kind", "sources", "urls", "count")} == {
        "label": "TwinDraft: Two Draft Models for Faster Speculative Decoding",
        "kind": "Paper",
        "sources": ("export.bib", "listing.txt"),
        "urls": ("https://github.com/example/twindraft",),
        "count": 11,
    }
    assert attributes["abstract"].startswith("Speculative decoding (SD) speeds up")
    assert attributes["ids"] == (
        ("author", "Ada Example"),
        ("author", "Bo Example"),
        ("date", "2025-01-01"),
        ("arXiv", "2501.00001"),
        ("DOI", "10.1000/twindraft"),
        ("page", "https://arxiv.org/abs/2501.00001"),
        ("subject", "cs.CL"),
    )
    assert attributes["results"] == (
        Reported(
            "2.5×",
            "speedup",
            "TwinDraft",
            "Medusa",
            (
                ("metric", BASE_IRI + "metric/speedup"),
                ("subject", BASE_IRI + "method/twindraft"),
                ("baseline", BASE_IRI + "method/medusa"),
                ("benchmark", BASE_IRI + "benchmark/gsm8k"),
                ("benchmark", BASE_IRI + "benchmark/humaneval"),
                ("hardware", A100),
            ),
            (Quote(TWIN, 303, 307, "2.5x", 259, 344, SENTENCE, "results", 0.92),),
        ),
    )


def test_a_concept_has_its_names_and_facts(graph: OpenGraph) -> None:
    attributes = dict(read_network(graph).nodes[A100])
    attributes.pop("rank")
    assert attributes == {
        "label": "A100",
        "kind": "Hardware",
        "aliases": ("A100 GPU",),
        "facts": (
            ("vendor", "NVIDIA"),
            ("architecture", "Ampere"),
            ("memory in GB", "40"),
            ("memory in GB", "80"),
            ("released", "2020"),
        ),
        "count": 2,
    }


def test_a_statement_has_its_evidence(graph: OpenGraph) -> None:
    assert read_network(graph).edges[TWIN, A100] == {
        "kind": "statement",
        "statements": (
            Stated(
                TWIN,
                "runs",
                A100,
                0.98,
                None,
                1,
                (Quote(TWIN, 331, 343, "one A100 GPU", 259, 344, SENTENCE, "hardware", 0.98),),
            ),
        ),
    }


def test_the_offsets_of_all_evidence_are_true(graph: OpenGraph) -> None:
    network = read_network(graph)
    for _, _, edge in network.edges(data=True):
        for quote in (quote for stated in edge.get("statements", ()) for quote in stated.evidence):
            paper = network.nodes[quote.paper]
            text = f"{paper['title']}\n{paper['abstract']}"
            assert text[quote.start : quote.end] == quote.surface
            assert text[quote.sentence_start : quote.sentence_end] == quote.sentence


def test_links_and_broader_concepts_are_edges(graph: OpenGraph) -> None:
    network = read_network(graph)
    assert network.edges[CACHE, TWIN] == {
        "kind": "link",
        "weight": 2.0,
        "shares": (BASE_IRI + "method/tree-attention", BASE_IRI + "method/twindraft"),
    }
    assert network.edges[A100, BASE_IRI + "hardware/gpu"] == {
        "kind": "broader",
        "narrow": A100,
        "broad": BASE_IRI + "hardware/gpu",
    }
    kinds = [edge["kind"] for _, _, edge in network.edges(data=True)]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {"broader": 6, "link": 2, "statement": 41}


def test_ranks_favour_what_connects_papers(graph: OpenGraph) -> None:
    network = read_network(graph)
    ranks = dict(network.nodes(data="rank"))
    assert all(0 <= rank <= 1 for rank in ranks.values())
    assert ranks[LONG] == ranks[A100] == 1.0
    assert ranks[BASE_IRI + "benchmark/gsm8k"] > ranks[BASE_IRI + "benchmark/humaneval"]
    assert ranks[CODE] < ranks[CACHE] < ranks[TWIN]


def test_a_focus_takes_the_nodes_around_it(graph: OpenGraph) -> None:
    near = read_network(graph, focus="hardware:a100")
    assert ends(list(near)) == ends([A100, BASE_IRI + "hardware/gpu", CODE, TWIN])
    assert near.nodes[TWIN]["count"] == 11, "counts are of the whole graph"
    assert next(iter(layout_network(near))) == near.graph["focus"] == A100
    assert len(read_network(graph, focus="hardware:a100", depth=2)) > 20


@pytest.mark.parametrize("name", ["a100", "A100 GPU", "hardware:a100", A100, f"<{A100}>"])
def test_a_focus_has_many_names(graph: OpenGraph, name: str) -> None:
    assert A100 in read_network(graph, focus=name)


def test_a_label_means_the_concept_before_the_keyphrase(graph: OpenGraph) -> None:
    assert BASE_IRI + "method/large-language-model" in read_network(graph, focus="Large language model")


def test_an_unknown_focus_offers_the_nearest_name(graph: OpenGraph) -> None:
    with pytest.raises(UsageError, match=r"no paper or concept called 'TwinDraff'; did you mean TwinDraft"):
        read_network(graph, focus="TwinDraff")
    with pytest.raises(UsageError, match="at least 1 step"):
        read_network(graph, focus="A100", depth=0)


def test_a_large_graph_is_read_without_texts_and_links(graph: OpenGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read_network(graph)
    monkeypatch.setattr(network_module, "DETAILED_MAX", (10, 10))
    bare = read_network(graph)
    assert set(bare) == set(whole)
    assert bare.graph == {"left_out": 0}
    short = ("label", "kind", "count")
    assert {node: [of[name] for name in short] for node, of in bare.nodes(data=True)} == {
        node: [of[name] for name in short] for node, of in whole.nodes(data=True)
    }
    links = {frozenset((one, other)) for one, other, kind in whole.edges(data="kind") if kind == "link"}
    assert set(map(frozenset, bare.edges)) == set(map(frozenset, whole.edges)) - links
    assert bare.edges[TWIN, A100] == {"kind": "statement", "statements": (Stated(TWIN, "runs", A100),)}
    assert bare.nodes[TWIN]["abstract"] == ""


def test_of_too_many_papers_the_best_connected_are_taken(graph: OpenGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_module, "DETAILED_MAX", (10, 10))
    monkeypatch.setattr(network_module, "NODES_MAX", 20)
    network = read_network(graph)
    kinds = {kind for _, kind in network.nodes(data="kind")}
    assert kinds == {"Paper", "Method", "Benchmark", "Metric", "Hardware"}, "no keyphrases"
    papers = [node for node, kind in network.nodes(data="kind") if kind == "Paper"]
    assert (papers, network.graph["left_out"]) == ([CACHE, TWIN], 2)
    monkeypatch.setattr(network_module, "NODES_MAX", 3)
    with pytest.raises(UsageError, match="more than 3 nodes is too large"):
        read_network(graph, focus="A100")


def test_communities_are_the_same_every_time_and_named_by_their_techniques(graph: OpenGraph) -> None:
    network = read_network(graph)
    communities = find_communities(network)
    assert communities == find_communities(read_network(graph))
    sizes = [list(communities.values()).count(number) for number in range(max(communities.values()) + 1)]
    assert sizes == sorted(sizes, reverse=True)
    assert set(communities) == set(network)
    assert communities[TWIN] != communities[CODE]
    assert name_communities(network, communities) == [
        "CodeBERT, CodeRank",
        "speculative decoding, Medusa",
        "autoregressive decoding, LongDraft",
        "KV cache quantization, tree attention",
        "GPU, accelerator",
    ]


def test_places_in_a_large_network_keep_neighbours_together() -> None:
    network = nx.Graph()
    for clique in range(6):
        nodes = [f"{clique}-{i:02}" for i in range(30)]
        network.add_edges_from((one, other) for i, one in enumerate(nodes) for other in nodes[:i])
        network.add_edge(f"{clique}-00", f"{(clique + 1) % 6}-01")
    nx.set_edge_attributes(network, "statement", "kind")
    communities = find_communities(network)
    places = spread_network(network, communities)
    assert places == spread_network(network, communities)
    assert set(places) == set(network)
    assert len(set(places.values())) == len(network)

    def middle(clique: int) -> complex:
        return sum(complex(*places[f"{clique}-{i:02}"]) for i in range(30)) / 30

    middles = [middle(clique) for clique in range(6)]
    for node, place in places.items():
        gaps = [abs(complex(*place) - each) for each in middles]
        assert gaps.index(min(gaps)) == int(node[0]), node


def test_vague_labels_are_not_drawn_first() -> None:
    network = nx.Graph()
    for name, rank in (("faster", 1.0), ("latency", 0.1)):
        network.add_node(name, label=name, kind="Metric", rank=rank)
    for name in ("p1", "p2"):
        network.add_node(name, label=name, kind="Paper", rank=1.0)
        network.add_edges_from([(name, "faster"), (name, "latency")])
    assert order_nodes(network) == ["latency", "p1", "p2", "faster"]


def test_a_query_makes_a_network(graph: OpenGraph) -> None:
    triples = construct(
        graph, "CONSTRUCT { ?p kg:introduces ?m . ?m kg:rivals ?n } WHERE { ?p kg:introduces ?m ; kg:comparesWith ?n }"
    )
    bare, full = query_network(triples), query_network(triples, graph=graph)
    assert ends(list(bare)) == ends(list(full))
    medusa, twin = BASE_IRI + "method/medusa", BASE_IRI + "method/twindraft"
    assert bare.edges[TWIN, twin] == {"kind": "statement", "statements": (Stated(TWIN, "introduces", twin),)}
    assert [stated.confidence for stated in full.edges[TWIN, twin]["statements"]] == [0.97]
    assert bare.edges[medusa, twin] == full.edges[medusa, twin] == {"kind": "other", "properties": ("rivals",)}
    assert (bare.nodes[medusa]["label"], full.nodes[medusa]["label"]) == ("medusa", "Medusa")


def test_a_query_may_construct_the_graphs_own_shapes(graph: OpenGraph) -> None:
    everything = construct(graph, "CONSTRUCT WHERE { ?s ?p ?o }")
    rebuilt = query_network(everything)
    assert set(read_network(graph)) <= set(rebuilt)
    assert rebuilt.edges[TWIN, A100] == read_network(graph).edges[TWIN, A100]


def test_a_query_without_connections_is_refused() -> None:
    label = ox.Triple(ox.NamedNode(A100), ox.NamedNode(BASE_IRI + "x"), ox.Literal("A100"))
    with pytest.raises(UsageError, match="no triple between two IRIs"):
        query_network([label])


def test_another_base_gives_the_same_network(tmp_path: Path, graph: OpenGraph) -> None:
    moved = tmp_path / "moved.ttl"
    moved.write_text(SMALL.read_text("utf-8").replace(BASE_IRI, "http://me.example/kg/"), "utf-8")
    other = read_network(open_graph(moved))
    assert sorted(node.removeprefix("http://me.example/kg/") for node in other) == ends(list(read_network(graph)))
    assert other.number_of_edges() == read_network(graph).number_of_edges()


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_triples_changes_nothing(graph: OpenGraph, seed: int) -> None:
    quads = list(graph.store)
    random.Random(seed).shuffle(quads)
    store = ox.Store()
    store.extend(quads)
    one, other = read_network(graph), read_network(OpenGraph(store, graph.base, graph.prefixes))
    assert dict(one.nodes(data=True)) == dict(other.nodes(data=True))
    assert layout_network(one) == layout_network(other)


def test_a_layout_places_every_node_and_no_labels_overlap(graph: OpenGraph) -> None:
    network = read_network(graph)
    places = layout_network(network)
    assert list(places) == order_nodes(network)
    assert places == layout_network(network)
    boxes = {node: _box(network.nodes[node]) for node in places}
    first = list(places)
    for i, one in enumerate(first):
        for other in first[:i]:
            apart_x = abs(places[one][0] - places[other][0]) - boxes[one][0] - boxes[other][0]
            apart_y = abs(places[one][1] - places[other][1]) - boxes[one][1] - boxes[other][1]
            assert max(apart_x, apart_y) >= -1.5, (one, other)


def test_papers_and_concepts_are_drawn_in_turn_and_keyphrases_last(graph: OpenGraph) -> None:
    network = read_network(graph)
    order = order_nodes(network)
    kinds = [network.nodes[node]["kind"] for node in order]
    assert kinds[:4] == ["Hardware", "Paper", "Method", "Paper"]
    assert kinds.index("Keyphrase") > kinds.index("Metric")
    assert len(order) == len(set(order)) < FIRST_MAX


@pytest.mark.parametrize(
    ("label", "paper", "lines"),
    [
        ("A100", False, ["A100"]),
        ("speculative decoding", False, ["speculative decoding"]),
        (
            "a name that is far too long for two lines of text",
            False,
            ["a name that is far too", "long for two lines of …"],
        ),
        ("Supercalifragilisticexpialidocious", False, ["Supercalifragilisticex…"]),
        ("TwinDraft: Two Draft Models", True, ["TwinDraft"]),
        ("TwinDraft: Two Draft Models", False, ["TwinDraft: Two Draft", "Models"]),
        ("", False, [""]),
    ],
)
def test_labels_are_two_short_lines(label: str, paper: bool, lines: list[str]) -> None:
    assert label_lines(label, paper=paper) == lines
