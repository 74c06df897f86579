"""Which readings denote one thing though their words differ: by a head word, by the form of a word, by the user's word.

Readings are compared only with those that have the same `block_of`: blocks can be worked on one by one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from kg.decisions import Decision
from kg.forms import HEADS, SOFTWARE, form_key, form_words, key_of, stem_words
from kg.meanings import Reason, Words
from kg.readings import Reading
from kg.shuffle import Shuffle

_HEADS = HEADS - SOFTWARE
_HEAD_STEMS = frozenset(stem_words(("", head))[-1] for head in _HEADS)


def block_of(reading: Reading) -> str:
    """Return what readings have in common that may be joined by `join_alike`.

    That is the kind, and the words without head words at their end and without the ending of the last one. A head word
    counts here in any of its forms, as "processing" may be joined with "processor".
    """
    words = reading.words
    stem = stem_words(words)
    while len(words) > 1 and stem[-1] in _HEAD_STEMS:
        words = words[:-1]
        stem = stem_words(words)
    return "\x1f".join((reading.kind, *stem))


def join_alike(readings: list[Reading]) -> list[Reading]:
    """Return the readings of one block, each once, in the order of their first mentions, joined where they are one."""
    if len(readings) == 1:
        return readings
    return _join_word_forms(_join_head_words(_add_up(readings)))


def _add_up(readings: list[Reading]) -> list[Reading]:
    """Return readings that several parts of the papers have as one."""
    same: dict[object, list[Reading]] = {}
    for reading in sorted(readings, key=lambda r: r.first):
        same.setdefault(reading.meaning, []).append(reading)
    return [group[0] if len(group) == 1 else _sum(group) for group in same.values()]


def _sum(readings: Sequence[Reading]) -> Reading:
    return readings[0]._replace(
        papers=b"".join(r.papers for r in readings),
        mentions=sum(r.mentions for r in readings),
        last=readings[-1].last,
        introduced=any(r.introduced for r in readings),
        homes=tuple(home for r in readings for home in r.homes),
    )


def _join_head_words(readings: Sequence[Reading]) -> list[Reading]:
    """Return readings in which a name is one with itself and its head: "transformer", "transformer model"."""
    known = {r.words: r for r in sorted(readings, key=lambda r: r.last)}
    out = []
    for r in readings:
        shorter = known.get(r.words[:-1]) if r.words[-1:] and r.words[-1] in _HEADS else None
        out.append(_join(r, shorter, "head word") if shorter and not r.entry else r)
    return out


def _join_word_forms(readings: list[Reading]) -> list[Reading]:
    """Return readings in which what acts and what it does are one: "dense retriever" and "dense retrieval"."""
    if readings[0].kind != "Method":
        return readings
    families: dict[Words, list[Reading]] = defaultdict(list)
    for r in readings:
        families[stem_words(r.words)].append(r)
    chosen: dict[Words, Reading] = {}
    for stem, family in families.items():
        counts: Counter[str] = Counter()
        for r in family:
            counts[r.key] += r.mentions
        chosen[stem] = min(family, key=lambda r: (r.entry is None, -counts[r.key], r.key, r.words))
    return [r if r.entry else _join(r, chosen[stem_words(r.words)], "word form") for r in readings]


def _join(reading: Reading, other: Reading, reason: Reason) -> Reading:
    """Return a reading that denotes what the other does; itself where they denote the same."""
    if reading.key == other.key:
        return reading
    return reading._replace(words=other.words, key=other.key, entry=other.entry, reason=reason)


def name_of(reading: Reading) -> str:
    """Return what readings of one concept have in common."""
    return f"{reading.kind}\x1f{reading.key}"


class Joining:
    """Readings that are brought together by the concept that they denote, after the user's decisions on them.

    Only what a decision may touch is held in memory: the readings of concepts that one of its forms denotes.

    Attributes:
        unused: the decisions that met nothing, once all groups are yielded.
    """

    def __init__(self, decisions: Sequence[Decision] = ()) -> None:
        self._decisions, self.unused = decisions, tuple[Decision, ...]()
        self._forms = {(d.kind, form.casefold()) for d in decisions for form in (d.form, d.other)}
        self._names = {(d.kind, form_key(form)) for d in decisions for form in (d.form, d.other)}
        self._names |= {(d.kind, key_of(_apart(d))) for d in decisions}
        self._touched: set[str] = set()
        self._readings: Shuffle[Reading] = Shuffle()

    def add(self, reading: Reading) -> None:
        """Take a reading."""
        name = name_of(reading)
        self._readings.add(name, reading)
        if self._decisions and (
            (reading.kind, reading.surface.casefold()) in self._forms or (reading.kind, reading.key) in self._names
        ):
            self._touched.add(name)

    def groups(self) -> Iterator[list[Reading]]:
        """Yield the readings of each concept, in the order of their first mentions."""
        touched: list[Reading] = []
        for name, readings in self._readings.groups():
            readings.sort(key=lambda r: r.first)
            if name in self._touched:
                touched += readings
            else:
                yield readings
        decided, self.unused = decide(sorted(touched, key=lambda r: r.first), self._decisions)
        groups: dict[str, list[Reading]] = defaultdict(list)
        for reading in decided:
            groups[name_of(reading)].append(reading)
        yield from groups.values()


def decide(readings: Sequence[Reading], decisions: Sequence[Decision]) -> tuple[list[Reading], tuple[Decision, ...]]:
    """Return readings as the user's decisions have them, the later above the earlier, and those that met none."""
    out, unused = list(readings), []
    for d in decisions:
        of_form, of_other = _written(out, d.kind, d.form), _written(out, d.kind, d.other)
        if not of_form or not of_other:
            unused.append(d)
            continue
        keys = {r.key for r in of_form}
        for i, r in enumerate(out):
            if r.kind != d.kind:
                continue
            if d.together and r.key in keys:
                out[i] = _join(r, of_other[0], "decision")
            elif not d.together and r.key == of_other[0].key and r.surface.casefold() == d.form.casefold():
                words = _apart(d)
                out[i] = r._replace(words=words, key=key_of(words), reason="decision", entry=None)
    return out, tuple(unused)


def _apart(decision: Decision) -> Words:
    """Return the words of a form that is taken out of the concept of another."""
    return (*form_words(decision.form), "not", *form_words(decision.other))


def _written(readings: Iterable[Reading], kind: str, form: str) -> list[Reading]:
    """Return the readings of what is written as `form`, whatever the case; if none, those with its key."""
    same_kind = [r for r in readings if r.kind == kind]
    exact = [r for r in same_kind if r.surface.casefold() == form.casefold()]
    return exact or [r for r in same_kind if r.key == form_key(form)]
