"""The ontology as a page to read: its classes and properties with definition, domain, range and example."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from html import escape

import pyoxigraph as ox

from kg.ontology import prefixes, rebase
from kg.resources import resource

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_OWL = "http://www.w3.org/2002/07/owl#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_DCTERMS = "http://purl.org/dc/terms/"

_KINDS = (
    ("Classes", "class", _OWL + "Class"),
    ("Properties between things", "object property", _OWL + "ObjectProperty"),
    ("Properties with a value", "value property", _OWL + "DatatypeProperty"),
)
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff }
body { margin: 0 auto; max-width: 52rem; padding: 2rem 1rem }
h1 { margin-bottom: .2rem } h2 { margin-top: 3rem; border-bottom: 1px solid #d5dae0 } h3 { margin: 0 }
a { color: #0b57d0; text-decoration: none } a:hover { text-decoration: underline }
code { font-size: .85rem; color: #57606a; overflow-wrap: anywhere }
section.term { margin: 1.6rem 0; padding-left: 1rem; border-left: 3px solid #d5dae0 }
section.term:target { border-color: #0b57d0 }
dl { display: grid; grid-template-columns: 9rem 1fr; gap: .1rem 1rem; margin: .4rem 0 }
dt { color: #57606a } dd { margin: 0 }
p.terms a { margin-right: .8rem; white-space: nowrap } p { margin: .3rem 0 }
@media (prefers-color-scheme: dark) {
  body { background: #14171a; color: #e3e6e9 } a { color: #8ab4f8 } code, dt { color: #9aa4af }
  h2, section.term { border-color: #3a4149 }
}
"""


@dataclass
class _Term:
    """A class or property, with the values of its properties; and what refers to it."""

    iri: str
    kinds: set[str] = field(default_factory=set)
    values: dict[str, list[ox.NamedNode | ox.Literal]] = field(default_factory=lambda: defaultdict(list))
    narrower: list[str] = field(default_factory=list)
    in_domain_of: list[str] = field(default_factory=list)
    in_range_of: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.iri.rpartition("#")[2]

    def text(self, predicate: str) -> str:
        return next((value.value for value in self.values[predicate]), "")

    def iris(self, predicate: str) -> list[str]:
        return [value.value for value in self.values[predicate] if isinstance(value, ox.NamedNode)]


def read_ontology(base: str) -> str:
    """Return the Turtle of the ontology, under a base IRI."""
    return rebase(resource("ontology", "kg.ttl").read_text(encoding="utf-8"), base)


def render_ontology(turtle: str, base: str) -> str:
    """Return one page in HTML: each term has an anchor, its local name, so that its IRI leads to it."""
    terms: dict[str, _Term] = {}
    for quad in ox.parse(turtle, ox.RdfFormat.TURTLE):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
            term = terms.setdefault(quad.subject.value, _Term(quad.subject.value))
            if quad.predicate.value == _RDF + "type":
                term.kinds.add(quad.object.value)
            else:
                term.values[quad.predicate.value].append(quad.object)
    for term in terms.values():
        for predicate in (_RDFS + "subClassOf", _RDFS + "subPropertyOf"):
            for iri in term.iris(predicate):
                if iri in terms:
                    terms[iri].narrower.append(term.iri)
        for iri in term.iris(_RDFS + "domain"):
            if iri in terms:
                terms[iri].in_domain_of.append(term.iri)
        for iri in term.iris(_RDFS + "range"):
            if iri in terms:
                terms[iri].in_range_of.append(term.iri)
    return _Page(terms, base).render()


class _Page:
    """The page of an ontology."""

    def __init__(self, terms: dict[str, _Term], base: str) -> None:
        self._terms = terms
        self._base = base
        self._names = {namespace: name for name, namespace in prefixes(base).items()}

    def render(self) -> str:
        head = self._terms.get(f"{self._base}ontology", _Term(f"{self._base}ontology"))
        title = escape(head.text(_DCTERMS + "title") or "Ontology")
        facts = _facts(
            ("IRI", f"<code>{escape(head.iri)}</code>"),
            ("prefix", f"<code>kg: &lt;{escape(head.iri)}#&gt;</code>"),
            ("version", escape(head.text(_OWL + "versionInfo"))),
            ("licence", "".join(map(self._link, head.iris(_DCTERMS + "license")))),
            ("as data", " ".join(f'<a href="?format={name}">{label}</a>' for name, label in _DATA)),
        )
        groups = [(heading, kind, self._of_kind(owl)) for heading, kind, owl in _KINDS]
        lists = "".join(f"<h2>{heading}</h2>\n{self._list(terms)}" for heading, _, terms in groups)
        bodies = "".join(
            f"<h2>{heading} in detail</h2>\n" + "".join(self._term(term, kind) for term in terms)
            for heading, kind, terms in groups
        )
        return (
            f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<style>{_STYLE}</style>\n</head>\n<body>\n"
            f"<h1>{title}</h1>\n<p>{escape(head.text(_DCTERMS + 'description'))}</p>\n{facts}{lists}{bodies}"
            "</body>\n</html>\n"
        )

    def _of_kind(self, owl: str) -> list[_Term]:
        return [term for term in self._terms.values() if owl in term.kinds and "#" in term.iri]

    def _list(self, terms: list[_Term]) -> str:
        links = " ".join(self._link(term.iri) for term in sorted(terms, key=lambda term: term.name.lower()))
        return f'<p class="terms">{links}</p>\n'

    def _term(self, term: _Term, kind: str) -> str:
        facts = _facts(
            ("is a kind of", self._links(term, "subClassOf") or self._links(term, "subPropertyOf")),
            ("kinds of it", self._many(term.narrower)),
            ("from", self._links(term, "domain")),
            ("to", self._links(term, "range")),
            ("properties of it", self._many(term.in_domain_of)),
            ("properties to it", self._many(term.in_range_of)),
            ("for example", escape(term.text(_SKOS + "example"))),
        )
        return (
            f'<section class="term" id="{escape(term.name)}">\n'
            f"<h3>{escape(term.text(_RDFS + 'label') or term.name)} <code>{kind}</code></h3>\n"
            f"<code>{escape(term.iri)}</code>\n<p>{escape(term.text(_SKOS + 'definition'))}</p>\n{facts}</section>\n"
        )

    def _links(self, term: _Term, predicate: str) -> str:
        return self._many(term.iris(_RDFS + predicate))

    def _many(self, iris: list[str]) -> str:
        return ", ".join(self._link(iri) for iri in iris)

    def _link(self, iri: str) -> str:
        target = "#" + iri.rpartition("#")[2] if iri in self._terms and "#" in iri else iri
        if not target.startswith(("#", "http://", "https://")):
            return escape(self._shorten(iri))
        return f'<a href="{escape(target)}">{escape(self._shorten(iri))}</a>'

    def _shorten(self, iri: str) -> str:
        namespace, local = re.fullmatch(r"(.*[/#])?([^/#]*)", iri, re.DOTALL).groups()  # type: ignore[union-attr]
        name = self._names.get(namespace)
        return iri if name is None else f"{name}:{local}"


_DATA = (("ttl", "Turtle"), ("jsonld", "JSON-LD"), ("nt", "N-Triples"), ("rdf", "RDF/XML"))


def _facts(*facts: tuple[str, str]) -> str:
    rows = "".join(f"<dt>{name}</dt><dd>{html}</dd>\n" for name, html in facts if html)
    return f"<dl>\n{rows}</dl>\n" if rows else ""
