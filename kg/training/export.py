"""Writing the span network as an ONNX file whose weights are stored in 8 bits and computed in 32.

The graph is written node by node, in the operators that onnxruntime computes fastest. Every matrix has one 8-bit number
a weight and one scale an output; they are multiplied out when a session opens.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from kg.training.model import OUTPUTS, SpanNetwork

Floats = npt.NDArray[np.float32]
SMALLEST = 4096
"""Matrices with fewer numbers than this keep 32 bits."""
STATES_LAYER = 2
"""Layer of the encoder, counted from 1, whose states are given out as vectors of words and phrases."""


def export(network: SpanNetwork, path: Path) -> str:
    """Write the network to an ONNX file and return the SHA-256 of the file.

    Every matrix is rounded to 8 bits with one scale for each output (each row, for tables that are looked up). The
    network is left with the rounded weights, so that what is measured afterwards is what was written.

    The file takes what `Sample.inputs` gives, tokens as (1, T), and gives the logits (N, kinds + roles) and the states
    (T, size) after layer `STATES_LAYER`.
    """
    network.eval()
    _round_weights(network)
    graph = _Graph({name: value.detach().float().numpy() for name, value in network.state_dict().items()})
    encoder = network.encoder
    states = _embed(graph, encoder.norm.eps)
    for number in range(encoder.depth):
        layer = encoder.layers[number]
        states = _add_layer(graph, states, f"encoder.layers.{number}", layer.heads, layer.norm_mix.eps)
        if number + 1 == STATES_LAYER:
            graph.node("Squeeze", states, graph.whole(0), name="states")
    _read_spans(graph, graph.node("Squeeze", states, graph.whole(0)), network.hidden)

    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, [1, "tokens"]) for name in ("ids", "shapes")]
    spans = ("firsts", "lasts", "widths", "groups", "counts")
    inputs += [helper.make_tensor_value_info(name, TensorProto.INT64, ["spans"]) for name in spans]
    outputs = [
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["spans", OUTPUTS]),
        helper.make_tensor_value_info("states", TensorProto.FLOAT, ["tokens", encoder.size]),
    ]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "tagger", inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)],
        ir_version=9,
        producer_name="kg",
    )
    data: bytes = model.SerializeToString(deterministic=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    onnx.checker.check_model(str(path))
    return hashlib.sha256(data).hexdigest()


def quantize(weights: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Return signed bytes and scales, one a row, whose product is close to a matrix.

    Returns:
        Bytes in [-127, 127] of the same shape, and scales of shape (rows, 1); no number differs from its product by
        more than half its scale.

    >>> stored, scales = quantize(np.array([[1.0, -0.5], [0.0, 0.0]], np.float32))
    >>> stored.tolist(), (stored * scales).round(2).tolist()
    ([[127, -64], [0, 0]], [[1.0, -0.5], [0.0, 0.0]])
    """
    scales = np.abs(weights).max(axis=1, keepdims=True).astype(np.float32) / np.float32(127)
    scales = np.maximum(scales, np.float32(1e-12))
    return np.clip(np.rint(weights / scales), -127, 127).astype(np.int8), scales


def _round_weights(network: SpanNetwork) -> None:
    """Round the matrices of the network to 8 bits in place."""
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.dim() == 2 and parameter.numel() >= SMALLEST:
                integers, scales = quantize(parameter.numpy())
                parameter.copy_(torch.from_numpy(integers.astype(np.float32) * scales))


class _Graph:
    """Nodes and constants of one ONNX graph in the making; every method returns the name of what it adds.

    Attributes:
        weights: the numbers of the network by name; matrices are (outputs, inputs), tables (rows, columns).
    """

    def __init__(self, weights: dict[str, Floats]) -> None:
        self.weights = weights
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._known: set[str] = set()

    def constant(self, name: str, value: Any) -> str:
        """Add a constant, once."""
        if name not in self._known:
            self._known.add(name)
            self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name: str) -> str:
        """Add weights as they are."""
        return self.constant(name, self.weights[name])

    def whole(self, value: int, *more: int) -> str:
        """Add a list of whole numbers."""
        return self.constant("_".join(["whole", *map(str, (value, *more))]), np.array([value, *more], np.int64))

    def node(self, kind: str, *inputs: str, name: str = "", domain: str = "", **attributes: Any) -> str:
        """Add a node with one output."""
        return self.split(kind, *inputs, names=[name], domain=domain, **attributes)[0]

    def split(self, kind: str, *inputs: str, names: list[str], domain: str = "", **attributes: Any) -> list[str]:
        """Add a node with an output for each name; an empty name gets a number."""
        outputs = [name or f"{kind.lower()}_{len(self.nodes)}_{place}" for place, name in enumerate(names)]
        self.nodes.append(helper.make_node(kind, list(inputs), outputs, outputs[0], domain=domain, **attributes))
        return outputs

    def rows(self, name: str, rows: str) -> str:
        """Add the looked-up rows of a table; a large table is stored in bytes and never multiplied out."""
        table = self.weights[name]
        if table.size < SMALLEST:
            return self.node("Gather", self.weight(name), rows)
        stored, scales = quantize(table)
        picked = self.node("Gather", self.constant(name, stored), rows)
        scale = self.node("Gather", self.constant(f"{name}.scale", scales), rows)
        return self.node("Mul", self.node("Cast", picked, to=TensorProto.FLOAT), scale)

    def linear(self, values: str, *names: str) -> str:
        """Add the product with matrices side by side, and their biases."""
        matrix = np.concatenate([self.weights[f"{name}.weight"] for name in names])
        bias = np.concatenate([self.weights[f"{name}.bias"] for name in names])
        if matrix.size < SMALLEST:
            turned = self.constant(f"{names[0]}.weight", matrix.T)
        else:
            stored, scales = quantize(matrix)
            floats = self.node("Cast", self.constant(f"{names[0]}.weight", stored.T), to=TensorProto.FLOAT)
            turned = self.node("Mul", floats, self.constant(f"{names[0]}.scale", scales.T))
        return self.node("Add", self.node("MatMul", values, turned), self.constant(f"{names[0]}.bias", bias))

    def norm(self, values: str, name: str, epsilon: float) -> str:
        """Add a layer norm."""
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.node("LayerNormalization", values, scale, bias, axis=-1, epsilon=epsilon)


