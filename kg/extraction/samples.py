"""How the network of the tagger reads a text: windows of tokens with the word spans that may be mentions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Ints = npt.NDArray[np.int64]

KINDS = ("Method", "Benchmark", "Hardware", "Task", "Metric", "Result", "Baseline", "Keyphrase")
METHOD_ROLES = ("introduces", "uses", "compares", "mentions")
BENCHMARK_ROLES = ("introduces", "evaluates", "trains", "mentions")
MAX_WORDS = 12
"""Longest span that is considered, in words (a hyphen and other punctuation marks count as one word each)."""
WINDOW, OVERLAP = 510, 128
"""Tokens the network reads at once, and tokens that two neighbouring windows of a longer text share."""
SHAPES = 7 * 2 * 2 * 2
COUNTS = 6
"""Sizes of the tables of token shapes (`token_shapes`) and of span counts (`Sample.counts`)."""

_OPENING = set("($\\+-–~<#±×@≈≥≤>")
_CLOSING = set(")$%+*}×#°+")
_SEPARATORS = set("-_/–—")
_BREAK = re.compile(r"[.?!;:]\s|\n|;")
_SMALL_WORDS = frozenset(
    re.findall(
        r"\S+",
        """the a an and or of in on for to with by from at as is are was were be been this that these those it its our
        we their which while than but not can has have i.e e.g et using such via""",
    )
)


@dataclass(frozen=True)
class Sample:
    """One window of a text as the network reads it: N candidate spans over T tokens, all in text order.

    Attributes:
        ids, shapes: (T,) token numbers, and the shape that lower-casing loses (`token_shapes`).
        tokens: (T, 2) half-open character offsets into the text; the marks around a window have none: (0, 0).
        firsts, lasts: (N,) first and last token of each span.
        widths: (N,) words of the span, less one.
        groups: (N,) number of the group of spans that are written the same way (`spelling_key`).
        counts: (N,) 2 * min(spans in the group, 3) - 2, plus 1 where one of them is in the title.
        spans: (N, 2) half-open character offsets into the text.
    """

    ids: Ints
    shapes: Ints
    tokens: Ints
    firsts: Ints
    lasts: Ints
    widths: Ints
    groups: Ints
    counts: Ints
    spans: Ints

    def inputs(self) -> dict[str, Ints]:
        """Return the arrays that the network takes, by name; those of the tokens are (1, T)."""
        names = ("firsts", "lasts", "widths", "groups", "counts")
        return {"ids": self.ids[None], "shapes": self.shapes[None]} | {name: getattr(self, name) for name in names}


def spelling_key(surface: str) -> str:
    """Return what two spellings of one name have in common: no case, hyphen or plural ending.

    >>> spelling_key("Vision-Transformers"), spelling_key("loss"), spelling_key("2.13X")
    ('vision transformer', 'loss', '2.13x')
    """
    return _singular(re.sub(r"[\s\-_/–—]+", " ", surface.casefold()).strip())


def _singular(key: str) -> str:
    """Return a form key without the plural ending of its last word."""
    plural = key.endswith("s") and not key.endswith(("ss", "us", "is")) and len(key) - key.rfind(" ") > 4
    return key[:-1] if plural else key


@lru_cache(maxsize=65_536)
def _case(word: str) -> int:
    """Return how a word is written, as one number in [0, 7)."""
    letters = [c for c in word if c.isalpha()]
    digits = any(c.isdigit() for c in word)
    if not letters:
        return 0 if digits else 6
    if all(c.islower() for c in letters):
        return 5 if digits else 1
    if digits or (len(letters) > 1 and all(c.isupper() for c in letters)):
        return 3
    return 2 if letters[0].isupper() and all(c.islower() for c in letters[1:]) else 4


def token_shapes(text: str, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Return one number in [0, SHAPES) a word: case and digits; if it opens a sentence, is in brackets, in the title.

    >>> token_shapes("GPUs: fast (A100)", [(0, 4), (6, 10), (12, 16)])
    [37, 9, 27]
    """
    title_end = text.find("\n") if "\n" in text else len(text)
    shapes, depth, position = [], 0, 0
    for start, end in spans:
        before = text[max(position - 1, 0) : start].rstrip(" ")[-1:]
        for char in text[position:start]:
            depth = depth + 1 if char == "(" else max(depth - 1, 0) if char == ")" else depth
        position = max(position, start)
        opens = before in ("", ".", "\n", "?", "!")
        shapes.append(_case(text[start:end]) * 8 + opens * 4 + (depth > 0) * 2 + (start < title_end))
    return shapes


