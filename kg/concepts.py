"""Mentions of all papers become concepts: what is called differently and is one thing gets one identifier.

A mention is known by the words of its surface form (`kg.forms`). Before two mentions are compared, abbreviations in
them are written out: first as their own paper defines them, then as the corpus does where it speaks with one voice.
Benchmarks and hardware that a vocabulary knows are the vocabulary's. What a user decided in a file of merges stands
above all. Every decision that is more than equal spelling is kept as a `Merge`, with its reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

from kg.decisions import Decision
from kg.extraction.notation import read_surface
from kg.forms import HEADS, SOFTWARE, form_key, form_words, key_of, singular_label, slug_of, stem_words, without_heads
from kg.hardware import Device, read_device
from kg.mention import KINDS, Extraction, Kind, Mention
from kg.narrower import find_broader
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

AGREEMENT = 0.9
"""Share of the papers defining an abbreviation that must agree before papers which do not define it follow them."""


@dataclass(frozen=True)
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


@dataclass(frozen=True, order=True)
class Merge:
    """One decision that a surface form denotes a concept; `paper` is empty where it holds for all papers."""

    concept: str
    form: str
    reason: str
    confidence: float
    paper: str = ""


@dataclass(frozen=True)
class Resolution:
    """The concepts of a corpus, by id, and what each mention denotes: (paper id, kind, start, end) → concept id."""

    concepts: Mapping[str, Concept]
    denotes: Mapping[tuple[str, str, int, int], str]
    merges: tuple[Merge, ...] = ()
    unused: tuple[Decision, ...] = ()
    """Decisions of the user that met no form of the corpus."""
    devices: Mapping[tuple[str, int, int], Device] = field(default_factory=dict)

    def concept_of(self, paper_id: str, mention: Mention) -> Concept:
        """Return the concept that a mention of a paper denotes."""
        return self.concepts[self.denotes[paper_id, mention.kind, mention.start, mention.end]]


@dataclass(frozen=True)
class _Reading:
    """How one mention is read: its words, their key, and why they are not as written."""

    paper: str
    mention: Mention
    words: tuple[str, ...]
    key: str
    reason: Reason | None = None
    entry: Entry | None = None


Longs = Mapping[str, tuple[str, ...]]
"""Key of a short form → the words of its long form."""


def resolve_concepts(extractions: Sequence[Extraction], decisions: Sequence[Decision] = ()) -> Resolution:
    """Return the concepts that the mentions of all papers denote; the order of the papers does not matter."""
    extractions = sorted(extractions, key=lambda e: e.paper.id)
    everywhere = _agreed_abbreviations(extractions)
    devices: dict[tuple[str, int, int], Device] = {}
    readings: list[_Reading] = []
    for extraction in extractions:
        own = {form_key(short.surface): form_words(long.surface) for short, long in extraction.abbreviations}
        for mention in extraction.mentions:
            if mention.kind in KINDS:
                readings.append(_read(extraction, mention, own, everywhere, devices))
    groups: dict[tuple[str, str], list[_Reading]] = defaultdict(list)
    decided, unused = _decide(_join_word_forms(_join_head_words(readings)), decisions)
    for reading in decided:
        groups[reading.mention.kind, reading.key].append(reading)
    return replace(_finish(extractions, groups, devices), unused=unused)


def _agreed_abbreviations(extractions: Iterable[Extraction]) -> Longs:
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


def _read(
    extraction: Extraction,
    mention: Mention,
    own: Longs,
    everywhere: Longs,
    devices: dict[tuple[str, int, int], Device],
) -> _Reading:
    """Return how a mention is read, writing abbreviations out and asking the vocabulary of its kind."""
    paper, surface = extraction.paper.id, _without_definition(read_surface(mention.surface), own)
    words = form_words(surface) or (surface,)
    if mention.kind == "Hardware":
        device = read_device(extraction.paper.text, mention.start, mention.end)
        devices[paper, mention.start, mention.end] = device
        if device.entry:
            return _Reading(paper, mention, words, _entry_key(device.entry), "vocabulary", device.entry)
        words = form_words(device.name) or words
    if mention.kind == "Benchmark" and (entry := load_vocabulary("benchmarks").find(surface)):
        return _Reading(paper, mention, words, _entry_key(entry), "vocabulary", entry)

    def written_out(words: tuple[str, ...], reason: Reason) -> _Reading:
        form = " ".join(words)
        if mention.kind == "Method" and (entry := find_method(form)):
            return _Reading(paper, mention, form_words(entry.label), _entry_key(entry), reason, entry)
        return _Reading(paper, mention, words, key_of(words), reason)

    as_defined = _write_out(words, own)
    if as_defined != words:
        return written_out(as_defined, "abbreviation")
    if mention.kind == "Method":
        in_full = say_in_full(extraction, mention, words)
        if in_full != words:
            return written_out(in_full, "object left out")
        if entry := find_method(surface):
            return _Reading(paper, mention, form_words(entry.label), _entry_key(entry), "vocabulary", entry)
    as_elsewhere = _write_out(words, everywhere)
    if as_elsewhere != words:
        return written_out(as_elsewhere, "abbreviation elsewhere")
    return _Reading(paper, mention, words, key_of(words))


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


def _join_head_words(readings: Sequence[_Reading]) -> list[_Reading]:
    """Return readings in which a name is one with itself and its head: "transformer", "transformer model"."""
    known = {(r.mention.kind, r.words): r for r in readings}
    heads = HEADS - SOFTWARE
    out = []
    for r in readings:
        shorter = known.get((r.mention.kind, r.words[:-1])) if r.words[-1:] and r.words[-1] in heads else None
        out.append(_join(r, shorter, "head word") if shorter and not r.entry else r)
    return out


def _join_word_forms(readings: Sequence[_Reading]) -> list[_Reading]:
    """Return readings in which what acts and what it does are one: "dense retriever" and "dense retrieval"."""
    families: dict[tuple[str, ...], list[_Reading]] = defaultdict(list)
    for r in readings:
        if r.mention.kind == "Method":
            families[stem_words(r.words)].append(r)
    chosen: dict[tuple[str, ...], _Reading] = {}
    for stem, family in families.items():
        counts = Counter(r.key for r in family)
        chosen[stem] = min(family, key=lambda r: (r.entry is None, -counts[r.key], r.key, r.words))
    return [
        _join(r, chosen[stem_words(r.words)], "word form") if r.mention.kind == "Method" and not r.entry else r
        for r in readings
    ]


def _join(reading: _Reading, other: _Reading, reason: Reason) -> _Reading:
    """Return a reading that denotes what the other does; itself where they denote the same."""
    if reading.key == other.key:
        return reading
    return replace(reading, words=other.words, key=other.key, entry=other.entry, reason=reason)


def _decide(readings: Sequence[_Reading], decisions: Sequence[Decision]) -> tuple[list[_Reading], tuple[Decision, ...]]:
    """Return readings as the user's decisions have them, the later above the earlier, and those that met none."""
    out, unused = list(readings), []
    for d in decisions:
        of_form, of_other = _written(out, d.kind, d.form), _written(out, d.kind, d.other)
        if not of_form or not of_other:
            unused.append(d)
            continue
        keys = {r.key for r in of_form}
        for i, r in enumerate(out):
            if r.mention.kind != d.kind:
                continue
            if d.together and r.key in keys:
                out[i] = _join(r, of_other[0], "decision")
            elif not d.together and r.key == of_other[0].key and r.mention.surface.casefold() == d.form.casefold():
                apart = (*form_words(d.form), "not", *form_words(d.other))
                out[i] = replace(r, words=apart, key=key_of(apart), reason="decision", entry=None)
    return out, tuple(unused)


