"""Noun phrases of a text as verbatim spans, found without a tagger or a model.

A text is cut into words; words that cannot stand in a noun phrase (`kg.extraction.words`) and punctuation cut it into
chunks. The parts of a chunk that can stand alone, those that end in a noun, are the candidates. Chunks follow the
pattern (adjective | noun)* noun of Hulth (2003), "Improved automatic keyword extraction given
more linguistic knowledge".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kg.extraction.words import ALSO_NOUNS, AUXILIARIES, ends_open, sort_word, word_set
from kg.paper import Span

MAX_WORDS = 5
"""Words of the longest candidate."""

_OF_HEADS = word_set(
    "bag bags chain chains coefficient curse degree degrees ensemble field fields graph internet law laws lines"
    " method mixture mixtures mode modes moments order part parts point points principle product proof proofs quality"
    " region regions separation set sets state states structure sum system systems theory time total tree trees web"
)
"""Nouns that make one term with what follows "of", as in "mixture of experts"."""
_COMPOUND_PAST = word_set(
    "accelerated aided annotated assisted augmented based biased connected constrained controlled correlated coupled"
    " defined distributed driven embedded enabled enhanced generated guided informed layered limited oriented powered"
    " pruned quantized reinforced sampled scheduled shaped shared structured supervised tailored trained tuned"
    " weighted"
)
"""Participles that make one term with the noun before them, as in "transformer based model"."""
_OBJECT_FOLLOWS = word_set("the a an our its their these both each all any several such")
"""Words that follow a verb and hardly ever a noun."""
_WORD = re.compile(
    r"(?:\$[^$\n]{1,60}\$|[^\W_]|[ℓ\\])"
    r"(?:[\w+#@*&%'’\\]++|\$[^$\n]{1,60}\$|[-‐‑–](?=[\w$])|/(?=[A-Z\d])|\.(?=[a-z\d])|(?<=\b[A-Z])\.(?=[A-Z])"
    r"|(?<=\d)[,:](?=\d)|\(e?s\))*"
)
_TAIL = "'’*&\\"
_LIKE_ADJECTIVE = re.compile(r".*(?:ed|able|ible|ive|al|ous|ent|ant|ic|ing|ar|ful|less)")


class Word(NamedTuple):
    """A word: where it stands, how it reads, and whether nothing but space is between it and the word before."""

    start: int
    end: int
    surface: str
    lower: str
    joined: bool


def split_words(text: str) -> list[Word]:
    """Return the words of a text; the first line feed parts title and abstract."""
    words: list[Word] = []
    title_end = text.find("\n")
    last = -1
    for match in _WORD.finditer(text):
        surface = match.group().rstrip(_TAIL)
        if not surface:
            continue
        start = match.start()
        gap = text[last:start] if last >= 0 else "."
        joined = gap == " " or (gap.isspace() and gap.count("\n") < 2 and not last <= title_end < start)
        last = start + len(surface)
        words.append(Word(start, last, surface, surface.lower(), joined))
    return words


def _stands(words: list[Word], index: int, inside: bool) -> bool:
    """Return whether a word is a part of a noun phrase, judged by itself and its neighbours.

    Args:
        words: all words of a text.
        index: which of them.
        inside: whether the word before is a part of one, with nothing between the two.
    """
    word = words[index]
    kind = sort_word(word.surface)
    if kind == "stop":
        return False
    if kind == "name":
        return True
    before = words[index - 1].lower if word.joined else ""
    after = words[index + 1] if index + 1 < len(words) and words[index + 1].joined else None
    if kind == "number":
        return inside and words[index - 1].surface[0].isupper()
    if kind == "adverb":
        if after is None or index + 2 >= len(words) or not words[index + 2].joined:
            return False
        nouns = sort_word(words[index + 2].surface) not in ("stop", "adverb", "number")
        return nouns and sort_word(after.surface) != "stop" and bool(_LIKE_ADJECTIVE.fullmatch(after.lower))
    if before in AUXILIARIES and word.surface[0].islower():
        return False
    if kind == "past" and inside and word.surface[0].islower():
        return (
            word.lower in _COMPOUND_PAST and after is not None and sort_word(after.surface) in ("noun", "name", "verb?")
        )
    if kind == "verb?" and word.surface[0].islower():
        if before == "to":
            return word.lower not in ALSO_NOUNS
        if before in ("which", "who", "and/or"):
            return False
        if before == "that" and index > 1:
            return sort_word(words[index - 2].surface) in ("stop", "adverb")
    objects = after is not None and after.lower in _OBJECT_FOLLOWS
    return not (objects and (kind in ("verb?", "past") or word.lower.endswith("ing")))


def find_chunks(words: list[Word]) -> Iterator[list[Word]]:
    """Yield the longest runs of words that can stand in a noun phrase."""
    chunk: list[Word] = []
    for index, word in enumerate(words):
        stands = _stands(words, index, bool(chunk) and word.joined)
        if chunk and not (stands and word.joined):
            yield chunk
            chunk = []
        if stands:
            chunk.append(word)
    if chunk:
        yield chunk


def _joined_by_of(text: str, left: list[Word], right: list[Word]) -> bool:
    """Return whether two chunks make one term with "of" between them, as in "mixture of experts"."""
    if text[left[-1].end : right[0].start] != " of ":
        return False
    capitals = left[-1].surface[0].isupper() and right[0].surface[0].isupper() and right[-1].surface[0].isupper()
    return capitals or left[-1].lower in _OF_HEADS


def find_candidates(text: str) -> tuple[Span, ...]:
    """Return the noun phrases of a text, of one to five words each, in text order, shorter ones first.

    Phrases may lie in one another: the parts of "large language model inference" that can stand alone are candidates
    too. None crosses punctuation or the end of the title.

    Args:
        text: a title, a line feed, an abstract; offsets of the spans count its characters.

    >>> [span.surface for span in find_candidates("We rank passages by MRR@10.")]
    ['passages', 'MRR@10']
    """
    places: set[tuple[int, int]] = set()
    left: list[Word] = []
    for chunk in find_chunks(split_words(text)):
        ends = [word.end for word in chunk]
        closed = [not ends_open(word.surface) for word in chunk]
        for first, word in enumerate(chunk):
            reach = range(first, min(first + MAX_WORDS, len(chunk)))
            places.update((word.start, ends[last]) for last in reach if closed[last])
        if left and _joined_by_of(text, left, chunk):
            starts = [word.start for word in left[-2:]]
            places.update((start, ends[last]) for start in starts for last in range(min(2, len(chunk))) if closed[last])
        left = chunk
    return tuple(Span.of(text, start, end) for start, end in sorted(places))
