"""How the mentions of all papers are read: their words, with abbreviations written out, and what a vocabulary knows.

Mentions that are written and read alike are one reading, so that what has to be kept grows with the number of
different names and not with the number of mentions.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Literal

from kg.extraction.notation import read_surface
from kg.forms import form_key, form_words, key_of, without_heads
from kg.hardware import read_device
from kg.mention import KINDS, Extraction, Mention
from kg.omission import say_in_full
from kg.resources import resource
from kg.vocabulary import Entry, find_method, load_vocabulary

Reason = Literal[
    "spelling",
    "abbreviation",
    "abbreviation elsewhere",
    "object left out",
    "head word",
    "word form",
    "vocabulary",
    "decision",
]

AGREEMENT = 0.9
"""Share of the papers defining an abbreviation that must agree before papers which do not define it follow them."""

Longs = Mapping[str, tuple[str, ...]]
"""Key of a short form → the words of its long form."""

Place = tuple[str, str, int, int]
"""Where a mention stands: paper id, kind, start, end."""

_Meaning = tuple[tuple[str, ...], str, Reason | None, Entry | None]
"""Words, their key, why they are not as written, and what a vocabulary knows."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How mentions of one kind and surface form are read in some papers.

    Attributes:
        kind, surface: of the mentions.
        words, key: what they say.
        reason: why the words are not as written, or None.
        entry: what a vocabulary knows of it, or None.
        seen: in which papers, how often, and whether one of them introduces it.
    """

    kind: str
    surface: str
    words: tuple[str, ...]
    key: str
    reason: Reason | None
    entry: Entry | None
    seen: Seen

    @property
    def meaning(self) -> _Meaning:
        """What the mentions say, without how they are written."""
        return self.words, self.key, self.reason, self.entry


@dataclass(slots=True)
class Seen:
    """Where a reading was met: numbers of papers (ascending), of mentions, of the last mention among all."""

    papers: array[int] = field(default_factory=lambda: array("i"))
    mentions: int = 0
    last: int = 0
    introduced: bool = False


class Readings:
    """The readings of all mentions of a corpus, in the order in which they first come, and which mention has which."""

    def __init__(self, extractions: Iterable[Extraction], everywhere: Longs) -> None:
        self.readings: list[Reading] = []
        self.papers: list[str] = []
        self._plain: dict[tuple[str, str], int] = {}
        self._others: dict[tuple[tuple[str, str], _Meaning], int] = {}
        self._kinds, self._starts, self._ends = bytearray(), array("i"), array("i")
        self._of, self._first = array("i"), array("q")
        self._everywhere = everywhere
        for extraction in extractions:
            self._add(extraction)
        self._plain.clear()
        self._others.clear()

    def places(self, paper: int) -> Iterator[tuple[str, int, int, int]]:
        """Yield kind, start, end and reading (by its number) of the mentions of a paper."""
        end = self._first[paper + 1] if paper + 1 < len(self._first) else len(self._of)
        for n in range(self._first[paper], end):
            yield KINDS[self._kinds[n]], self._starts[n], self._ends[n], self._of[n]

    def _add(self, extraction: Extraction) -> None:
        own = {form_key(short.surface): form_words(long.surface) for short, long in extraction.abbreviations}
        paper = len(self.papers)
        self.papers.append(extraction.paper.id)
        self._first.append(len(self._of))
        for mention in extraction.mentions:
            if mention.kind not in KINDS:
                continue
            number = self._number(extraction, mention, own)
            seen = self.readings[number].seen
            if not seen.papers or seen.papers[-1] != paper:
                seen.papers.append(paper)
            seen.mentions += 1
            seen.last = len(self._of)
            seen.introduced |= mention.role == "introduces"
            self._kinds.append(KINDS.index(mention.kind))
            self._starts.append(mention.start)
            self._ends.append(mention.end)
            self._of.append(number)

    def _number(self, extraction: Extraction, mention: Mention, own: Longs) -> int:
        """Return the number of a mention's reading: the one met before, unless its paper has a say in it."""
        kind = KINDS[KINDS.index(mention.kind)]
        name = kind, mention.surface
        plain = self._plain.get(name)
        ours = _depends_on_paper(extraction, mention, own)
        if plain is not None and not ours:
            return plain
        meaning = _read(extraction, mention, own, self._everywhere)
        if plain is not None and self.readings[plain].meaning == meaning:
            return plain
        number = self._others.get((name, meaning), len(self.readings))
        if number == len(self.readings):
            self.readings.append(Reading(kind, mention.surface, *meaning, seen=Seen()))
        if plain is None and not ours:
            self._plain[name] = number
        else:
            self._others[name, meaning] = number
        return number


