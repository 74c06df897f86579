"""How much is in a graph."""

from __future__ import annotations

import pyoxigraph as ox

from kg.asking.query import Table, select
from kg.asking.things import CONCEPT_KINDS, RDF, ROLE_WORDS
from kg.ontology import KG
from kg.store import OpenGraph

_BY_CLASS = f"SELECT ?class (COUNT(*) AS ?n) {{ ?thing <{RDF}type> ?class }} GROUP BY ?class"
_BY_ROLE = f"SELECT ?role (COUNT(*) AS ?n) {{ ?statement <{RDF}predicate> ?role }} GROUP BY ?role"
_TRIPLES = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
_METHODS = """
SELECT ?label ?n {
  { SELECT ?method (COUNT(DISTINCT ?paper) AS ?n) {
    VALUES ?role { kg:introduces kg:uses kg:comparesWith kg:mentions }
    ?paper ?role ?method
  } GROUP BY ?method ORDER BY DESC(?n) LIMIT }
  ?method a kg:Method ; skos:prefLabel ?label .
} ORDER BY DESC(?n) ?label
"""
_LOOKED_AT = 1000
"""Methods that are looked at first, of those that most papers have: their names are read from the store."""


def count_graph(graph: OpenGraph, most: int = 10) -> Table:
    """Return a table of how many there are of everything, with the columns `of`, `what` and `count`.

    Of the graph: papers, sources, results, links and more. Of concepts: each kind. Of statements: each role. Of papers:
    the `most` methods that most papers have, in any role. Most come first within each of the last three.
    """
    classes, roles = _count(graph, _BY_CLASS), _count(graph, _BY_ROLE)
    things = {
        "papers": KG.Paper,
        "sources": KG.Source,
        "statements": KG.Statement,
        "evidence": KG.Evidence,
        "results": KG.Result,
        "links": KG.Link,
        "merges": KG.Merge,
    }
    rows = [("graph", name, classes.get(graph.term(term).value, 0)) for name, term in things.items()]
    rows += [("graph", "triples", number) for number in _count(graph, _TRIPLES).values()]
    words = {**ROLE_WORDS, KG.reports: "reports", KG.linksTo: "links to"}
    kinds = {kind.lower(): classes.get(graph.term(getattr(KG, kind)).value, 0) for kind in CONCEPT_KINDS}
    rows += [("concepts", kind, number) for kind, number in _most_first(kinds)]
    stated = {word: roles.get(graph.term(term).value, 0) for term, word in words.items()}
    rows += [("statements", word, number) for word, number in _most_first(stated)]
    rows += [("papers", label, number) for label, number in _count_methods(graph, most)]
    return Table(("of", "what", "count"), tuple((ox.Literal(a), ox.Literal(b), ox.Literal(n)) for a, b, n in rows))


def _count(graph: OpenGraph, sparql: str) -> dict[str, int]:
    """Return the numbers in the last column by the text of the first."""
    pairs = [(row[0], row[-1]) for row in select(graph, sparql)]
    return {str(getattr(key, "value", "")): int(getattr(number, "value", 0)) for key, number in pairs}


def _count_methods(graph: OpenGraph, most: int) -> list[tuple[str, int]]:
    """Return the methods that most papers have, by label where as many have them."""
    found = list(_count(graph, _METHODS.replace("LIMIT", f"LIMIT {_LOOKED_AT}")).items())
    if len(found) < most or found[most - 1][1] == found[-1][1]:
        # those that were not looked at may be as many
        found = list(_count(graph, _METHODS.replace("LIMIT", "")).items())
    return found[:most]


def _most_first(numbers: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(((name, n) for name, n in numbers.items() if n), key=lambda item: (-item[1], item[0]))