def _written(readings: Iterable[_Reading], kind: str, form: str) -> list[_Reading]:
    """Return the readings of what is written as `form`, whatever the case; if none, those with its key."""
    same_kind = [r for r in readings if r.mention.kind == kind]
    exact = [r for r in same_kind if r.mention.surface.casefold() == form.casefold()]
    return exact or [r for r in same_kind if r.key == form_key(form)]


def _finish(
    extractions: Sequence[Extraction],
    groups: Mapping[tuple[str, str], Sequence[_Reading]],
    devices: Mapping[tuple[str, int, int], Device],
) -> Resolution:
    """Return the resolution: groups of readings named, numbered by content, put under broader concepts."""
    concepts: dict[str, Concept] = {}
    denotes: dict[tuple[str, str, int, int], str] = {}
    words: dict[str, tuple[str, ...]] = {}
    merges: set[Merge] = set()
    for (kind, _), readings in sorted(groups.items()):
        concept = _name(kind, readings)  # type: ignore[arg-type]
        if concept.id in concepts:
            raise AssertionError(f"{concept.id} stands for two keys")
        concepts[concept.id] = concept
        words[concept.id] = readings[0].words
        for r in readings:
            denotes[r.paper, r.mention.kind, r.mention.start, r.mention.end] = concept.id
            reason = r.reason or ("spelling" if r.mention.surface.casefold() != concept.label.casefold() else None)
            if reason and r.mention.surface != concept.label:
                paper = r.paper if reason in ("abbreviation", "object left out") else ""
                merges.add(Merge(concept.id, r.mention.surface, reason, CONFIDENCE[reason], paper))
    broader = find_broader(extractions, concepts, words, denotes)
    concepts = {i: replace(c, broader=tuple(sorted(broader.get(i, ())))) for i, c in sorted(concepts.items())}
    return Resolution(concepts, denotes, tuple(sorted(merges)), devices=devices)


