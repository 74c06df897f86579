"""Choosing unlabelled abstracts, and letting a teacher label them."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kg.paper import title_key

if TYPE_CHECKING:
    from kg.extraction.samples import Floats, Sample
    from kg.training.fit import Example
    from kg.training.model import SpanNetwork

_COMPUTING = re.compile(
    r"\b(algorithm|neural|learning|comput(er|ing)|software|network|dataset|benchmark|processor|GPU|parallel)", re.I
)
_MEASURED = re.compile(
    r"\b(GPUs?|CPUs?|FPGAs?|TPUs?|NVIDIA|accelerators?|clusters?|hardware|latency|throughput|speed-?ups?|benchmarks?|"
    r"datasets?|outperform\w*)\b|\d ?(%|\\%|x\b|times|FPS)"
)
LONGEST = 1900
"""Abstracts with more characters than this are left out, to save time."""


def choose_texts(files: Sequence[Path], count: int, known_titles: Collection[str], seed: int = 11) -> list[str]:
    """Return `count` texts (title, line feed, abstract) about computing from files of papers (JSON Lines).

    Every file gives the same number as far as it can; three of four texts have a word or a number that
    goes with experiments. Papers with a known title are left out.
    """
    known = {title_key(title) for title in known_titles}
    rng = random.Random(seed)  # noqa: S311
    pools = [_read_corpus(path, known) for path in sorted(files)]
    chosen: list[str] = []
    for position, pool in enumerate(pools):
        rng.shuffle(pool)
        wanted = (count - len(chosen)) // (len(pools) - position)
        measured = [text for text in pool if len({m.group(0) for m in _MEASURED.finditer(text)}) >= 2]
        part = measured[: wanted * 3 // 4]
        taken = set(part)
        chosen += part + [text for text in pool if text not in taken][: wanted - len(part)]
    rng.shuffle(chosen)
    return chosen


def _read_corpus(path: Path, known: Collection[str]) -> list[str]:
    texts = []
    data = path.read_bytes()
    for line in (gzip.decompress(data) if path.suffix == ".gz" else data).decode().split("\n"):
        if not line.strip():
            continue
        entry = json.loads(line)
        text = f"{' '.join(entry['title'].split())}\n{' '.join(entry['abstract'].split())}"
        categories = entry.get("categories") or ["cs."]
        fits = any(c.startswith(("cs.", "stat.ML", "eess.")) for c in categories) and 300 < len(text) < LONGEST
        if fits and _COMPUTING.search(text) and title_key(entry["title"]) not in known:
            texts.append(text)
    return texts


def label_softly(teachers: Sequence[SpanNetwork], samples: Sequence[Sample], weight: float = 1.0) -> list[Example]:
    """Return the windows with the mean probabilities of the teachers as targets.

    A role weighs as much as its kind is sure, and nothing where the kind is unlikely.
    """
    import numpy as np
    import torch

    from kg.extraction.samples import KINDS, METHOD_ROLES
    from kg.training.fit import Example, predict

    middle = len(KINDS) + len(METHOD_ROLES)
    examples = []
    for sample, *all_logits in zip(
        samples, *(predict(teacher, samples, compute=torch.bfloat16) for teacher in teachers), strict=True
    ):
        kinds = np.mean([1 / (1 + np.exp(-logits[:, : len(KINDS)])) for logits in all_logits], axis=0)
        kinds[kinds < 0.005] = 0
        method = np.mean([shares(logits[:, len(KINDS) : middle]) for logits in all_logits], axis=0)
        benchmark = np.mean([shares(logits[:, middle:]) for logits in all_logits], axis=0)
        likely = np.where(kinds > 0.3, kinds, 0)
        roles = np.concatenate([method * likely[:, :1], benchmark * likely[:, 1:2]], axis=1)
        examples.append(Example(sample, kinds.astype(np.float32), roles.astype(np.float32), weight))
    return examples


def shares(logits: Floats) -> Floats:
    """Return the softmax of each row."""
    import numpy as np

    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)
