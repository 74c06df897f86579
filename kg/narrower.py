"""Which concept is a kind of which: by the head of its name, and by how papers list examples.

The patterns are those of Hearst, "Automatic acquisition of hyponyms from large text corpora" (COLING 1992).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from kg.mention import Extraction, Mention
from kg.ontology import BASE_IRI
from kg.vocabulary import with_broader

if TYPE_CHECKING:
    from kg.concepts import Concept

_SUCH_AS = re.compile(r"\s*,?\s*\(?(?:such as|including|like|e\.g\.,?|for example,?|for instance,?)\s+(?:the\s+)?")
_LIST_STEP = re.compile(r"\s*(?:\([^()]{1,20}\))?\s*(?:,\s*(?:and|or)?|and|or|/)\s*(?:the\s+)?")
_AND_OTHER = re.compile(r"\s*,?\s*(?:and|or) (?:other|similar|related)\s+")

_PREPOSITIONS = frozenset("of for with via by from using through without".split())

Broader = dict[str, set[str]]


def find_broader(
    extractions: Iterable[Extraction],
    concepts: Mapping[str, Concept],
    words: Mapping[str, tuple[str, ...]],
    denotes: Mapping[tuple[str, str, int, int], str],
) -> Broader:
    """Return, for each concept, the concepts that it is a kind of, without cycles; both are of one kind.

    Args:
        extractions: the papers, in a fixed order.
        concepts: all concepts by id.
        words: the words that each concept's name stands for.
        denotes: what each mention denotes, as in `Resolution`.
    """
    broader: Broader = defaultdict(set)
    _by_vocabulary(concepts, broader)
    _by_head(concepts, words, broader)
    for extraction in extractions:
        for narrow, wide in _by_example(extraction, denotes):
            if narrow != wide and not _reaches(broader, wide, narrow):
                broader[narrow].add(wide)
    return broader


def _by_vocabulary(concepts: Mapping[str, Concept], broader: Broader) -> None:
    """Add what the vocabularies say of known concepts and of all that is broader, mentioned or not."""
    for concept in concepts.values():
        if concept.entry:
            for entry in with_broader(concept.entry):
                broader[entry.iri.removeprefix(BASE_IRI)].update(b.removeprefix(BASE_IRI) for b in entry.broader)


def _by_head(concepts: Mapping[str, Concept], words: Mapping[str, tuple[str, ...]], broader: Broader) -> None:
    """Add the longest ending of each name that is a name itself: masked diffusion model → diffusion model."""
    names: dict[tuple[str, tuple[str, ...]], str] = {}
    for i, concept in concepts.items():
        names[concept.kind, words[i]] = i
    for i, concept in concepts.items():
        head = head_phrase(words[i])
        for cut in range(0 if head != words[i] else 1, len(head)):
            wide = names.get((concept.kind, head[cut:]))
            if wide and wide != i and not concept.entry:
                if not _reaches(broader, wide, i):
                    broader[i].add(wide)
                break


def head_phrase(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a name before its first preposition, the last of which says what the thing is.

    >>> head_phrase(("parallel", "decoding", "with", "adaptive", "draft"))
    ('parallel', 'decoding')
    """
    cut = next((n for n, word in enumerate(words) if n and word in _PREPOSITIONS), len(words))
    return words[:cut]


def _by_example(extraction: Extraction, denotes: Mapping[tuple[str, str, int, int], str]) -> list[tuple[str, str]]:
    """Return (narrower, broader) pairs that a paper states: "X such as A, B and C", "A, B and other X"."""
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
    paper = extraction.paper.id
    return [(denotes[paper, a.kind, a.start, a.end], denotes[paper, b.kind, b.start, b.end]) for a, b in found]


def _outermost(mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions that no other of them covers, in text order."""
    out: list[Mention] = []
    for m in sorted(mentions, key=lambda m: (m.start, -m.end)):
        if not out or m.start >= out[-1].end:
            out.append(m)
    return out


def _reaches(broader: Mapping[str, set[str]], start: str, goal: str) -> bool:
    """Return whether `goal` is `start` or among the concepts broader than it."""
    seen, todo = set(), [start]
    while todo:
        here = todo.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            todo.extend(broader.get(here, ()))
    return False
