"""Turtle that is the same bytes for the same triples: sorted, grouped by subject, read as words.

What is said of a subject becomes a finished block at once; only blocks are sorted, by their subjects. Terms are written
as Turtle has them ("method:vllm", "0.93"), but stand in the order of N-Triples, with IRIs in full, so that the order is
that of the graph and not of its prefixes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from pyoxigraph import Literal, Triple

from kg.errors import UsageError
from kg.ontology import BASE_IRI, prefixes
from kg.sorting import Sorter

Said: TypeAlias = Mapping[str, str | Collection[str]]
"""What is said of a subject: IRIs of properties, each with its object, or with several in any order, as terms."""

TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
"""The property that comes first."""

_XSD = "http://www.w3.org/2001/XMLSchema#"
_BARE = {_XSD + "integer": re.compile(r"[+-]?[0-9]+"), _XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+")}
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]*)?")
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_TERM = re.compile(r'<[^>]*>|"[^"\\]*(?:\\.[^"\\]*)*"(?:@[A-Za-z0-9-]+|\^\^(?:<[^>]*>|[^,]+))?|[^,\s]+')
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_SPECIAL = re.compile(r'[\\"\x00-\x1f\x7f\u2028\u2029\ufeff\ufffe\uffff]')
_NOT_ESCAPED = re.compile(r"[\u2028\u2029\ufeff]")
"""What is special here, but not to pyoxigraph."""

SUBJECT_ORDER = (
    *("graph", "build", "software", "source", "paper", "result", "link"),
    *("method", "benchmark", "hardware", "task", "metric", "keyphrase", "merge", "statement", "evidence", "span"),
)
"""Kinds of subjects in the order in which Turtle has them; within a kind, subjects are in the order of their IRIs."""

_BETWEEN = " ;\n    "
_PIECE = 1000
"""Blocks that are handed on at once."""
_REMEMBERED = 50_000


def quote(text: str) -> str:
    r"""Return a text as a term; what has a special meaning anywhere is escaped.

    >>> print(quote('a "b"'))
    "a \"b\""
    """
    return f'"{_SPECIAL.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0], f"\\u{ord(match[0]):04X}")


def spell_number(number: str) -> str:
    """Return a decimal number in the one spelling that graphs of kg have, with a point.

    >>> [spell_number(n) for n in ("40", "0.50", "-3.0", "2.")]
    ['40.0', '0.5', '-3.0', '2.0']
    """
    whole, _, fraction = number.partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}"


def spell_decimal(literal: Literal) -> Literal:
    """Return a decimal as graphs of kg spell it, which Turtle writes bare; other literals as they are.

    Stores drop the point of a whole number: "40" comes back for "40.0".
    """
    if literal.datatype.value != _XSD + "decimal" or not _DECIMAL.fullmatch(literal.value):
        return literal
    return Literal(spell_number(literal.value), datatype=literal.datatype)


def spell_triple(triple: Triple) -> Triple:
    """Return a triple with its object spelt as graphs of kg spell it."""
    if isinstance(triple.object, Literal):
        return Triple(triple.subject, triple.predicate, spell_decimal(triple.object))
    return triple


class Turtle:
    """Takes what is said of subjects, and yields it as sorted Turtle; memory holds a part of it at a time.

    Things come in the order of the flow (papers, concepts, statements, evidence, spans), and by name within a kind.

    Attributes:
        triples: how many were taken; one that was said twice counts twice until all is written.
    """

    def __init__(self, base: str = BASE_IRI, folder: Path | None = None) -> None:
        self.base, self.triples = base, 0
        self._sorter = Sorter(folder)
        self._namespaces = prefixes(base)
        self._names = {f"<{namespace}": name for name, namespace in self._namespaces.items()}
        self._kinds = {name for name, namespace in self._namespaces.items() if namespace == f"{base}{name}/"}
        self._ranks = {name: f"{number:02d}" for number, name in enumerate(SUBJECT_ORDER)}
        self._used: set[str] = set()
        self._orders: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self._properties = {"a": TYPE}

    def place(self, prop: str) -> str:
        """Return the IRI that a property has in this graph."""
        return prop

    def iri(self, iri: str) -> str:
        """Return an IRI as a term, with its prefix where it has one."""
        return self._shorten(f"<{iri}>")

    def node(self, end: str) -> str:
        """Return the IRI that ends so after the base, as a term."""
        kind, _, name = end.partition("/")
        if kind in self._kinds and _LOCAL.fullmatch(name):
            self._used.add(kind)
            return f"{kind}:{name}"
        return self.iri(self.base + end)

    def literal(self, value: str, datatype: str) -> str:
        """Return a literal with a datatype (an IRI) as a term."""
        return self.read(f"{quote(value)}^^<{datatype}>")

    def read(self, term: str) -> str:
        """Return a term of N-Triples, as pyoxigraph writes it, as Turtle has it; numbers stand bare.

        Raises:
            UsageError: it is a blank node, which has no order.
        """
        if term[0] == "<" != term[1]:
            return self._shorten(term)
        if term[0] != '"':
            raise UsageError("the graph has blank nodes, which sorted Turtle cannot hold; export it as ntriples")
        value, _, datatype = _NOT_ESCAPED.sub(_escape, term).rpartition('"')
        if not datatype.startswith("^^"):
            return f'{value}"{datatype}'
        bare = _BARE.get(datatype[3:-1])
        return value[1:] if bare and bare.fullmatch(value, 1) else f'{value}"^^{self._shorten(datatype[2:])}'

    def add(self, subject: str, said: Said) -> None:
        """Take what is said of a subject (a term), best all at once."""
        block, triples = self._describe(subject, said)
        self.triples += triples
        self._sorter.add(f"{self._key(subject)}\t{block}")

    def write(self) -> Iterator[str]:
        """Yield prefixes, of those that are used, and one block a subject, in pieces."""
        yield "".join(f"@prefix {name}: <{self._namespaces[name]}> .\n" for name in sorted(self._used))
        blocks = self._blocks()
        while piece := "".join(islice(blocks, _PIECE)):
            yield piece

    def _blocks(self) -> Iterator[str]:
        """Yield the blocks in order, those of one subject as one."""
        last, block, more = "", "", list[str]()
        for record in self._sorter:
            key, _, following = record.partition("\t")
            if key == last:
                more.append(following)
                continue
            yield self._unite([block, *more]) if more else block
            last, block, more = key, following, []
        yield self._unite([block, *more]) if more else block

    def _unite(self, blocks: list[str]) -> str:
        """Return what blocks say of one subject as one block, each triple once."""
        said: dict[str, set[str]] = {}
        for block in blocks:
            subject, _, rest = block[1:-3].partition(" ")
            for line in rest.split(_BETWEEN):
                verb, _, terms = line.partition(" ")
                found = _TERM.findall(terms)
                said.setdefault(self._properties[verb], set()).update(found)
                self.triples -= len(found)
        united, triples = self._describe(subject, said)
        self.triples += triples
        return united

    def _describe(self, subject: str, said: Said) -> tuple[str, int]:
        """Return the block of a subject, after an empty line, and how many triples it has."""
        parts, triples = ["\n", subject], len(said)
        for prop, verb in self._orders.get(tuple(said)) or self._order(tuple(said)):
            terms = said[prop]
            if not isinstance(terms, str):
                if len(terms) > 1:
                    terms = sorted(set(terms), key=self._in_full)
                    triples += len(terms) - 1
                terms = ", ".join(terms)
            parts.append(verb)
            parts.append(terms)
        parts.append(" .\n")
        return "".join(parts), triples

    def _order(self, properties: tuple[str, ...]) -> list[tuple[str, str]]:
        """Return properties in the order of their IRIs, each with all that stands before its objects."""
        order = list[tuple[str, str]]()
        for iri, prop in sorted(("" if prop == TYPE else self.place(prop), prop) for prop in properties):
            verb = self.iri(iri) if iri else "a"
            order.append((prop, f"{_BETWEEN if order else ' '}{verb} "))
            self._properties[verb] = prop
        if len(self._orders) >= _REMEMBERED:
            self._orders.clear()
        self._orders[properties] = order
        return order

    def _key(self, subject: str) -> str:
        """Return what a subject is sorted by: the rank of its kind, and the rest of its IRI."""
        kind, _, name = subject.partition(":")
        if kind in self._kinds:
            return f"{self._ranks[kind]}/{name}"
        iri = self._in_full(subject)[1:-1]
        kind, slash, name = iri[len(self.base) :].partition("/") if iri.startswith(self.base) else ("", "", "")
        return f"{self._ranks[kind]}{slash}{name}" if kind in self._ranks else f"99{iri}"

    def _in_full(self, term: str) -> str:
        """Return a term as N-Triples has it, which it is sorted by."""
        if term[0] == "<":
            return term
        if term[0] == '"':
            value, _, datatype = term.rpartition('"')
            return f'{value}"^^{self._in_full(datatype[2:])}' if datatype.startswith("^^") else term
        if term[0] in "+-.0123456789":
            return f'"{term}"^^<{_XSD}{"decimal" if "." in term else "integer"}>'
        name, _, local = term.partition(":")
        return f"<{self._namespaces[name]}{local}>"

    def _shorten(self, full: str) -> str:
        """Return an IRI in brackets with its prefix instead, where it has one."""
        for sign in "/#":
            start, _, local = full.rpartition(sign)
            name = self._names.get(start + sign)
            if name and _LOCAL.fullmatch(local, 0, len(local) - 1):
                self._used.add(name)
                return f"{name}:{local[:-1]}"
        return full


def write_turtle(triples: Iterable[Triple], base: str = BASE_IRI) -> Iterator[str]:
    """Yield the Turtle of a graph without blank nodes, in pieces; only prefixes that are used are declared.

    It is fastest where the triples of a subject come one after the other.

    Raises:
        UsageError: the graph is not one of kg's: it has blank nodes, which have no order.
    """
    turtle = Turtle(base)
    for subject, said in _group(triples, turtle):
        turtle.add(subject, said)
    yield from turtle.write()


def _group(triples: Iterable[Triple], turtle: Turtle) -> Iterator[tuple[str, Said]]:
    """Yield subjects, each with what the next triples say of it."""
    known: dict[str, str] = {}
    last, said = "", dict[str, str | list[str]]()
    for triple in triples:
        subject, verb, term = str(triple).split(" ", 2)
        if subject != last:
            if said:
                yield known.get(last) or turtle.read(last), said
            last, said = subject, {}
        if term[-1] != '"' or not term.isascii():
            short = known.get(term)
            if short is None:
                if len(known) >= _REMEMBERED:
                    known.clear()
                short = known[term] = turtle.read(term)
            term = short
        prop = verb[1:-1]
        before = said.get(prop)
        if before is None:
            said[prop] = term
        elif isinstance(before, str):
            said[prop] = [before, term]
        else:
            before.append(term)
    if said:
        yield known.get(last) or turtle.read(last), said