def agreed_abbreviations(extractions: Iterable[Extraction]) -> Longs:
    """Return the long forms of abbreviations on which nearly all papers that define them agree.

    The papers of the corpus are counted together with those of the table that ships with kg.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    words: dict[str, tuple[str, ...]] = {}
    for short, long, agree, total in _known_abbreviations():
        counts[form_key(short)].update({form_key(long): agree, "": total - agree})
        words[form_key(long)] = form_words(long)
    for extraction in extractions:
        pairs = {(form_key(short.surface), long.surface) for short, long in extraction.abbreviations}
        for key, long in pairs:
            counts[key][form_key(long)] += 1
            words[form_key(long)] = max(words.get(form_key(long), ()), form_words(long), key=lambda w: (len(w), w))
    agreed = {}
    for key, longs in counts.items():
        best, count = min(longs.items(), key=lambda item: (-item[1], item[0]))
        if best and count >= AGREEMENT * longs.total() and len(key) > 1:
            agreed[key] = words[best]
    return agreed


@cache
def _known_abbreviations() -> tuple[tuple[str, str, int, int], ...]:
    """Return the rows of the table that ships with kg: short form, long form, papers that agree, all papers."""
    lines = resource("models", "abbreviations.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return tuple((short, long, int(agree), int(total)) for short, long, agree, total in rows)


def _depends_on_paper(extraction: Extraction, mention: Mention, own: Longs) -> bool:
    """Return whether a mention may be read otherwise than by its kind and surface form alone."""
    if mention.kind == "Hardware" or (own and not own.keys().isdisjoint(_asked_of(mention.surface))):
        return True
    if mention.kind != "Method":
        return False
    words = form_words(read_surface(mention.surface))
    return say_in_full(extraction, mention, words) != words


@lru_cache(maxsize=65536)
def _asked_of(surface: str) -> frozenset[str]:
    """Return the keys that are looked up among a paper's own abbreviations when a surface form is read."""
    whole = read_surface(surface)
    head, bracket, tail = whole.rpartition(" (")
    asked = {form_key(tail[:-1])} if bracket and tail.endswith(")") else set()
    for form in (whole, head) if asked else (whole,):
        words = form_words(form) or (form,)
        asked |= {key_of(words), *(key_of((word,)) for word in words)}
    return frozenset(asked)


def _read(extraction: Extraction, mention: Mention, own: Longs, everywhere: Longs) -> _Meaning:
    """Return how a mention is read, writing abbreviations out and asking the vocabulary of its kind."""
    surface = _without_definition(read_surface(mention.surface), own)
    words = form_words(surface) or (surface,)
    if mention.kind == "Hardware":
        device = read_device(extraction.paper.text, mention.start, mention.end)
        if device.entry:
            return words, _entry_key(device.entry), "vocabulary", device.entry
        words = form_words(device.name) or words
    if mention.kind == "Benchmark" and (entry := load_vocabulary("benchmarks").find(surface)):
        return words, _entry_key(entry), "vocabulary", entry

    def written_out(words: tuple[str, ...], reason: Reason) -> _Meaning:
        form = " ".join(words)
        if mention.kind == "Method" and (entry := find_method(form)):
            return form_words(entry.label), _entry_key(entry), reason, entry
        return words, key_of(words), reason, None

    as_defined = _write_out(words, own)
    if as_defined != words:
        return written_out(as_defined, "abbreviation")
    if mention.kind == "Method":
        in_full = say_in_full(extraction, mention, words)
        if in_full != words:
            return written_out(in_full, "object left out")
        if entry := find_method(surface):
            return form_words(entry.label), _entry_key(entry), "vocabulary", entry
    as_elsewhere = _write_out(words, everywhere)
    if as_elsewhere != words:
        return written_out(as_elsewhere, "abbreviation elsewhere")
    return words, key_of(words), None, None


def _entry_key(entry: Entry) -> str:
    """Return the key of what a vocabulary knows: its slug without hyphens, as for any other name."""
    return entry.iri.rsplit("/", 1)[1].replace("-", "")


def _without_definition(surface: str, own: Longs) -> str:
    """Return "long form" for "long form (LF)", where the paper defines LF; other forms as they are."""
    head, bracket, tail = surface.rpartition(" (")
    return head if bracket and tail.endswith(")") and form_key(tail[:-1]) in own else surface


def _write_out(words: tuple[str, ...], longs: Longs) -> tuple[str, ...]:
    """Return words with every abbreviation replaced by its long form, whose head is dropped as in all forms."""
    whole = longs.get(key_of(words)) if words else None
    if whole:
        return whole
    out = tuple(part for word in words for part in longs.get(key_of((word,)), (word,)))
    return without_heads(out) if len(out) != len(words) else words
