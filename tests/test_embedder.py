"""The sentence encoder: shapes, windows, and vectors that do not depend on their company."""

from pathlib import Path

import numpy as np
import pytest

from kg.extraction.embedder import SHORT, SIZE, WINDOW, Embedder
from kg.training.embedder import quantize

LONG = "Sparse attention makes long inputs cheap. " * 60
TEXTS = ["graph search", "k-means", "MRR@10", LONG, "", "graph search", "a longer phrase about dense retrieval"]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


def test_rows_follow_the_texts_and_have_unit_length(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), SIZE)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors[0], vectors[5])


def test_a_vector_does_not_depend_on_the_batch_or_the_threads(embedder: Embedder) -> None:
    together = embedder.embed(TEXTS)
    alone = Embedder(threads=1)
    assert np.array_equal(together, np.concatenate([alone.embed([text]) for text in TEXTS]))
    assert np.array_equal(together[::-1], Embedder(threads=3).embed(TEXTS[::-1]))


def test_near_in_meaning_is_near_in_cosine(embedder: Embedder) -> None:
    query, near, far = embedder.embed(["image classification", "object recognition in photos", "cooking rice"])
    assert query @ near > 0.3 > query @ far


def test_the_end_of_a_long_text_counts(embedder: Embedder) -> None:
    first, second = embedder.embed([LONG + "Cooking rice.", LONG + "Quantum chemistry of molecules."])
    assert not np.allclose(first, second, atol=1e-3)


def test_no_texts_give_no_rows_and_load_no_model(tmp_path: Path) -> None:
    assert Embedder(tmp_path / "missing.onnx").embed([]).shape == (0, SIZE)


def test_known_vectors(embedder: Embedder) -> None:
    # Cosines of all-MiniLM-L6-v2 in 32-bit floats, from its published weights.
    left = embedder.embed(["large language models", "SWE-bench Lite"])
    right = embedder.embed(["transformer text generators", "software engineering benchmark"])
    assert np.allclose((left * right).sum(axis=1), [0.2710, 0.2280], atol=0.01)


def test_quantized_rows_are_near() -> None:
    rows = np.random.default_rng(0).normal(size=(5, 7)).astype(np.float32)
    for axis in (0, 1):
        stored, scales = quantize(rows, axis)
        assert stored.dtype == np.int8
        assert (np.abs(stored * scales - rows) <= scales / 2 + 1e-7).all()


def test_sizes() -> None:
    assert SHORT < WINDOW
