"""Writing the span network as an ONNX file whose weights are stored in 8 bits and computed in 32."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import helper, numpy_helper

from kg.training.model import SpanNetwork

INPUTS = ("ids", "shapes", "firsts", "lasts", "widths", "groups", "counts")
SMALLEST = 4096
"""Matrices with fewer numbers than this keep 32 bits."""


def export(network: SpanNetwork, path: Path) -> str:
    """Write the network to an ONNX file and return the SHA-256 of the file.

    Every matrix is rounded to 8 bits with one scale for each output (each row, for tables that are looked up). The
    network is left with the rounded weights, so that what is measured afterwards is what was written.
    """
    network.eval()
    network.encoder.compute = torch.float32
    tables = _round_weights(network)
    tokens = torch.full((1, 7), 999)
    spans = torch.tensor([1, 2, 2, 3])
    arguments = (tokens, tokens % 5, spans, spans + 1, spans * 0, torch.tensor([0, 1, 1, 2]), spans * 0)
    axes = {name: {1: "tokens"} if name in INPUTS[:2] else {0: "spans"} for name in INPUTS} | {"logits": {0: "spans"}}
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        network,
        arguments,
        str(path),
        input_names=list(INPUTS),
        output_names=["logits"],
        dynamic_axes=axes,
        opset_version=18,
        do_constant_folding=True,
        dynamo=False,
    )
    model = onnx.load(str(path))
    _store_in_8_bits(model.graph, tables)
    del model.metadata_props[:], model.graph.value_info[:]
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model)
    data = model.SerializeToString()
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


Rounded = tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]


def _round_weights(network: SpanNetwork) -> list[tuple[npt.NDArray[np.float32], Rounded]]:
    """Round the matrices of the network to 8 bits in place; return each with its integers and scales of rows."""
    tables = []
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.dim() != 2 or parameter.numel() < SMALLEST:
                continue
            values = parameter.numpy()
            scales = np.abs(values).max(axis=1, keepdims=True).astype(np.float32) / np.float32(127)
            scales = np.maximum(scales, np.float32(1e-12))
            integers = np.clip(np.rint(values / scales), -127, 127).astype(np.int8)
            rounded = integers.astype(np.float32) * scales
            parameter.copy_(torch.from_numpy(rounded))
            tables.append((rounded, (integers, scales)))
    return tables


def _store_in_8_bits(graph: Any, tables: list[tuple[npt.NDArray[np.float32], Rounded]]) -> None:
    """Replace every rounded matrix of an ONNX graph by its integers, and nodes that restore it."""
    known = {_digest(rounded): parts for rounded, parts in tables}
    known |= {_digest(rounded.T): (i.T, s.T) for rounded, (i, s) in tables}
    kept, added, nodes = [], [], []
    for tensor in graph.initializer:
        parts = known.get(_digest(numpy_helper.to_array(tensor)))
        if parts is None:
            kept.append(tensor)
            continue
        name = tensor.name
        integers, scales = (np.ascontiguousarray(part) for part in parts)
        added += [numpy_helper.from_array(integers, f"{name}.int8"), numpy_helper.from_array(scales, f"{name}.scale")]
        users = [node for node in graph.node if name in node.input]
        if all(node.op_type == "Gather" for node in users):
            for number, node in enumerate(users):
                picked, scale, real = (f"{name}.{number}.{part}" for part in ("picked", "row_scale", "real"))
                output = node.output[0]
                node.input[0], node.output[0] = f"{name}.int8", picked
                nodes.append((node, [
                    helper.make_node("Gather", [f"{name}.scale", node.input[1]], [scale], axis=0),
                    helper.make_node("Cast", [picked], [real], to=onnx.TensorProto.FLOAT),
                    helper.make_node("Mul", [real, scale], [output]),
                ]))  # fmt: skip
        else:
            nodes.append((None, [
                helper.make_node("Cast", [f"{name}.int8"], [f"{name}.real"], to=onnx.TensorProto.FLOAT),
                helper.make_node("Mul", [f"{name}.real", f"{name}.scale"], [name]),
            ]))  # fmt: skip
    first = [node for after, group in nodes if after is None for node in group]
    following = {after.output[0]: group for after, group in nodes if after is not None}
    ordered = []
    for node in graph.node:
        ordered += [node, *following.get(node.output[0], [])]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend([*kept, *added])
    graph.node.extend([*first, *ordered])


def _digest(array: npt.NDArray[np.float32]) -> tuple[tuple[int, ...], bytes]:
    return array.shape, hashlib.sha256(np.ascontiguousarray(array).tobytes()).digest()
