"""Whether a graph is valid: the SHACL shapes, the closed ontology, and what a span must be true to.

Shapes are checked by pySHACL. Three rules that shapes cannot say are checked by queries: every term of the kg
namespace exists in the ontology, every role has its statement, and every span quotes the text of its paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.asking.query import Table, select
from kg.ontology import KG, ROLE_PROPERTIES, prefixes, rebase
from kg.resources import resource
from kg.store import OpenGraph


@dataclass(frozen=True, order=True)
class Violation:
    """A problem of a graph: the thing it is about, the rule that is broken, and what is wrong."""

    focus: str
    rule: str
    message: str


def validate_graph(graph: OpenGraph) -> tuple[Violation, ...]:
    """Return the problems of a graph, sorted; none where it is valid."""
    return tuple(sorted({*_check_shapes(graph), *_check_terms(graph), *_check_statements(graph), *_check_spans(graph)}))


def _short(iri: str, graph: OpenGraph) -> str:
    for name, namespace in prefixes(graph.base).items():
        if iri.startswith(namespace) and len(iri) > len(namespace):
            return f"{name}:{iri.removeprefix(namespace)}"
    return iri


def _check_shapes(graph: OpenGraph) -> list[Violation]:
    """Return what pySHACL finds."""
    import io

    import pyoxigraph
    import pyshacl
    import rdflib
    from rdflib.namespace import SH

    data = rdflib.Graph()
    turtle = io.BytesIO()
    graph.store.dump(turtle, pyoxigraph.RdfFormat.N_TRIPLES, from_graph=pyoxigraph.DefaultGraph())
    data.parse(io.BytesIO(turtle.getvalue()), format="nt")
    shapes = rdflib.Graph()
    for name in ("shapes.ttl", "kg.ttl"):
        shapes.parse(data=rebase(resource("ontology", name).read_text(encoding="utf-8"), graph.base), format="turtle")
    data += rdflib.Graph().parse(
        data=rebase(resource("ontology", "kg.ttl").read_text(encoding="utf-8"), graph.base), format="turtle"
    )
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, advanced=False, meta_shacl=False)
    out = []
    for problem in report.subjects(rdflib.RDF.type, SH.ValidationResult):
        focus, shape = report.value(problem, SH.focusNode), report.value(problem, SH.sourceShape)
        value, message = report.value(problem, SH.value), report.value(problem, SH.resultMessage)
        said = f"{message}, not {_short(str(value), graph)}" if value is not None else str(message)
        out.append(Violation(_short(str(focus), graph), str(shape).rsplit("/", 1)[-1], said))
    return out


def _check_terms(graph: OpenGraph) -> list[Violation]:
    """Return terms of the kg namespace that the ontology does not have, each with one thing that has it."""
    namespace = prefixes(graph.base)["kg"]
    known = {rebase(v, graph.base) for k, v in vars(KG).items() if not k.startswith("_")}
    first: dict[str, str] = {}
    for term, focus in _rows(graph, "SELECT DISTINCT ?term ?focus { { ?focus ?term ?o } UNION { ?focus a ?term } }"):
        if term.startswith(namespace) and term not in known:
            first[term] = min(first.get(term, focus), focus)
    return [
        Violation(_short(focus, graph), "ontology", f"{_short(term, graph)} is not a term of the ontology")
        for term, focus in first.items()
    ]


def _check_statements(graph: OpenGraph) -> list[Violation]:
    """Return direct triples of role properties without a statement that carries their evidence, and the reverse."""
    roles = [rebase(p, graph.base) for p in (*ROLE_PROPERTIES.values(), KG.hasKeyphrase, KG.reports, KG.linksTo)]
    stated: set[tuple[str, ...]] = set(
        _rows(graph, "SELECT ?s ?p ?o { ?x rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o }")
    )
    direct: set[tuple[str, ...]] = {
        (s, role, o) for role in roles for s, o in _rows(graph, f"SELECT ?s ?o {{ ?s <{role}> ?o }}")
    }
    out = []
    for message, triples in (("has no statement", direct - stated), ("is stated, not there", stated - direct)):
        for s, p, o in triples:
            out.append(Violation(_short(s, graph), "statement", f"{_short(p, graph)} {_short(o, graph)} {message}"))
    return out


def _check_spans(graph: OpenGraph) -> list[Violation]:
    """Return spans whose quote is not what stands at their place in the paper."""
    query = """
        SELECT ?span ?exact ?start ?end ?title ?abstract {
            ?evidence oa:hasSource ?paper ; oa:hasSelector ?span .
            ?span oa:exact ?exact ; oa:start ?start ; oa:end ?end .
            ?paper dcterms:title ?title . OPTIONAL { ?paper dcterms:abstract ?abstract }
        }"""
    out = []
    for span, exact, start, end, title, abstract in _rows(graph, query):
        there = f"{title}\n{abstract}"[int(start) : int(end)]
        if there != exact:
            out.append(Violation(_short(span, graph), "quote", f"quotes {exact!r}, but {there!r} stands there"))
    return out


def _rows(graph: OpenGraph, sparql: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a query as plain text, an unbound variable as an empty string."""
    for row in select(graph, sparql):
        yield tuple("" if term is None else str(getattr(term, "value", term)) for term in row)


def tabulate(violations: Sequence[Violation]) -> Table:
    """Return problems as a table of focus, rule and message."""
    from pyoxigraph import Literal

    rows = tuple((Literal(v.focus), Literal(v.rule), Literal(v.message)) for v in violations)
    return Table(("focus", "rule", "message"), rows)
