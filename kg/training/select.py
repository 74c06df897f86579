"""Choosing thresholds on held-out papers, calibrating confidences, and counting what is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from kg.extraction.samples import KINDS, spelling_key
from kg.extraction.tagger import Reading
from kg.training.data import FIELDS, GoldPaper

GRID = tuple(round(0.1 + 0.02 * i, 2) for i in range(41))
"""Thresholds that are tried, as calibrated probabilities."""
TOLERANCE = 0.008
"""Difference of two F1 that does not matter."""


def uncalibrated() -> dict[str, Any]:
    """Return settings under which a reading shows the plain probabilities of the network."""
    return {
        "calibration": {kind: [1.0, 0.0] for kind in KINDS},
        "thresholds": dict.fromkeys(KINDS, 0.5),
        "introduces": {"Method": 0.5, "Benchmark": 0.5},
    }


def gold_keys(paper: GoldPaper, kind: str) -> list[frozenset[str]]:
    """Return the written forms of each thing of a kind in the gold of a paper, as `spelling_key` gives them."""
    if kind in FIELDS:
        return [frozenset(spelling_key(f) for f in (e["name"], *e["aliases"])) for e in paper.entry[FIELDS[kind]]]
    keys = {spelling_key(paper.text[start:end]) for k, start, end in paper.spans if k == kind}
    return [frozenset([key]) for key in sorted(keys)]


def choose_settings(papers: Sequence[GoldPaper], readings: Sequence[Reading]) -> dict[str, Any]:
    """Return calibration and thresholds for held-out papers; the readings are given these settings.

    The calibration of a kind (Platt 1999) maps logits to the share of spans whose written form is gold. Its threshold
    gives the best F1 over things; that of "introduces" the best F1 over things that the paper introduces.
    """
    settings = uncalibrated()
    for reading in readings:
        reading.settings = settings
    for kind in KINDS:
        logits, truth = _labelled_logits(papers, readings, kind)
        settings["calibration"][kind] = [round(v, 4) for v in platt(logits, truth)]
        tried = [f1(score(papers, readings, kind, {"threshold": t})) for t in GRID]
        settings["thresholds"][kind] = best(GRID, tried)
    for kind in ("Method", "Benchmark"):
        tried = [f1(score(papers, readings, kind, {"introduces": t}, only="introduces")) for t in GRID]
        settings["introduces"][kind] = best(GRID, tried)
    return settings


def platt(logits: npt.NDArray[np.float64], truth: npt.NDArray[np.float64], steps: int = 50) -> tuple[float, float]:
    """Return slope and offset of the logistic curve that fits the truth best (Newton's method)."""
    design = np.stack([logits, np.ones_like(logits)], axis=1)
    weights = np.array([1.0, 0.0])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        gradient = design.T @ (p - truth) + 1e-3 * (weights - [1.0, 0.0])
        hessian = (design * (p * (1 - p))[:, None]).T @ design + 1e-3 * np.eye(2)
        weights = weights - np.linalg.solve(hessian, gradient)
    return float(weights[0]), float(weights[1])


def best(values: Sequence[float], measured: Sequence[float]) -> float:
    """Return the largest value whose measure, smoothed over its neighbours, is within TOLERANCE of the best.

    Of thresholds about as good the strictest is taken: a wrong statement costs a reader more than a missing one.
    Where all measures are 0 the threshold is 0.5.
    """
    if not any(measured):
        return 0.5
    padded = np.pad(np.array(measured), 2, mode="edge")
    smooth = np.convolve(padded, [0.1, 0.2, 0.4, 0.2, 0.1], mode="valid")
    return max(value for value, height in zip(values, smooth, strict=True) if height >= smooth.max() - TOLERANCE)


Counts = tuple[int, int, int, int]


def score(
    papers: Sequence[GoldPaper],
    readings: Sequence[Reading],
    kind: str,
    overrides: dict[str, float] | None = None,
    only: str | None = None,
) -> Counts:
    """Return (right, predicted, found, gold) counts of things of a kind; `only` keeps the things of one role."""
    counts = np.zeros(4, dtype=int)
    for paper, reading in zip(papers, readings, strict=True):
        predicted: dict[str, set[str | None]] = {}
        for mention in reading.of_kind(kind, **(overrides or {})):
            predicted.setdefault(spelling_key(mention.surface), set()).add(mention.role)
        gold = gold_keys(paper, kind)
        if only:
            predicted = {key: roles for key, roles in predicted.items() if only in roles}
            gold = [keys for keys, e in zip(gold, paper.entry[FIELDS[kind]], strict=True) if e.get("role") == only]
        every = frozenset[str]().union(*gold)
        counts += [
            len(predicted.keys() & every),
            len(predicted),
            sum(bool(keys & predicted.keys()) for keys in gold),
            len(gold),
        ]
    right, total, found, wanted = counts.tolist()
    return right, total, found, wanted


def role_accuracy(papers: Sequence[GoldPaper], readings: Sequence[Reading], kind: str) -> float:
    """Return the share of rightly found forms of a kind whose role is the gold role."""
    right = total = 0
    for paper, reading in zip(papers, readings, strict=True):
        roles: dict[str, str] = {}
        for keys, entity in zip(gold_keys(paper, kind), paper.entry[FIELDS[kind]], strict=True):
            for key in keys:
                roles.setdefault(key, entity["role"])
        seen = {spelling_key(m.surface): m.role for m in reading.of_kind(kind)}
        shared = seen.keys() & roles.keys()
        right += sum(seen[key] == roles[key] for key in shared)
        total += len(shared)
    return right / max(total, 1)


def precision_recall(counts: Counts) -> tuple[float, float]:
    """Return precision and recall, each 0 where undefined."""
    right, predicted, found, wanted = counts
    return right / predicted if predicted else 0.0, found / wanted if wanted else 0.0


def f1(counts: Counts) -> float:
    """Return the harmonic mean of precision and recall."""
    precision, recall = precision_recall(counts)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def reliability(
    papers: Sequence[GoldPaper], readings: Sequence[Reading], kind: str
) -> list[tuple[float, float, float, float, int]]:
    """Return rows (from, to, mean confidence, share right, mentions) over mentions of a kind in ten bins."""
    confidences, truth = [], []
    for paper, reading in zip(papers, readings, strict=True):
        every = frozenset[str]().union(*gold_keys(paper, kind))
        for mention in reading.of_kind(kind, threshold=0.1):
            confidences.append(mention.confidence)
            truth.append(spelling_key(mention.surface) in every)
    values, right = np.array(confidences), np.array(truth)
    rows = []
    for low in range(1, 10):
        inside = (values >= low / 10) & (values < (low + 1) / 10 + (low == 9))
        if inside.any():
            mean, share = float(values[inside].mean()), float(right[inside].mean())
            rows.append((low / 10, (low + 1) / 10, mean, share, int(inside.sum())))
    return rows


def _labelled_logits(
    papers: Sequence[GoldPaper], readings: Sequence[Reading], kind: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the logits of all spans that are not hopeless, and 1 where the written form is gold."""
    logits: list[float] = []
    truth: list[float] = []
    for paper, reading in zip(papers, readings, strict=True):
        every = frozenset[str]().union(*gold_keys(paper, kind))
        column = reading.logits[:, KINDS.index(kind)]
        for i in np.nonzero(column > -4)[0]:
            start, end = reading.spans[i].tolist()
            logits.append(float(column[i]))
            truth.append(float(spelling_key(paper.text[start:end]) in every))
    return np.array(logits, dtype=np.float64), np.array(truth, dtype=np.float64)
