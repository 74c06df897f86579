"""Texts to vectors: all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019) by onnxruntime, offline.

The vector of a text does not depend, in any bit, on what else is embedded: texts share a batch only with texts of the
same number of tokens, so nothing is padded (padding changes the last bit), and long texts go alone. See
`models/EMBEDDER.md` for where the file comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.extraction.runtime import open_session
from kg.resources import resource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

SIZE = 384
"""Numbers in a vector."""
WINDOW = 256
"""Word pieces that the network reads at once, the two marks around a text included, as it was trained."""
TOKENS_AT_ONCE = 1024
"""Word pieces of one batch."""
REMEMBERED = 20_000
"""Vectors of short texts that are kept for the next call: papers of one field share many phrases (30 MB)."""
SHORT = 32
"""Word pieces of the longest text that is batched with others and remembered."""


def windows(ids: Sequence[int], size: int) -> list[Sequence[int]]:
    """Return a sequence cut into as few pieces as `size` allows, of nearly equal length, in order.

    >>> windows([1, 2, 3, 4, 5], 2), windows([1, 2], 2), windows([], 2)
    ([[1], [2, 3], [4, 5]], [[1, 2]], [[]])
    """
    count = max(1, -(-len(ids) // size))
    cuts = [len(ids) * index // count for index in range(count + 1)]
    return [ids[start:end] for start, end in pairwise(cuts)]


class Embedder:
    """The sentence embedding model; nothing is loaded before the first call of `embed`."""

    def __init__(self, model: Path | None = None, tokenizer: Path | None = None, threads: int = 0) -> None:
        """Name the files (those that kg ships by default) and the number of threads (0: one a core)."""
        self._model = model
        self._tokenizer_path = tokenizer
        self._threads = threads
        self._session: Any = None
        self._tokenizer: Any = None
        self._known: dict[str, Floats] = {}

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return one row of unit length a text, of shape (texts, 384), in the order of `texts`.

        A text longer than 256 word pieces is read in several windows, whose vectors are averaged.
        """
        import numpy as np

        vectors = np.zeros((len(texts), SIZE), np.float32)
        wanted: dict[str, list[int]] = {}
        for row, text in enumerate(texts):
            if (known := self._known.get(text)) is not None:
                vectors[row] = known
            else:
                wanted.setdefault(text, []).append(row)
        if not wanted:
            return vectors
        self._open()
        pieces: list[tuple[int, Sequence[int]]] = []
        encoded = self._tokenizer.encode_batch(list(wanted))
        for number, encoding in enumerate(encoded):
            pieces += [(number, ids) for ids in windows(encoding.ids[1:-1], WINDOW - 2)]
        sums = np.zeros((len(wanted), SIZE), np.float32)
        first, last = encoded[0].ids[0], encoded[0].ids[-1]
        for batch in self._batches(pieces):
            ids = np.array([[first, *piece, last] for _, piece in batch], np.int64)
            rows = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
            for (number, _), vector in zip(batch, rows, strict=True):
                sums[number] += vector
        sums /= np.linalg.norm(sums, axis=1, keepdims=True)
        for text, encoding, vector in zip(wanted, encoded, sums, strict=True):
            vectors[wanted[text]] = vector
            if len(encoding.ids) <= SHORT:
                self._known[text] = vector
        while len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]
        return vectors

    @staticmethod
    def _batches(pieces: list[tuple[int, Sequence[int]]]) -> Iterator[list[tuple[int, Sequence[int]]]]:
        """Yield batches of pieces of one length, at most `TOKENS_AT_ONCE` tokens each; long pieces one at a time."""
        batch: list[tuple[int, Sequence[int]]] = []
        for piece in sorted(pieces, key=lambda piece: len(piece[1])):
            length = len(piece[1]) + 2
            full = length > SHORT or (len(batch) + 1) * length > TOKENS_AT_ONCE
            if batch and (full or len(batch[0][1]) != len(piece[1])):
                yield batch
                batch = []
            batch.append(piece)
        if batch:
            yield batch

    def _open(self) -> None:
        if self._session is not None:
            return
        from tokenizers import Tokenizer

        self._session = open_session(self._model or resource("models", "embedder.onnx"), self._threads)
        self._tokenizer = Tokenizer.from_file(str(self._tokenizer_path or resource("models", "tokenizer.json")))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
