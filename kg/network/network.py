"""The network of a graph: papers and concepts as nodes, what is stated between them as edges, as a networkx graph.

A node is the IRI of a paper or a concept. Its attributes are plain values:

- every node: `label`, `kind` ("Paper" or the class of the concept), `rank` in [0, 1], and `count` (of a concept: the
  papers of the whole graph that involve it; of a paper: the concepts that it involves)
- a paper: `title`, `abstract`, `sources`, `urls`, `ids` (pairs of name and value), `results` (a tuple of `Reported`)
- a concept: `aliases`, `facts` (pairs of name and value, such as ("vendor", "NVIDIA"))

An edge has a `kind`: "statement" (with `statements`, a tuple of `Stated`, strongest role first), "link" (with `weight`
in bits and `shares`, the IRIs of the techniques), "broader" (with `narrow` and `broad`) or "other" (with `properties`:
names of properties that only the query that made the network knows).
"""

from __future__ import annotations

from collections.abc import Iterable
from math import log2
from typing import TYPE_CHECKING, Any

import networkx as nx
import pyoxigraph as ox

from kg.errors import UsageError, did_you_mean
from kg.mention import ROLES
from kg.network.reader import DCTERMS, KEYPHRASE, RDF, SKOS, Reader, Stated
from kg.network.survey import count_uses, read_uses, survey_network
from kg.ontology import BASE_IRI, KG

if TYPE_CHECKING:
    from kg.store import OpenGraph

DETAILED_MAX = 10_000, 30_000
"""The most nodes and edges of statements of a whole graph whose network has texts, evidence and links."""

NODES_MAX = 50_000
"""The most nodes that a network holds."""

EDGES_MAX = 150_000
"""The most edges that the network of a whole graph holds."""

ROLE_ORDER: tuple[str, ...] = (*dict.fromkeys(role for roles in ROLES.values() for role in roles), KEYPHRASE)
"""All roles, strongest first; "keyphrase" is what a paper does with a keyphrase."""

_ROLE_WEIGHTS = {"introduces": 1.0, "compares": 0.7, "addresses": 0.6, "measures": 0.35, "mentions": 0.3}
_ROLE_WEIGHTS[KEYPHRASE] = 0.2
_OTHER_ROLES = 0.8


def read_network(graph: OpenGraph, *, focus: str | None = None, depth: int = 1) -> nx.Graph:
    """Return the network of a graph, or of the part of it around one node.

    Of a whole graph beyond `DETAILED_MAX` it has no texts (see `kg.network.survey`), and if that is too large, only the
    best connected papers; `network.graph["left_out"]` says how many are not there. `network.graph["focus"]` is the node
    that the focus names.

    Args:
        graph: the opened graph.
        focus: an IRI, a prefixed name, a title, a label or an alias; None takes the whole graph.
        depth: how many steps from `focus` the network reaches, at least 1.

    Raises:
        UsageError: the graph has no such node, `depth` is below 1, or the network would be too large to look at.
    """
    reader = Reader((graph.store,), graph.base)
    about: dict[str, object] = {}
    if focus is None:
        uses = read_uses(reader)
        if any(count > most for count, most in zip(count_uses(uses), DETAILED_MAX, strict=True)):
            return _ranked(survey_network(reader, uses, NODES_MAX, EDGES_MAX))
        papers = sorted(uses)
        about["left_out"] = 0
        nodes = set(papers)
        for paper in papers:
            nodes.update(stated.concept for stated in reader.statements(paper))
        todo = set(nodes)
        while todo := {broad for node in todo for broad in reader.values(node, SKOS + "broader")} - nodes:
            nodes |= todo
    else:
        if depth < 1:
            raise UsageError(f"a network reaches at least 1 step around its focus, not {depth}")
        about["focus"] = centre = _find_node(reader, graph, focus)
        nodes = _around(reader, centre, depth)
    network = _network(reader, nodes)
    network.graph.update(about)
    return network


def query_network(triples: Iterable[ox.Triple], *, graph: OpenGraph | None = None) -> nx.Graph:
    """Return the network of triples that a query constructed.

    Every IRI that a triple connects is a node. Labels, evidence and the like come from the triples and, where `graph`
    is given, from the graph; triples of properties that kg does not know become edges of the kind "other".

    Raises:
        UsageError: the triples connect no two IRIs, or too many.
    """
    given = list(triples)
    base = graph.base if graph else BASE_IRI
    own = ox.Store()
    own.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in given)
    pairs = sorted(
        (triple.subject.value, triple.predicate.value, triple.object.value)
        for triple in given
        if isinstance(triple.subject, ox.NamedNode)
        and isinstance(triple.object, ox.NamedNode)
        and triple.predicate.value not in (RDF + "type", DCTERMS + "source")
    )
    reader = Reader((own, graph.store) if graph else (own,), base)
    parts = {reader.term(term) for term in (KG.Statement, KG.Evidence, KG.Span, KG.Result, KG.Link, KG.Merge)}
    inner = {subject for subject in {pair[0] for pair in pairs} if parts & set(reader.values(subject, RDF + "type"))}
    pairs = [pair for pair in pairs if pair[0] not in inner and pair[2] not in inner]
    nodes = {node for subject, _, value in pairs for node in (subject, value)}
    if not nodes:
        raise UsageError("the query constructs no triple between two IRIs, so there is no network to draw")
    _refuse_large(nodes)
    network = _bare_network(reader, nodes)
    for subject, predicate, value in pairs:
        role = reader.roles.get(predicate)
        if subject == value:
            continue
        if role:
            found = [s for s in reader.statements(subject) if s.concept == value and s.role == role]
            _add_statement(network, found[0] if found else Stated(subject, role, value))
        elif predicate == SKOS + "broader":
            _add_broader(network, subject, value)
        else:
            name = predicate.replace("#", "/").rsplit("/", 1)[-1]
            edge = _edge(network, subject, value, "other", properties=())
            if edge["kind"] == "other":
                edge["properties"] = tuple(sorted({*edge["properties"], name}))
    return _ranked(network)


