"""Which concept is a kind of which: by the head of its name, and by how papers list examples.

The patterns are those of Hearst, "Automatic acquisition of hyponyms from large text corpora" (COLING 1992).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from kg.mention import Extraction, Mention
from kg.ontology import BASE_IRI
from kg.vocabulary import Entry, with_broader

_SUCH_AS = re.compile(r"\s*,?\s*\(?(?:such as|including|like|e\.g\.,?|for example,?|for instance,?)\s+(?:the\s+)?")
_LIST_STEP = re.compile(r"\s*(?:\([^()]{1,20}\))?\s*(?:,\s*(?:and|or)?|and|or|/)\s*(?:the\s+)?")
_AND_OTHER = re.compile(r"\s*,?\s*(?:and|or) (?:other|similar|related)\s+")

_PREPOSITIONS = frozenset("of for with via by from using through without".split())


def endings(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the endings of a name that may be names of what it is a kind of, the longest first.

    >>> list(endings(("masked", "diffusion", "model", "for", "text")))
    [('masked', 'diffusion', 'model'), ('diffusion', 'model'), ('model',)]
    """
    head = head_phrase(words)
    return (head[cut:] for cut in range(0 if head != words else 1, len(head)))


def choose_heads(said: Sequence[tuple[int, str]]) -> Iterator[tuple[str, tuple[int, str]]]:
    """Yield, for each concept that asks, its number and the concept that is called by the words that it asks for.

    Args:
        said: of one name, all concepts that are called so, each with -1, and those that ask for it, each with the
            place of the ending among its `endings`.
    """
    # where two are called so, one of them known to a vocabulary, the one whose key comes last
    called = max((concept for cut, concept in said if cut < 0), key=lambda c: c.replace("-", ""), default=None)
    if called:
        yield from ((concept, (cut, called)) for cut, concept in said if cut >= 0)


def head_phrase(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a name before its first preposition, the last of which says what the thing is.

    >>> head_phrase(("parallel", "decoding", "with", "adaptive", "draft"))
    ('parallel', 'decoding')
    """
    cut = next((n for n, word in enumerate(words) if n and word in _PREPOSITIONS), len(words))
    return words[:cut]


def find_examples(extraction: Extraction) -> list[tuple[Mention, Mention]]:
    """Return (narrower, broader) mentions as a paper states them: "X such as A, B and C", "A, B and other X"."""
    text, found = extraction.paper.text, []
    for kind in ("Method", "Benchmark", "Hardware"):
        mentions = _outermost([m for m in extraction.mentions if m.kind == kind])
        for i, wide in enumerate(mentions[:-1]):
            if not _SUCH_AS.fullmatch(text, wide.end, mentions[i + 1].start):
                continue
            for j in range(i + 1, len(mentions)):
                found.append((mentions[j], wide))
                if j + 1 < len(mentions) and not _LIST_STEP.fullmatch(text, mentions[j].end, mentions[j + 1].start):
                    break
        for narrow, wide in pairwise(mentions):
            if _AND_OTHER.fullmatch(text, narrow.end, wide.start):
                found.append((narrow, wide))
    return found


def _outermost(mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions that no other of them covers, in text order."""
    out: list[Mention] = []
    for m in sorted(mentions, key=lambda m: (m.start, -m.end)):
        if not out or m.start >= out[-1].end:
            out.append(m)
    return out


class Broader:
    """What each concept is directly a kind of, by id; there are no circles.

    Args:
        entries: what vocabularies know of concepts: all that is broader comes with it, mentioned or not.
        head: returns the concept that the ending of a concept's name names, or None.
    """

    def __init__(self, entries: Iterable[Entry], head: Callable[[str], str | None]) -> None:
        self._stated: dict[str, set[str]] = defaultdict(set)
        self._head = head
        for known in entries:
            for entry in with_broader(known):
                self._stated[entry.iri.removeprefix(BASE_IRI)].update(b.removeprefix(BASE_IRI) for b in entry.broader)

    def of(self, concept: str) -> set[str]:
        """Return what a concept is a kind of."""
        head = self._head(concept)
        return self._stated.get(concept, set()) | ({head} if head else set())

    def add(self, narrow: str, wide: str) -> None:
        """State that a concept is a kind of another, unless that would close a circle."""
        if narrow != wide and not self._reaches(wide, narrow):
            self._stated[narrow].add(wide)

    def _reaches(self, start: str, goal: str) -> bool:
        """Return whether `goal` is `start` or among the concepts broader than it."""
        seen, todo = set(), [start]
        while todo:
            here = todo.pop()
            if here == goal:
                return True
            if here not in seen:
                seen.add(here)
                todo.extend(self.of(here))
        return False
