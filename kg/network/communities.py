"""Which nodes of a network belong together, and what such a community is called.

Communities are those of Blondel et al., "Fast unfolding of communities in large networks" (2008), seeded. A community
goes by its strongest techniques.
"""

from __future__ import annotations

from collections import Counter

import networkx as nx

NAMED_MAX = 12
"""How many communities, the largest, have a name and a colour; the rest is one, called `OTHERS`."""

OTHERS = "others"

_LEAST = 3
_NAMING = ("Method", "Task", "Concept")


def find_communities(network: nx.Graph) -> dict[str, int]:
    """Return the community of every node, the largest first; those of the same size go by their first node.

    Edges count once, links by 1 / 4 of it: what two papers share is there as concepts already.
    """
    nodes = sorted(network)
    ids = {node: position for position, node in enumerate(nodes)}
    plain = nx.Graph()
    plain.add_nodes_from(range(len(nodes)))
    edges = ((*sorted((ids[a], ids[b])), 0.25 if kind == "link" else 1.0) for a, b, kind in network.edges(data="kind"))
    plain.add_weighted_edges_from(sorted(edges))
    found = nx.community.louvain_communities(plain, seed=1)
    groups = sorted((sorted(group) for group in found), key=lambda group: (-len(group), group))
    return {nodes[each]: number for number, group in enumerate(groups) for each in group}


def name_communities(network: nx.Graph, communities: dict[str, int]) -> list[str]:
    """Return the names of the largest communities, in their order, at most `NAMED_MAX`.

    A name is the labels of the two techniques with the most papers of the community, of papers that are mostly there;
    where a community has none, of any concepts, and of papers last. Communities of less than 3 nodes have no name.
    """
    sizes = Counter(communities.values())
    named = [number for number in sorted(sizes) if sizes[number] >= _LEAST][:NAMED_MAX]
    inside: dict[int, list[tuple[int, float, str]]] = {number: [] for number in named}
    for node, number in communities.items():
        if number in inside:
            of = network.nodes[node]
            own = sum(communities[near] == number for near in network[node])
            tier = 0 if of["kind"] in _NAMING else 1 if of["kind"] not in ("Paper", "Keyphrase") else 2
            inside[number].append((tier, -own * own / max(1, network.degree(node)), node))
    names = []
    for number in named:
        labels = dict.fromkeys(network.nodes[node]["label"] for _, _, node in sorted(inside[number]))
        names.append(", ".join(list(labels)[:2]))
    return names
