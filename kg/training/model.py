"""The network behind the tagger: a transformer over tokens, and a head that reads every candidate span."""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from kg.extraction.samples import BENCHMARK_ROLES, COUNTS, KINDS, MAX_WORDS, METHOD_ROLES, SHAPES

OUTPUTS = len(KINDS) + len(METHOD_ROLES) + len(BENCHMARK_ROLES)


class Linear(nn.Linear):  # type: ignore[misc]
    """A linear layer that computes in the type of its input and keeps its weights in 32 bits."""

    def forward(self, input: Tensor) -> Tensor:
        """Return the product in the type of the input."""
        return functional.linear(input, self.weight.to(input.dtype), self.bias.to(input.dtype))


class Norm(nn.LayerNorm):  # type: ignore[misc]
    """A layer norm that computes in the type of its input."""

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalised states."""
        weight, bias = self.weight.to(input.dtype), self.bias.to(input.dtype)
        return functional.layer_norm(input, self.normalized_shape, weight, bias, self.eps)


class Layer(nn.Module):  # type: ignore[misc]
    """One transformer layer in the BERT arrangement (normalisation after each half)."""

    def __init__(self, size: int, inner: int, heads: int, epsilon: float, dropout: float) -> None:
        super().__init__()
        self.query, self.key, self.value, self.mix = (Linear(size, size) for _ in range(4))
        self.up, self.down = Linear(size, inner), Linear(inner, size)
        self.norm_mix, self.norm_out = Norm(size, epsilon), Norm(size, epsilon)
        self.heads, self.width, self.dropout = heads, size // heads, nn.Dropout(dropout)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        """Return the (B, T, H) states after this layer; `bias` (B, 1, 1, T) is added to attention scores."""
        batch, length, size = states.shape
        query, key, value = (
            part(states).view(batch, length, self.heads, self.width).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        scores = (query * (1 / math.sqrt(self.width))) @ key.transpose(2, 3) + bias
        mixed = (scores.softmax(3) @ value).transpose(1, 2).reshape(batch, length, size)
        states = self.norm_mix(states + self.dropout(self.mix(mixed)))
        return self.norm_out(states + self.dropout(self.down(functional.gelu(self.up(states)))))


_BERT = {
    "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
    "mix": "attention.output.dense", "norm_mix": "attention.output.LayerNorm",
    "up": "intermediate.dense", "down": "output.dense", "norm_out": "output.LayerNorm",
}  # fmt: skip
_MPNET = _BERT | {
    "query": "attention.attn.q", "key": "attention.attn.k", "value": "attention.attn.v",
    "mix": "attention.attn.o", "norm_mix": "attention.LayerNorm",
}  # fmt: skip


class Encoder(nn.Module):  # type: ignore[misc]
    """BERT (Devlin et al. 2019) or MPNet (Song et al. 2020), from `model.safetensors` and `config.json`.

    Both read token numbers of BERT's lower-case vocabulary. Their word vectors are not trained.
    """

    def __init__(self, folder: Path, dropout: float) -> None:
        super().__init__()
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        weights = load_file(folder / "model.safetensors")
        self.size, self.depth = config["hidden_size"], config["num_hidden_layers"]
        heads, epsilon = config["num_attention_heads"], config["layer_norm_eps"]
        mpnet = config["model_type"] == "mpnet"
        words, places = (weights[f"embeddings.{kind}_embeddings.weight"] for kind in ("word", "position"))
        if mpnet:
            words, places = words[_mpnet_tokens()], places[2:].clone()
        else:
            places = places + weights["embeddings.token_type_embeddings.weight"][0]
        self.words = nn.Embedding.from_pretrained(words, freeze=True)
        self.places = nn.Embedding.from_pretrained(places, freeze=False)
        self.distances = (
            nn.Embedding.from_pretrained(weights["encoder.relative_attention_bias.weight"], freeze=False)
            if mpnet
            else None
        )
        self.norm = Norm(self.size, epsilon)
        self.norm.load_state_dict({n: weights[f"embeddings.LayerNorm.{n}"] for n in ("weight", "bias")})
        inner = config["intermediate_size"]
        self.layers = nn.ModuleList(Layer(self.size, inner, heads, epsilon, dropout) for _ in range(self.depth))
        for number, layer in enumerate(self.layers):
            for name, source in (_MPNET if mpnet else _BERT).items():
                part = {n: weights[f"encoder.layer.{number}.{source}.{n}"] for n in ("weight", "bias")}
                getattr(layer, name).load_state_dict(part)
        self.dropout = nn.Dropout(dropout)
        self.compute = torch.float32

    def forward(self, ids: Tensor, extra: Tensor, mask: Tensor | None) -> Tensor:
        """Return (B, T, H) states; `extra` (B, T, H) is added to the embeddings, `mask` (B, T) is 0 on padding."""
        places = self.places.weight[: ids.shape[1]]
        states = self.dropout(self.norm(self.words(ids) + extra + places)).to(self.compute)
        bias = torch.zeros(1, 1, 1, 1, dtype=self.compute)
        if mask is not None:
            bias = ((mask - 1) * 10000).to(self.compute)[:, None, None, :]
        if self.distances is not None:
            bias = bias + self.distances(_distance_numbers(ids.shape[1])).permute(2, 0, 1)[None].to(self.compute)
        for layer in self.layers:
            states = layer(states, bias)
        return states


def _mpnet_tokens() -> Tensor:
    """Return the token number of MPNet for each of BERT: four more come before, and the special ones differ."""
    numbers = torch.arange(30522) + 4
    for bert, mpnet in ((0, 1), (101, 0), (102, 2), (103, 30526)):
        numbers[bert] = mpnet
    return numbers


def _distance_numbers(length: int) -> Tensor:
    """Return (T, T) which of 32 classes of distance lies between two tokens (Raffel et al. 2020): 16 each way.

    Distances below 8 have a class each; longer ones share classes that grow with the distance, up to 128.
    """
    behind = torch.arange(length)[:, None] - torch.arange(length)[None, :]
    distance = behind.abs()
    far = 8 + (torch.log(distance.clamp(min=1) / 8) / math.log(16) * 8).long()
    return (behind < 0).long() * 16 + torch.where(distance < 8, distance, far.clamp(max=15))


class SpanNetwork(nn.Module):  # type: ignore[misc]
    """Logits for every candidate span: kinds (each on its own), roles of a method, roles of a benchmark.

    The encoder reads word pieces plus a learned vector for the shape of the word (case, digits, brackets, title).
    A span is its first token, its last token, the mean between them, its width and its count; spans of one group
    (written the same way) are joined by mean and maximum before the last layer.
    """

    def __init__(
        self, encoder_folder: Path, hidden: int = 192, dropout: float = 0.2, encoder_dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.encoder = Encoder(encoder_folder, encoder_dropout)
        size = self.encoder.size
        self.shapes = nn.Embedding(SHAPES, size)
        nn.init.zeros_(self.shapes.weight)
        self.tokens = nn.Linear(size, 3 * hidden)
        self.shape_hints = nn.Embedding(SHAPES, 2 * hidden)
        self.widths = nn.Embedding(MAX_WORDS, hidden)
        self.counts = nn.Embedding(COUNTS, hidden)
        for table in (self.shape_hints, self.widths, self.counts):
            nn.init.normal_(table.weight, std=0.02)
        self.group = nn.Linear(2 * hidden, hidden)
        self.join = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, OUTPUTS)
        nn.init.constant_(self.out.bias[: len(KINDS)], -4.0)
        self.dropout = nn.Dropout(dropout)
        self.hidden = hidden

    SPAN_INPUTS = ("shapes", "firsts", "lasts", "widths", "groups", "counts")

    def forward(self, ids: Tensor, *span_inputs: Tensor) -> Tensor:
        """Return (N, OUTPUTS) logits of the spans of one window; inputs as in `Sample`, tokens (1, T)."""
        return self.read_spans(self.encode(ids, span_inputs[0], None), *span_inputs)

    def encode(self, ids: Tensor, shapes: Tensor, mask: Tensor | None) -> Tensor:
        """Return the (B, T, H) states of the encoder for (B, T) tokens."""
        states: Tensor = self.encoder(ids, self.shapes(shapes), mask)
        return states

    def read_spans(
        self,
        states: Tensor,
        shapes: Tensor,
        firsts: Tensor,
        lasts: Tensor,
        widths: Tensor,
        groups: Tensor,
        counts: Tensor,
    ) -> Tensor:
        """Return (N, OUTPUTS) logits from the (B, T, H) states of the encoder."""
        flat = self.dropout(states.float()).flatten(0, 1)
        first, last, inner = self.tokens(flat).split(self.hidden, dim=1)
        hint_first, hint_last = self.shape_hints(shapes.flatten()).split(self.hidden, dim=1)
        first, last = first + hint_first, last + hint_last
        sums = torch.cat([torch.zeros_like(inner[:1]), inner.cumsum(0)])
        mean = (sums[lasts + 1] - sums[firsts]) / (lasts + 1 - firsts).unsqueeze(1).float()
        span = torch.relu(first[firsts] + last[lasts] + mean + self.widths(widths) + self.counts(counts))
        index = groups.unsqueeze(1).expand(-1, self.hidden)
        zeros = torch.zeros_like(span)
        total = zeros.scatter_add(0, index, span)
        size = torch.zeros_like(span[:, :1]).scatter_add(0, groups.unsqueeze(1), torch.ones_like(span[:, :1]))
        peak = zeros.scatter_reduce(0, index, span, "amax", include_self=True)
        pooled = self.group(torch.cat([(total / size.clamp(min=1.0))[groups], peak[groups]], dim=1))
        return self.out(self.dropout(torch.relu(self.join(span) + pooled)))
