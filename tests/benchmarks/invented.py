"""A graph of any size with invented papers: concepts of a few topics, used as often as words are (Zipf 1949)."""

from __future__ import annotations

import math
import random
from bisect import bisect
from itertools import accumulate

import pyoxigraph as ox

from kg.mention import ROLES
from kg.ontology import BASE_IRI, KG, ROLE_PROPERTIES, prefixes
from kg.store import OpenGraph

KINDS = {"Method": 55, "Benchmark": 12, "Task": 10, "Metric": 6, "Hardware": 2, "Keyphrase": 15}
_FIRST = (
    "sparse deep neural latent graph dual causal robust fast hybrid masked local adaptive linear gated joint".split()
)
_LAST = (
    "decoding attention retrieval pruning search routing transport alignment diffusion sampling tuning parsing".split()
)
_KNOWN = prefixes()


def invent_graph(nodes: int, edges: int, *, evidence: bool = True, seed: int = 1) -> OpenGraph:
    """Return a graph whose network has that many nodes, and about that many edges; the same seed gives the same graph.

    Args:
        nodes: papers (22 of 100) and concepts.
        edges: statements; each concept has at least one.
        evidence: whether statements have spans and papers have abstracts that hold them.
        seed: of the random numbers.
    """
    chance = random.Random(seed)
    papers = max(2, round(nodes * 0.22))
    topics = max(2, round(math.sqrt(papers) / 1.5))
    kinds = chance.choices(list(KINDS), list(KINDS.values()), k=nodes - papers)
    names = [_name(number, kind) for number, kind in enumerate(kinds)]
    pools: list[list[int]] = [[] for _ in range(topics)]
    for number in range(len(names)):
        pools[int(topics * chance.random() ** 1.5)].append(number)
    pools = [pool for pool in pools if pool]
    weights = [list(accumulate(1 / (rank + 1) for rank in range(len(pool)))) for pool in pools]
    topic_of = [chance.randrange(len(pools)) for _ in range(papers)]
    of_topic: list[list[int]] = [[] for _ in pools]
    for paper, topic in enumerate(topic_of):
        of_topic[topic].append(paper)

    used: list[dict[int, None]] = [{} for _ in range(papers)]
    for topic, pool in enumerate(pools):
        for concept in pool:
            used[chance.choice(of_topic[topic] or range(papers))][concept] = None
    while len(used) and sum(map(len, used)) < edges:
        for paper, topic in enumerate(topic_of):
            at = topic if chance.random() < 0.8 else chance.randrange(len(pools))
            drawn = bisect(weights[at], chance.random() * weights[at][-1])
            used[paper][pools[at][drawn]] = None
    store = ox.Store()
    store.bulk_extend(quad for number in range(papers) for quad in _paper(number, used[number], kinds, names, evidence))
    store.bulk_extend(quad for number, kind in enumerate(kinds) for quad in _concept(number, kind, names[number]))
    return OpenGraph(store, BASE_IRI, dict(_KNOWN))


def _name(number: int, kind: str) -> str:
    one, two = divmod(number, len(_LAST))
    word = f"{_FIRST[one % len(_FIRST)]} {_LAST[two]}"
    return f"{word} {kind.lower()} {number}" if number >= 192 else word


def _iri(text: str) -> ox.NamedNode:
    prefix, _, local = text.partition(":")
    return ox.NamedNode(_KNOWN[prefix] + local)


def _concept(number: int, kind: str, name: str) -> list[ox.Quad]:
    node = _iri(f"{kind.lower()}:{number}")
    return [
        ox.Quad(node, _iri("rdf:type"), ox.NamedNode(getattr(KG, kind))),
        ox.Quad(node, _iri("skos:prefLabel"), ox.Literal(name)),
    ]


def _paper(number: int, used: dict[int, None], kinds: list[str], names: list[str], evidence: bool) -> list[ox.Quad]:
    node = _iri(f"paper:{number}")
    title = f"Paper {number}: On {names[next(iter(used), 0)]} and what it is good for"
    sentences = [f"We study {names[concept]} in a setting that needs care, and find that it helps." for concept in used]
    found = [
        ox.Quad(node, _iri("rdf:type"), ox.NamedNode(KG.Paper)),
        ox.Quad(node, _iri("dcterms:title"), ox.Literal(title)),
    ]
    if evidence:
        found.append(ox.Quad(node, _iri("dcterms:abstract"), ox.Literal(" ".join(sentences))))
    at = len(title) + 1
    for concept, sentence in zip(used, sentences, strict=True):
        kind = kinds[concept]
        roles = ROLES.get(kind, ())  # type: ignore[call-overload]
        role = KG.hasKeyphrase if not roles else ROLE_PROPERTIES[roles[(number + concept) % len(roles)]]
        about = _iri(f"{kind.lower()}:{concept}")
        stated = _iri(f"statement:{number}-{concept}")
        found += [
            ox.Quad(node, ox.NamedNode(role), about),
            ox.Quad(stated, _iri("rdf:type"), ox.NamedNode(KG.Statement)),
            ox.Quad(stated, _iri("rdf:subject"), node),
            ox.Quad(stated, _iri("rdf:predicate"), ox.NamedNode(role)),
            ox.Quad(stated, _iri("rdf:object"), about),
            ox.Quad(stated, ox.NamedNode(KG.confidence), ox.Literal("0.9", datatype=_iri("xsd:decimal"))),
        ]
        if evidence:
            found += _evidence(f"{number}-{concept}", node, stated, at, sentence, names[concept])
        at += len(sentence) + 1
    return found


def _evidence(
    name: str, paper: ox.NamedNode, stated: ox.NamedNode, at: int, sentence: str, mention: str
) -> list[ox.Quad]:
    node, span, whole = _iri(f"evidence:{name}"), _iri(f"span:{name}"), _iri(f"span:{name}-whole")
    start = at + sentence.index(mention)
    return [
        ox.Quad(stated, ox.NamedNode(KG.hasEvidence), node),
        ox.Quad(node, _iri("oa:hasSource"), paper),
        ox.Quad(node, _iri("oa:hasSelector"), span),
        ox.Quad(node, ox.NamedNode(KG.rule), ox.Literal("tagger")),
        ox.Quad(node, ox.NamedNode(KG.confidence), ox.Literal("0.9", datatype=_iri("xsd:decimal"))),
        ox.Quad(span, ox.NamedNode(KG.inSentence), whole),
        *_span(span, start, mention),
        *_span(whole, at, sentence),
    ]


def _span(node: ox.NamedNode, start: int, text: str) -> list[ox.Quad]:
    return [
        ox.Quad(node, _iri("oa:start"), ox.Literal(start)),
        ox.Quad(node, _iri("oa:end"), ox.Literal(start + len(text))),
        ox.Quad(node, _iri("oa:exact"), ox.Literal(text)),
    ]