def load_tokenizer(path: Path) -> Any:
    """Return the tokenizer in a `tokenizer.json`, without cutting and padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@dataclass(frozen=True)
class _Word:
    first: int
    last: int
    start: int
    end: int


def _read_words(encoding: Any, text: str) -> list[_Word]:
    """Return the words of a text (runs of letters and digits, single marks), with their tokens."""
    words = []
    numbers, offsets = encoding.word_ids, encoding.offsets
    for number, tokens in groupby(range(len(numbers)), key=numbers.__getitem__):
        members = list(tokens)
        start, end = min(offsets[i][0] for i in members), max(offsets[i][1] for i in members)
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        if number is not None and start < end:
            words.append(_Word(members[0], members[-1], start, end))
    return words


def _window_starts(words: Sequence[_Word]) -> Iterator[tuple[int, int]]:
    """Yield half-open ranges of words whose tokens fit into one window, overlapping by about OVERLAP tokens."""
    low = 0
    while low < len(words):
        high = low + 1
        while high < len(words) and words[high].last - words[low].first < WINDOW:
            high += 1
        yield low, high
        if high == len(words):
            return
        following = high
        while following - 1 > low and words[high - 1].last - words[following - 1].first < OVERLAP:
            following -= 1
        low = following


def _candidates(text: str, words: Sequence[_Word]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of first and last word of every span that may name a thing."""
    surfaces = [text[w.start : w.end] for w in words]
    gaps = [text[a.end : b.start] for a, b in pairwise(words)] + [" "]
    small = [surface.lower() in _SMALL_WORDS for surface in surfaces]
    opens = [
        (surface[0].isalnum() or surface in _OPENING)
        and (not small[i] or (gaps[i] == "" and surfaces[i + 1] not in ",.;:!?"))
        for i, surface in enumerate(surfaces)
    ]
    closes = [
        surface in _CLOSING or (surface[-1].isalnum() and (not small[i] or (i > 0 and surfaces[i - 1] == "-")))
        for i, surface in enumerate(surfaces)
    ]
    ends = [bool(_BREAK.match(surface + gap)) or "\n" in gap for surface, gap in zip(surfaces, gaps, strict=True)]
    for i in compress(range(len(words)), opens):
        brackets = dollars = 0
        for j in range(i, min(i + MAX_WORDS, len(words))):
            brackets += (surfaces[j] == "(") - (surfaces[j] == ")")
            dollars += surfaces[j] == "$"
            if brackets < 0:
                break
            if closes[j] and brackets == 0 and dollars % 2 == 0 and not (i == j and small[j]):
                yield i, j
            if ends[j]:
                break


def _form_keys(text: str, words: Sequence[_Word], pairs: Sequence[tuple[int, int]]) -> list[str]:
    """Return the `spelling_key` of the span from the first to the last word of each pair."""
    plain, previous = "", 0
    starts, ends = [], []
    for word in words:
        surface = text[word.start : word.end]
        if (word.start > previous or surface in _SEPARATORS) and not plain.endswith(" "):
            plain += " "
        starts.append(len(plain))
        plain += "" if surface in _SEPARATORS else surface.casefold()
        ends.append(len(plain))
        previous = word.end
    return [_singular(plain[starts[i] : ends[j]].strip()) for i, j in pairs]


def read_samples(tokenizer: Any, text: str) -> list[Sample]:
    """Return the windows of a text as the network reads them; an empty list where the text has no word."""
    import numpy as np

    readable = text.encode("utf-8", "replace").decode()  # a lone surrogate becomes one question mark
    encoding = tokenizer.encode(readable, add_special_tokens=False)
    all_words = _read_words(encoding, text)
    all_shapes = token_shapes(text, [(w.start, w.end) for w in all_words])
    title_end = text.find("\n") if "\n" in text else len(text)
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    samples = []
    for low, high in _window_starts(all_words):
        words = all_words[low:high]
        base, stop = words[0].first, min(words[-1].last + 1, words[0].first + WINDOW)
        shapes = np.zeros(stop - base + 2, dtype=np.int64)
        for word, shape in zip(words, all_shapes[low:high], strict=True):
            shapes[word.first - base + 1 : word.last - base + 2] = shape
        pairs = list(_candidates(text, words))
        firsts, lasts = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        of_words = np.array([(word.first, word.last, word.start, word.end) for word in words], dtype=np.int64)
        spans = np.stack([of_words[firsts, 2], of_words[lasts, 3]], axis=1)
        keys = _form_keys(text, words, pairs)
        numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        titled = {keys[number] for number in np.flatnonzero(spans[:, 0] < title_end).tolist()}
        groups = np.array([numbers[key] for key in keys], dtype=np.int64)
        sizes = np.bincount(groups, minlength=1)
        in_title = np.array([key in titled for key in numbers], dtype=np.int64)
        counts = (2 * np.minimum(sizes, 3) - 2 + in_title)[groups]
        top = stop - base
        samples.append(
            Sample(
                ids=np.array([cls, *encoding.ids[base:stop], sep], dtype=np.int64),
                shapes=shapes,
                tokens=np.array([(0, 0), *encoding.offsets[base:stop], (0, 0)], dtype=np.int64),
                firsts=np.minimum(of_words[firsts, 0] - base + 1, top),
                lasts=np.minimum(of_words[lasts, 1] - base + 1, top),
                widths=lasts - firsts,
                groups=groups,
                counts=counts,
                spans=spans,
            )
        )
    return samples
