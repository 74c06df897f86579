"""How much is in a graph."""

from __future__ import annotations

from collections import Counter

import pyoxigraph as ox

from kg.ontology import KG
from kg.query import Table
from kg.store import OpenGraph
from kg.things import CONCEPT_KINDS, RDF, ROLE_WORDS, SKOS

_DEFAULT = ox.DefaultGraph()


def count_graph(graph: OpenGraph, most: int = 10) -> Table:
    """Return a table of how many there are of everything, with the columns `of`, `what` and `count`.

    Of the graph: papers, sources, results, links and more. Of concepts: each kind. Of statements: each role. Of papers:
    the `most` methods that most papers have, in any role. Most come first within each of the last three.
    """
    classes = Counter(o.value for _, o in graph.pairs(RDF + "type") if isinstance(o, ox.NamedNode))
    roles = Counter(o.value for _, o in graph.pairs(RDF + "predicate") if isinstance(o, ox.NamedNode))
    things = {
        "papers": KG.Paper,
        "sources": KG.Source,
        "statements": KG.Statement,
        "evidence": KG.Evidence,
        "results": KG.Result,
        "links": KG.Link,
        "merges": KG.Merge,
    }
    rows = [("graph", name, classes[graph.term(term).value]) for name, term in things.items()]
    rows.append(("graph", "triples", sum(1 for _ in graph.store.quads_for_pattern(None, None, None, _DEFAULT))))
    words = {**ROLE_WORDS, KG.reports: "reports", KG.linksTo: "links to"}
    kinds = {kind: classes[graph.term(getattr(KG, kind)).value] for kind in CONCEPT_KINDS}
    rows += [("concepts", kind.lower(), number) for kind, number in _most_first(kinds)]
    stated = {word: roles[graph.term(term).value] for term, word in words.items()}
    rows += [("statements", word, number) for word, number in _most_first(stated)]
    rows += [("papers", label, number) for label, number in _frequent_methods(graph, most)]
    return Table(("of", "what", "count"), tuple((ox.Literal(a), ox.Literal(b), ox.Literal(n)) for a, b, n in rows))


def _frequent_methods(graph: OpenGraph, most: int) -> list[tuple[str, int]]:
    papers: Counter[str] = Counter()
    for role in (KG.introduces, KG.uses, KG.comparesWith, KG.mentions):
        papers.update(o.value for _, o in graph.pairs(role) if isinstance(o, ox.NamedNode))
    found: list[tuple[str, int]] = []
    for iri, number in _most_first(papers):
        node = ox.NamedNode(iri)
        if len(found) == most:
            break
        if graph.term(KG.Method) in graph.nodes(node, RDF + "type"):
            found.append((graph.text(node, SKOS + "prefLabel"), number))
    return found


def _most_first(numbers: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(((name, n) for name, n in numbers.items() if n), key=lambda item: (-item[1], item[0]))
