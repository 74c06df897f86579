"""What the query editor completes: the terms of the ontology, the prefixes, and the shipped questions as examples."""

from __future__ import annotations

from typing import Any

import pyoxigraph as ox

from kg.asking.questions import list_questions
from kg.ontology import KG, rebase
from kg.resources import resource
from kg.store import OpenGraph

_RDFS_LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_DEFINITION = ox.NamedNode("http://www.w3.org/2004/02/skos/core#definition")
_CLASS = "http://www.w3.org/2002/07/owl#Class"
_COMMON = (
    ("skos:prefLabel", "property", "the name of a concept"),
    ("skos:altLabel", "property", "another name of a concept"),
    ("skos:broader", "property", "a wider concept"),
    ("dcterms:title", "property", "the title of a paper"),
    ("dcterms:abstract", "property", "the abstract of a paper"),
    ("dcterms:source", "property", "the file that a paper was read from"),
    ("dcterms:issued", "property", "when a paper came out"),
    ("schema:author", "property", "an author of a paper"),
    ("schema:codeRepository", "property", "where a paper's code is"),
    ("rdf:subject", "property", "the paper of a statement"),
    ("rdf:predicate", "property", "the role of a statement"),
    ("rdf:object", "property", "the concept or result of a statement"),
    ("rdf:type", "property", "the class of a thing"),
    ("oa:hasSource", "property", "the paper of a piece of evidence"),
    ("oa:hasSelector", "property", "the span of a piece of evidence"),
    ("oa:exact", "property", "the text of a span"),
    ("oa:start", "property", "where a span starts"),
    ("oa:end", "property", "where a span ends"),
)
"""Terms of other vocabularies that the graph uses."""


def list_terms(graph: OpenGraph) -> dict[str, Any]:
    """Return prefixes, terms (name, "class" or "property", what it means) and example queries, as values of JSON."""
    ontology = ox.Store()
    ontology.load(path=str(resource("ontology", "kg.ttl")), format=ox.RdfFormat.TURTLE)
    namespace = KG.Paper.removesuffix("Paper")
    terms = []
    for quad in ontology.quads_for_pattern(None, _TYPE, None, None):
        subject, cls = quad.subject, quad.object
        if isinstance(subject, ox.NamedNode) and subject.value.startswith(namespace) and isinstance(cls, ox.NamedNode):
            kind = "class" if cls.value == _CLASS else "property"
            terms.append((f"kg:{subject.value.removeprefix(namespace)}", kind, _meaning(ontology, subject)))
    return {
        "base": graph.base,
        "prefixes": graph.prefixes,
        "terms": [*sorted(set(terms)), *_COMMON],
        "examples": [
            {"title": question.title, "query": _strip(rebase(question.text, graph.base), question.title)}
            for question in list_questions()
        ],
    }


def _meaning(ontology: ox.Store, term: ox.NamedNode) -> str:
    for predicate in (_DEFINITION, _RDFS_LABEL):
        for quad in ontology.quads_for_pattern(term, predicate, None, None):
            if isinstance(quad.object, ox.Literal):
                return quad.object.value
    return ""


def _strip(text: str, title: str) -> str:
    lines = text.splitlines()
    while lines and (lines[0].startswith("#") or not lines[0].strip()):
        lines.pop(0)
    return f"# {title}\n" + "\n".join(lines) + "\n"
