"""Mentions of all papers become concepts: what is called differently and is one thing gets one identifier.

A mention is known by the words of its surface form (`kg.forms`). Before two mentions are compared, abbreviations in
them are written out: first as their own paper defines them, then as the corpus does where it speaks with one voice.
Benchmarks and hardware that a vocabulary knows are the vocabulary's. What a user decided in a file of merges stands
above all. Every decision that is more than equal spelling is kept as a `Merge`, with its reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.decisions import Decision
from kg.extraction.notation import read_surface
from kg.forms import HEADS, SOFTWARE, form_key, form_words, key_of, singular_label, slug_of, stem_words
from kg.mention import Extracted, Kind, Mention, in_paper_order
from kg.narrower import find_broader
from kg.readings import Place, Reading, Readings, Reason, agreed_abbreviations
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


class Denotations(Mapping[Place, str]):
    """What each mention denotes: (paper id, kind, start, end) → concept id; one paper after another is fast."""

    def __init__(self, readings: Readings, concepts: Sequence[str]) -> None:
        self._readings, self._concepts = readings, concepts
        self._numbers = {paper: number for number, paper in enumerate(readings.papers)}
        self._last: tuple[str, dict[tuple[str, int, int], str]] = "", {}

    def of_paper(self, paper: str) -> Mapping[tuple[str, int, int], str]:
        """Return what the mentions of one paper denote: (kind, start, end) → concept id."""
        if self._last[0] != paper:
            places = self._readings.places(self._numbers[paper])
            self._last = paper, {(kind, a, b): self._concepts[number] for kind, a, b, number in places}
        return self._last[1]

    def __getitem__(self, place: Place) -> str:
        """Return the id of the concept that a mention denotes."""
        return self.of_paper(place[0])[place[1:]]

    def __iter__(self) -> Iterator[Place]:
        """Yield the places of all mentions."""
        for paper in self._readings.papers:
            yield from ((paper, *place) for place in self.of_paper(paper))

    def __len__(self) -> int:
        """Return how many mentions there are."""
        return sum(len(self.of_paper(paper)) for paper in self._readings.papers)


@dataclass(frozen=True)
class Resolution:
    """The concepts of a corpus, by id, and what each mention denotes: (paper id, kind, start, end) → concept id."""

    concepts: Mapping[str, Concept]
    denotes: Denotations
    merges: tuple[Merge, ...] = ()
    decisions: tuple[Decision, ...] = ()
    """The user's decisions, in their order."""
    unused: tuple[Decision, ...] = ()
    """Those that met no form of the corpus."""

    def concept_of(self, paper_id: str, mention: Mention) -> Concept:
        """Return the concept that a mention of a paper denotes."""
        return self.concepts[self.denotes.of_paper(paper_id)[mention.kind, mention.start, mention.end]]


def resolve_concepts(extractions: Extracted, decisions: Sequence[Decision] = ()) -> Resolution:
    """Return the concepts that the mentions of all papers denote; the order of the papers does not matter."""
    extractions = in_paper_order(extractions)
    found = Readings(extractions, agreed_abbreviations(extractions))
    decided, unused = _decide(_join_word_forms(_join_head_words(found.readings)), decisions)
    concepts, words, of_reading, merges = _name_groups(decided, found.papers)
    denotes = Denotations(found, of_reading)
    broader = find_broader(extractions, concepts, words, denotes)
    concepts = {i: replace(c, broader=tuple(sorted(broader.get(i, ())))) for i, c in sorted(concepts.items())}
    return Resolution(concepts, denotes, merges, tuple(decisions), unused)


def _join_head_words(readings: Sequence[Reading]) -> list[Reading]:
    """Return readings in which a name is one with itself and its head: "transformer", "transformer model"."""
    known = {(r.kind, r.words): r for r in sorted(readings, key=lambda r: r.seen.last)}
    heads = HEADS - SOFTWARE
    out = []
    for r in readings:
        shorter = known.get((r.kind, r.words[:-1])) if r.words[-1:] and r.words[-1] in heads else None
        out.append(_join(r, shorter, "head word") if shorter and not r.entry else r)
    return out


def _join_word_forms(readings: Sequence[Reading]) -> list[Reading]:
    """Return readings in which what acts and what it does are one: "dense retriever" and "dense retrieval"."""
    families: dict[tuple[str, ...], list[Reading]] = defaultdict(list)
    for r in readings:
        if r.kind == "Method":
            families[stem_words(r.words)].append(r)
    chosen: dict[tuple[str, ...], Reading] = {}
    for stem, family in families.items():
        counts: Counter[str] = Counter()
        for r in family:
            counts[r.key] += r.seen.mentions
        chosen[stem] = min(family, key=lambda r: (r.entry is None, -counts[r.key], r.key, r.words))
    return [
        _join(r, chosen[stem_words(r.words)], "word form") if r.kind == "Method" and not r.entry else r
        for r in readings
    ]


