"""What one mention says in its paper: its words, with the paper's own abbreviations written out, and what is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal

from kg.extraction.notation import read_surface
from kg.forms import form_key, form_words, key_of, without_heads
from kg.hardware import read_device
from kg.mention import Extraction, Mention
from kg.omission import say_in_full
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

Words = tuple[str, ...]
Longs = Mapping[str, Words]
"""Key of a short form → the words of its long form."""

Meaning = tuple[Words, str, Reason | None, Entry | None]
"""Words, their key, why they are not as written, and what a vocabulary knows."""


def depends_on_paper(extraction: Extraction, mention: Mention, own: Longs) -> bool:
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


def read_mention(extraction: Extraction, mention: Mention, own: Longs) -> Meaning:
    """Return how a mention is read, writing out what its paper abbreviates and asking the vocabulary of its kind."""
    surface = _without_definition(read_surface(mention.surface), own)
    words = form_words(surface) or (surface,)
    if mention.kind == "Hardware":
        device = read_device(extraction.paper.text, mention.start, mention.end)
        if device.entry:
            return words, entry_key(device.entry), "vocabulary", device.entry
        words = form_words(device.name) or words
    if mention.kind == "Benchmark" and (entry := load_vocabulary("benchmarks").find(surface)):
        return words, entry_key(entry), "vocabulary", entry
    as_defined = write_out(words, own.get) if own else words
    if as_defined != words:
        return look_up_words(mention.kind, as_defined, "abbreviation")
    if mention.kind == "Method":
        in_full = say_in_full(extraction, mention, words)
        if in_full != words:
            return look_up_words(mention.kind, in_full, "object left out")
        if entry := find_method(surface):
            return form_words(entry.label), entry_key(entry), "vocabulary", entry
    return words, key_of(words), None, None


def look_up_words(kind: str, words: Words, reason: Reason) -> Meaning:
    """Return the meaning of words that are not as written; those of methods may be known to the vocabulary."""
    if kind == "Method" and (entry := find_method(" ".join(words))):
        return form_words(entry.label), entry_key(entry), reason, entry
    return words, key_of(words), reason, None


def entry_key(entry: Entry) -> str:
    """Return the key of what a vocabulary knows: its slug without hyphens, as for any other name."""
    return entry.iri.rsplit("/", 1)[1].replace("-", "")


def _without_definition(surface: str, own: Longs) -> str:
    """Return "long form" for "long form (LF)", where the paper defines LF; other forms as they are."""
    head, bracket, tail = surface.rpartition(" (")
    return head if bracket and tail.endswith(")") and form_key(tail[:-1]) in own else surface


def write_out(words: Words, long_form: Callable[[str], Words | None]) -> Words:
    """Return words with every abbreviation replaced by its long form, whose head is dropped as in all forms."""
    whole = long_form(key_of(words)) if words else None
    if whole:
        return whole
    longs = [(word, long_form(key_of((word,)))) for word in words]
    out = tuple(part for word, long in longs for part in ((word,) if long is None else long))
    return without_heads(out) if len(out) != len(words) else words
