"""One concept of all readings that denote it: its identifier, its label and aliases, and what was merged for it."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from kg.extraction.notation import read_surface
from kg.forms import form_words, singular_label, slug_of
from kg.meanings import Reason, Words
from kg.narrower import choose_heads, endings
from kg.readings import Reading
from kg.shuffle import Records, Shuffle, Table
from kg.vocabulary import Entry

_HELD = 1 << 18
"""Concepts that are held in memory."""

_OF_ONE_PAPER = ("abbreviation", "object left out")
"""Reasons that hold for the papers which give them."""


class Named(NamedTuple):
    """A concept as the readings of one name make it.

    Attributes:
        label, aliases, entry: as in `kg.concepts.Concept`.
        words: what its name says.
        papers: the numbers of the papers that have it.
        merges: forms that denote it, why, and the numbers of the papers for which that holds, if not for all.
        head: id of the concept that an ending of its name names, or None.
    """

    label: str
    aliases: tuple[str, ...]
    entry: Entry | None
    words: Words
    papers: bytes
    merges: tuple[tuple[str, Reason, bytes], ...]
    head: str | None = None


class Naming:
    """Names concepts one by one, and finds for each the one that the longest ending of its name names."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._named: Shuffle[Named | tuple[int, str]] = Shuffle()
        self._names: Shuffle[tuple[int, str]] = Shuffle()
        self._homes: Shuffle[tuple[int, str]] = Shuffle()

    def add(self, readings: Sequence[Reading]) -> None:
        """Take all readings that denote one concept, in the order of their first mentions."""
        concept, named = name_concept(readings)
        self._named.add(concept, named)
        kind = readings[0].kind
        self._names.add("\x1f".join((kind, *named.words)), (-1, concept))
        if named.entry:
            self._entries[named.entry.iri] = named.entry
        else:
            for cut, ending in enumerate(endings(named.words)):
                self._names.add("\x1f".join((kind, *ending)), (cut, concept))
        for reading in readings:
            for part, number in reading.homes:
                self._homes.add(f"{part:08d}", (number, concept))

    @property
    def entries(self) -> Iterable[Entry]:
        """What vocabularies know of the concepts."""
        return self._entries.values()

    def concepts(self) -> Table[Named]:
        """Return the concepts by id."""
        for _, called in self._names.groups():
            for concept, head in choose_heads(called):
                self._named.add(concept, head)
        table: Table[Named] = Table(held=_HELD)
        for concept, said in self._named.in_order():
            (named,) = (value for value in said if isinstance(value, Named))
            heads = [value for value in said if not isinstance(value, Named)]
            table.append(concept, named._replace(head=min(heads)[1]) if heads else named)
        return table

    def of_parts(self, parts: int) -> Records[list[str]]:
        """Return the ids of the concepts of the readings of each part, by their numbers in it."""
        concepts: Records[list[str]] = Records(held=1, block=1)
        for home, numbered in self._homes.in_order():
            while len(concepts) < int(home):
                concepts.append([])
            concepts.append([concept for _, concept in sorted(numbered)])
        while len(concepts) < parts:
            concepts.append([])
        return concepts


def name_concept(readings: Sequence[Reading]) -> tuple[str, Named]:
    """Return the concept that the readings of one key make, and its id.

    Args:
        readings: all that denote it, in the order of their first mentions.
    """
    forms: dict[str, list[Reading]] = defaultdict(list)
    for r in readings:
        forms[read_surface(r.surface)].append(r)
    entry = next((r.entry for r in readings if r.entry), None)
    if entry:
        label, name = entry.label, entry.iri.rsplit("/", 1)[1]
    else:
        brands = [form for form, of in forms.items() if any(r.introduced for r in of) and _is_brand(form)]
        long_forms = [form for form, of in forms.items() if form_words(form) in {r.words for r in of}]
        label = _choose_label(brands or long_forms or forms, forms)
        # among the ways to write the words ("fine-tuning", "finetuning") the one with most words names the concept
        name = slug_of(min({r.words for r in readings}, key=lambda w: (-len(w), w)))
    aliases = {*forms, *(r.surface for r in readings), *(entry.aliases if entry else ())} - {label}
    papers = _join_papers(readings)
    named = Named(label, tuple(sorted(aliases)), entry, readings[0].words, papers, _merges(label, readings))
    return f"{readings[0].kind.lower()}/{name}", named


def _merges(label: str, readings: Iterable[Reading]) -> tuple[tuple[str, Reason, bytes], ...]:
    found: dict[tuple[str, Reason], list[Reading]] = defaultdict(list)
    for r in readings:
        reason = r.reason or ("spelling" if r.surface.casefold() != label.casefold() else None)
        if reason and r.surface != label:
            found[r.surface, reason].append(r)
    return tuple(
        (form, reason, _join_papers(of) if reason in _OF_ONE_PAPER else b"")
        for (form, reason), of in sorted(found.items())
    )


def _join_papers(readings: Sequence[Reading]) -> bytes:
    """Return the numbers of the papers that have any of the readings, ascending."""
    if len(readings) == 1:
        return readings[0].papers
    return array("i", sorted(_papers(readings))).tobytes()


def _papers(readings: Iterable[Reading]) -> set[int]:
    return set().union(*(array("i", r.papers) for r in readings))


def _is_brand(surface: str) -> bool:
    """Return whether a form looks like a made name: one word with capitals or digits beyond its first letter."""
    return " " not in surface and any(c.isupper() or c.isdigit() for c in surface[1:])


def _choose_label(forms: Iterable[str], readings: Mapping[str, Sequence[Reading]]) -> str:
    """Return the form that most papers write, whatever its case and number, as it stands inside a sentence."""
    alike: dict[str, list[str]] = defaultdict(list)
    for form in forms:
        alike[singular_label(form.casefold())].append(form)

    def rank(key: str) -> tuple[int, int, str]:
        # hyphens taken as blanks, the form with fewer words has no head word added
        return -len(_papers(r for f in alike[key] for r in readings[f])), len(key.replace("-", " ").split()), key

    best = min(alike, key=rank) if len(alike) > 1 else next(iter(alike))
    return singular_label(min(alike[best], key=lambda f: (sum(map(str.isupper, f)), f)))
