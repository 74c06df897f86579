"""Papers and concepts found by words, best first: of titles, labels and aliases, and of abstracts.

All names stand in one long text, those of things with many papers first. A search runs over the text four times: for
names that are what was typed, that begin with it, that have a word that begins with it, and that contain it; what is
found first is best, so that each run can stop early.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kg.asking.catalogue import Catalogue
from kg.asking.query import select
from kg.asking.things import CONCEPT_KINDS, DCTERMS, Thing, describe_thing
from kg.errors import UsageError
from kg.store import OpenGraph

_MOST_TRIED = 4000
"""Names that are looked at for one search before it takes what it has, unless all are wanted."""


@dataclass(frozen=True)
class Hit:
    """A thing that was found, and the title, label or alias that has the words; empty where only its abstract has."""

    thing: Thing
    form: str


def fold(text: str) -> str:
    """Return text as it is compared: no case, no accents, and a space for each mark between words.

    >>> fold("SWE-bench  (Café)"), fold("C++ 2.0")
    ('swe bench cafe', 'c++ 2.0')
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"[^\w+#.]+", " ", plain).strip()


class SearchIndex:
    """The names of a catalogue, ready to be searched."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        counts = [catalogue.count_papers(number) for number in range(len(catalogue.iris))]
        places = {kind: place for place, kind in enumerate(("Paper", *CONCEPT_KINDS))}
        ranks = [places[kind] for kind in catalogue.kinds]
        order = sorted(range(len(counts)), key=lambda number: (-counts[number], ranks[number], number))
        self._starts: list[int] = []
        self._owners: list[int] = []
        self._names: list[str] = []
        pieces, at = ["\n"], 1
        for number in order:
            names = dict.fromkeys([catalogue.labels[number], *catalogue.forms.get(number, ())])
            folded: dict[str, str] = {}
            for name in names:
                folded.setdefault(fold(name), name)
            for plain, name in folded.items():
                if plain:
                    self._starts.append(at)
                    self._owners.append(number)
                    self._names.append(name)
                    pieces.append(f" {plain}\n")
                    at += len(plain) + 2
        self._text = "".join(pieces)

    def search(self, query: str, *, kinds: Collection[str] = (), most: int | None = 12) -> list[tuple[int, str]]:
        """Return things and the names by which they were found, best first, at most `most`; None returns all.

        A name that is the query comes before one that begins with it, then come those with a word that begins with it,
        those that contain it, those that have words that begin with all its words, and those that contain them all;
        within each, things that more papers have come first. `kinds` restricts what is found; none means all.
        """
        plain = fold(query)
        if not plain:
            return []
        found: dict[int, str] = {}
        for name in self._ranked(plain, _MOST_TRIED if most else len(self._names)):
            number = self._owners[name]
            if number not in found and (not kinds or self.catalogue.kinds[number] in kinds):
                found[number] = self._names[name]
                if len(found) == most:
                    break
        return list(found.items())

    def suggest(self, query: str, *, kinds: Collection[str] = (), most: int = 5) -> list[tuple[int, str]]:
        """Return what begins like a query that finds nothing: its last letters are dropped until something is found."""
        plain = fold(query)
        for length in range(len(plain) - 1, 2, -1):
            if near := self.search(plain[:length], kinds=kinds, most=most):
                return near
        return []

    def _ranked(self, plain: str, most: int) -> Iterator[int]:
        seen: set[int] = set()
        needles = [f"\n {plain}\n", f"\n {plain}", f" {plain}"]
        if len(plain) > 1:
            needles.append(plain)
        for needle in needles:
            for name in self._places(needle, most):
                if name not in seen:
                    seen.add(name)
                    yield name
        words = plain.split()
        for before in (" ", "") if len(words) > 1 else ():
            for name in self._places(max(words, key=len), most):
                start = self._starts[name]
                line = self._text[start : self._text.index("\n", start)]
                if name not in seen and all(before + word in line for word in words):
                    seen.add(name)
                    yield name

    def _places(self, needle: str, most: int) -> Iterator[int]:
        at, tried = -1, 0
        while tried < most and (at := self._text.find(needle, at + 1)) >= 0:
            name = bisect_right(self._starts, at + needle.startswith("\n")) - 1
            yield name
            tried += 1
            # go on behind this name, so that one with the needle twice is found once
            at = self._starts[name + 1] - 2 if name + 1 < len(self._starts) else len(self._text)


def search_things(
    index: SearchIndex, text: str, kinds: Collection[str] = (), most: int | None = None
) -> tuple[tuple[Hit, ...], int]:
    """Return the things that have the words of a text, and how many there are in all.

    First come those that `SearchIndex.search` finds by their names, then the papers whose abstracts have all words.

    Args:
        index: the names of the graph.
        text: one word or several.
        kinds: "Paper" and kinds of concepts; none means all.
        most: hits to return; None returns all.

    Raises:
        UsageError: the text has no words.
    """
    words = text.lower().split()
    if not words:
        raise UsageError("there is nothing to search for; give one word or several")
    graph = index.catalogue.graph
    found = {index.catalogue.iris[number]: name for number, name in index.search(text, kinds=kinds, most=None)}
    if not kinds or "Paper" in kinds:
        for iri in _find_abstracts(graph, words):
            found.setdefault(iri, "")
    hits = []
    for iri, name in list(found.items())[:most]:
        thing = describe_thing(graph, ox.NamedNode(iri))
        if thing is not None:
            hits.append(Hit(thing, name))
    return tuple(hits), len(found)


def _find_abstracts(graph: OpenGraph, words: list[str]) -> list[str]:
    """Return the IRIs of papers whose abstract holds all words, sorted; the engine compares, as it is faster."""
    names = {f"word{number}": ox.Literal(word) for number, word in enumerate(words)}
    values = " ".join(f"VALUES ?{name} {{ '' }}" for name in names)
    tests = " && ".join(f"CONTAINS(LCASE(STR(?text)), ?{name})" for name in names)
    rows = select(graph, f"SELECT DISTINCT ?p {{ {values} ?p <{DCTERMS}abstract> ?text FILTER({tests}) }}", names)
    return sorted(row[0].value for row in rows if isinstance(row[0], ox.NamedNode))
