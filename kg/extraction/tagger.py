"""The trained reader of mentions: methods, benchmarks, hardware, tasks, metrics, result values, baselines, keyphrases.

A small transformer reads a paper's text once; every word span of up to `MAX_WORDS` words then gets one probability a
kind, so that kinds may overlap and names may nest. Spans that are written the same way share what the network knows
about each other: a name that is clear in one place is found in all places. On its way the network also gives every word
piece a vector, by which KeyBERT compares phrases. See `models/CARD.md` for data and scores.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.extraction.runtime import open_session
from kg.extraction.samples import BENCHMARK_ROLES, KINDS, METHOD_ROLES, load_tokenizer, read_samples
from kg.mention import Mention
from kg.paper import Span

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Ints = npt.NDArray[np.int64]


_AT_ONCE = 1000
"""Phrases whose word pieces are added up at once, to bound what that takes of memory."""


class Reading:
    """What the network says about one text.

    Attributes:
        text: the text that was read.
        spans: (N, 2) half-open offsets of the candidate spans, in text order.
        logits: (N, kinds + roles) what the network says of each, one value for all spans that are written the same way.
        tokens: (T, 2) half-open offsets of the word pieces; where windows overlap, a word piece is there twice.
        states: (T, size) vector of each word piece in its context.
        settings: thresholds, calibration and roles, as in `tagger.json`.
    """

    def __init__(
        self, text: str, spans: Ints, logits: Floats, tokens: Ints, states: Floats, settings: dict[str, Any]
    ) -> None:
        self.text, self.spans, self.logits, self.settings = text, spans, logits, settings
        self.tokens, self.states = tokens, states

    def mentions(self) -> tuple[Mention, ...]:
        """Return the mentions above the threshold of their kind, sorted by start, end and kind."""
        found = [mention for kind in KINDS for mention in self.of_kind(kind)]
        return tuple(sorted(found, key=lambda m: (m.start, m.end, m.kind)))

    def probabilities(self, kind: str) -> Floats:
        """Return the calibrated probability in (0, 1) that each candidate span is a mention of the kind."""
        import numpy as np

        slope, offset = self.settings["calibration"][kind]
        z = np.clip(slope * self.logits[:, KINDS.index(kind)].astype(np.float64) + offset, -30, 30)
        return np.asarray(1 / (1 + np.exp(-z)), dtype=np.float32)

    def keyphrase_probabilities(self, spans: Sequence[tuple[int, int]]) -> list[float]:
        """Return the probability in [0, 1] of each span (half-open offsets) to be a keyphrase.

        A span that was no candidate gets that of the candidate it shares most with, times the share of characters.
        """
        import numpy as np

        starts, ends = np.array(spans, np.int64).reshape(-1, 2).T
        firsts = np.searchsorted(self._reach, starts, "right")
        counts = np.maximum(np.searchsorted(self.spans[:, 0], ends) - firsts, 0)
        begins = np.cumsum(counts) - counts
        near = np.arange(counts.sum()) + np.repeat(firsts - begins, counts)
        (start, end), (first, last) = self.spans[near].T, (np.repeat(ends_of, counts) for ends_of in (starts, ends))
        common = np.maximum(np.minimum(end, last) - np.maximum(start, first), 0)
        shares = common / (np.maximum(end, last) - np.minimum(start, first))
        found, some = np.zeros(len(counts)), counts > 0
        if some.any():
            most = np.maximum.reduceat(shares, begins[some])
            best = np.flatnonzero(shares == np.repeat(most, counts[some]))
            best = best[np.searchsorted(best, begins[some])]  # the first of those that share most
            found[some] = self._keyphrase[near[best]].astype(np.float64) * most
        return [float(probability) for probability in found]

    @cached_property
    def _keyphrase(self) -> Floats:
        return self.probabilities("Keyphrase")

    @cached_property
    def _reach(self) -> Ints:
        """How far the candidate spans up to each of them go."""
        import numpy as np

        return np.maximum.accumulate(self.spans[:, 1])

    def vectors(self, phrases: Sequence[Sequence[Span]]) -> npt.NDArray[np.float64]:
        """Return one row a phrase, of shape (phrases, size): the mean of the word pieces in all of its spans.

        Every phrase has at least one span.
        """
        import numpy as np

        found = np.zeros((len(phrases), self.states.shape[1]))
        for start in range(0, len(phrases), _AT_ONCE):
            rows, pieces, shares = self._pieces(phrases[start : start + _AT_ONCE])
            present, begins = np.unique(rows, return_index=True)
            if len(present):
                weighted = self.states[pieces] * shares[:, None]
                found[start + present] = np.add.reduceat(weighted, begins, axis=0)
        return found

    def _pieces(self, phrases: Sequence[Sequence[Span]]) -> tuple[Ints, Ints, npt.NDArray[np.float64]]:
        """Return which word pieces are in which phrases, sorted: number of the phrase, of the piece, and its share.

        The shares of a phrase's pieces add up to 1; a piece in two of its spans has two parts.
        """
        import numpy as np

        order, starts, reach = self._in_order
        places = np.array([(span.start, span.end) for spans in phrases for span in spans], np.int64).reshape(-1, 2)
        numbers = np.repeat(np.arange(len(phrases)), [len(spans) for spans in phrases])
        firsts = np.searchsorted(reach, places[:, 0], "right")
        counts = np.maximum(np.searchsorted(starts, places[:, 1]) - firsts, 0)
        steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        pieces = order[np.repeat(firsts, counts) + steps]
        inside = self.tokens[pieces, 1] > np.repeat(places[:, 0], counts)
        keys, parts = np.unique((np.repeat(numbers, counts) * len(self.tokens) + pieces)[inside], return_counts=True)
        rows, pieces = np.divmod(keys, max(len(self.tokens), 1))
        return rows, pieces, parts / np.bincount(rows, parts)[rows]

    @cached_property
    def _in_order(self) -> tuple[Ints, Ints, Ints]:
        """The word pieces in text order: their numbers, where they start, and how far those up to each go."""
        import numpy as np

        order = np.argsort(self.tokens[:, 0], kind="stable")
        return order, self.tokens[order, 0], np.maximum.accumulate(self.tokens[order, 1])

    def of_kind(self, kind: str, threshold: float | None = None, introduces: float | None = None) -> list[Mention]:
        """Return the mentions of one kind in text order.

        Args:
            kind: one of KINDS.
            threshold: least confidence, instead of that in the settings.
            introduces: least probability of a mention with the role "introduces" for that role to be given, likewise.
        """
        confidence = self.probabilities(kind)
        least = self.settings["thresholds"][kind] if threshold is None else threshold
        chosen = (confidence >= least).nonzero()[0].tolist()
        mentions = []
        for i in _without_overlap(chosen, self.spans, confidence):
            start, end = self.spans[i].tolist()
            sure = min(max(round(float(confidence[i]), 3), 0.001), 1.0)
            role = self._role(kind, self.logits[i], float(confidence[i]), introduces)
            mentions.append(Mention(kind, start, end, self.text[start:end], role, sure, "tagger"))
        return mentions

    def _role(self, kind: str, logits: Floats, confidence: float, introduces: float | None) -> str | None:
        """Return the role that a mention of the kind has in the paper.

        It is "introduces" where the confidence in the mention times the share of that role reaches a threshold, and
        else the likeliest of the other roles.
        """
        import numpy as np

        if kind not in ("Method", "Benchmark"):
            return None
        first = len(KINDS) if kind == "Method" else len(KINDS) + len(METHOD_ROLES)
        roles = METHOD_ROLES if kind == "Method" else BENCHMARK_ROLES
        values = logits[first : first + len(roles)].astype(np.float64)
        shares = np.exp(values - values.max())
        least = self.settings["introduces"][kind] if introduces is None else introduces
        if confidence * shares[0] / shares.sum() >= least:
            return roles[0]
        return roles[1 + int(shares[1:].argmax())]


def _without_overlap(chosen: Sequence[int], spans: Ints, confidence: Floats) -> list[int]:
    """Return the chosen spans less those that cross, or lie inside, a more probable one of the same kind."""
    inside = bytearray(int(spans.max(initial=0)) + 1)  # of each offset: whether it lies within a span that stays
    stay = []
    for i in sorted(chosen, key=lambda i: (-float(confidence[i]), i)):
        start, end = spans[i].tolist()
        if not inside[start] and not inside[end]:
            inside[start + 1 : end] = b"\1" * (end - start - 1)
            stay.append(i)
    return sorted(stay)


class Tagger:
    """The network and its settings, loaded once.

    Args:
        folder: holds `tagger.onnx`, `tagger.json` and `tokenizer.json`.
        threads: how many threads one text may use.

    Raises:
        KgError: a file is missing, or the network is not the one the settings were made for.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self.settings = _read_settings(folder)
        self.tokenizer = load_tokenizer(folder / "tokenizer.json")
        self._session = _open_network(folder / "tagger.onnx", self.settings["sha256"], threads)
        self._size = self._session.get_outputs()[1].shape[1]

    def tag(self, text: str) -> tuple[Mention, ...]:
        """Return the mentions in a text (title, line feed, abstract), sorted by start, end and kind."""
        return self.read(text).mentions()

    def keyphrase_scores(self, text: str, spans: Sequence[tuple[int, int]]) -> list[float]:
        """Return the probability in [0, 1] of each span to be a keyphrase of the text."""
        return self.read(text).keyphrase_probabilities(spans)

    def read(self, text: str) -> Reading:
        """Return what the network says about a text; each text is read on its own."""
        import numpy as np

        width = len(KINDS) + len(METHOD_ROLES) + len(BENCHMARK_ROLES)
        spans, tokens = [np.zeros((0, 2), np.int64)], [np.zeros((0, 2), np.int64)]
        logits, states = [np.zeros((0, width), np.float32)], [np.zeros((0, self._size), np.float32)]
        for sample in read_samples(self.tokenizer, text):
            if len(sample.spans):
                found, vectors = self._session.run(["logits", "states"], sample.inputs())
                spans.append(sample.spans)
                logits.append(mean_of_groups(found, sample.groups))
                tokens.append(sample.tokens)
                states.append(vectors)
        all_spans, all_logits = np.concatenate(spans), np.concatenate(logits)
        if len(spans) > 2:
            all_spans, first, numbers = np.unique(all_spans, axis=0, return_index=True, return_inverse=True)
            all_logits = mean_of_groups(all_logits, numbers)[first]
        return Reading(text, all_spans, all_logits, np.concatenate(tokens), np.concatenate(states), self.settings)


def mean_of_groups(logits: Floats, groups: Ints) -> Floats:
    """Return the logits with each row replaced by the mean of its group."""
    import numpy as np

    size = int(groups.max(initial=-1)) + 1
    totals = np.stack([np.bincount(groups, column, size) for column in logits.T], axis=1)
    means = totals / np.maximum(np.bincount(groups, minlength=size), 1)[:, None]
    return np.asarray(means[groups], dtype=np.float32)


def _read_settings(folder: Path) -> dict[str, Any]:
    path = folder / "tagger.json"
    if not path.is_file():
        raise KgError(f"{path} is missing: install kg again, or train the tagger (see {folder / 'CARD.md'})")
    settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return settings


def _open_network(path: Path, digest: str, threads: int) -> Any:
    """Return a session on an ONNX file whose SHA-256 is as stated."""
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != digest:
        raise KgError(f"{path} is not the network that tagger.json describes: install kg again, or train both anew")
    return open_session(data, threads)
