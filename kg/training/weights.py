"""Writes a trained network that is kept as a file of weights to the folder of the models.

    python -m kg.training.weights WEIGHTS.pt kg/models

The file is the `state_dict`, with or without the word vectors. The folder has a `tagger.json` with the thresholds
and the calibration that belong to these weights; it gets the digest of the new `tagger.onnx`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch

from kg.errors import UsageError
from kg.training.model import SpanNetwork
from kg.training.train import packaged_encoder, write_tagger


def write_weights(weights: Path, folder: Path) -> None:
    """Write `tagger.onnx` and its digest.

    Raises:
        UsageError: the weights are those of another network.
    """
    network = SpanNetwork(packaged_encoder())
    missing, unknown = network.load_state_dict(torch.load(weights, weights_only=True), strict=False)
    if unknown or set(missing) - {"encoder.words.weight"}:
        raise UsageError(f"{weights}: not the weights of this network; missing {missing}, unknown {unknown}")
    settings = json.loads((folder / "tagger.json").read_text(encoding="utf-8"))
    write_tagger(network, {name: settings[name] for name in settings if name not in ("kinds", "sha256")}, folder)


if __name__ == "__main__":
    write_weights(Path(sys.argv[1]), Path(sys.argv[2]))