def _join(reading: Reading, other: Reading, reason: Reason) -> Reading:
    """Return a reading that denotes what the other does; itself where they denote the same."""
    if reading.key == other.key:
        return reading
    return replace(reading, words=other.words, key=other.key, entry=other.entry, reason=reason)


def _decide(readings: Sequence[Reading], decisions: Sequence[Decision]) -> tuple[list[Reading], tuple[Decision, ...]]:
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
                apart = (*form_words(d.form), "not", *form_words(d.other))
                out[i] = replace(r, words=apart, key=key_of(apart), reason="decision", entry=None)
    return out, tuple(unused)


def _written(readings: Iterable[Reading], kind: str, form: str) -> list[Reading]:
    """Return the readings of what is written as `form`, whatever the case; if none, those with its key."""
    same_kind = [r for r in readings if r.kind == kind]
    exact = [r for r in same_kind if r.surface.casefold() == form.casefold()]
    return exact or [r for r in same_kind if r.key == form_key(form)]


def _name_groups(
    readings: Sequence[Reading], papers: Sequence[str]
) -> tuple[dict[str, Concept], dict[str, tuple[str, ...]], list[str], tuple[Merge, ...]]:
    """Return the concepts that readings of one kind and key make, by id, and the words that each stands for.

    With them comes the concept of each reading, in the order of the readings, and every merge.
    """
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, reading in enumerate(readings):
        groups[reading.kind, reading.key].append(number)
    concepts: dict[str, Concept] = {}
    words: dict[str, tuple[str, ...]] = {}
    of_reading = [""] * len(readings)
    merges: set[Merge] = set()
    for (kind, _), numbers in sorted(groups.items()):
        group = [readings[number] for number in numbers]
        concept = _name(kind, group)  # type: ignore[arg-type]
        if concept.id in concepts:
            raise AssertionError(f"{concept.id} stands for two keys")
        concepts[concept.id] = concept
        words[concept.id] = group[0].words
        for number, r in zip(numbers, group, strict=True):
            of_reading[number] = concept.id
            reason = r.reason or ("spelling" if r.surface.casefold() != concept.label.casefold() else None)
            if reason and r.surface != concept.label:
                one_paper = reason in ("abbreviation", "object left out")
                where = [papers[paper] for paper in r.seen.papers] if one_paper else [""]
                merges.update(Merge(concept.id, r.surface, reason, CONFIDENCE[reason], paper) for paper in where)
    return concepts, words, of_reading, tuple(sorted(merges))


def _name(kind: Kind, readings: Sequence[Reading]) -> Concept:
    """Return the concept that readings of one key make: its label, aliases and identifier."""
    papers: dict[str, set[int]] = defaultdict(set)
    forms = [(r, read_surface(r.surface)) for r in readings]
    for r, form in forms:
        papers[form].update(r.seen.papers)
    entry = next((r.entry for r in readings if r.entry), None)
    brands = {form for r, form in forms if r.seen.introduced and _is_brand(form)}
    long_forms = {form for r, form in forms if form_words(form) == r.words}
    if entry:
        label, name = entry.label, entry.iri.rsplit("/", 1)[1]
    else:
        label = _choose_label(brands or long_forms or set(papers), papers)
        # among the ways to write the words ("fine-tuning", "finetuning") the one with most words names the concept
        written = min({r.words for r in readings}, key=lambda w: (-len(w), w))
        name = slug_of(written)
    aliases = {*papers, *(r.surface for r in readings), *(entry.aliases if entry else ())} - {label}
    return Concept(f"{kind.lower()}/{name}", kind, label, tuple(sorted(aliases)), (), entry)


def _is_brand(surface: str) -> bool:
    """Return whether a form looks like a made name: one word with capitals or digits beyond its first letter."""
    return " " not in surface and any(c.isupper() or c.isdigit() for c in surface[1:])


def _choose_label(forms: Iterable[str], papers: Mapping[str, set[int]]) -> str:
    """Return the form that most papers write, whatever its case and number, as it stands inside a sentence."""
    alike: dict[str, list[str]] = defaultdict(list)
    for form in forms:
        alike[singular_label(form.casefold())].append(form)

    def rank(key: str) -> tuple[int, int, str]:
        # hyphens taken as blanks, the form with fewer words has no head word added
        return -len(set().union(*(papers[f] for f in alike[key]))), len(key.replace("-", " ").split()), key

    return singular_label(min(alike[min(alike, key=rank)], key=lambda f: (sum(map(str.isupper, f)), f)))
