from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.forms import form_key, form_words, singular_label, slug

SAME = [
    ("speculative decoding", "Speculative-Decoding methods"),
    ("fine-tuning", "finetuning"),
    ("GANs", "GAN"),
    ("optimisers", "optimizer"),
    ("modelling", "modeling"),
    ("the LoRA method", "LoRA"),
    ("vision transformers", "Vision Transformer architecture"),
    ("LLaMA-2-70B", "Llama 2-70B"),
    ("Boltzmann's machine", "Boltzmann machine"),
    ("Kalman filters", "a Kalman filter"),
]
APART = [
    ("Llama 2", "Llama 3"),
    ("SWE-bench Lite", "SWE-bench Verified"),
    ("C", "C++"),
    ("C#", "C"),
    ("MRR@10", "MRR@100"),
    ("language model", "language"),
    ("Llama 3.1", "Llama 31"),
    ("α-divergence", "β-divergence"),
    ("noise", "noize-free"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert form_key(one) == form_key(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert form_key(one) != form_key(other)


def test_labels_are_singular_where_the_plural_is_plain() -> None:
    labels = [singular_label(f) for f in ("neural networks", "LLMs", "k-means", "BLAS", "DPM-Solver++", "Transformers")]
    assert labels == ["neural network", "LLM", "k-means", "BLAS", "DPM-Solver++", "Transformers"]


@given(st.text(min_size=1))
def test_any_form_has_words_and_a_slug_that_can_stand_in_an_iri(form: str) -> None:
    assert all(form_words(form)) or not form.strip()
    assert set(slug(form)) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    assert slug(form)
