"""Mentions of all papers become concepts: what is called differently and is one thing gets one identifier.

A mention is known by the words of its surface form (`kg.forms`). Before two mentions are compared, abbreviations in
them are written out: first as their own paper defines them, then as the corpus does where it speaks with one voice.
Benchmarks and hardware that a vocabulary knows are the vocabulary's. What a user decided in a file of merges stands
above all. Every decision that is more than equal spelling is kept as a `Merge`, with its reason.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.decisions import Decision
from kg.joining import Joining, block_of, join_alike
from kg.meanings import Reason
from kg.mention import KINDS, Extracted, Kind, Mention
from kg.naming import Named, Naming
from kg.narrower import Broader
from kg.readings import PART, Part, Reading, Readings, agreed_abbreviations, read_as_elsewhere, read_mentions
from kg.shuffle import RUN, Records, Shuffle, Table
from kg.vocabulary import Entry

CONFIDENCE: dict[Reason, float] = {
    "spelling": 0.98,
    "abbreviation": 0.97,
    "abbreviation elsewhere": 0.9,
    "object left out": 0.8,
    "head word": 0.8,
    "word form": 0.8,
    "vocabulary": 0.95,
    "decision": 1.0,
}
"""How sure a merge is, by its reason, in (0, 1]."""

_KINDS: dict[str, Kind] = {kind.lower(): kind for kind in KINDS}

Place = tuple[str, str, int, int]
"""Where a mention stands: paper id, kind, start, end."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A thing that papers name.

    Attributes:
        id: kind and slug ("method/speculative-decoding"), made from content, the end of the concept's IRI.
        label, aliases: the canonical and the other surface forms, aliases sorted.
        broader: ids of the concepts that it is a kind of, sorted.
        entry: what a vocabulary knows of it, or None.
    """

    id: str
    kind: Kind
    label: str
    aliases: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    entry: Entry | None = None


@dataclass(frozen=True, order=True, slots=True)
class Merge:
    """One decision that a surface form denotes a concept; `paper` is empty where it holds for all papers."""

    concept: str
    form: str
    reason: str
    confidence: float
    paper: str = ""


class Concepts(Mapping[str, Concept]):
    """The concepts of a corpus, by id, sorted."""

    def __init__(self, named: Table[Named], broader: Broader) -> None:
        self._named, self._broader = named, broader
        self._known: dict[str, Concept] = {}

    def __getitem__(self, concept: str) -> Concept:
        """Return the concept of that id."""
        known = self._known.get(concept)
        if known is None:
            if len(self._known) >= RUN:
                self._known.clear()
            label, aliases, entry, *_ = self._named[concept]
            broader = tuple(sorted(self._broader.of(concept)))
            known = Concept(concept, _KINDS[concept.partition("/")[0]], label, aliases, broader, entry)
            self._known[concept] = known
        return known

    def __iter__(self) -> Iterator[str]:
        """Yield the ids."""
        return iter(self._named)

    def __len__(self) -> int:
        """Return how many concepts there are."""
        return len(self._named)

    def papers(self) -> Iterator[tuple[str, array[int]]]:
        """Yield the id of each concept, and the numbers of the papers that have it, ascending."""
        for concept, named in self._named.pairs():
            yield concept, array("i", named.papers)


class Merges(Iterable[Merge]):
    """Every merge, sorted; they can be walked through again and again."""

    def __init__(self, named: Table[Named], papers: Sequence[str]) -> None:
        self._named, self._papers = named, papers

    def __iter__(self) -> Iterator[Merge]:
        """Yield them."""
        for concept, named in self._named.pairs():
            for form, reason, papers in named.merges:
                for paper in (self._papers[number] for number in array("i", papers)) if papers else ("",):
                    yield Merge(concept, form, reason, CONFIDENCE[reason], paper)


class Denotations(Mapping[Place, str]):
    """What each mention denotes: (paper id, kind, start, end) → concept id; one paper after another is fast."""

    def __init__(self, papers: Sequence[str], size: int, parts: Records[Part], concepts: Records[list[str]]) -> None:
        self.papers = papers
        self._size, self._parts, self._concepts = size, parts, concepts
        self._part: tuple[int, Part, list[str]] | None = None
        self._paper: tuple[str, dict[tuple[str, int, int], str]] = "", {}

    def of_paper(self, paper: str) -> Mapping[tuple[str, int, int], str]:
        """Return what the mentions of one paper denote: (kind, start, end) → concept id."""
        if self._paper[0] != paper:
            number = bisect_right(self.papers, paper) - 1
            if number < 0 or self.papers[number] != paper:
                raise KeyError(paper)
            home, place = divmod(number, self._size)
            if self._part is None or self._part[0] != home:
                self._part = home, self._parts.block(home)[0], self._concepts.block(home)[0]
            _, part, concepts = self._part
            self._paper = paper, {(kind, a, b): concepts[n] for kind, a, b, n in part.places(place)}
        return self._paper[1]

    def __getitem__(self, place: Place) -> str:
        """Return the id of the concept that a mention denotes."""
        return self.of_paper(place[0])[place[1:]]

    def __iter__(self) -> Iterator[Place]:
        """Yield the places of all mentions."""
        for paper in self.papers:
            yield from ((paper, *place) for place in self.of_paper(paper))

    def __len__(self) -> int:
        """Return how many mentions there are."""
        return sum(len(self.of_paper(paper)) for paper in self.papers)


@dataclass(frozen=True)
class Resolution:
    """The concepts of a corpus, by id, and what each mention denotes: (paper id, kind, start, end) → concept id."""

    concepts: Concepts
    denotes: Denotations
    merges: Merges
    decisions: tuple[Decision, ...] = ()
    """The user's decisions, in their order."""
    unused: tuple[Decision, ...] = ()
    """Those that met no form of the corpus."""

    def concept_of(self, paper_id: str, mention: Mention) -> Concept:
        """Return the concept that a mention of a paper denotes."""
        return self.concepts[self.denotes.of_paper(paper_id)[mention.kind, mention.start, mention.end]]


def resolve_concepts(extractions: Extracted, decisions: Sequence[Decision] = (), part: int = PART) -> Resolution:
    """Return the concepts that the mentions of all papers denote; the order of the papers does not matter.

    Args:
        extractions: of the papers; walked through once if they are in the order of the papers' ids.
        decisions: of the user.
        part: how many papers are read together, which changes nothing but the memory that is taken.
    """
    found = read_mentions(extractions, part)
    joining, naming = Joining(decisions), Naming()
    for reading in _join_all(found):
        joining.add(reading)
    for group in joining.groups():
        naming.add(group)
    named, ids = naming.concepts(), naming.of_parts(len(found.parts))
    broader = Broader(naming.entries, lambda concept: known.head if (known := named.look_up(concept)) else None)
    for a_part, of_part in zip(found.parts, ids, strict=True):
        for narrow, wide in a_part.examples:
            broader.add(of_part[narrow], of_part[wide])
    denotes = Denotations(found.papers, part, found.parts, ids)
    merges = Merges(named, found.papers)
    return Resolution(Concepts(named, broader), denotes, merges, tuple(decisions), joining.unused)


def _join_all(found: Readings) -> Iterator[Reading]:
    """Yield the readings of all parts, those that denote one thing joined."""
    everywhere = agreed_abbreviations(found.longs)
    blocks: Shuffle[Reading] = Shuffle()
    for reading in found.readings:
        in_full = read_as_elsewhere(reading, everywhere)
        blocks.add(block_of(in_full), in_full)
    for _, block in blocks.groups():
        yield from join_alike(block)
