"""How papers and concepts hang together: the papers most related with one, and the shortest way between two things.

The shortest way is found by the algorithm of Dijkstra ("A note on two problems in connexion with graphs", 1959) on the
papers and concepts of the graph, of which it reads only what it comes by. The rarity of a concept is its inverse
document frequency (Spärck Jones 1972), in bits: log2(N / n) where n of N papers have it.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from dataclasses import dataclass

import pyoxigraph as ox

from kg.asking.lines import BOLD, Lines
from kg.asking.tables import clean
from kg.asking.things import RDF, ROLE_WORDS, SKOS, Thing, describe_thing, find_paper, find_thing
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
        self._papers: dict[ox.NamedNode, dict[ox.NamedNode, str]] = {}
        self._things: dict[ox.NamedNode, Thing | None] = {}

    def thing(self, node: ox.NamedNode) -> Thing | None:
        if node not in self._things:
            self._things[node] = describe_thing(self.graph, node)
        return self._things[node]

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
        if concept not in self._papers:
            found: dict[ox.NamedNode, str] = {}
            for term, role in self.roles.items():
                for quad in self.graph.store.quads_for_pattern(None, term, concept, _DEFAULT):
                    if isinstance(quad.subject, ox.NamedNode):
                        found.setdefault(quad.subject, role)
            self._papers[concept] = dict(sorted(found.items(), key=lambda item: item[0].value))
        return self._papers[concept]


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
    for concept, role in reader.concepts(paper.node).items():
        holders = reader.papers(concept)
        thing = reader.thing(concept)
        if thing is None or not 1 < len(holders) <= MOST_PAPERS:
            continue
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
        found = reader.thing(other) if weight >= least else None
        if found is not None:
            related.append(Related(found, weight, tuple(common[other])))
    return tuple(sorted(related, key=lambda r: (-r.weight, r.paper))[:most])


def _one_of_each_name(shared: list[Shared]) -> list[Shared]:
    """Return what two papers share, weightiest first, and each name once: a method may be a task too."""
    first: dict[str, Shared] = {}
    for one in sorted(shared, key=lambda s: (-s.weight, s.role == "has keyphrase", s.concept)):
        first.setdefault(one.concept.iri.rpartition("/")[2], one)
    return list(first.values())


def find_path(graph: OpenGraph, start: str | Thing, end: str | Thing) -> Path:
    """Return the shortest way between two things through papers and concepts, rare concepts and strong roles preferred.

    Of ways of equal length, the same is returned on every run.

    Raises:
        UsageError: a name is not that of one thing, or both are the same thing.
        KgError: nothing connects them, or only what is further away than `MOST_NODES` papers and concepts.
    """
    start = find_thing(graph, start) if isinstance(start, str) else start
    end = find_thing(graph, end) if isinstance(end, str) else end
    if start.iri == end.iri:
        raise UsageError(f"{start.label} is the same thing twice; give two")
    reader = _Reader(graph)
    queue: list[tuple[float, int, str, ox.NamedNode, Step | None, ox.NamedNode | None]]
    queue = [(0.0, 0, start.iri, start.node, None, None)]
    best: dict[ox.NamedNode, float] = {start.node: 0.0}
    came: dict[ox.NamedNode, tuple[Step | None, ox.NamedNode | None]] = {}
    while queue and len(came) < MOST_NODES:
        cost, hops, _, node, step, before = heapq.heappop(queue)
        if node in came:
            continue
        came[node] = step, before
        if node == end.node:
            return _trace(reader, came, end, cost)
        for neighbour, taken in _steps(reader, node):
            further = round(cost + _cost(taken), 6)
            if neighbour not in came and further < best.get(neighbour, math.inf):
                best[neighbour] = further
                heapq.heappush(queue, (further, hops + 1, f"{neighbour.value} {node.value}", neighbour, taken, node))
    raise KgError(f"nothing in the graph connects {start.label!r} with {end.label!r}")


def _trace(
    reader: _Reader, came: dict[ox.NamedNode, tuple[Step | None, ox.NamedNode | None]], end: Thing, cost: float
) -> Path:
    things: list[Thing] = []
    steps: list[Step] = []
    node: ox.NamedNode | None = end.node
    while node is not None:
        thing = reader.thing(node)
        if thing is not None:
            things.append(thing)
        step, node = came[node]
        if step is not None:
            steps.append(step)
    return Path(tuple(reversed(things)), tuple(reversed(steps)), round(cost, 3))


def _steps(reader: _Reader, node: ox.NamedNode) -> list[tuple[ox.NamedNode, Step]]:
    """Return the neighbours of a paper or a concept, sorted, each with the statement that leads to it."""
    here = reader.thing(node)
    if here is None:
        return []
    found: list[tuple[ox.NamedNode, Step]] = []
    if here.kind == "Paper":
        for concept, role in reader.concepts(node).items():
            thing = reader.thing(concept)
            if thing is not None:
                found.append((concept, Step(here, role, thing, len(reader.papers(concept)))))
        return found
    papers = reader.papers(node)
    for paper, role in papers.items():
        thing = reader.thing(paper)
        if thing is not None:
            found.append((paper, Step(thing, role, here, len(papers))))
    for wide in reader.graph.nodes(node, SKOS + "broader"):
        thing = reader.thing(wide)
        if thing is not None:
            found.append((wide, Step(here, "is a kind of", thing, len(reader.papers(wide)))))
    for narrow in reader.graph.subjects(SKOS + "broader", node):
        thing = reader.thing(narrow)
        if thing is not None:
            found.append((narrow, Step(thing, "is a kind of", here, len(papers))))
    return found


def _cost(step: Step) -> float:
    """Return the length of a step, at least 1: longer where many papers have the concept or the role is weak."""
    length = 1 + math.log2(max(step.papers, 1))
    length += 1 - _KIND_WEIGHTS.get(step.object.kind, 0.5)
    return length + (1 if step.role in ("mentions", "has keyphrase") else 0)


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