def _name(kind: Kind, readings: Sequence[_Reading]) -> Concept:
    """Return the concept that readings of one key make: its label, aliases and identifier."""
    papers: dict[str, set[str]] = defaultdict(set)
    for r in readings:
        papers[read_surface(r.mention.surface)].add(r.paper)
    entry = next((r.entry for r in readings if r.entry), None)
    forms = [(r, read_surface(r.mention.surface)) for r in readings]
    brands = {form for r, form in forms if r.mention.role == "introduces" and _is_brand(form)}
    long_forms = {form for r, form in forms if form_words(form) == r.words}
    if entry:
        label, name = entry.label, entry.iri.rsplit("/", 1)[1]
    else:
        label = _choose_label(brands or long_forms or set(papers), papers)
        # among the ways to write the words ("fine-tuning", "finetuning") the one with most words names the concept
        written = min({r.words for r in readings}, key=lambda w: (-len(w), w))
        name = slug_of(written)
    aliases = {*papers, *(r.mention.surface for r in readings), *(entry.aliases if entry else ())} - {label}
    return Concept(f"{kind.lower()}/{name}", kind, label, tuple(sorted(aliases)), (), entry)


def _is_brand(surface: str) -> bool:
    """Return whether a form looks like a made name: one word with capitals or digits beyond its first letter."""
    return " " not in surface and any(c.isupper() or c.isdigit() for c in surface[1:])


def _choose_label(forms: Iterable[str], papers: Mapping[str, set[str]]) -> str:
    """Return the form that most papers write, whatever its case and number, as it stands inside a sentence."""
    alike: dict[str, list[str]] = defaultdict(list)
    for form in forms:
        alike[singular_label(form.casefold())].append(form)

    def rank(key: str) -> tuple[int, int, str]:
        # hyphens taken as blanks, the form with fewer words has no head word added
        return -len(set().union(*(papers[f] for f in alike[key]))), len(key.replace("-", " ").split()), key

    return singular_label(min(alike[min(alike, key=rank)], key=lambda f: (sum(map(str.isupper, f)), f)))
