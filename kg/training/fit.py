"""Fitting the span network to labelled papers, and reading papers with it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from kg.extraction.samples import BENCHMARK_ROLES, KINDS, METHOD_ROLES, Sample
from kg.training.data import GoldPaper
from kg.training.model import SpanNetwork

Floats = npt.NDArray[np.float32]
KIND_WEIGHTS = {"Task": 0.5, "Metric": 0.5, "Baseline": 0.5, "Keyphrase": 0.5}
RARE_KINDS = ("Benchmark", "Hardware", "Result")
MASK = 103


@dataclass(frozen=True)
class Example:
    """A window with what is to be learnt: (N, kinds) probabilities and (N, roles) distributions, zero where unknown."""

    sample: Sample
    kinds: Floats
    roles: Floats
    weight: float = 1.0


def label(paper: GoldPaper, samples: Sequence[Sample]) -> list[Example]:
    """Return the windows of an annotated paper with its gold as targets."""
    examples = []
    for sample in samples:
        kinds = np.zeros((len(sample.spans), len(KINDS)), dtype=np.float32)
        roles = np.zeros((len(sample.spans), len(METHOD_ROLES) + len(BENCHMARK_ROLES)), dtype=np.float32)
        index = {tuple(span): i for i, span in enumerate(sample.spans.tolist())}
        for kind, start, end in paper.spans:
            i = index.get((start, end))
            if i is None:
                continue
            kinds[i, KINDS.index(kind)] = 1.0
            role = paper.roles.get((kind, start, end))
            if role and kind == "Method":
                roles[i, METHOD_ROLES.index(role)] = 1.0
            elif role:
                roles[i, len(METHOD_ROLES) + BENCHMARK_ROLES.index(role)] = 1.0
        examples.append(Example(sample, kinds, roles))
    return examples


def collate(samples: Sequence[Sample]) -> dict[str, Tensor]:
    """Return the inputs of the network for a padded batch of windows."""
    length = max(len(s.ids) for s in samples)
    pad = [length - len(s.ids) for s in samples]
    offsets = np.cumsum([0, *(int(s.groups.max(initial=-1)) + 1 for s in samples)])
    arrays = {
        "ids": np.stack([np.pad(s.ids, (0, p)) for s, p in zip(samples, pad, strict=True)]),
        "shapes": np.stack([np.pad(s.shapes, (0, p)) for s, p in zip(samples, pad, strict=True)]),
        "mask": np.stack([np.pad(np.ones_like(s.ids), (0, p)) for s, p in zip(samples, pad, strict=True)]),
        "firsts": np.concatenate([s.firsts + i * length for i, s in enumerate(samples)]),
        "lasts": np.concatenate([s.lasts + i * length for i, s in enumerate(samples)]),
        "widths": np.concatenate([s.widths for s in samples]),
        "groups": np.concatenate([s.groups + o for s, o in zip(samples, offsets, strict=False)]),
        "counts": np.concatenate([s.counts for s in samples]),
    }
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def span_loss(logits: Tensor, kinds: Tensor, roles: Tensor, weights: Tensor, rare_weight: float) -> Tensor:
    """Return the summed loss of (N, OUTPUTS) logits against kind probabilities and role distributions."""
    per_name = [KIND_WEIGHTS.get(kind, rare_weight if kind in RARE_KINDS else 1.0) for kind in KINDS]
    count = len(KINDS)
    per_kind = functional.binary_cross_entropy_with_logits(logits[:, :count], kinds, reduction="none")
    loss = (per_kind * torch.tensor(per_name) * weights).sum()
    middle = count + len(METHOD_ROLES)
    for part, target in (
        (logits[:, count:middle], roles[:, : len(METHOD_ROLES)]),
        (logits[:, middle:], roles[:, len(METHOD_ROLES) :]),
    ):
        loss = loss - (target * part.log_softmax(1) * weights).sum()
    return loss


def fit(
    network: SpanNetwork,
    epochs: Sequence[Sequence[Example]],
    *,
    encoder_rate: float,
    head_rate: float = 1e-3,
    layer_decay: float = 0.9,
    batch: int = 8,
    masking: float = 0.08,
    ema: float = 0.99,
    rare_weight: float = 1.5,
    planned: int | None = None,
    seed: int = 0,
    after_epoch: Callable[[int, SpanNetwork], None] | None = None,
) -> None:
    """Train the network in place; its weights end as the moving average over the last steps.

    Args:
        network: is trained in place.
        epochs: the windows of each epoch, with their targets.
        head_rate: learning rate of all that is not the encoder.
        layer_decay: see `encoder_rate`.
        batch: windows in a step.
        rare_weight: what a span of `RARE_KINDS` counts.
        planned: epochs that the fall of the learning rate is planned for, if training stops before its end.
        ema: how slowly the moving average follows, in [0, 1).
        seed: of order, masking and dropout.
        after_epoch: is called with the number of the epoch and the network under its averaged weights.
        encoder_rate: learning rate of the last encoder layer; each layer below gets `layer_decay` times that above.
        masking: share of the tokens that are hidden from the network, so that it learns from the context.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    groups = _parameter_groups(network, encoder_rate, head_rate, layer_decay)
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    steps = sum((len(examples) + batch - 1) // batch for examples in epochs) * (planned or len(epochs)) // len(epochs)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) / (0.1 * steps), 1.02 - s / steps))
    trained = [p for p in network.parameters() if p.requires_grad]
    average = [p.detach().clone() for p in trained]
    step = 0
    for epoch, examples in enumerate(epochs):
        network.train()
        network.encoder.compute = torch.bfloat16
        total, began = 0.0, time.time()
        for chosen in _batches(examples, batch, rng):
            inputs = collate([e.sample for e in chosen])
            hide = torch.from_numpy(rng.random(inputs["ids"].shape) < masking) & (inputs["ids"] > MASK)
            inputs["ids"] = torch.where(hide, MASK, inputs["ids"])
            weights = torch.cat([torch.full((len(e.kinds), 1), e.weight) for e in chosen])
            states = network.encode(inputs["ids"], inputs["shapes"], inputs["mask"])
            logits = network.read_spans(states, *(inputs[n] for n in network.SPAN_INPUTS))
            targets = [torch.from_numpy(np.concatenate([getattr(e, n) for e in chosen])) for n in ("kinds", "roles")]
            loss = span_loss(logits, targets[0], targets[1], weights, rare_weight) / batch
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(trained, 20.0)
            optimizer.step()
            schedule.step()
            step += 1
            if step % 100 == 0:
                print(f"step {step}/{steps}", file=sys.stderr, flush=True)
            decay = min(ema, step / (step + 10))
            torch._foreach_lerp_(average, [p.detach() for p in trained], 1 - decay)
            total += float(loss.detach())
        print(
            f"epoch {epoch + 1}/{len(epochs)}: loss {total * batch / len(examples):.3f}, {time.time() - began:.0f} s",
            file=sys.stderr,
            flush=True,
        )
        if after_epoch:
            kept = [p.detach().clone() for p in trained]
            _assign(trained, average)
            after_epoch(epoch, network)
            _assign(trained, kept)
    _assign(trained, average)


def predict(
    network: SpanNetwork, samples: Sequence[Sample], batch: int = 8, compute: torch.dtype = torch.float32
) -> list[Floats]:
    """Return the (N, OUTPUTS) logits of each window; a smaller type computes faster and rounds more."""
    network.eval()
    network.encoder.compute = compute
    order = sorted(range(len(samples)), key=lambda i: len(samples[i].ids))
    found: dict[int, Floats] = {}
    with torch.no_grad():
        for low in range(0, len(order), batch):
            chosen = order[low : low + batch]
            inputs = collate([samples[i] for i in chosen])
            states = network.encode(inputs["ids"], inputs["shapes"], inputs["mask"])
            logits = network.read_spans(states, *(inputs[n] for n in network.SPAN_INPUTS)).numpy()
            sizes = np.cumsum([len(samples[i].spans) for i in chosen])[:-1]
            found.update(zip(chosen, np.split(logits, sizes), strict=True))
    return [found[i] for i in range(len(samples))]


def _assign(targets: Sequence[Tensor], values: Sequence[Tensor]) -> None:
    with torch.no_grad():
        for target, value in zip(targets, values, strict=True):
            target.copy_(value)


def _batches(examples: Sequence[Example], batch: int, rng: np.random.Generator) -> list[list[Example]]:
    """Return shuffled batches of windows of similar length."""
    order = rng.permutation(len(examples))
    pools = [order[i : i + batch * 8] for i in range(0, len(order), batch * 8)]
    chosen = []
    for pool in pools:
        ordered = sorted(pool, key=lambda i: len(examples[i].sample.ids))
        chosen += [[examples[i] for i in ordered[low : low + batch]] for low in range(0, len(ordered), batch)]
    return [chosen[i] for i in rng.permutation(len(chosen))]


def _parameter_groups(
    network: SpanNetwork, encoder_rate: float, head_rate: float, decay: float
) -> list[dict[str, object]]:
    layers = network.encoder.depth
    groups: dict[float, list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        if name.startswith("encoder."):
            layer = int(name.split("layers.")[1].split(".")[0]) if "layers." in name else -1
            rate = encoder_rate * decay ** (layers - 1 - layer)
        else:
            rate = encoder_rate if name.startswith("shapes.") else head_rate
        groups.setdefault(rate, []).append(parameter)
    return [{"params": parameters, "lr": rate} for rate, parameters in groups.items()]
