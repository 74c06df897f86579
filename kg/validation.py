"""Whether a graph is valid: the SHACL shapes, the closed ontology, and what a span must be true to.

Shapes are checked by pySHACL. Three rules that shapes cannot say are checked by queries: every term of the kg
namespace exists in the ontology, every role has its statement, and every span quotes the text of its paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.ontology import KG, ROLE_PROPERTIES, prefixes, rebase
from kg.query import Table
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
    for problem in report.subjects(rdflib.RDF.type, SH.ValidationResult):  # type: ignore[union-attr]
        focus, shape = report.value(problem, SH.focusNode), report.value(problem, SH.sourceShape)  # type: ignore[union-attr]
        value, message = report.value(problem, SH.value), report.value(problem, SH.resultMessage)  # type: ignore[union-attr]
        said = f"{message}, not {_short(str(value), graph)}" if value is not None else str(message)
        out.append(Violation(_short(str(focus), graph), str(shape).rsplit("/", 1)[-1], said))
    return out


def _check_terms(graph: OpenGraph) -> list[Violation]:
    """Return terms of the kg namespace that the ontology does not have."""
    namespace = prefixes(graph.base)["kg"]
    known = {rebase(v, graph.base) for k, v in vars(KG).items() if not k.startswith("_")}
    query = "SELECT DISTINCT ?term ?focus WHERE { { ?focus ?term ?o } UNION { ?focus a ?term } }"
    first: dict[str, str] = {}
    for row in graph.store.query(query, use_default_graph_as_union=True):
        term, focus = row["term"].value, row["focus"]
        if term.startswith(namespace) and term not in known:
            name = getattr(focus, "value", str(focus))
            first[term] = min(first.get(term, name), name)
    return [
        Violation(_short(focus, graph), "ontology", f"{_short(term, graph)} is not a term of the ontology")
        for term, focus in first.items()
    ]


def _check_statements(graph: OpenGraph) -> list[Violation]:
    """Return direct triples of role properties without a statement that carries their evidence, and the reverse."""
    roles = {rebase(p, graph.base) for p in (*ROLE_PROPERTIES.values(), KG.hasKeyphrase, KG.reports, KG.linksTo)}
    rdf = prefixes()["rdf"]
    stated = {
        (row["s"], row["p"], row["o"])
        for row in graph.store.query(
            f"SELECT ?s ?p ?o WHERE {{ ?x <{rdf}subject> ?s ; <{rdf}predicate> ?p ; <{rdf}object> ?o }}",
            use_default_graph_as_union=True,
        )
    }
    direct = set()
    for role in sorted(roles):
        rows = graph.store.query(f"SELECT ?s ?o WHERE {{ ?s <{role}> ?o }}", use_default_graph_as_union=True)
        direct |= {(row["s"], role, row["o"]) for row in rows}
    stated_plain = {(s, p.value, o) for s, p, o in stated}
    out = []
    for s, p, o in direct - stated_plain:
        out.append(Violation(_short(s.value, graph), "statement", f"{_short(p, graph)} {_short(o.value, graph)} has no statement"))
    for s, p, o in stated_plain - direct:
        out.append(
            Violation(_short(s.value, graph), "statement", f"{_short(p, graph)} {_short(o.value, graph)} is stated, not there")
        )
    return out


def _check_spans(graph: OpenGraph) -> list[Violation]:
    """Return spans whose quote is not what stands at their place in the paper."""
    ns = prefixes(graph.base)
    query = f"""
        SELECT ?span ?exact ?start ?end ?title ?abstract WHERE {{
            ?evidence <{ns["oa"]}hasSource> ?paper ; <{ns["oa"]}hasSelector> ?span .
            ?span <{ns["oa"]}exact> ?exact ; <{ns["oa"]}start> ?start ; <{ns["oa"]}end> ?end .
            ?paper <{ns["dcterms"]}title> ?title . OPTIONAL {{ ?paper <{ns["dcterms"]}abstract> ?abstract }}
        }}"""
    out = []
    for row in graph.store.query(query, use_default_graph_as_union=True):
        text = row["title"].value + "\n" + (row["abstract"].value if row["abstract"] else "")
        start, end = int(row["start"].value), int(row["end"].value)
        if text[start:end] != row["exact"].value:
            said = f"quotes {row['exact'].value!r}, but {text[start:end]!r} stands there"
            out.append(Violation(_short(row["span"].value, graph), "quote", said))
    return out


def tabulate(violations: Sequence[Violation]) -> Table:
    """Return problems as a table of focus, rule and message."""
    from pyoxigraph import Literal

    rows = tuple((Literal(v.focus), Literal(v.rule), Literal(v.message)) for v in violations)
    return Table(("focus", "rule", "message"), rows)
