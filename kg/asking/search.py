"""Papers and concepts found by words: of titles, labels and aliases, and of abstracts."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import pyoxigraph as ox

from kg.asking.query import select
from kg.asking.things import CONCEPT_KINDS, DCTERMS, RDF, SKOS, Thing, describe_thing
from kg.errors import UsageError
from kg.ontology import KG
from kg.store import OpenGraph

_NAMES = f"<{DCTERMS}title>|<{SKOS}prefLabel>|<{SKOS}altLabel>"
_ABSTRACTS = f"<{DCTERMS}abstract>"


@dataclass(frozen=True)
class Hit:
    """A thing that was found, and the title, label or alias that has the words; empty where only its abstract has."""

    thing: Thing
    form: str


def search_things(
    graph: OpenGraph, text: str, kinds: Collection[str] = (), most: int | None = None
) -> tuple[tuple[Hit, ...], int]:
    """Return the things that have all words of a text, in any case and order, and how many there are in all.

    First come those whose name is the text, then those whose name starts with it, has the words as whole words, has
    them within other words, and last the papers that have them in the abstract; shorter names come first.

    Args:
        graph: where to look.
        text: one word or several.
        kinds: "Paper" and kinds of concepts; none means all.
        most: hits to return; None returns all.

    Raises:
        UsageError: the text has no words.
    """
    words = text.lower().split()
    if not words:
        raise UsageError("there is nothing to search for; give one word or several")
    wanted = frozenset(kinds) or frozenset(("Paper", *CONCEPT_KINDS))
    classes = {graph.term(getattr(KG, kind)) for kind in wanted}
    found: dict[ox.NamedNode, tuple[int, int, str]] = {}
    for node, form in _find(graph, _NAMES, words):
        rank = _rank(form.lower(), words), len(form), form
        found[node] = min(found.get(node, rank), rank)
    if "Paper" in wanted:
        for node, _ in _find(graph, _ABSTRACTS, words):
            found.setdefault(node, (4, 0, ""))
    nodes = [node for node in found if not classes.isdisjoint(graph.nodes(node, RDF + "type"))]
    nodes.sort(key=lambda node: (*found[node], node.value))
    things = ((describe_thing(graph, node), found[node][2]) for node in nodes[:most])
    return tuple(Hit(thing, form) for thing, form in things if thing), len(nodes)


def _find(graph: OpenGraph, path: str, words: list[str]) -> list[tuple[ox.NamedNode, str]]:
    """Return the subjects and texts of properties that hold all words; the engine compares, as it is faster."""
    names = {f"word{number}": ox.Literal(word) for number, word in enumerate(words)}
    values = " ".join(f"VALUES ?{name} {{ '' }}" for name in names)
    tests = " && ".join(f"CONTAINS(LCASE(STR(?form)), ?{name})" for name in names)
    rows = select(graph, f"SELECT DISTINCT ?thing ?form {{ {values} ?thing {path} ?form FILTER({tests}) }}", names)
    return [(row[0], getattr(row[1], "value", "")) for row in rows if isinstance(row[0], ox.NamedNode)]


def _rank(form: str, words: list[str]) -> int:
    """Return 0 for the text itself, 1 for its start, 2 for whole words, 3 for parts of words.

    >>> forms = ("code search", "code searching", "search for code", "decode a search")
    >>> [_rank(form, ["code", "search"]) for form in forms]
    [0, 1, 2, 3]
    """
    text = " ".join(words)
    if form.startswith(text):
        return 0 if form == text else 1
    return 2 if all(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", form) for word in words) else 3
