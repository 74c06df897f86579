"""Turtle that is the same bytes for the same triples: sorted, grouped by subject, read as words.

Terms are written as N-Triples writes them, and a subject is described by lines of a property and an object. Lines are
compared as text; the property stands bare, without its brackets, and empty for `rdf:type`, so that the order of the
text is the order of the graph.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import UsageError
from kg.ontology import BASE_IRI, prefixes
from kg.sorting import Sorter

_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_XSD = "http://www.w3.org/2001/XMLSchema#"
_BARE = {_XSD + "integer": re.compile(r"[+-]?[0-9]+"), _XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+")}
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]*)?")
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_SPECIAL = re.compile(r'[\\"\x00-\x1f\x7f\u2028\u2029\ufeff\ufffe\uffff]')

SUBJECT_ORDER = (
    *("graph", "build", "software", "source", "paper", "result", "link"),
    *("method", "benchmark", "hardware", "task", "metric", "keyphrase", "merge", "statement", "evidence", "span"),
)
"""Kinds of subjects in the order in which Turtle has them; within a kind, subjects are in the order of their IRIs."""

_IN_MEMORY = 1 << 24
_PIECE = 1 << 20
_REMEMBERED = 50_000


def spell_iri(iri: str) -> str:
    """Return an IRI as a term."""
    return f"<{iri}>"


def spell_literal(value: str, datatype: str = _XSD + "string", language: str = "") -> str:
    r"""Return a literal as a term; what has a special meaning anywhere is escaped.

    >>> print(spell_literal('a "b"'), spell_literal("3", "http://e/n"), spell_literal("drei", language="de"))
    "a \"b\"" "3"^^<http://e/n> "drei"@de
    """
    quoted = f'"{_SPECIAL.sub(_escape, value)}"'
    if language:
        return f"{quoted}@{language}"
    return quoted if datatype == _XSD + "string" else f"{quoted}^^<{datatype}>"


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
    """Collects what is said of subjects, and yields it as sorted Turtle; memory holds a part of it at a time.

    Things come in the order of the flow (papers, concepts, statements, evidence, spans), and by name within a kind.

    Attributes:
        triples: how many different ones there are, once all is written.
    """

    def __init__(self, base: str = BASE_IRI, folder: Path | None = None) -> None:
        self.base, self.triples = base, 0
        self._sorter, self._folder = Sorter(folder), folder
        self._ranks = {name: f"{number:02d}" for number, name in enumerate(SUBJECT_ORDER)}

    def add(self, subject: str, lines: Iterable[str]) -> None:
        """Take lines that `line` makes about the subject, an IRI."""
        base = self.base
        kind = subject[len(base) :].partition("/")[0] if subject.startswith(base) else ""
        said = "\t".join(sorted(set(lines)))
        self._sorter.add(f"{self._ranks.get(kind, '99')}{subject}\t{said}\n")

    @staticmethod
    def line(predicate: str, term: str) -> str:
        """Return a line of a description: a property (an IRI) and an object (a term)."""
        return f"{'' if predicate == _TYPE else predicate} {term}"

    def write(self, counted: str = "") -> Iterator[str]:
        """Yield prefixes, of those that are used, and one block a subject, in pieces.

        Args:
            counted: a property of the first subject that says how many triples there are, itself included.
        """
        short = _Shortener(self.base)
        with tempfile.SpooledTemporaryFile(
            _IN_MEMORY, "w+", encoding="utf-8", newline="\n", dir=None if self._folder is None else str(self._folder)
        ) as body:
            first: tuple[str, list[str]] | None = None
            for key, records in groupby(self._sorter, key=_key):
                said = [record[len(key) + 1 : -1] for record in records]
                lines = said[0].split("\t") if len(said) == 1 else sorted(set("\t".join(said).split("\t")))
                self.triples += len(lines)
                if counted and first is None:
                    first = key[2:], lines
                else:
                    body.write("\n" + short.block(key[2:], lines))
            head = ""
            if first:
                self.triples += 1
                number = spell_literal(str(self.triples), _XSD + "integer")
                head = "\n" + short.block(first[0], sorted([*first[1], self.line(counted, number)]))
            yield "".join(f"@prefix {name}: <{short.namespaces[name]}> .\n" for name in sorted(short.used)) + head
            body.seek(0)
            while piece := body.read(_PIECE):
                yield piece


def _key(record: str) -> str:
    """Return the rank and the subject that a record begins with."""
    return record.partition("\t")[0]


def write_turtle(triples: Iterable[Triple], base: str = BASE_IRI) -> Iterator[str]:
    """Yield the Turtle of a graph without blank nodes, in pieces; only prefixes that are used are declared.

    Raises:
        UsageError: the graph is not one of kg's: it has blank nodes, which have no order.
    """
    turtle = Turtle(base)
    for triple in triples:
        term = triple.object
        if not isinstance(triple.subject, NamedNode) or not isinstance(term, NamedNode | Literal):
            raise UsageError("the graph has blank nodes, which sorted Turtle cannot hold; export it as ntriples")
        spelt = (
            spell_iri(term.value)
            if isinstance(term, NamedNode)
            else spell_literal(term.value, term.datatype.value, term.language or "")
        )
        turtle.add(triple.subject.value, (turtle.line(triple.predicate.value, spelt),))
    yield from turtle.write()


class _Shortener:
    """Writes terms as Turtle does, and remembers which prefixes it took."""

    def __init__(self, base: str) -> None:
        self.namespaces = prefixes(base)
        self.used: set[str] = set()
        self._by_namespace = {namespace: name for name, namespace in self.namespaces.items()}
        self._known: dict[str, str] = {}

    def block(self, subject: str, lines: Iterable[str]) -> str:
        """Return what is said of a subject, as Turtle; lines are in order."""
        out: list[str] = []
        known, last = self._known, None
        for line in lines:
            predicate, _, term = line.partition(" ")
            short = known.get(term) or self._remember(term)
            if predicate == last:
                out.append(", " + short)
            else:
                verb = (known.get(predicate) or self._remember(predicate)) if predicate else "a"
                out.append(f"{verb} {short}" if last is None else f" ;\n    {verb} {short}")
                last = predicate
        return f"{self._iri(subject)} {''.join(out)} .\n"

    def _remember(self, term: str) -> str:
        """Return a term, or an IRI without brackets, as Turtle has it; what is short is remembered."""
        if term[-1] == '"':
            return term
        short = self._iri(term[1:-1]) if term[0] == "<" else self._literal(term) if term[0] == '"' else self._iri(term)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[term] = short
        return short

    def _iri(self, iri: str) -> str:
        cut = max(iri.rfind("/"), iri.rfind("#")) + 1
        name = self._by_namespace.get(iri[:cut])
        if name is None or not _LOCAL.fullmatch(iri, cut):
            return f"<{iri}>"
        self.used.add(name)
        return f"{name}:{iri[cut:]}"

    def _literal(self, term: str) -> str:
        """Return a literal with a language or a datatype."""
        end = term.rindex('"')
        if term[end + 1] == "@":
            return term
        datatype, value = term[end + 4 : -1], term[1:end]
        bare = _BARE.get(datatype)
        return value if bare and bare.fullmatch(value) else f"{term[: end + 1]}^^{self._iri(datatype)}"
