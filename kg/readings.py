"""How the mentions of all papers are read: their words, with abbreviations written out, and what a vocabulary knows.

Papers are read in parts, each by itself. Mentions of a part that are written and read alike are one reading, so that
what has to be carried on grows with the number of different names and not with the number of mentions.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from kg.forms import form_key, form_words
from kg.meanings import Longs, Meaning, Reason, Words, depends_on_paper, look_up_words, read_mention, write_out
from kg.mention import KINDS, Extracted, Extraction, Kind, Mention, in_paper_order
from kg.narrower import find_examples
from kg.resources import resource
from kg.shuffle import Records, Shuffle, Table
from kg.vocabulary import Entry

AGREEMENT = 0.9
"""Share of the papers defining an abbreviation that must agree before papers which do not define it follow them."""

PART = 1 << 14
"""Papers that are read together."""

_PLACES = 32
"""Bits of a mention's number among those of its paper."""


class Reading(NamedTuple):
    """How mentions of one kind and surface form are read in some papers.

    Attributes:
        kind, surface: of the mentions.
        words, key: what they say.
        reason: why the words are not as written, or None.
        entry: what a vocabulary knows of it, or None.
        papers: the numbers of the papers that have them, ascending, as `array("i")` holds them.
        mentions: how many there are.
        first, last: the places of the first and the last of them; places are in the order of papers and of text.
        introduced: whether one of the papers introduces it.
        homes: of each part of the papers that has it, the number of the part and its own number for the reading.
    """

    kind: Kind
    surface: str
    words: Words
    key: str
    reason: Reason | None
    entry: Entry | None
    papers: bytes
    mentions: int
    first: int
    last: int
    introduced: bool
    homes: tuple[tuple[int, int], ...]

    @property
    def meaning(self) -> tuple[str, str, Meaning]:
        """How the mentions are written, and what they say."""
        return self.kind, self.surface, (self.words, self.key, self.reason, self.entry)


class Part(NamedTuple):
    """The mentions of consecutive papers: where those of each paper begin, kind, start, end, reading of each.

    Readings are numbered within the part. `examples` are pairs of them: papers say that one is a kind of the other.
    """

    begin: array[int]
    kinds: bytearray
    starts: array[int]
    ends: array[int]
    readings: array[int]
    examples: dict[tuple[int, int], None]

    def places(self, paper: int) -> Iterator[tuple[Kind, int, int, int]]:
        """Yield kind, start, end and reading of the mentions of a paper, by its number within the part."""
        for n in range(self.begin[paper], self.begin[paper + 1]):
            yield KINDS[self.kinds[n]], self.starts[n], self.ends[n], self.readings[n]


@dataclass
class Readings:
    """What the mentions of a corpus say, but for abbreviations that only other papers define.

    Attributes:
        papers: their ids, sorted; a paper's number is its place here.
        parts: the mentions of each part of the papers.
        readings: those of the first part, then those of the second, and so on.
        longs: under the keys of long forms: short form's key, long form's words, number of papers that say so.
    """

    papers: list[str] = field(default_factory=list)
    parts: Records[Part] = field(default_factory=lambda: Records(held=1, block=1))
    readings: Records[Reading] = field(default_factory=Records)
    longs: Shuffle[tuple[str, Words, int]] = field(default_factory=Shuffle)


def read_mentions(extractions: Extracted, part: int = PART) -> Readings:
    """Return how the mentions of papers are read; the papers are walked through once, if they are in order.

    Args:
        extractions: of the papers; sorted here, in memory, if they are not in the order of the papers' ids.
        part: how many papers are read together.
    """
    found = Readings()
    reader, last = PartReader(0), ""
    for number, extraction in enumerate(extractions):
        if extraction.paper.id < last:
            return read_mentions(in_paper_order(extractions), part)
        last = extraction.paper.id
        if number and number % part == 0:
            reader.hand_over(found)
            reader = PartReader(number)
        reader.add(extraction)
        found.papers.append(last)
    reader.hand_over(found)
    return found


@dataclass(slots=True)
class _Seen:
    """Where a reading was met within a part."""

    first: int
    last: int = 0
    mentions: int = 0
    papers: array[int] = field(default_factory=lambda: array("i"))
    introduced: bool = False


