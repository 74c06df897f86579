"""The phrases that describe a paper: candidates scored by KeyBERT (Grootendorst 2020), in an order of our own.

Three steps: what can be measured without a vector (`kg.extraction.ranking`) draws up a short list, KeyBERT gives each
phrase on it the cosine of its vector and the text's, and both together give the order. The score of a
keyphrase is KeyBERT's. Vectors are those of the tagger, so that a text goes through one network once: that of a phrase
is the mean of its word pieces where it stands, that of the text the mean of all its noun phrases.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.extraction.later import put_off
from kg.extraction.ranking import IN_TEXT_ORDER, measure, read_trees
from kg.extraction.rarity import phrase_key, read_rarity
from kg.mention import Keyphrase
from kg.paper import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float64]

Hints = Mapping[tuple[int, int], float]
"""Probability in [0, 1] that the span [start, end) is a keyphrase, as some other model sees it."""

SHORT_LIST = 25
"""Phrases that KeyBERT scores: with more the keyphrases stay the same, with 15 they are hardly worse."""
COSINE_WEIGHT = 1.0
HINT_WEIGHT = 1.0
"""Weights of the cosine and of the log odds of a hint beside the log odds of the trees.

The cosine: from 0 to 2, F1@10 stays within 0.002 on annotated papers (cross-validated) and 0.004 on Inspec, and falls
above. Hints: chosen as plain addition; from 0.5 to 3, F1@10 stays within 0.011 of it on the 56 dev papers and within
0.006 on Inspec.
"""
_VENDORED = Path(__file__).resolve().parent.parent / "_vendor"
_UNNEEDED = ("huggingface_hub", "sentence_transformers", "model2vec", "litellm", "openai", "langchain", "cohere")
"""What KeyBERT loads where it is installed, for seconds, and kg does not use."""
_LATER = {
    "pandas": (),
    "numpy.f2py": (),
    "numpy.testing": (),
    "scipy.stats": ("rankdata",),
    "scipy.optimize": ("linear_sum_assignment", "minimize_scalar"),
    "scipy.integrate": ("trapezoid",),
}
"""What scikit-learn loads for other things than words and cosines, in more than half of its time (see `put_off`)."""


@cache
def load_keybert() -> Any:
    """Return a `keybert.KeyBERT` without a model: that which is installed, else the copy in kg's wheel.

    KeyBERT declares a dependency on sentence-transformers, and so on torch, but needs neither where it is given
    vectors; the wheel therefore carries it, to be found behind everything that is installed.
    """
    if not find_spec("keybert"):
        sys.path.append(str(_VENDORED))
    with _hidden(_UNNEEDED):
        try:
            with put_off(_LATER):
                import keybert
        except Exception:  # another version may use one of them while it is loaded
            import keybert
        from keybert.backend import BaseEmbedder

    return keybert.KeyBERT(BaseEmbedder())


@contextmanager
def _hidden(modules: Sequence[str]) -> Iterator[None]:
    """Let modules that are not loaded yet look as if they were not installed."""
    hidden = [module for module in modules if module not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for module in hidden:
            sys.modules.pop(module, None)


def score_phrases(text: str, phrases: Sequence[str], vectors: Vectors, whole: Vectors) -> dict[str, float]:
    """Return KeyBERT's score of each phrase: the cosine of its vector and the text's, in [-1, 1], to 4 decimals.

    Args:
        text: the text.
        phrases: different phrases.
        vectors: (phrases, size) vector of each.
        whole: (size,) vector of the text.
    """
    if not phrases:
        return {}
    model = load_keybert()
    import numpy as np
    from sklearn.feature_extraction.text import CountVectorizer

    # KeyBERT's own tokens lose case, hyphens and signs ("C++", "MRR@10"): the analyzer hands it whole phrases, which
    # it sorts.
    vectorizer = CountVectorizer(analyzer=lambda _: list(phrases))
    rows = np.array([vectors[index] for index in sorted(range(len(phrases)), key=phrases.__getitem__)])
    found = model.extract_keywords(
        text, vectorizer=vectorizer, top_n=len(phrases), doc_embeddings=whole[None], word_embeddings=rows
    )
    return dict(found)


def group_candidates(candidates: Sequence[Span]) -> dict[str, list[Span]]:
    """Return the spans of each phrase in text order, by the key that its spellings share, first phrase first.

    >>> group_candidates([Span(0, 7, "k-means"), Span(9, 16, "K means")])
    {'k mean': [Span(start=0, end=7, surface='k-means'), Span(start=9, end=16, surface='K means')]}
    """
    groups: dict[str, list[Span]] = {}
    for span in sorted(set(candidates), key=IN_TEXT_ORDER):
        if key := phrase_key(span.surface):
            groups.setdefault(key, []).append(span)
    return groups


def are_variants(key: str, other: str) -> bool:
    """Return whether one of two phrases (as keys) says nothing that the other does not.

    That is: one has all the words of the other, in any order, or is made of the other's first letters.

    >>> are_variants("image retrieval", "retrieval of image"), are_variants("gan", "generative adversarial network")
    (True, True)
    >>> are_variants("image retrieval", "text retrieval"), are_variants("sd", "speculative sampling")
    (False, False)
    """
    words, others = key.split(), other.split()
    if set(words) <= set(others) or set(others) <= set(words):
        return True
    if len(words) > len(others):
        words, others = others, words
    return len(words) == 1 and len(others) > 1 and words[0] == "".join(word[0] for word in others)


def _hint_odds(spans: Sequence[Span], hints: Hints) -> float:
    """Return the log odds of the most probable of a phrase's spans, in [-5, 5]."""
    best = max(hints.get((span.start, span.end), 0.0) for span in spans)
    best = min(max(best, 0.0067), 0.9933)
    return math.log(best / (1 - best))


def find_keyphrases(
    text: str,
    candidates: Sequence[Span],
    vectors: Callable[[Sequence[Sequence[Span]]], Vectors],
    *,
    count: int = 10,
    hints: Hints | None = None,
) -> tuple[Keyphrase, ...]:
    """Return up to `count` phrases that describe a paper, best first; no two are variants of one another.

    The outcome depends on the text and its hints alone, not on other papers. Each phrase is given where it first
    stands, with KeyBERT's score.

    Args:
        text: title, line feed, abstract; the spans' offsets refer to it.
        candidates: spans of the text, as `kg.extraction.candidates.find_candidates` gives them.
        vectors: gives an array (phrases, size) for the spans of each phrase, as `Reading.vectors` does.
        count: how many at most.
        hints: what another model thinks of the spans; 0 for those that are not there.
    """
    groups = group_candidates(candidates)
    if not groups or count < 1:
        return ()
    import numpy as np

    keys = list(groups)
    odds = read_trees().log_odds(measure(text, groups, read_rarity()))
    if hints:
        odds += HINT_WEIGHT * np.array([_hint_odds(spans, hints) for spans in groups.values()])
    listed = np.argsort(-odds, kind="stable")[: max(SHORT_LIST, 3 * count)].tolist()
    surfaces = {index: groups[keys[index]][0].surface for index in listed}
    rows = vectors(list(groups.values()))
    scores = score_phrases(text, list(surfaces.values()), rows[listed], rows.mean(axis=0))
    order = sorted(listed, key=lambda index: -float(odds[index]) - COSINE_WEIGHT * scores[surfaces[index]])

    chosen: list[str] = []
    for index in order:
        key = keys[index]
        if not any(are_variants(key, other) for other in chosen):
            chosen.append(key)
        if len(chosen) == count:
            break
    return tuple(Keyphrase(groups[key][0], scores[groups[key][0].surface]) for key in chosen)
