"""The pages of the ontology, from `ontology/kg.ttl`: pictures, classes, properties."""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from trees import Branch, draw_tree

ROOT = Path(__file__).resolve().parent.parent

STATEMENT = Branch(
    "Statement",
    (
        ("rdf:subject", Branch("Paper")),
        ("rdf:predicate", Branch("a role, such as uses")),
        ("rdf:object", Branch("Concept")),
        ("hasEvidence", Branch("Evidence", (("oa:hasSelector", Branch("Span", (("inSentence", Branch("Span")),))),))),
    ),
)
"""How a statement carries its evidence; the terms of RDF and of Web Annotation are not in kg.ttl."""


@dataclass(frozen=True)
class Term:
    """One class or property of the ontology; names are local ("uses"), those of other ontologies prefixed."""

    name: str
    is_class: bool
    label: str
    definition: str
    example: str
    above: tuple[str, ...]
    domain: str
    range: str


@cache
def read_terms() -> tuple[Term, ...]:
    """Return the terms of the ontology in the order of the file."""
    import pyoxigraph as ox

    from kg.ontology import KG, prefixes

    known = prefixes()
    own = KG.Paper.removesuffix("Paper")

    def short(node: object) -> str:
        iri = getattr(node, "value", "")
        if iri.startswith(own):
            return str(iri.removeprefix(own))
        prefix = max((p for p in known if iri.startswith(known[p])), default="", key=lambda p: len(known[p]))
        return f"{prefix}:{iri.removeprefix(known[prefix])}" if prefix else iri

    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in ox.parse(path=ROOT / "ontology" / "kg.ttl"):
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(own):
            value = quad.object.value if isinstance(quad.object, ox.Literal) else short(quad.object)
            found[short(quad.subject)][short(quad.predicate)].append(value)
    return tuple(
        Term(
            name,
            "owl:Class" in values["rdf:type"],
            values["rdfs:label"][0],
            values["skos:definition"][0],
            values["skos:example"][0],
            tuple(values["rdfs:subClassOf"] + values["rdfs:subPropertyOf"]),
            *("".join(values[key][:1]) for key in ("rdfs:domain", "rdfs:range")),
        )
        for name, values in found.items()
    )


def ontology_page() -> str:
    """Return the page that shows how the classes hang together."""
    pictures = [
        ("What a paper does", star("Paper"), "Every line is a triple that plain queries see. Each has a statement."),
        ("Where a statement comes from", STATEMENT, "The last span is the sentence around the first."),
        ("A result", star("Result"), "A result also keeps the words of the paper for metric, subject and baseline."),
        ("Two papers that share techniques", star("Link"), "A link weighs the sum of the rarities of what is shared."),
        ("A decision on a name", star("Merge"), "The same decisions stand in `merges.tsv`."),
    ]
    lines = [
        "# The ontology",
        "",
        "Everything in a graph is one of the [classes](classes.md) below, tied together by the",
        "[properties](properties.md). The namespace is `https://kg.example.org/ontology#`, with the prefix `kg:`;",
        "`kg build --base-iri` moves it with the rest of the graph. `kg validate` checks that a graph uses no other",
        "terms of it, and uses them as the shapes in `ontology/shapes.ttl` say.",
        "",
    ]
    links = {term.name: f"classes.html#{term.name}" for term in read_terms() if term.is_class}
    for title, tree, below in pictures:
        lines += [f"## {title}", "", draw_tree(tree, title, links), "", below, ""]
    return "\n".join(lines)


def star(name: str) -> Branch:
    """Return a class with all classes that its properties lead to."""
    by_range: dict[str, list[str]] = defaultdict(list)
    for term in read_terms():
        if not term.is_class and term.domain == name and ":" not in term.range:
            by_range[term.range].append(term.name)
    return Branch(name, tuple((" · ".join(names), Branch(target)) for target, names in by_range.items()))


def classes_page() -> str:
    """Return the page of the classes, each with its properties."""
    lines = ["# Classes", ""]
    for term in read_terms():
        if term.is_class:
            lines += _describe(term)
            own = [t for t in read_terms() if t.domain == term.name]
            if own:
                lines += ["| property | leads to | |", "|---|---|---|"]
                lines += [f"| {_link(t.name)} | {_link(t.range)} | {html.escape(t.definition)} |" for t in own]
                lines.append("")
    return "\n".join(lines)


def properties_page() -> str:
    """Return the page of the properties."""
    lines = ["# Properties", ""]
    for term in read_terms():
        if not term.is_class:
            lines += _describe(term)
    return "\n".join(lines)


def _describe(term: Term) -> Iterator[str]:
    yield from (f"## kg:{term.name} {{ #{term.name} }}", "", html.escape(term.definition, quote=False), "")
    facts = [("a kind of", ", ".join(map(_link, term.above)))] if term.above else []
    facts += [("from", _link(term.domain))] if term.domain else []
    facts += [("to", _link(term.range))] if term.range else []
    yield from (f"- {name}: {value}" for name, value in facts)
    yield f"- example: {html.escape(term.example, quote=False)}"
    yield ""


def _link(name: str) -> str:
    """Return a name, with a link where the ontology has the term."""
    term = next((t for t in read_terms() if t.name == name), None)
    if term is None:
        return f"`{name}`"
    return f"[`kg:{name}`]({'classes' if term.is_class else 'properties'}.md#{name})"
