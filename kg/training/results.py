"""Fitting the weights that tell results from other quantities, from annotated papers and plain abstracts."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse  # type: ignore[import-untyped]
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from kg.extraction.quantities import find_quantities
from kg.extraction.results import TOKEN, log_odds, overlap, read_features
from kg.extraction.sentences import find_sentences, sentence_at
from kg.training.data import GoldPaper, find_near, read_gold

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SCALES = {"s": 0.3, "cl": 0.6, "lb": 0.7, "rb": 0.7, "u": 2.0, "u&dec": 2.0, "bias": 2.0}
SCALES |= {"sc": 0.2, "clc": 0.6, "lbc": 0.7, "rbc": 0.7}
"""What a feature counts before fitting, by the part of its name before "="; the rest count 1. Less is fitted slower."""
STRENGTH = 0.2
"""Inverse of the strength of the L2 penalty."""
RARE = 3
"""Features of fewer quantities than this are left out."""
SMALLEST = 0.01
"""Weights nearer to zero than this are not written."""
FOLDS, SEED = 5, 0
WORDS, NEIGHBOURS, DIMENSIONS, CLASSES = 8000, 2000, 60, 60
"""How many frequent words get a class, how many count as neighbours, length of the vectors, number of the classes."""


@dataclass(frozen=True)
class Examples:
    """Quantities of annotated papers, in order: features, whether a result (0 or 1), number of the paper, range."""

    features: Sequence[frozenset[str]]
    labels: Ints
    papers: Ints
    spans: Sequence[tuple[int, int]]


def read_examples(papers: Sequence[GoldPaper], classes: Mapping[str, int] | None = None) -> Examples:
    """Return all quantities of the papers with what the gold says of each."""
    features, labels, numbers, spans = [], [], [], []
    for number, paper in enumerate(papers):
        quantities, sentences = find_quantities(paper.text), find_sentences(paper.text)
        gold = [s for r in paper.entry["results"] for s in find_near(paper.text, r["value"], r.get("quote") or "")]
        for index, quantity in enumerate(quantities):
            place = (quantity.span.start, quantity.span.end)
            sentence = sentence_at(sentences, place[0])
            features.append(read_features(paper.text, sentence, quantities, index, classes))
            labels.append(int(any(overlap(place, g) >= 0.5 for g in gold)))
            numbers.append(number)
            spans.append(place)
    return Examples(features, np.array(labels), np.array(numbers), spans)


def fit_weights(features: Sequence[frozenset[str]], labels: Ints) -> dict[str, float]:
    """Return the weight of each feature that is common enough, fitted by a logistic regression."""
    counts = Counter(name for names in features for name in names)
    scale = {name: SCALES.get(name.split("=")[0], 1.0) for name, count in counts.items() if count >= RARE}
    vectorizer = DictVectorizer()
    rows = vectorizer.fit_transform([{n: scale[n] for n in sorted(names) if n in scale} for names in features])
    model = LogisticRegression(C=STRENGTH, max_iter=5000, fit_intercept=False).fit(rows, labels)
    fitted = zip(vectorizer.get_feature_names_out(), model.coef_[0], strict=True)
    return {name: float(weight) * scale[name] for name, weight in fitted}


def sum_weights(weights: Mapping[str, float], features: Sequence[frozenset[str]]) -> Floats:
    """Return the sum of the weights of each set of features."""
    return np.array([sum(weights.get(name, 0.0) for name in sorted(names)) for names in features])


def held_out_sums(examples: Examples, seed: int = SEED) -> Floats:
    """Return for each quantity the sum of weights that were fitted without its paper (five folds of papers)."""
    count = int(examples.papers.max()) + 1
    folds = np.random.default_rng(seed).permutation(count) % FOLDS
    sums = np.zeros(len(examples.labels))
    for fold in range(FOLDS):
        inside = folds[examples.papers] == fold
        kept = [f for f, out in zip(examples.features, inside, strict=True) if not out]
        weights = fit_weights(kept, examples.labels[~inside])
        sums[inside] = sum_weights(weights, [f for f, out in zip(examples.features, inside, strict=True) if out])
    return sums


def fit_odds(columns: Floats, labels: Ints) -> list[float]:
    """Return the factors of the columns and an offset that give the log odds of the labels (Platt's calibration)."""
    model = LogisticRegression(C=100.0, max_iter=5000).fit(columns, labels)
    return [*map(float, model.coef_[0]), float(model.intercept_[0])]


def train_results(
    gold_folder: Path, output: Path, tagged: Path | None = None, corpora: Path | None = None
) -> dict[str, float]:
    """Fit all weights to the annotated papers of a folder, write them as JSON, and return held-out scores (F1).

    The weights of the features are fitted to all papers; what is read from them (calibration, the scores that are
    returned) comes from sums of weights that were fitted without the paper in question.

    Args:
        gold_folder: holds `train.jsonl` and `train.papers.json`.
        output: the file to write; what cannot be fitted for want of the next two arguments is kept as it stands there.
        tagged: JSON Lines of {"id": ..., "spans": [[start, end, confidence], ...]}, the result values that a tagger
            found in papers it was not trained on.
        corpora: a folder of `*.jsonl.gz` with "title" and "abstract", from which classes of words are made.
    """
    papers = read_gold(gold_folder)
    values: dict[str, Any] = {"threshold": 0.5, "span_threshold": 0.9, "joint": None, "classes": []}
    if output.is_file():
        values |= json.loads(output.read_text(encoding="utf-8"))
    if corpora is not None:
        values["classes"] = class_words(read_abstracts(corpora))
    classes = {word: number for number, words in enumerate(values["classes"]) for word in words.split(" ")}
    examples = read_examples(papers, classes)
    sums = held_out_sums(examples)
    alone = fit_odds(sums[:, None], examples.labels)
    scores = {"alone": score_values(papers, examples, sums * alone[0] + alone[1] >= 0)}
    if tagged is not None:
        joint, seen, chosen = _fit_joint(papers, examples, sums, tagged)
        values["joint"] = joint
        scores["with the tagger"] = score_values(papers, examples, chosen, seen)
        scores["the same papers without"] = score_values(papers, examples, sums * alone[0] + alone[1] >= 0, seen)
    values["joint"] = [round(v, 4) for v in values["joint"] or (alone[0], 0.0, 0.0, alone[1])]
    values["alone"] = [round(v, 4) for v in alone]
    weights = sorted(fit_weights(examples.features, examples.labels).items())
    values["weights"] = {name: round(weight, 3) for name, weight in weights if abs(weight) >= SMALLEST}
    partial = output.with_suffix(".partial")
    partial.write_text(json.dumps(values, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    partial.replace(output)
    return scores


def _fit_joint(
    papers: Sequence[GoldPaper], examples: Examples, sums: Floats, tagged: Path
) -> tuple[list[float], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return the joint factors, which quantities are of tagged papers, and which of all quantities they choose."""
    found = {o["id"]: o["spans"] for o in map(json.loads, tagged.read_text(encoding="utf-8").splitlines())}
    seen = np.array([papers[n].id in found for n in examples.papers])
    places = zip(examples.papers, examples.spans, strict=True)
    odds = np.array([_tagged_odds(found.get(papers[n].id, []), place) for n, place in places])
    absent = np.isnan(odds)
    columns = np.column_stack([sums, np.where(absent, 0.0, odds), absent])
    own, other, missing, offset = fit_odds(columns[seen], examples.labels[seen])
    factors = [own, other, missing / other if other else 0.0, offset]
    return factors, seen, columns @ [own, other, missing] + offset >= 0


def _tagged_odds(spans: Sequence[Sequence[float]], place: tuple[int, int]) -> float:
    """Return the log odds that a tagger gives a quantity, NaN where it does not name it."""
    sure = [p for start, end, p in spans if overlap((int(start), int(end)), place) >= 0.5]
    return log_odds(max(sure)) if sure else float("nan")


def score_values(
    papers: Sequence[GoldPaper],
    examples: Examples,
    chosen: npt.NDArray[np.bool_],
    seen: npt.NDArray[np.bool_] | None = None,
) -> float:
    """Return the F1, in [0, 1], of the values of the chosen quantities against the gold, each value once a paper.

    Args:
        papers: the annotated papers.
        examples: their quantities.
        chosen: which of the quantities are taken for results.
        seen: which quantities are of papers that count; all where it is None.
    """
    counted = set(range(len(papers))) if seen is None else {int(n) for n in examples.papers[seen]}
    found: dict[int, set[str]] = {number: set() for number in counted}
    for number, place, keep in zip(examples.papers, examples.spans, chosen, strict=True):
        if keep and int(number) in counted:
            found[int(number)].add(_plain(papers[number].text[slice(*place)]))
    gold = {number: {_plain(r["value"]) for r in papers[number].entry["results"]} for number in counted}
    right = sum(len(found[number] & gold[number]) for number in counted)
    return 2 * right / (sum(map(len, found.values())) + sum(map(len, gold.values())))


def _plain(value: str) -> str:
    value = value.casefold().replace("\\", "").replace(" ", "").replace("percent", "%")
    return re.sub(r"(?:times|×|x)\Z", "x", value)


def read_abstracts(folder: Path) -> Iterator[str]:
    """Yield title, line feed, abstract of each line of the files `*.jsonl.gz` in a folder, in order of the names."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                yield f"{entry['title']}\n{entry['abstract']}"


def class_words(texts: Iterable[str]) -> list[str]:
    """Return classes of frequent words that have like neighbours; each class is its words, joined by spaces.

    A word's vector counts its neighbours, two to the left and two to the right, each place apart, as positive pointwise
    mutual information reduced by a singular value decomposition (Levy and Goldberg 2014); classes are by k-means.
    """
    tokens = [["#" if t[0].isdigit() else t.lower() for t in TOKEN.findall(text)] for text in texts]
    counts = Counter(t for text in tokens for t in text)
    words = sorted(counts, key=lambda w: (-counts[w], w))[:WORDS]
    numbers = {word: number for number, word in enumerate(words)}
    ids = np.array([n for text in tokens for n in (*(numbers.get(t, -1) for t in text), -1, -1)])
    table = sparse.csr_matrix((len(words), 4 * NEIGHBOURS), dtype=np.float64)
    for block, shift in enumerate((-2, -1, 1, 2)):
        other = np.roll(ids, -shift)
        known = (ids >= 0) & (other >= 0) & (other < NEIGHBOURS)
        places = (ids[known], other[known] + block * NEIGHBOURS)
        table = table + sparse.csr_matrix((np.ones(int(known.sum())), places), shape=table.shape)
    rows, columns = np.asarray(table.sum(axis=1)).ravel(), np.asarray(table.sum(axis=0)).ravel()
    cells = table.tocoo()
    information = np.log(cells.data * rows.sum() / (rows[cells.row] * np.maximum(columns[cells.col], 50)))
    positive = sparse.csr_matrix((np.maximum(information, 0), (cells.row, cells.col)), shape=table.shape)
    vectors = TruncatedSVD(DIMENSIONS, random_state=SEED).fit_transform(positive)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    labels = KMeans(CLASSES, n_init=1, random_state=SEED).fit_predict(vectors)
    return [" ".join(w for w, label in zip(words, labels, strict=True) if label == c) for c in range(CLASSES)]