class PartReader:
    """Reads the mentions of a part of the papers, one paper after the other.

    Args:
        paper: the number of the first.
    """

    def __init__(self, paper: int) -> None:
        self._paper = paper
        self._part = Part(array("i", [0]), bytearray(), array("i"), array("i"), array("i"), {})
        self._meanings: list[tuple[Kind, str, Meaning]] = []
        self._seen: list[_Seen] = []
        self._plain: dict[tuple[str, str], int] = {}
        self._others: dict[tuple[str, str, Meaning], int] = {}
        self._longs: Counter[tuple[str, str, Words]] = Counter()

    def add(self, extraction: Extraction) -> None:
        """Read the mentions of the next paper."""
        own: dict[str, Words] = {}
        defined = set()
        for short, long in extraction.abbreviations:
            key = form_key(short.surface)
            own[key] = form_words(long.surface)
            defined.add((key, long.surface))
        self._longs.update((form_key(long), key, form_words(long)) for key, long in defined)
        part, paper = self._part, self._paper
        for mention in extraction.mentions:
            if mention.kind not in KINDS:
                continue
            number = self._number(extraction, mention, own)
            place = paper << _PLACES | len(part.readings) - part.begin[-1]
            if number == len(self._seen):
                self._seen.append(_Seen(place))
            seen = self._seen[number]
            if not seen.papers or seen.papers[-1] != paper:
                seen.papers.append(paper)
            seen.mentions += 1
            seen.last = place
            seen.introduced |= mention.role == "introduces"
            part.kinds.append(KINDS.index(mention.kind))
            part.starts.append(mention.start)
            part.ends.append(mention.end)
            part.readings.append(number)
        part.begin.append(len(part.readings))
        if examples := find_examples(extraction):
            at = {place[:3]: place[3] for place in part.places(len(part.begin) - 2)}
            for pair in examples:
                narrow, wide = (at[m.kind, m.start, m.end] for m in pair)  # type: ignore[index]
                part.examples[narrow, wide] = None
        self._paper += 1

    def hand_over(self, found: Readings) -> None:
        """Add what was read to what was found in the parts before."""
        home = len(found.parts)
        found.parts.append(self._part)
        for number, ((kind, surface, meaning), seen) in enumerate(zip(self._meanings, self._seen, strict=True)):
            papers, homes = seen.papers.tobytes(), ((home, number),)
            found.readings.append(
                Reading(kind, surface, *meaning, papers, seen.mentions, seen.first, seen.last, seen.introduced, homes)
            )
        for (long, short, words), count in self._longs.items():
            found.longs.add(long, (short, words, count))

    def _number(self, extraction: Extraction, mention: Mention, own: Longs) -> int:
        """Return the number of a mention's reading: the one met before, unless its paper has a say in it."""
        kind = KINDS[KINDS.index(mention.kind)]
        name = kind, mention.surface
        plain = self._plain.get(name)
        ours = depends_on_paper(extraction, mention, own)
        if plain is not None and not ours:
            return plain
        meaning = read_mention(extraction, mention, own)
        if plain is not None and self._meanings[plain][2] == meaning:
            return plain
        number = self._others.get((*name, meaning), len(self._meanings))
        if number == len(self._meanings):
            self._meanings.append((kind, mention.surface, meaning))
        if plain is None and not ours:
            self._plain[name] = number
        else:
            self._others[(*name, meaning)] = number
        return number


def agreed_abbreviations(longs: Shuffle[tuple[str, Words, int]]) -> Table[Words]:
    """Return the long forms of abbreviations on which nearly all papers that define them agree.

    The papers of the corpus are counted together with those of the table that ships with kg.

    Args:
        longs: as in `Readings`.
    """
    shorts: Shuffle[tuple[str, Words, int]] = Shuffle()
    for short, long, agree, total in _known_abbreviations():
        longs.add(form_key(long), (form_key(short), form_words(long), agree))
        shorts.add(form_key(short), ("", (), total - agree))
    for long, said in longs.groups():
        words = max((words for _, words, _ in said), key=lambda words: (len(words), words))
        counts: Counter[str] = Counter()
        for short, _, papers in said:
            counts[short] += papers
        for short, papers in counts.items():
            shorts.add(short, (long, words, papers))
    agreed: Table[Words] = Table()
    for short, meant in shorts.in_order():
        long, words, papers = min(meant, key=lambda value: (-value[2], value[0]))
        if long and papers >= AGREEMENT * sum(papers for _, _, papers in meant) and len(short) > 1:
            agreed.append(short, words)
    return agreed


@cache
def _known_abbreviations() -> tuple[tuple[str, str, int, int], ...]:
    """Return the rows of the table that ships with kg: short form, long form, papers that agree, all papers."""
    lines = resource("models", "abbreviations.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return tuple((short, long, int(agree), int(total)) for short, long, agree, total in rows)


def read_as_elsewhere(reading: Reading, everywhere: Table[Words]) -> Reading:
    """Return a reading with abbreviations written out that its own papers leave as they are.

    Args:
        reading: of some mentions.
        everywhere: what abbreviations mean wherever papers do not say it.
    """
    if reading.reason is not None:
        return reading
    in_full = write_out(reading.words, everywhere.look_up)
    if in_full == reading.words:
        return reading
    words, key, reason, entry = look_up_words(reading.kind, in_full, "abbreviation elsewhere")
    return reading._replace(words=words, key=key, reason=reason, entry=entry)
