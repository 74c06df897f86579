"""Where the nodes of a large network are drawn: edges pull, and all nodes push each other away.

The forces and their cooling are those of Fruchterman and Reingold, "Graph drawing by force-directed placement" (1991).
The push between all pairs is a convolution: nodes are counted on a grid, and the field of all counts is computed by
Fourier transform, as in Linderman et al., "Fast interpolation-based t-SNE" (2019). A round takes time by the nodes, not
by their pairs. There are no random numbers: the same network gives the same places on one machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import networkx as nx
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

ROUNDS = 100
BETWEEN = 0.15
"""How strongly an edge between two communities pulls, beside one within a community."""

_CELLS = 256
_GRAVITY = 0.03
_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))


def spread_network(network: nx.Graph, communities: Mapping[str, int]) -> dict[str, tuple[float, float]]:
    """Return a place for every node; neighbouring nodes are about 1 apart, the middle is (0, 0).

    Links between papers count for nothing: what two papers share is there as concepts.
    """
    nodes = sorted(network)
    ids = {node: position for position, node in enumerate(nodes)}
    edges = network.edges(data="kind")
    pairs = sorted(sorted((ids[one], ids[other])) for one, other, kind in edges if kind != "link")
    places = spread_nodes(
        np.array(pairs, dtype=np.int64).reshape(-1, 2), np.array([communities[node] for node in nodes], dtype=np.int64)
    )
    return {node: (float(x), float(y)) for node, (x, y) in zip(nodes, places, strict=True)}


def spread_nodes(pairs: Whole, communities: Whole) -> Floats:
    """Return a place for every node, of shape (nodes, 2); neighbouring nodes are about 1 apart, the middle is (0, 0).

    Args:
        pairs: the ends of each edge, of shape (edges, 2), each below the number of nodes.
        communities: the community of each node, of shape (nodes,); 0 is the first.
    """
    count = len(communities)
    one, other = pairs[:, 0], pairs[:, 1]
    degree = np.bincount(pairs.ravel(), minlength=count)
    pull = np.where(communities[one] == communities[other], 1.0, BETWEEN)
    pull /= np.sqrt(np.minimum(degree[one], degree[other]))
    places: Floats = _start(communities)
    for turn in range(ROUNDS):
        longest = 0.06 * np.sqrt(count) * (1 - turn / ROUNDS) ** 1.5 + 0.02
        gap = places[other] - places[one]
        force = _push(places) - _GRAVITY * places
        for axis in (0, 1):
            drawn = pull * np.hypot(gap[:, 0], gap[:, 1]) * gap[:, axis]
            force[:, axis] += np.bincount(one, drawn, count) - np.bincount(other, drawn, count)
        size = np.hypot(force[:, 0], force[:, 1]) + 1e-9
        places += force * (np.minimum(size, longest) / size)[:, None]
    places -= places.mean(axis=0)
    return places


def _start(communities: Whole) -> Floats:
    """Return places in discs, one for each community, that stand around each other like the seeds of a sunflower."""
    sizes = np.bincount(communities)
    firsts = np.cumsum(sizes) - sizes
    order = np.argsort(communities, kind="stable")
    within = np.empty(len(communities))
    within[order] = np.arange(len(communities)) - firsts[communities[order]]
    return _seed(firsts + sizes / 2, np.arange(len(sizes)))[communities] + _seed(within / 4, within)


def _seed(square: Floats, turn: Floats | Whole) -> Floats:
    """Return places at the square root of a distance, each turned by the golden angle from the one before."""
    angle = turn * _GOLDEN_ANGLE
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.sqrt(square)[:, None]


def _push(places: Floats) -> Floats:
    """Return the push on each node: the sum over all others of 1 / distance, away from them."""
    low = places.min(axis=0)
    cell = float((places.max(axis=0) - low).max()) / (_CELLS - 2) or 1.0
    at = (places - low) / cell
    whole = np.minimum(at.astype(np.int64), _CELLS - 2)
    part = at - whole
    corners = []
    for x, y in ((0, 0), (0, 1), (1, 0), (1, 1)):
        share = np.abs(1 - x - part[:, 0]) * np.abs(1 - y - part[:, 1])
        corners.append(((whole[:, 0] + x) * _CELLS + whole[:, 1] + y, share))
    nodes = sum(np.bincount(index, share, _CELLS * _CELLS) for index, share in corners)
    spectrum = np.fft.rfft2(np.reshape(nodes, (_CELLS, _CELLS)), (2 * _CELLS, 2 * _CELLS))
    push = np.empty_like(places)
    for axis in (0, 1):
        field = np.fft.irfft2(spectrum * _kernel()[axis])[:_CELLS, :_CELLS].ravel() / cell
        push[:, axis] = sum(field[index] * share for index, share in corners)
    return push


@cache
def _kernel() -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Return the push of one node on the cells around it, in each direction, as a spectrum."""
    steps = np.fft.fftfreq(2 * _CELLS, 1 / (2 * _CELLS))
    x, y = np.meshgrid(steps, steps, indexing="ij")
    square = x * x + y * y
    square[0, 0] = 1.0
    return np.fft.rfft2(x / square), np.fft.rfft2(y / square)
