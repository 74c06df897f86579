"""Counts what abbreviations stand for in a large corpus: the table by which undefined abbreviations are read.

    python -m kg.training.abbreviations PAPERS... > kg/models/abbreviations.tsv

A line holds the short form, its long form, the papers that define it so, and all papers that define it. Only short
forms are kept that nearly all papers read alike; those of two letters have to be very common.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from kg.extraction.abbreviations import find_abbreviations
from kg.extraction.notation import read_notation
from kg.forms import form_key, form_words
from kg.paper import Paper
from kg.reading.read import read_papers

LEAST_PAPERS = 10
LEAST_PAPERS_OF_TWO_LETTERS = 50
LEAST_SHARE = 0.9


def count_abbreviations(papers: Iterable[Paper]) -> Iterator[tuple[str, str, int, int]]:
    """Yield (short form, words of the long form, papers that agree, papers that define it), by short form."""
    longs: dict[str, Counter[str]] = defaultdict(Counter)
    shorts: dict[str, Counter[str]] = defaultdict(Counter)
    for paper in papers:
        pairs = {
            (short.surface.removesuffix("s"), " ".join(form_words(long.surface)))
            for short, long in find_abbreviations(read_notation(paper.text).text)
        }
        for short, long in sorted(pairs):
            longs[form_key(short)][long] += 1
            shorts[form_key(short)][short] += 1
    for key in sorted(longs):
        alike: dict[str, Counter[str]] = defaultdict(Counter)
        for long, count in longs[key].items():
            alike[form_key(long)][long] += count
        best = min(alike.values(), key=lambda spellings: (-spellings.total(), min(spellings)))
        total = longs[key].total()
        least = LEAST_PAPERS if len(key) > 2 else LEAST_PAPERS_OF_TWO_LETTERS
        if total >= least and best.total() >= LEAST_SHARE * total:
            yield _first(shorts[key]), _first(best), best.total(), total


def _first(counts: Counter[str]) -> str:
    return min(counts, key=lambda form: (-counts[form], form))


def main(inputs: Sequence[str]) -> None:
    """Print the table of the papers in the inputs."""
    for row in count_abbreviations(read_papers(inputs).papers):
        print(*row, sep="\t")


if __name__ == "__main__":
    main(sys.argv[1:])
