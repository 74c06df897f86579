"""The network of a large graph as a whole: what papers do with concepts, without texts, evidence and links.

It has the shape that `kg.network.network` describes, with empty texts. Links between papers are left out: what two
papers share is there as concepts, and their number grows with its square.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

import networkx as nx

from kg.mention import KINDS
from kg.network.reader import DCTERMS, KEYPHRASE, RDF, SKOS, Reader, Stated
from kg.ontology import KG

Uses = dict[str, dict[str, list[str]]]
"""paper -> concept -> roles."""

_NO_TEXT: dict[str, object] = {"abstract": "", "sources": (), "urls": (), "ids": (), "results": ()}
_NO_FACTS: dict[str, object] = {"aliases": (), "facts": ()}


def read_uses(reader: Reader) -> Uses:
    """Return what each paper does with which concepts; papers that do nothing are there as well."""
    uses: Uses = {paper: {} for paper in reader.subjects(RDF + "type", reader.term(KG.Paper))}
    for term, role in sorted(reader.roles.items(), key=lambda each: each[1]):
        for paper, concept in reader.pairs(term):
            if paper in uses:
                uses[paper].setdefault(concept, []).append(role)
    return uses


def count_uses(uses: Uses) -> tuple[int, int]:
    """Return how many nodes and edges a network of uses has."""
    concepts = {concept for of in uses.values() for concept in of}
    return len(uses) + len(concepts), sum(map(len, uses.values()))


def survey_network(reader: Reader, uses: Uses, nodes_max: int, edges_max: int) -> nx.Graph:
    """Return the network of a whole graph, or of its best connected papers where it has too many nodes or edges.

    If it is too large with keyphrases, it has none. `network.graph["left_out"]` says how many papers are not there.
    """
    if not _fits(uses, nodes_max, edges_max):
        uses = {
            paper: {concept: roles for concept, roles in of.items() if roles != [KEYPHRASE]}
            for paper, of in uses.items()
        }
    papers = _best_papers(uses, nodes_max, edges_max)
    kinds = {
        node: kind
        for kind in (*KINDS, "Keyphrase")
        for node in reader.subjects(RDF + "type", reader.term(getattr(KG, kind)))
    }
    labels = dict(sorted(reader.pairs(SKOS + "prefLabel"), reverse=True))
    titles = dict(sorted(reader.pairs(DCTERMS + "title"), reverse=True))
    counts = Counter(concept for of in uses.values() for concept in of)
    network = nx.Graph(left_out=len(uses) - len(papers))
    for paper in papers:
        title = titles.get(paper) or reader.label(paper)
        network.add_node(paper, label=title, kind="Paper", title=title, **_NO_TEXT, count=len(uses[paper]))
    concepts = {concept for paper in papers for concept in uses[paper]}
    broader: dict[str, list[str]] = defaultdict(list)
    for narrow, broad in sorted(reader.pairs(SKOS + "broader")):
        broader[narrow].append(broad)
    todo = set(concepts)
    while todo := {broad for narrow in todo for broad in broader.get(narrow, ())} - concepts:
        concepts |= todo
    for concept in sorted(concepts):
        label = labels.get(concept) or reader.label(concept)
        network.add_node(concept, label=label, kind=kinds.get(concept, "Concept"), **_NO_FACTS, count=counts[concept])
    for paper in papers:
        for concept, roles in sorted(uses[paper].items()):
            network.add_edge(
                paper, concept, kind="statement", statements=tuple(Stated(paper, role, concept) for role in roles)
            )
    for narrow in sorted(concepts):
        for broad in broader.get(narrow, ()):
            if narrow != broad and not network.has_edge(narrow, broad):
                network.add_edge(narrow, broad, kind="broader", narrow=narrow, broad=broad)
    return network


def _fits(uses: Uses, nodes_max: int, edges_max: int) -> bool:
    nodes, edges = count_uses(uses)
    return nodes <= nodes_max and edges <= edges_max


def _best_papers(uses: Uses, nodes_max: int, edges_max: int) -> list[str]:
    """Return the papers that share concepts with the most others, as many as there is room for, sorted."""
    holders: dict[str, int] = defaultdict(int)
    for concept in (concept for of in uses.values() for concept in of):
        holders[concept] += 1

    def shared(concepts: Iterable[str]) -> int:
        return sum(holders[concept] > 1 for concept in concepts)

    chosen: list[str] = []
    seen: set[str] = set()
    edges = 0
    for paper in sorted(uses, key=lambda paper: (-shared(uses[paper]), paper)):
        new = uses[paper].keys() - seen
        if len(chosen) + len(seen) + len(new) + 1 > nodes_max or edges + len(uses[paper]) > edges_max:
            break
        chosen.append(paper)
        seen |= new
        edges += len(uses[paper])
    return sorted(chosen)