def _embed(graph: _Graph, epsilon: float) -> str:
    """Add what the encoder starts from: word piece, shape and place of each token, (1, T, size)."""
    length = graph.node("Squeeze", graph.node("Shape", "ids", start=1))
    zero, one = graph.constant("zero", np.int64(0)), graph.constant("one", np.int64(1))
    places = graph.rows("encoder.places.weight", graph.node("Range", zero, length, one))
    tokens = graph.node("Add", graph.rows("encoder.words.weight", "ids"), graph.rows("shapes.weight", "shapes"))
    return graph.norm(graph.node("Add", tokens, places), "encoder.norm", epsilon)


def _add_layer(graph: _Graph, states: str, name: str, heads: int, epsilon: float) -> str:
    """Add one transformer layer: attention and a feed-forward network, each with a residual and a norm after it."""
    joint = graph.linear(states, *(f"{name}.{part}" for part in ("query", "key", "value")))
    parts = graph.split("Split", joint, names=["", "", ""], axis=-1, num_outputs=3)
    mixed = graph.node("MultiHeadAttention", *parts, domain="com.microsoft", num_heads=heads)
    mixed = graph.linear(mixed, f"{name}.mix")
    states = graph.norm(graph.node("Add", states, mixed), f"{name}.norm_mix", epsilon)
    inner = graph.node("Gelu", graph.linear(states, f"{name}.up"))
    inner = graph.linear(inner, f"{name}.down")
    return graph.norm(graph.node("Add", states, inner), f"{name}.norm_out", epsilon)


def _read_spans(graph: _Graph, states: str, hidden: int) -> None:
    """Add the head of the network, `SpanNetwork.read_spans`, over states (T, size); its output is `logits`."""
    first, last, inner = graph.split(
        "Split", graph.linear(states, "tokens"), names=["", "", ""], axis=-1, num_outputs=3
    )
    hints = graph.rows("shape_hints.weight", graph.node("Squeeze", "shapes", graph.whole(0)))
    hint_first, hint_last = graph.split("Split", hints, names=["", ""], axis=-1, num_outputs=2)
    first = graph.node("Gather", graph.node("Add", first, hint_first), "firsts")
    last = graph.node("Gather", graph.node("Add", last, hint_last), "lasts")

    # The mean of the tokens of a span, as the difference of two running sums.
    sums = graph.node("CumSum", inner, graph.constant("zero", np.int64(0)))
    sums = graph.node("Concat", graph.constant("no_sum", np.zeros((1, hidden), np.float32)), sums, axis=0)
    after = graph.node("Add", "lasts", graph.constant("one", np.int64(1)))
    total = graph.node("Sub", graph.node("Gather", sums, after), graph.node("Gather", sums, "firsts"))
    count = graph.node("Cast", graph.node("Sub", after, "firsts"), to=TensorProto.FLOAT)
    mean = graph.node("Div", total, graph.node("Unsqueeze", count, graph.whole(1)))
    span = first
    for part in (last, mean, graph.rows("widths.weight", "widths"), graph.rows("counts.weight", "counts")):
        span = graph.node("Add", span, part)
    span = graph.node("Relu", span)

    # What the spans of one group share: the mean and the maximum (no value is below 0).
    groups = graph.node("Unsqueeze", "groups", graph.whole(1))
    number = graph.node("Add", graph.node("ReduceMax", "groups", keepdims=1), graph.whole(1))
    blank = graph.node("Expand", graph.constant("nothing", np.zeros((1, 1), np.float32)),
                       graph.node("Concat", number, graph.whole(hidden), axis=0))  # fmt: skip
    sizes = graph.node("Expand", graph.constant("nothing", np.zeros((1, 1), np.float32)),
                       graph.node("Concat", number, graph.whole(1), axis=0))  # fmt: skip
    ones = graph.node("Sign", graph.node("Unsqueeze", count, graph.whole(1)))
    sizes = graph.node("ScatterND", sizes, groups, ones, reduction="add")
    mean = graph.node("Div", graph.node("ScatterND", blank, groups, span, reduction="add"), sizes)
    peak = graph.node("ScatterND", blank, groups, span, reduction="max")
    pooled = graph.linear(graph.node("Concat", mean, peak, axis=1), "group")
    joined = graph.node("Add", graph.linear(span, "join"), graph.node("Gather", pooled, "groups"))
    graph.node("Identity", graph.linear(graph.node("Relu", joined), "out"), name="logits")
