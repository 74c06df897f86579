"""How papers and concepts hang together: the papers most related with one, and the shortest way between two things.

The shortest way is found by the algorithm of Dijkstra ("A note on two problems in connexion with graphs", 1959) from
both ends at once (Nicholson, "Finding the shortest route between two points in a network", 1966) on the papers and
concepts of the graph, of which it reads only what it comes by. The rarity of a concept is its inverse document
frequency (Spärck Jones 1972), in bits: log2(N / n) where n of N papers have it.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import pyoxigraph as ox

from kg.asking.lines import BOLD, Lines
from kg.asking.tables import clean
from kg.asking.things import CONCEPT_KINDS, RDF, ROLE_WORDS, SKOS, Thing, describe_thing, find_paper, find_thing
from kg.errors import KgError, UsageError
from kg.ontology import KG
from kg.store import OpenGraph

_DEFAULT = ox.DefaultGraph()
_KIND_WEIGHTS = {"Method": 1.0, "Task": 1.0, "Benchmark": 0.75, "Hardware": 0.5, "Keyphrase": 0.5, "Metric": 0.25}
_WEAK_ROLE = 0.5
"""What a concept counts that one of the papers only mentions."""

MOST_PAPERS = 2000
"""A concept that more papers have relates none of them: it says little, and there would be too many."""

_SHOWN_REASONS = 5

MOST_NODES = 50_000
"""Papers and concepts that the search for a way looks at before it gives up."""

_MILLION = 1_000_000
_NOWHERE = (1 << 62, 0, "")

_BOTH = {
    "introduces": "both introduce",
    "uses": "both use",
    "compares with": "both compare with",
    "mentions": "both mention",
    "evaluates on": "both evaluate on",
    "trains on": "both train on",
    "runs on": "both run on",
    "addresses": "both address",
    "measures": "both measure",
    "has keyphrase": "both have the keyphrase",
}


@dataclass(frozen=True)
class Shared:
    """A concept that two papers have: what each does with it, what it counts in bits, and how many papers have it."""

    concept: Thing
    role: str
    other_role: str
    weight: float
    papers: int

    @property
    def reason(self) -> str:
        """What the two papers have in common, in words."""
        if self.role == self.other_role:
            return f"{_BOTH[self.role]} {self.concept.label}"
        return f"this paper {self.role} {self.concept.label}, the other {self.other_role} it"


@dataclass(frozen=True)
class Related:
    """Another paper, how much it has in common with the first in bits, and what, weightiest first."""

    paper: Thing
    weight: float
    shared: tuple[Shared, ...]


@dataclass(frozen=True)
class Step:
    """One statement on the way: a paper (or a narrower concept), the role, a concept, and how many papers have that."""

    subject: Thing
    role: str
    object: Thing
    papers: int


@dataclass(frozen=True)
class Path:
    """The shortest way from one thing to another: the things in order, and a step between each two of them."""

    things: tuple[Thing, ...]
    steps: tuple[Step, ...]
    cost: float


class _Reader:
    """Reads the neighbours of papers and concepts, each once."""

    def __init__(self, graph: OpenGraph) -> None:
        self.graph = graph
        self.roles = {graph.term(term): role for term, role in ROLE_WORDS.items()}
        self.counts: dict[ox.NamedNode, int] = {}
        self._kinds: dict[object, str] = {graph.term(getattr(KG, kind)): kind for kind in ("Paper", *CONCEPT_KINDS)}
        self._kind_of: dict[ox.NamedNode, str] = {}

    def thing(self, node: ox.NamedNode) -> Thing:
        """Return what a node is that has a kind."""
        thing = describe_thing(self.graph, node)
        assert thing is not None  # noqa: S101
        return thing

    def kind(self, node: ox.NamedNode) -> str:
        """Return the kind of a paper or a concept; empty where a node is neither."""
        if node not in self._kind_of:
            kinds = {self._kinds[cls] for cls in self.graph.objects(node, RDF + "type") if cls in self._kinds}
            self._kind_of[node] = next((kind for kind in self._kinds.values() if kind in kinds), "")
        return self._kind_of[node]

    def length(self, edge: _Edge) -> int:
        """Return the length of a step in millionths, longer where many papers have it or the role is weak."""
        length = 2 + math.log2(max(edge.papers, 1)) - _KIND_WEIGHTS.get(self.kind(edge.object), 0.5)
        return round(_MILLION * (length + (1 if edge.role in ("mentions", "has keyphrase") else 0)))

    def count(self, concepts: Iterable[ox.NamedNode]) -> None:
        """Count the papers of those concepts that were not counted: one question for all, which reads no names."""
        new = [concept for concept in concepts if concept not in self.counts]
        if not new:
            return
        found = self.graph.store.query(
            f"SELECT ?concept (COUNT(DISTINCT ?paper) AS ?papers) {{ VALUES ?concept {{ {' '.join(map(str, new))} }} "
            f"?paper {'|'.join(map(str, self.roles))} ?concept }} GROUP BY ?concept"
        )
        assert isinstance(found, ox.QuerySolutions)  # noqa: S101
        self.counts.update(dict.fromkeys(new, 0))
        for concept, papers in found:
            self.counts[concept] = int(papers.value)

    def concepts(self, paper: ox.NamedNode) -> dict[ox.NamedNode, str]:
        """Return the concepts of a paper with their strongest role."""
        found: dict[ox.NamedNode, str] = {}
        for term, role in self.roles.items():
            for quad in self.graph.store.quads_for_pattern(paper, term, None, _DEFAULT):
                if isinstance(quad.object, ox.NamedNode):
                    found.setdefault(quad.object, role)
        return dict(sorted(found.items(), key=lambda item: item[0].value))

    def papers(self, concept: ox.NamedNode) -> dict[ox.NamedNode, str]:
        """Return the papers of a concept with their strongest role."""
        found: dict[ox.NamedNode, str] = {}
        for term, role in self.roles.items():
            for quad in self.graph.store.quads_for_pattern(None, term, concept, _DEFAULT):
                if isinstance(quad.subject, ox.NamedNode):
                    found.setdefault(quad.subject, role)
        return dict(sorted(found.items(), key=lambda item: item[0].value))


def relate(graph: OpenGraph, paper: str | Thing, most: int | None = None) -> tuple[Related, ...]:
    """Return the papers that have concepts in common with one, those with most in common first, at most `most`.

    Each concept that both have counts its rarity, less for hardware, keyphrases and metrics than for methods and tasks,
    and half where one of the papers only mentions it. A name that is both a method and a task counts once.

    Raises:
        UsageError: the name is not that of one paper, or the thing is not a paper.
    """
    paper = find_paper(graph, paper) if isinstance(paper, str) else paper
    if paper.kind != "Paper":
        raise UsageError(f"{paper.label} is a {paper.kind.lower()}; related papers are found for a paper")
    reader = _Reader(graph)
    total = len(graph.subjects(RDF + "type", graph.term(KG.Paper)))
    shared: dict[ox.NamedNode, list[Shared]] = defaultdict(list)
    concepts = reader.concepts(paper.node)
    reader.count(concepts)
    for concept, role in concepts.items():
        if not reader.kind(concept) or not 1 < reader.counts[concept] <= MOST_PAPERS:
            continue
        holders, thing = reader.papers(concept), reader.thing(concept)
        rarity = math.log2(total / len(holders)) * _KIND_WEIGHTS.get(thing.kind, 0.5)
        for other, other_role in holders.items():
            if other != paper.node and rarity > 0:
                weight = rarity * (_WEAK_ROLE if "mentions" in (role, other_role) else 1)
                shared[other].append(Shared(thing, role, other_role, round(weight, 3), len(holders)))
    common = {other: _one_of_each_name(concepts) for other, concepts in shared.items()}
    weights = {other: round(math.fsum(s.weight for s in concepts), 3) for other, concepts in common.items()}
    # only what comes back is described: a paper of a large graph shares something with thousands
    least = sorted(weights.values(), reverse=True)[most - 1] if most and most <= len(weights) else 0.0
    related = []
    for other, weight in weights.items():
        if weight >= least and reader.kind(other):
            related.append(Related(reader.thing(other), weight, tuple(common[other])))
    return tuple(sorted(related, key=lambda r: (-r.weight, r.paper))[:most])


def _one_of_each_name(shared: list[Shared]) -> list[Shared]:
    """Return what two papers share, weightiest first, and each name once: a method may be a task too."""
    first: dict[str, Shared] = {}
    for one in sorted(shared, key=lambda s: (-s.weight, s.role == "has keyphrase", s.concept)):
        first.setdefault(one.concept.iri.rpartition("/")[2], one)
    return list(first.values())


class _Edge(NamedTuple):
    """What a step is made of: two nodes, the role, and how many papers have the second."""

    subject: ox.NamedNode
    role: str
    object: ox.NamedNode
    papers: int


class _Side:
    """The search from one end: what it came by, how far that is, in millionths, and over what."""

    def __init__(self, end: ox.NamedNode) -> None:
        self.known: dict[ox.NamedNode, tuple[int, int, str]] = {end: (0, 0, "")}
        self.came: dict[ox.NamedNode, tuple[_Edge, ox.NamedNode]] = {}
        self.done: set[ox.NamedNode] = set()
        self._queue = [(0, 0, end.value, end)]

    def next(self) -> tuple[int, int, str, ox.NamedNode] | None:
        """Return length, steps, IRI and node of what is nearest of all that was not looked at, or None."""
        while self._queue and self._queue[0][3] in self.done:
            heapq.heappop(self._queue)
        return self._queue[0] if self._queue else None

    def step(self, reader: _Reader) -> list[ox.NamedNode]:
        """Look at what is nearest, and return the nodes to which a shorter way was found."""
        length, hops, _, node = heapq.heappop(self._queue)
        self.done.add(node)
        found = []
        for neighbour, edge in _edges(reader, node):
            further = length + reader.length(edge), hops + 1, node.value
            if neighbour not in self.done and further < self.known.get(neighbour, _NOWHERE):
                self.known[neighbour] = further
                self.came[neighbour] = edge, node
                heapq.heappush(self._queue, (*further[:2], neighbour.value, neighbour))
                found.append(neighbour)
        return found

    def trace(self, node: ox.NamedNode) -> list[tuple[_Edge, ox.NamedNode]]:
        """Return the way from a node to the end of this side: each step, and the node it leads to."""
        way = []
        while node in self.came:
            edge, node = self.came[node]
            way.append((edge, node))
        return way


def find_path(graph: OpenGraph, start: str | Thing, end: str | Thing) -> Path:
    """Return the shortest way between two things through papers and concepts, rare concepts and strong roles preferred.

    Of ways of equal length, the same is returned on every run, and on the way back.

    Raises:
        UsageError: a name is not that of one thing, or both are the same thing.
        KgError: nothing connects them, or only what is further away than `MOST_NODES` papers and concepts.
    """
    start = find_thing(graph, start) if isinstance(start, str) else start
    end = find_thing(graph, end) if isinstance(end, str) else end
    if start.iri == end.iri:
        raise UsageError(f"{start.label} is the same thing twice; give two")
    reader, sides = _Reader(graph), (_Side(start.node), _Side(end.node))
    met: set[ox.NamedNode] = set()
    shortest = math.inf
    while (ahead := sides[0].next()) and (behind := sides[1].next()):
        if ahead[0] + behind[0] > shortest or len(sides[0].done) + len(sides[1].done) >= MOST_NODES:
            break
        side, other = sides if ahead[:3] <= behind[:3] else sides[::-1]
        for node in side.step(reader):
            if node in other.known:
                met.add(node)
                shortest = min(shortest, side.known[node][0] + other.known[node][0])
    if not met:
        gave_up = sides[0].next() and sides[1].next()
        where = f"nothing among the {MOST_NODES:,} things nearest to them" if gave_up else "nothing in the graph"
        raise KgError(f"{where} connects {start.label!r} with {end.label!r}")
    middles = [node for node in met if sides[0].known[node][0] + sides[1].known[node][0] == shortest]
    return min((_join(reader, sides, node) for node in middles), key=_rank)


def _join(reader: _Reader, sides: tuple[_Side, _Side], middle: ox.NamedNode) -> Path:
    """Return the way through a node that both sides came by."""
    first, last = (side.trace(middle) for side in sides)
    nodes = [*(node for _, node in reversed(first)), middle, *(node for _, node in last)]
    edges = [*(edge for edge, _ in reversed(first)), *(edge for edge, _ in last)]
    steps = (Step(reader.thing(e.subject), e.role, reader.thing(e.object), e.papers) for e in edges)
    cost = sum(map(reader.length, edges)) / _MILLION
    return Path(tuple(map(reader.thing, nodes)), tuple(steps), round(cost, 3))


def _rank(path: Path) -> tuple[int, list[str]]:
    """Return what ways of equal length are chosen by, from whichever end they are seen."""
    iris = [thing.iri for thing in path.things]
    return len(iris), min(iris, iris[::-1])


def _edges(reader: _Reader, node: ox.NamedNode) -> list[tuple[ox.NamedNode, _Edge]]:
    """Return the neighbours of a paper or a concept, each with the statement that leads to it."""
    kind = reader.kind(node)
    if kind == "Paper":
        concepts = reader.concepts(node)
        reader.count(concepts)
        return [(c, _Edge(node, role, c, reader.counts[c])) for c, role in concepts.items() if reader.kind(c)]
    if not kind:
        return []
    wide, narrow = reader.graph.nodes(node, SKOS + "broader"), reader.graph.subjects(SKOS + "broader", node)
    reader.count([node, *wide])
    found = [(p, _Edge(p, role, node, reader.counts[node])) for p, role in reader.papers(node).items()]
    found += [(w, _Edge(node, "is a kind of", w, reader.counts[w])) for w in wide if reader.kind(w)]
    return found + [(n, _Edge(n, "is a kind of", node, reader.counts[node])) for n in narrow if reader.kind(n)]


def render_relations(related: tuple[Related, ...], *, terminal: bool = False, width: int = 100) -> str:
    """Return related papers with the reasons as text that ends with a line break."""
    page = Lines(terminal, width)
    for one in related:
        page.lines += page.wrap(clean(one.paper.label), f"{one.weight:5.1f}  ", BOLD)
        for shared in one.shared[:_SHOWN_REASONS]:
            page.lines += page.wrap(clean(f"{shared.reason} ({_say_papers(shared.papers)})"), "       - ")
        if len(one.shared) > _SHOWN_REASONS:
            page.lines.append(f"       and {len(one.shared) - _SHOWN_REASONS} more")
    return page.text() if related else "no other paper shares a concept with it\n"


def render_path(path: Path, *, terminal: bool = False, width: int = 100) -> str:
    """Return a path, one step a line, as text that ends with a line break."""
    page = Lines(terminal, width)
    for number, step in enumerate(path.steps, 1):
        rare = "" if step.role == "is a kind of" else f" ({_say_papers(step.papers)})"
        text = f"{clean(step.subject.label)} \ue000{step.role}\ue001 {clean(step.object.label)}{rare}"
        page.mark(text, "\ue000", "\ue001", f"{number}. ", ("", ""), BOLD)
    return page.text()


def _say_papers(number: int) -> str:
    return "1 paper" if number == 1 else f"{number} papers"
