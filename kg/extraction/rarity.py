"""How common words and phrases are in papers at large: counts over 45,347 arXiv abstracts, shipped as one table.

The counts tell a term from a phrase of everyday academic prose: a term is rarer, and more often in titles than the
words around it ("paper", "result" and "researcher" stand in abstracts and hardly ever in titles).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from kg.resources import resource

_BETWEEN = re.compile(r"[\s\-‐‑–/]+")


def singular(word: str) -> str:
    """Return a word in lower case without a plural ending (the S stemmer of Harman 1991).

    >>> [singular(word) for word in ("Strategies", "models", "loss", "corpus", "analysis", "bus")]
    ['strategy', 'model', 'loss', 'corpus', 'analysis', 'bus']
    """
    word = word.casefold()
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def phrase_key(surface: str) -> str:
    """Return what the spellings of one phrase have in common: no case, hyphen or plural.

    >>> phrase_key("Large-Language Models"), phrase_key("k-means"), phrase_key(" ")
    ('large language model', 'k mean', '')
    """
    return " ".join(singular(word) for word in _BETWEEN.split(surface) if word)


@dataclass(frozen=True)
class Rarity:
    """Counts of papers by key (`phrase_key`).

    Attributes:
        papers: how many papers were counted.
        words: papers that hold the word in a noun phrase, in one of their title, and as the last word of one.
        phrases: papers that hold the phrase, as a whole noun phrase, and as a whole noun phrase of the title.
    """

    papers: int
    words: dict[str, tuple[int, int, int]]
    phrases: dict[str, tuple[int, int, int]]

    def word(self, key: str) -> tuple[int, int, int]:
        """Return the counts of one word, zeros where it is rarer than the table goes."""
        return self.words.get(key, (0, 0, 0))

    def phrase(self, key: str) -> tuple[int, int, int]:
        """Return the counts of a phrase of several words, zeros where it is rarer than the table goes."""
        return self.phrases.get(key, (0, 0, 0))


def parse_rarity(lines: Sequence[str]) -> Rarity:
    r"""Return the table written as tab-separated lines: the number of papers first, then a key and its three counts.

    >>> parse_rarity(["3", "graph\t3\t2\t1", "graph search\t1\t1\t0"]).phrase("graph search")
    (1, 1, 0)
    """
    words: dict[str, tuple[int, int, int]] = {}
    phrases: dict[str, tuple[int, int, int]] = {}
    for line in lines[1:]:
        key, first, second, third = line.split("\t")
        (phrases if " " in key else words)[key] = int(first), int(second), int(third)
    return Rarity(int(lines[0]), words, phrases)


@cache
def read_rarity() -> Rarity:
    """Return the table that kg ships."""
    return parse_rarity(resource("models", "rarity.tsv").read_text(encoding="utf-8").splitlines())
