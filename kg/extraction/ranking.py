"""What makes a noun phrase a keyphrase: measurements of each candidate, and the trees that weigh them.

The measurements are those of the field (Hulth 2003; Witten et al. 1999, "KEA"; Frantzi et al. 2000, "C-value"): where a
phrase stands, how often, alone or inside longer ones, beside which words, and how rare it is elsewhere. The trees are
gradient-boosted (Friedman 2001) and stored as numbers in `models/ranking.json`; `kg.training.keyphrases` grows them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from kg.extraction.rarity import Rarity
from kg.paper import Span
from kg.resources import resource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

IN_TEXT_ORDER = attrgetter("start", "end")
"""What spans of one text are sorted by."""

_SENTENCE_END = re.compile(r"[.?!](?=\s)")
_NEXT = re.compile(r"\s*([^\W\d_]+|\S)")
_PREVIOUS = re.compile(r"([^\W\d_]+|\S)\s*\Z")
_ACRONYM = re.compile(r" \([A-Z\d]")
_PARTS = re.compile(r"[\s-]+")
_REMEMBERED = 65_536
_NEIGHBOURS = ("edge", "inside", "article", "of", "preposition", "and", "bracket", "being", "other")
_BESIDE = {
    "article": "a an the this these our its their such each",
    "of": "of",
    "preposition": "in on for with to via by from at as into through over under between",
    "and": "and or , &",
    "bracket": "( ) [ ]",
    "being": "is are was were has have can be",
    "edge": ". : ; ? !",
}
_KINDS_OF_WORDS = {word: kind for kind, words in _BESIDE.items() for word in words.split()}
_ENDINGS = ("ed", "ing", "ly", "al", "ive")


def _neighbour(match: re.Match[str] | None, inside: bool) -> str:
    if inside:
        return "inside"
    return _KINDS_OF_WORDS.get(match.group(1).lower(), "other") if match else "edge"


def _blocks(spans: Sequence[Span]) -> dict[Span, tuple[int, int]]:
    """Return for each of the spans, in text order, the stretch of overlapping spans that it lies in."""
    merged: list[list[int]] = []
    for span in spans:
        if merged and span.start < merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], span.end)
        else:
            merged.append([span.start, span.end])
    found: dict[Span, tuple[int, int]] = {}
    number = 0
    for span in spans:
        while span.start >= merged[number][1]:
            number += 1
        found[span] = (merged[number][0], merged[number][1])
    return found


def _where(
    text: str, spans: Sequence[Span], blocks: Mapping[Span, tuple[int, int]], title_end: int, opening: int
) -> list[float]:
    """Measure where one phrase stands: position, number, and the words beside it.

    `opening` is where the first sentence of the abstract ends.
    """
    places = [(span.start, span.end, *blocks[span]) for span in spans]
    in_title = [place for place in places if place[0] < title_end]
    whole = sum(start == from_ and end == to for start, end, from_, to in places)
    in_abstract = next((start for start, *_ in places if start > title_end), len(text))
    before = dict.fromkeys(_NEIGHBOURS, 0.0)
    after = dict.fromkeys(_NEIGHBOURS, 0.0)
    acronym, share = False, 1 / len(spans)
    for start, end, from_, to in places:
        left = _PREVIOUS.search(text, max(0, start - 20), start)
        before[_neighbour(left, from_ < start)] += share
        right = None if end == title_end else _NEXT.match(text, end)
        after[_neighbour(right, to > end)] += share
        acronym = acronym or _ACRONYM.match(text, end) is not None
    return [
        float(bool(in_title)),
        float(any(start == from_ and end == to for start, end, from_, to in in_title)),
        float(any(to == end for _, end, _, to in in_title)),
        float(any(title_end < start < opening for start, *_ in places)),
        math.log1p(places[0][0] / 50),
        math.log1p((in_abstract - title_end) / 50),
        places[0][0] / len(text),
        (places[-1][0] - places[0][0]) / len(text),
        float(len(spans)),
        float(whole),
        whole / len(spans),
        float(acronym),
        *before.values(),
        *after.values(),
    ]


@lru_cache(maxsize=_REMEMBERED)
def _spelling(surface: str) -> tuple[float, ...]:
    """Measure how one phrase is written."""
    words = surface.split()
    first = words[0].lower()
    return (
        float(len(words)),
        float(len(_PARTS.split(surface))),
        float(len(surface)),
        float(any(map(str.isupper, surface[1:]))),
        float(len(words) == 1 and surface[:-1].isupper()),
        sum(word[0].isupper() for word in words) / len(words),
        float(any(map(str.isdigit, surface))),
        float("-" in surface),
        float(" of " in surface),
        float("$" in surface or "\\" in surface),
        *[float(first.endswith(ending)) for ending in _ENDINGS],
        float(words[-1].lower().endswith("ing")),
    )


def _commonness(key: str, rarity: Rarity) -> list[float]:
    """Measure how common a phrase and its words are elsewhere, and how much more so in titles."""
    words = key.split()
    counts = [rarity.word(word) for word in words]
    rare, titled, last = zip(*[_term(rarity.papers, *count) for count in counts], strict=True)
    held, whole, title = rarity.phrase(key) if len(words) > 1 else (counts[0][0], counts[0][2], counts[0][1])
    together = (math.log((held + 0.5) / rarity.papers) + sum(rare)) / len(words) if len(words) > 1 else 0.0
    return [
        min(rare),
        max(rare),
        sum(rare) / len(rare),
        rare[0],
        rare[-1],
        min(titled),
        max(titled),
        sum(titled) / len(titled),
        titled[0],
        titled[-1],
        last[0],
        last[-1],
        math.log((rarity.papers + 1) / (held + 1)),
        math.log1p(whole),
        math.log((whole + 1) / (held + 2)),
        math.log((title + 0.2) / (0.2 * whole + 0.2)),
        together,
    ]


@lru_cache(maxsize=_REMEMBERED)
def _term(papers: int, count: int, title: int, head: int) -> tuple[float, float, float]:
    """Measure how rare a word is, how much more often in titles, and how often it ends a phrase.

    A word is in about a fifth of the titles of the papers it is in; the excess over that says "term".
    """
    return (
        math.log(papers / (count + 1)),
        math.log((title + 0.6) / (0.2 * count + 0.6)),
        math.log((head + 1) / (count + 2)),
    )


def _nesting(groups: Mapping[str, Sequence[Span]]) -> dict[str, list[float]]:
    """Measure, for each phrase, how often longer phrases with it, and shorter ones in it, stand in the text."""
    counts = {key: len(spans) for key, spans in groups.items()}
    longer = dict.fromkeys(groups, 0)
    longer_kinds = dict.fromkeys(groups, 0)
    shorter = dict.fromkeys(groups, 0)
    for key in groups:
        words = key.split()
        for first in range(len(words)):
            for last in range(first + 1, len(words) + 1):
                part = " ".join(words[first:last])
                if part != key and part in counts:
                    longer[part] = max(longer[part], counts[key])
                    longer_kinds[part] += 1
                    shorter[key] = max(shorter[key], counts[part])
    return {
        key: [
            float(longer[key]),
            longer[key] / counts[key],
            float(longer_kinds[key]),
            float(shorter[key]),
            shorter[key] / counts[key],
        ]
        for key in groups
    }


def measure(text: str, groups: Mapping[str, Sequence[Span]], rarity: Rarity) -> Floats:
    """Return an array (phrases, features) of measurements, a row for each group.

    Args:
        text: title, line feed, abstract.
        groups: the spans of each phrase in text order, by key.
        rarity: counts of other papers.
    """
    import numpy as np

    title_end = max(text.find("\n"), 0)
    blocks = _blocks(sorted(chain.from_iterable(groups.values()), key=IN_TEXT_ORDER))
    nesting = _nesting(groups)
    first_sentence = _SENTENCE_END.search(text, title_end + 1)
    opening = first_sentence.end() if first_sentence else len(text)
    rows = []
    for key, spans in groups.items():
        where = _where(text, spans, blocks, title_end, opening)
        rows.append(
            [*where, *_spelling(spans[0].surface), *_commonness(key, rarity), *nesting[key], float(len(groups))]
        )
    return np.array(rows, np.float64).reshape(len(groups), -1)


@dataclass(frozen=True)
class Trees:
    """Regression trees whose sum is the log odds that a phrase is a keyphrase.

    Attributes:
        base: log odds before any tree.
        feature, threshold, left, right, value: (trees, nodes); a node whose `left` is itself is a leaf, a row goes left
            where its feature is at most the threshold.
    """

    base: float
    feature: NDArray[np.int64]
    threshold: Floats
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: Floats

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Trees:
        """Return trees from JSON: `base`, and `trees` as lists of nodes, [value] or [feature, threshold, left, right].

        >>> stump = Trees.of({"base": 0.5, "trees": [[[0, 1.5, 1, 2], [-1.0], [2.0]]]})
        >>> import numpy as np
        >>> stump.log_odds(np.array([[1.5], [1.6]])).tolist()
        [-0.5, 2.5]
        """
        import numpy as np

        trees = stored["trees"]
        shape = len(trees), max((len(tree) for tree in trees), default=1)
        feature, left, right = (np.zeros(shape, np.int64) for _ in range(3))
        threshold, value = np.zeros(shape), np.zeros(shape)
        for row, tree in enumerate(trees):
            for place, node in enumerate(tree):
                left[row, place] = right[row, place] = place
                if len(node) == 1:
                    value[row, place] = node[0]
                else:
                    feature[row, place], threshold[row, place], left[row, place], right[row, place] = node
        return cls(float(stored["base"]), feature, threshold, left, right, value)

    def log_odds(self, features: Floats) -> Floats:
        """Return the log odds of each row of (rows, features)."""
        import numpy as np

        feature, threshold = self.feature.ravel(), self.threshold.ravel()
        roots = np.arange(len(self.feature)) * self.feature.shape[1]
        children = np.stack([self.right + roots[:, None], self.left + roots[:, None]], axis=-1).ravel()
        values, columns = np.ascontiguousarray(features).ravel(), features.shape[1]
        rows = np.arange(len(features))[:, None] * columns
        at = np.broadcast_to(roots, (len(features), len(roots)))
        while True:
            goes_left = values.take(rows + feature.take(at)) <= threshold.take(at)
            following = children.take(2 * at + goes_left)
            if (following == at).all():
                return np.asarray(self.base + self.value.ravel().take(at).sum(axis=1))
            at = following


@cache
def read_trees() -> Trees:
    """Return the trees that kg ships."""
    return Trees.of(json.loads(resource("models", "ranking.json").read_text(encoding="utf-8")))
