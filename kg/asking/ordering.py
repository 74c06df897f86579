"""Rows in the order that a query asks for, sorted here: the engine looks texts up anew at each comparison.

Twenty thousand rows of three texts take the engine a second from a store on disk, and Python a twentieth of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from kg.asking.parameters import Term
from kg.asking.tokens import Token, cut_tokens

_XSD = "http://www.w3.org/2001/XMLSchema#"
_STRING, _NUMBERS = ox.NamedNode(_XSD + "string"), {ox.NamedNode(_XSD + name) for name in ("integer", "decimal")}


@dataclass(frozen=True)
class Order:
    """What an ORDER BY asks for.

    Attributes:
        keys: names of variables, first the one that counts most, each with whether it goes down.
        rest: the query without the clause.
    """

    keys: tuple[tuple[str, bool], ...]
    rest: str


def find_order(sparql: str) -> Order | None:
    """Return the order of a query, or None where it has none, or one that only the engine can make.

    The engine's are those that have more than variables of the SELECT, or go with a LIMIT or an OFFSET.

    >>> find_order("SELECT ?a ?b { ?a ?p ?b } ORDER BY DESC(?b) ?a")
    Order(keys=(('b', True), ('a', False)), rest='SELECT ?a ?b { ?a ?p ?b } ')
    >>> find_order("SELECT ?a { ?a ?p ?b } ORDER BY ?a LIMIT 1"), find_order("SELECT ?a { ?a ?p ?b } ORDER BY STR(?a)")
    (None, None)
    """
    depth, clause, head = 0, list[Token](), list[str]()
    in_head = True
    for token in cut_tokens(sparql):
        depth += (token.text == "{") - (token.text == "}")
        in_head = in_head and depth == 0
        if in_head:
            head.append(token.variable or token.text)
        if clause or (depth == 0 and token.is_word("ORDER")):
            clause.append(token)
    if len(clause) < 3 or not clause[1].is_word("BY"):
        return None
    keys: list[tuple[str, bool]] = []
    waiting = clause[2:]
    while waiting:
        descends = waiting[0].is_word("DESC")
        if waiting[0].is_word("ASC", "DESC") and [t.text for t in (*waiting[1:2], *waiting[3:4])] == ["(", ")"]:
            waiting = waiting[2:3] + waiting[4:]
        if not waiting[0].variable or not {waiting[0].variable, "*"} & set(head):
            return None
        keys.append((waiting.pop(0).variable, descends))
    return Order(tuple(keys), sparql[: clause[0].start])


def sort_rows(
    columns: Sequence[str], rows: Sequence[tuple[Term | None, ...]], order: Order
) -> tuple[tuple[Term | None, ...], ...] | None:
    """Return rows in an order, as SPARQL 1.1 (section 15.1) has it, or None where only the engine knows it.

    That is where a key is no column, or has other values than texts alone, numbers alone or IRIs alone.
    """
    found = list(rows)
    for name, descends in reversed(order.keys):
        if name not in columns:
            return None
        place = columns.index(name)
        values = _compared([row[place] for row in found])
        if values is None:
            return None
        places = sorted(range(len(found)), key=values.__getitem__, reverse=descends)
        found = [found[i] for i in places]
    return tuple(found)


def _compared(column: Sequence[Term | None]) -> list[tuple[()] | tuple[str] | tuple[Decimal]] | None:
    """Return what the terms of a column are compared by; what is unbound comes first."""
    bound = [term for term in column if isinstance(term, ox.NamedNode | ox.Literal)]
    kinds = {term.datatype if isinstance(term, ox.Literal) else None for term in bound}
    if len(bound) + column.count(None) < len(column) or not (len(kinds) < 2 or kinds <= _NUMBERS):
        return None
    if kinds <= {None, _STRING}:
        return [() if term is None else (term.value,) for term in column]  # type: ignore[union-attr]
    try:
        return [() if term is None else (Decimal(term.value),) for term in column] if kinds <= _NUMBERS else None  # type: ignore[union-attr]
    except InvalidOperation:
        return None
