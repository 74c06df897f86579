"""What a person gives with `-p name=value`, made into an RDF term and put into a query as a term, never as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

import pyoxigraph as ox

from kg.asking.tokens import find_groups, find_variables
from kg.errors import UsageError, did_you_mean

ParameterKind: TypeAlias = Literal["text", "iri", "number"]
PARAMETER_KINDS: tuple[ParameterKind, ...] = get_args(ParameterKind)
Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_XSD = "http://www.w3.org/2001/XMLSchema#"
_QUOTED = re.compile(r'"(.*)"(?:@([A-Za-z]+(?:-[A-Za-z0-9]+)*)|\^\^(\S+))?', re.DOTALL)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def make_term(name: str, value: str, kind: ParameterKind | None, prefixes: Mapping[str, str]) -> Term:
    r"""Return the term that `value` stands for, as the parameter `name` of a kind, or of no declared kind.

    Without a kind, `<iri>` and a name with a known prefix are IRIs, `"text"`, `"text"@en` and `"40"^^xsd:integer` are
    read as in Turtle, and all else is plain text.

    >>> str(make_term("m", "method:vllm", None, {"method": "https://kg.example.org/method/"}))
    '<https://kg.example.org/method/vllm>'
    >>> str(make_term("m", 'a "b" }', "text", {}))
    '"a \\"b\\" }"'

    Raises:
        UsageError: the value is not of its kind.
    """
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UsageError(f"the value of {name} is not valid UTF-8") from None
    if kind == "text":
        return ox.Literal(value)
    if kind == "number":
        if not _NUMBER.fullmatch(value):
            raise UsageError(f"{name} is a number such as 24 or 1.5, not {value!r}")
        return ox.Literal(value, datatype=ox.NamedNode(_XSD + ("decimal" if "." in value else "integer")))
    iri = read_iri(value, prefixes, bare=kind == "iri")
    if iri is not None:
        return iri
    if kind == "iri":
        raise UsageError(f"{name} is an IRI or a name such as method:vllm, not {value!r}")
    return _read_literal(value, prefixes)


def read_iri(value: str, prefixes: Mapping[str, str], *, bare: bool = False) -> ox.NamedNode | None:
    """Return the IRI that `<iri>`, `prefix:name` or (if `bare`) `http://...` stands for, else None."""
    prefix, colon, local = value.partition(":")
    iri = ""
    if value.startswith("<") and value.endswith(">"):
        iri = value[1:-1]
    elif colon and prefix in prefixes and re.fullmatch(r"[^\s<>\"{}|\\^`]+", local):
        iri = prefixes[prefix] + local
    elif bare:
        iri = value
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return None


def _read_literal(value: str, prefixes: Mapping[str, str]) -> ox.Literal:
    match = _QUOTED.fullmatch(value)
    if match is None:
        return ox.Literal(value)
    text, language, datatype = match.groups()
    if language:
        try:
            return ox.Literal(text, language=language)
        except ValueError:  # there is no such language
            return ox.Literal(value)
    if not datatype:
        return ox.Literal(text)
    iri = read_iri(datatype, prefixes)
    return ox.Literal(value) if iri is None else ox.Literal(text, datatype=iri)


def bind(sparql: str, terms: Mapping[str, Term | tuple[Term, ...]]) -> str:
    """Return the query with each variable of `terms` restricted to its term or terms; no line is added before the last.

    Where the query has a block `VALUES ?name { ... }` of its own, its content is replaced. Else a block is put into
    every group in which the variable stands, sub-selects, OPTIONAL, MINUS and EXISTS included, so that the query means
    what it would mean with the term written in place of the variable. (A block behind the query, or in the outermost
    group alone, would not restrict what a sub-select counts or what a nested FILTER sees.)

    >>> bind("SELECT ?p { ?p kg:uses ?m }", {"m": ox.Literal("x")})
    'SELECT ?p { VALUES ?m { "x" } ?p kg:uses ?m }'
    >>> bind('ASK { VALUES ?m { "y" "z" } ?p kg:uses ?m }', {"m": ox.Literal("x")})
    'ASK { VALUES ?m { "x" } ?p kg:uses ?m }'

    Raises:
        UsageError: the query has no such variable.
    """
    known = find_variables(sparql)
    groups = find_groups(sparql)
    edits: list[tuple[int, int, str]] = []
    behind = ""
    for name, value in sorted(terms.items()):
        terms_of = value if isinstance(value, tuple) else (value,)
        data = " ".join(map(str, terms_of))
        if name not in known:
            raise UsageError(f"the query has no variable ?{name}{did_you_mean(name, known)}")
        own = [group for group in groups if group.kind == "data" and group.header == (name,)]
        if own:
            rows = " ".join(f"({term})" for term in terms_of)
            edits += [(g.start, g.end, f" {rows if g.in_rows else data} ") for g in own]
            continue
        using = [group for group in groups if name in group.variables or name in group.header]
        places = {
            id(group): group for group in (g.where if g.kind in ("query", "select") else g for g in using) if group
        }
        patterns = [group for group in places.values() if group.kind == "pattern"]
        edits += [(group.start, group.start, f" VALUES ?{name} {{ {data} }}") for group in patterns]
        if not patterns:
            behind += f" VALUES ?{name} {{ {data} }}"
    for start, end, text in sorted(edits, reverse=True):
        sparql = sparql[:start] + text + sparql[end:]
    return f"{sparql}\n{behind.strip()}" if behind else sparql
