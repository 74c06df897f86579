"""A graph by heart: all papers and concepts, their names, and what papers do with concepts.

It is read once from the graph, so that search, neighbours and comparisons answer at once however large the graph is.
Things are numbered in the order of their IRIs; the numbers are the same whenever the same graph is served.
"""

from __future__ import annotations

import math
import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from urllib.parse import quote, unquote

import pyoxigraph as ox

from kg.asking.things import CONCEPT_KINDS, DCTERMS, RDF, ROLE_WORDS, SKOS, shorten
from kg.ontology import KG
from kg.store import OpenGraph

ROLES: tuple[str, ...] = tuple(ROLE_WORDS.values())
"""What papers do with concepts, in words, strongest first."""

_BITS = 4
_MASK = (1 << _BITS) - 1
_DEFAULT = ox.DefaultGraph()


class Catalogue:
    """All papers and concepts of a graph.

    Attributes:
        graph: where it was read.
        iris, kinds, labels, years: of each thing, by its number; a year is 0 where none is known.
        forms: the other names of each thing.
        broader, narrower: the numbers of wider and narrower concepts, by the number of a concept.
        results: how many results a paper reports, by its number.
        total_papers: how many papers there are.
    """

    def __init__(self, graph: OpenGraph) -> None:
        self.graph = graph
        kinds = _read_kinds(graph)
        self.iris = sorted(kinds)
        self.numbers = {iri: number for number, iri in enumerate(self.iris)}
        self.kinds = [kinds[iri] for iri in self.iris]
        self.labels = [""] * len(self.iris)
        self.forms: dict[int, list[str]] = defaultdict(list)
        self.years = array("H", bytes(2 * len(self.iris)))
        self.results: dict[int, int] = defaultdict(int)
        self._ties = [array("I") for _ in self.iris]
        self.broader: dict[int, list[int]] = defaultdict(list)
        self.narrower: dict[int, list[int]] = defaultdict(list)
        self._read_names()
        self._read_years()
        self._read_ties()
        self._counts = array("I", (len({code >> _BITS for code in codes}) for codes in self._ties))
        self.total_papers = self.kinds.count("Paper")
        self._sizes: dict[tuple[str, frozenset[str]], dict[int, int]] = {}
        self._by_label: dict[str, list[int]] = defaultdict(list)
        for number, label in enumerate(self.labels):
            self._by_label[label.casefold()].append(number)

    def _read_names(self) -> None:
        for predicate, is_title in ((DCTERMS + "title", True), (SKOS + "prefLabel", False)):
            for number, value in self._values(predicate):
                if (self.kinds[number] == "Paper") == is_title:
                    known = self.labels[number]
                    self.labels[number] = min(known, value) if known else value
        for number, value in self._values(SKOS + "altLabel"):
            self.forms[number].append(value)
        for number, label in enumerate(self.labels):
            if not label:
                self.labels[number] = shorten(self.graph, self.iris[number])

    def _read_years(self) -> None:
        for number, value in self._values(KG.arxivId):
            if match := re.match(r"(\d\d)(?:0[1-9]|1[0-2])\.\d", value):
                self.years[number] = 2000 + int(match[1])
        for number, value in self._values(DCTERMS + "issued"):
            if match := re.match(r"\d{4}(?!\d)", value):
                self.years[number] = int(match[0])

    def _read_ties(self) -> None:
        for role, term in enumerate(ROLE_WORDS):
            for paper, concept in self._links(term):
                self._ties[paper].append(concept << _BITS | role)
                self._ties[concept].append(paper << _BITS | role)
        for narrow, broad in self._links(SKOS + "broader"):
            self.broader[narrow].append(broad)
            self.narrower[broad].append(narrow)
        for subject, _ in self.graph.pairs(KG.reports):
            if (number := self.numbers.get(subject.value)) is not None:
                self.results[number] += 1

    def _values(self, predicate: str) -> Iterator[tuple[int, str]]:
        for subject, value in self.graph.pairs(predicate):
            number = self.numbers.get(subject.value)
            if number is not None and isinstance(value, ox.Literal):
                yield number, value.value

    def _links(self, predicate: str) -> Iterator[tuple[int, int]]:
        for subject, value in self.graph.pairs(predicate):
            if isinstance(value, ox.NamedNode):
                one, other = self.numbers.get(subject.value), self.numbers.get(value.value)
                if one is not None and other is not None:
                    yield one, other

    def ties(self, number: int) -> list[tuple[int, int]]:
        """Return what a paper does with its concepts (or a concept's papers with it): number of a role, of a thing."""
        return [(code & _MASK, code >> _BITS) for code in self._ties[number]]

    @cached_property
    def papers(self) -> list[int]:
        """All papers, by title."""
        found = [number for number, kind in enumerate(self.kinds) if kind == "Paper"]
        return sorted(found, key=lambda number: (self.labels[number].casefold(), number))

    @cached_property
    def hardware(self) -> list[int]:
        """All devices."""
        return [number for number, kind in enumerate(self.kinds) if kind == "Hardware"]

    def count_concepts(self, kind: str, roles: frozenset[str]) -> dict[int, int]:
        """Return how many concepts of a kind a paper has in one of the roles (none means all), by the paper's number.

        Papers that have none are left out.
        """
        if (kind, roles) not in self._sizes:
            sizes: dict[int, int] = defaultdict(int)
            for number, of_kind in enumerate(self.kinds):
                for role, paper in self.ties(number) if of_kind == kind else ():
                    sizes[paper] += not roles or ROLES[role] in roles
            self._sizes[kind, roles] = sizes
        return self._sizes[kind, roles]

    def called(self, label: str) -> list[int]:
        """Return the things whose title or label it is, in any case."""
        return self._by_label.get(label.casefold(), [])

    def count_papers(self, concept: int) -> int:
        """Return how many papers have to do with a concept."""
        return self._counts[concept] if self.kinds[concept] != "Paper" else 0

    def count_statements(self) -> int:
        """Return how many statements say what a paper does with a concept."""
        return sum(map(len, self._ties)) // 2

    def rarity(self, concept: int) -> float:
        """Return the inverse document frequency of a concept in bits; 0 where all papers have it."""
        return math.log2(max(self.total_papers, 1) / max(self.count_papers(concept), 1))

    def with_narrower(self, concept: int) -> set[int]:
        """Return a concept and all that are kinds of it."""
        found, waiting = {concept}, [concept]
        while waiting:
            for narrow in self.narrower.get(waiting.pop(), ()):
                if narrow not in found:
                    found.add(narrow)
                    waiting.append(narrow)
        return found

    def path(self, number: int) -> str:
        """Return where in the explorer a thing is shown, without a slash in front."""
        return path_of(self.graph, self.iris[number])

    def describe(self, number: int) -> dict[str, object]:
        """Return a thing as the explorer's scripts take it."""
        found: dict[str, object] = {
            "id": number,
            "path": self.path(number),
            "kind": self.kinds[number],
            "label": self.labels[number],
        }
        if self.kinds[number] == "Paper":
            return {**found, "year": self.years[number]} if self.years[number] else found
        return {**found, "papers": self.count_papers(number)}

    def find(self, path: str) -> int | None:
        """Return the thing that a path (as `path` returns it, slash in front or not) or an IRI stands for."""
        plain = path.lstrip("/")
        if plain.startswith("thing?iri="):
            plain = unquote(plain.removeprefix("thing?iri="))
        for iri in (path, self.graph.base + plain, self.graph.base + unquote(plain), plain):
            if iri in self.numbers:
                return self.numbers[iri]
        return None

    def sort_papers(self, papers: Iterable[int]) -> list[int]:
        """Return papers newest first, by title within a year."""
        return sorted(papers, key=lambda n: (-self.years[n], self.labels[n].casefold(), n))


def path_of(graph: OpenGraph, iri: str) -> str:
    """Return where in the explorer an IRI is shown, without a slash in front.

    >>> graph = OpenGraph(ox.Store(), "https://e.org/", {})
    >>> path_of(graph, "https://e.org/method/lora"), path_of(graph, "urn:x")
    ('method/lora', 'thing?iri=urn%3Ax')
    """
    plain = iri.removeprefix(graph.base)
    return plain if plain != iri and re.fullmatch(r"[\w%~.,;:@!$&'()*+=/-]+", plain) else "thing?iri=" + quote(iri, "")


def _read_kinds(graph: OpenGraph) -> dict[str, str]:
    kinds: dict[str, str] = {}
    for kind in ("Paper", *CONCEPT_KINDS):
        term = graph.term(getattr(KG, kind))
        for quad in graph.store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), term, _DEFAULT):
            if isinstance(quad.subject, ox.NamedNode):
                kinds.setdefault(quad.subject.value, kind)
    return kinds
