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
    them within other words, and last the papers that have them in the abstract; shorter names come first, and of equal
    names that of a paper, then of a method, last of a keyphrase.

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
    wanted = tuple(kind for kind in ("Paper", *CONCEPT_KINDS) if not kinds or kind in kinds)
    classes = {graph.term(getattr(KG, kind)): place for place, kind in enumerate(wanted)}
    found: dict[ox.NamedNode, tuple[int, int, str]] = {}
    for node, form in _find(graph, _NAMES, words):
        ranked = _rank(form.lower(), words), len(form), form
        found[node] = min(found.get(node, ranked), ranked)
    if "Paper" in wanted:
        for node, _ in _find(graph, _ABSTRACTS, words):
            found.setdefault(node, (4, 0, ""))
    order = []
    for node, (rank, length, form) in found.items():
        kind = min((classes[cls] for cls in graph.nodes(node, RDF + "type") if cls in classes), default=None)
        if kind is not None:
            order.append((rank, length, kind, node.value, form))
    hits = []
    for *_, iri, form in sorted(order)[:most]:
        thing = describe_thing(graph, ox.NamedNode(iri))
        if thing is not None:
            hits.append(Hit(thing, thing.label if form.lower() == thing.label.lower() else form))
    return tuple(hits), len(order)


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
