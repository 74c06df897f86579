"""Turtle that is the same bytes for the same triples: sorted, grouped by subject, read as words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import UsageError
from kg.ontology import BASE_IRI, prefixes

_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_XSD = "http://www.w3.org/2001/XMLSchema#"
_BARE = {_XSD + "integer": re.compile(r"[+-]?[0-9]+"), _XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+")}
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]*)?")
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_SPECIAL = re.compile(r'[\\"\x00-\x1f\x7f\u2028\u2029\ufeff\ufffe\uffff]')

_SUBJECT_ORDER = (
    *("graph", "build", "software", "source", "paper", "result", "link"),
    *("method", "benchmark", "hardware", "task", "metric", "keyphrase", "merge", "statement", "evidence", "span"),
)


def write_turtle(triples: Iterable[Triple], base: str = BASE_IRI) -> Iterator[str]:
    """Yield the Turtle of a graph without blank nodes, a piece at a time: prefixes, then one piece a subject.

    Things come in the order of the flow (papers, concepts, statements, evidence, spans), and by name within a kind.
    Only prefixes that are used are declared.
    """
    own = sorted(triples, key=_key(base))
    short = _Shortener(base)
    body = [short.block(subject, group) for subject, group in groupby(own, key=_subject)]
    yield "".join(f"@prefix {name}: <{short.namespaces[name]}> .\n" for name in sorted(short.used))
    for block in body:
        yield "\n" + block


def _subject(triple: Triple) -> str:
    """Return the IRI of a subject; graphs of kg have no other subjects.

    Raises:
        UsageError: the graph is not one of kg's: it has blank nodes, which have no order.
    """
    if not isinstance(triple.subject, NamedNode) or not isinstance(triple.object, NamedNode | Literal):
        raise UsageError("the graph has blank nodes, which sorted Turtle cannot hold; export it as ntriples")
    return triple.subject.value


def spell_decimal(literal: Literal) -> Literal:
    """Return a decimal in the one spelling that graphs of kg have, which Turtle writes bare; others as they are.

    Stores drop the point of a whole number: "40" comes back for "40.0".

    >>> [spell_decimal(Literal(n, datatype=NamedNode(_XSD + "decimal"))).value for n in ("40", "0.50", "-3.0", "2")]
    ['40.0', '0.5', '-3.0', '2.0']
    """
    if literal.datatype.value != _XSD + "decimal" or not _DECIMAL.fullmatch(literal.value):
        return literal
    whole, _, fraction = literal.value.partition(".")
    return Literal(f"{whole}.{fraction.rstrip('0') or '0'}", datatype=literal.datatype)


def spell_triple(triple: Triple) -> Triple:
    """Return a triple with its object spelt as graphs of kg spell it."""
    if isinstance(triple.object, Literal):
        return Triple(triple.subject, triple.predicate, spell_decimal(triple.object))
    return triple


def _key(base: str):  # type: ignore[no-untyped-def]
    order = {f"{base}{name}": n for n, name in enumerate(_SUBJECT_ORDER)}

    def key(t: Triple) -> tuple[int, str, bool, str, str]:
        subject = _subject(t)
        rank = order.get(base + subject[len(base) :].split("/", 1)[0], 99) if subject.startswith(base) else 99
        predicate = t.predicate.value
        return rank, subject, predicate != _TYPE, predicate, str(t.object)

    return key


class _Shortener:
    """Writes terms as Turtle does, and remembers which prefixes it took."""

    def __init__(self, base: str) -> None:
        self.namespaces = prefixes(base)
        self.used: set[str] = set()
        self._by_namespace = {namespace: name for name, namespace in self.namespaces.items()}
        self._known: dict[str, str] = {}

    def block(self, subject: str, triples: Iterable[Triple]) -> str:
        lines = []
        for predicate, group in groupby(triples, key=lambda t: t.predicate.value):
            verb = "a" if predicate == _TYPE else self.iri(predicate)
            lines.append(f"{verb} {', '.join(self.term(t.object) for t in group)}")
        return f"{self.iri(subject)} " + " ;\n    ".join(lines) + " .\n"

    def iri(self, iri: str) -> str:
        if iri not in self._known:
            cut = max(iri.rfind("/"), iri.rfind("#")) + 1
            name = self._by_namespace.get(iri[:cut])
            short = name is not None and _LOCAL.fullmatch(iri, cut)
            if short:
                self.used.add(name)  # type: ignore[arg-type]
            self._known[iri] = f"{name}:{iri[cut:]}" if short else f"<{iri}>"
        return self._known[iri]

    def term(self, term: object) -> str:
        if isinstance(term, NamedNode):
            return self.iri(term.value)
        if not isinstance(term, Literal):
            raise TypeError(f"a graph of kg has no {type(term).__name__}")
        datatype = term.datatype.value
        if datatype in _BARE and _BARE[datatype].fullmatch(term.value):
            return term.value
        quoted = '"' + _SPECIAL.sub(_escape, term.value) + '"'
        if term.language:
            return f"{quoted}@{term.language}"
        return quoted if datatype == _XSD + "string" else f"{quoted}^^{self.iri(datatype)}"


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0], f"\\u{ord(match[0]):04X}")
