"""Devices are read with their count and memory from the words of and around a mention."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kg.hardware import read_count, read_device

Row = tuple[str, str, str, str | None, int | None, str | None, str | None]

ROWS: list[Row] = [
    # text, mention in it, name, label in the vocabulary, count, memory in GB, vendor
    ("on an A100-40GB GPU", "A100-40GB GPU", "A100-40GB GPU", "A100 40GB", None, "40", "NVIDIA"),
    ("with NVIDIA A100", "NVIDIA A100", "NVIDIA A100", "A100", None, None, "NVIDIA"),
    ("using 8x V100s.", "V100s", "V100s", "V100", 8, None, "NVIDIA"),
    ("using 8x V100s.", "8x V100s", "V100s", "V100", 8, None, "NVIDIA"),
    ("with 8×V100 at hand", "8×V100", "V100", "V100", 8, None, "NVIDIA"),
    ("on eight NVIDIA H100 GPUs", "NVIDIA H100 GPUs", "NVIDIA H100 GPUs", "H100", 8, None, "NVIDIA"),
    ("on eight NVIDIA H100 GPUs", "H100", "H100", "H100", 8, None, "NVIDIA"),
    ("3072 MI250X GPUs", "MI250X GPUs", "MI250X GPUs", "MI250X", 3072, None, "AMD"),
    ("a single RTX 4090 GPU", "RTX 4090 GPU", "RTX 4090 GPU", "RTX 4090", 1, None, "NVIDIA"),
    ("A single RTX 4090 GPU", "A single RTX 4090 GPU", "RTX 4090 GPU", "RTX 4090", 1, None, "NVIDIA"),
    ("on an A6000", "A6000", "A6000", "RTX A6000", None, None, "NVIDIA"),
    ("on an A6000", "an A6000", "A6000", "RTX A6000", None, None, "NVIDIA"),
    ("on 4 GPUs", "GPUs", "GPUs", "GPU", 4, None, None),
    ("on 4 GPUs", "4 GPUs", "GPUs", "GPU", 4, None, None),
    ("over 12,000 GPUs", "GPUs", "GPUs", "GPU", 12000, None, None),
    ("a cluster of 12K GPUs", "12K GPUs", "GPUs", "GPU", 12000, None, None),
    ("a cluster of 12K GPUs", "GPUs", "GPUs", "GPU", 12000, None, None),
    ("2 nodes of 8 A100", "A100", "A100", "A100", 16, None, "NVIDIA"),
    ("2 nodes of 8 A100", "8 A100", "A100", "A100", 16, None, "NVIDIA"),
    ("4 nodes, each with 8 H100 GPUs", "H100 GPUs", "H100 GPUs", "H100", 32, None, "NVIDIA"),
    ("a 24GB RTX 3090", "24GB RTX 3090", "24GB RTX 3090", "RTX 3090", None, "24", "NVIDIA"),
    ("four 24GB RTX 3090 cards", "RTX 3090", "RTX 3090", "RTX 3090", 4, "24", "NVIDIA"),
    ("one A100 (80GB) GPU", "A100 (80GB) GPU", "A100 (80GB) GPU", "A100 80GB", 1, "80", "NVIDIA"),
    ("16 V100 32GB GPUs", "V100", "V100", "V100 32GB", 16, "32", "NVIDIA"),
    ("a pair of V100 cards", "V100", "V100", "V100", 2, None, "NVIDIA"),
    ("two consumer-grade GPUs", "GPUs", "GPUs", "GPU", 2, None, None),
    ("one commodity GPU", "GPU", "GPU", "GPU", 1, None, None),
    ("a 64-GPU cluster", "GPU", "GPU", "GPU", 64, None, None),
    ("sixty-four TPU v3 chips", "TPU v3 chips", "TPU v3 chips", "TPU v3", 64, None, "Google"),
    (r"only 4$\times$RTX 4090 GPUs", "RTX 4090 GPUs", "RTX 4090 GPUs", "RTX 4090", 4, None, "NVIDIA"),
    ("in just 48 GPU.h", "GPU", "GPU", "GPU", None, None, None),
    ("a 128-core CPU", "128-core CPU", "128-core CPU", "CPU", None, None, None),
    ("a 10x GPU speedup", "GPU", "GPU", "GPU", None, None, None),
    ("90% GPU utilisation", "GPU", "GPU", "GPU", None, None, None),
    ("within 100 GPU hours", "GPU", "GPU", "GPU", None, None, None),
    ("within 1.5K A100 GPU hours", "A100", "A100", "A100", None, None, "NVIDIA"),
    ("in 2020 GPUs were scarce", "GPUs", "GPUs", "GPU", None, None, None),
    ("our GPT-4 GPU bill", "GPU", "GPU", "GPU", None, None, None),
    ("the Frontier supercomputer", "Frontier supercomputer", "Frontier supercomputer", "Frontier", None, None, "HPE"),
    ("on an H100 cluster", "H100 cluster", "H100 cluster", "H100", None, None, "NVIDIA"),
    ("an Intel i7-9999Q CPU", "Intel i7-9999Q CPU", "Intel i7-9999Q CPU", "Intel Core", None, None, "Intel"),
    ("a 4090 GPU", "4090 GPU", "4090 GPU", "RTX 4090", None, None, "NVIDIA"),
    ("on edge devices", "edge devices", "edge devices", "edge device", None, None, None),
    ("an AMD toaster", "AMD toaster", "AMD toaster", None, None, None, "AMD"),
]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]} | {row[1]}" for row in ROWS])
def test_read_device(row: Row) -> None:
    text, mention, name, label, count, memory, vendor = row
    start = text.index(mention)
    device = read_device(text, start, start + len(mention))
    found = (device.name, device.entry.label if device.entry else None, device.count, device.memory_gb, device.vendor)
    assert found == (name, label, count, None if memory is None else Decimal(memory), vendor)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("12,000", 12000), ("1.5K", 1500), ("2 thousand", 2000), ("Dual", 2), ("100K+", 100000), ("0", None)],
)
def test_read_count(text: str, number: int | None) -> None:
    assert read_count(text) == number