def _refuse_large(nodes: set[str]) -> None:
    if len(nodes) > NODES_MAX:
        raise UsageError(
            f"a network of more than {NODES_MAX} nodes is too large to look at; "
            "choose a smaller part of the graph with --focus, --depth or --query"
        )


def _find_node(reader: Reader, graph: OpenGraph, name: str) -> str:
    prefix, colon, local = name.partition(":")
    candidates = [name.strip("<>")]
    if colon and prefix in graph.prefixes:
        candidates.insert(0, graph.prefixes[prefix] + local)
    for iri in candidates:
        if ":" in iri and " " not in iri and reader.kind(iri):
            return iri
    names: dict[str, list[str]] = {}
    for term in (SKOS + "prefLabel", DCTERMS + "title", SKOS + "altLabel"):
        for iri, known in reader.pairs(term):
            names.setdefault(known, []).append(iri)
    folded = [known for known in names if known.casefold() == name.casefold()]
    for same in ([name], folded):
        found = {iri for known in same for iri in names.get(known, ()) if reader.kind(iri)}
        if found:
            return min(found, key=lambda iri: (reader.kind(iri) == "Keyphrase", -len(reader.papers(iri)), iri))
    raise UsageError(f"the graph has no paper or concept called {name!r}{did_you_mean(name, names)}")


def _neighbours(reader: Reader, node: str) -> set[str]:
    if reader.kind(node) == "Paper":
        near = {stated.concept for stated in reader.statements(node)}
        links = reader.subjects(KG.connects, node)
        return near | {paper for link in links for paper in reader.values(link, KG.connects)} - {node}
    return set(reader.papers(node)) | {*reader.values(node, SKOS + "broader"), *reader.subjects(SKOS + "broader", node)}


def _around(reader: Reader, focus: str, depth: int) -> set[str]:
    nodes, outer = {focus}, {focus}
    for _ in range(depth):
        outer = {near for node in outer for near in _neighbours(reader, node)} - nodes
        nodes |= outer
        _refuse_large(nodes)
    return nodes


def _network(reader: Reader, nodes: set[str]) -> nx.Graph:
    network = _bare_network(reader, nodes)
    for node in sorted(nodes):
        if reader.kind(node) == "Paper":
            for stated in reader.statements(node):
                if stated.concept in nodes:
                    _add_statement(network, stated)
            for link in reader.subjects(KG.connects, node):
                first, *others = reader.values(link, KG.connects)
                if first == node and others and others[0] in nodes:
                    shares = tuple(reader.values(link, KG.shares))
                    weight = float(reader.value(link, KG.weight) or 0)
                    _edge(network, node, others[0], "link", weight=weight, shares=shares)
        for broad in reader.values(node, SKOS + "broader"):
            if broad in nodes:
                _add_broader(network, node, broad)
    return _ranked(network)


def _bare_network(reader: Reader, nodes: set[str]) -> nx.Graph:
    network = nx.Graph()
    for node in sorted(nodes):
        paper = reader.kind(node) == "Paper"
        near = {stated.concept for stated in reader.statements(node)} if paper else reader.papers(node)
        network.add_node(node, **reader.attributes(node), count=len(near))
    return network


def _edge(network: nx.Graph, one: str, other: str, kind: str, **attributes: Any) -> dict[str, Any]:
    if not network.has_edge(one, other):
        network.add_edge(one, other, kind=kind, **attributes)
    edge: dict[str, Any] = network.edges[one, other]
    return edge


def _add_broader(network: nx.Graph, narrow: str, broad: str) -> None:
    if narrow != broad:
        _edge(network, narrow, broad, "broader", narrow=narrow, broad=broad)


def _add_statement(network: nx.Graph, stated: Stated) -> None:
    edge = network.edges.get((stated.paper, stated.concept))
    known = edge["statements"] if edge and edge["kind"] == "statement" else ()
    statements = sorted({*known, stated}, key=lambda each: ROLE_ORDER.index(each.role))
    network.add_edge(stated.paper, stated.concept, kind="statement", statements=tuple(statements))


def _ranked(network: nx.Graph) -> nx.Graph:
    """Give every node its rank: how many strong statements connect it, each weighted by how rare the concept is.

    A statement counts by its role and by log2(1 + N / n), where n of N papers involve the concept. A paper only counts
    concepts that another paper involves as well. Papers and concepts are each scaled to a largest rank of 1.
    """
    papers = sum(kind == "Paper" for _, kind in network.nodes(data="kind"))
    sums = dict.fromkeys(network, 0.0)
    for one, other, edge in network.edges(data=True):
        ends = (one, other) if network.nodes[one]["kind"] == "Paper" else (other, one)
        if edge["kind"] == "statement":
            weight = max(_ROLE_WEIGHTS.get(each.role, _OTHER_ROLES) for each in edge["statements"])
            rarity = log2(1 + papers / max(1, network.nodes[ends[1]]["count"]))
            sums[ends[1]] += weight * rarity
            sums[ends[0]] += weight * rarity * (network.degree(ends[1]) > 1)
        elif edge["kind"] != "link":
            for end in ends:
                sums[end] += 0.2
    for of_paper in (True, False):
        group = [node for node, kind in network.nodes(data="kind") if (kind == "Paper") == of_paper]
        largest = max((sums[node] for node in group), default=0) or 1
        for node in group:
            network.nodes[node]["rank"] = round(sums[node] / largest, 4)
    return network
