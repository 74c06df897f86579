"""A graph that another server holds, asked over the SPARQL 1.1 Protocol as if it were a store here."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import islice
from typing import NoReturn, TypeAlias

import pyoxigraph as ox

from kg.endpoint import Endpoint, Reply
from kg.errors import KgError, UsageError

Results: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
Subject: TypeAlias = ox.NamedNode | ox.BlankNode
AnyTerm: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Pattern: TypeAlias = tuple[Subject | None, ox.NamedNode | None, AnyTerm | None]

_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_TABLES = "application/sparql-results+json, application/sparql-results+xml;q=0.5"
_TRIPLES = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"
_NOT_CODE = re.compile(r"<[^<>\s]*>|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|#[^\n]*")
_AT_ONCE = 100
"""Things whose triples are fetched by one request."""

_ROUND = 1000
"""Servers that cut answers do it at multiples of this."""


class Remote:
    """What kg uses of a store, answered by a server.

    The triples of a subject are fetched all at once, together with those of the things that came in the same answer
    (the next evidence of a statement, the next paper of a concept), and kept: a card takes some thirty requests.
    Blank nodes have names in one answer only, so that a pattern with one finds nothing.
    """

    def __init__(self, address: str, token: str | None = None, time_limit_s: float | None = 60.0) -> None:
        self.endpoint = Endpoint(address, token, time_limit_s)
        self._of_subject: dict[Subject, list[ox.Quad]] = {}
        self._found: dict[Pattern, list[ox.Quad]] = {}
        self._asked: dict[ox.NamedNode, None] = {}
        self._beside: dict[ox.NamedNode, list[ox.NamedNode]] = {}

    def query(self, sparql: str, *, prefixes: Mapping[str, str] | None = None, base_iri: str | None = None) -> Results:
        """Return the answer of the server to a SELECT, ASK, CONSTRUCT or DESCRIBE.

        Raises:
            SyntaxError: the server refuses the query, and it is not SPARQL 1.1.
            UsageError: the server refuses it for another reason; with its words.
            KgError: the server cannot be reached, fails, cuts the answer, or answers with something else.
        """
        plain = _NOT_CODE.sub(" ", sparql)
        form = re.search(r"(?i)\b(select|ask|construct|describe)\b", plain)
        is_graph = form is not None and form[1].lower() in ("construct", "describe")
        head = _write_prologue(plain, prefixes or {}, base_iri)
        try:
            reply = self.endpoint.post_form(_TRIPLES if is_graph else _TABLES, query=head + sparql)
        except UsageError:
            if not re.search(r"(?i)\bservice\b", plain):
                ox.Store().query(sparql, prefixes=dict(prefixes or {}), base_iri=base_iri)
            raise
        try:
            return _read_triples(reply) if is_graph else self._read_table(reply)
        except (SyntaxError, ValueError):
            kind = reply.headers.get_content_type()
            raise KgError(
                f"{self.endpoint.address} does not answer in a format of SPARQL, but with {kind}; give the address "
                "of its SPARQL endpoint, which often ends in /sparql"
            ) from None

    def quads_for_pattern(
        self,
        subject: Subject | None,
        predicate: ox.NamedNode | None,
        object: AnyTerm | None,
        graph_name: object = None,
    ) -> Iterator[ox.Quad]:
        """Yield the triples of the server's default graph that fit; the name of a graph is not asked for.

        Raises:
            KgError: as `query` raises it.
        """
        if isinstance(subject, ox.BlankNode) or isinstance(object, ox.BlankNode):
            return
        if subject is not None:
            for quad in self._read_subject(subject):
                if predicate in (None, quad.predicate) and object in (None, quad.object):
                    yield quad
        else:
            yield from self._read_pattern(predicate, object)

    def __iter__(self) -> Iterator[ox.Quad]:
        """Yield all triples of the server's default graph."""
        return self.quads_for_pattern(None, None, None)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise UsageError(
            f"this needs the graph here, not at {self.endpoint.address}; get it with kg export -g ADDRESS -o graph.ttl"
        )

    def _read_subject(self, subject: ox.NamedNode) -> list[ox.Quad]:
        if subject not in self._of_subject:
            wanted = self._with_others(subject, self._of_subject)
            found = self._fetch(f"VALUES ?s {{ {_list(wanted)} }} ?s ?p ?o")
            self._of_subject.update({node: [] for node in wanted})
            for quad in found:
                if not isinstance(quad.subject, ox.Triple):
                    self._of_subject[quad.subject].append(quad)
        return self._of_subject[subject]

    def _read_pattern(self, predicate: ox.NamedNode | None, object: AnyTerm | None) -> list[ox.Quad]:
        key = (None, predicate, object)
        if key not in self._found:
            if isinstance(object, ox.NamedNode) and predicate is not None and predicate != _TYPE:
                self._read_objects(predicate, object)
            else:
                self._found[key] = self._fetch("?s ?p ?o", p=predicate, o=object)
        return self._found[key]

    def _read_objects(self, predicate: ox.NamedNode, object: ox.NamedNode) -> None:
        """Fetch what points to an object, and to others, by a property, and by those that were asked for before."""
        self._asked[predicate] = None
        by = [p for p in self._asked if (None, p, object) not in self._found]
        wanted = self._with_others(object, {o for _, p, o in self._found if p == predicate})
        found = self._fetch(f"VALUES ?p {{ {_list(by)} }} VALUES ?o {{ {_list(wanted)} }} ?s ?p ?o")
        self._found.update({(None, p, node): [] for p in by for node in wanted})
        for quad in found:
            self._found[None, quad.predicate, quad.object].append(quad)

    def _with_others(self, node: ox.NamedNode, known: Container[object]) -> list[ox.NamedNode]:
        """Return a node and some of those that came in the same answer and are not known yet."""
        others = (other for other in self._beside.get(node, ()) if other != node and other not in known)
        return [node, *islice(others, _AT_ONCE - 1)]

    def _fetch(self, pattern: str, **fixed: AnyTerm | None) -> list[ox.Quad]:
        """Return the triples that fit a pattern of ?s, ?p and ?o, all of them, and remember what came together."""
        for name, term in fixed.items():
            if term is not None:
                pattern = f"VALUES ?{name} {{ {term} }} {pattern}"
        rows = self._select_all(f"SELECT DISTINCT ?s ?p ?o {{ {pattern} }}")
        quads = [ox.Quad(s, p, o) for s, p, o in rows]
        for ends in ((q.subject for q in quads), (q.object for q in quads if q.predicate != _TYPE)):
            beside = list(dict.fromkeys(node for node in ends if isinstance(node, ox.NamedNode)))
            self._beside.update(dict.fromkeys(beside, beside))
        return quads

    def _select_all(self, sparql: str) -> list[tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode]]:
        """Return the rows of a SELECT DISTINCT, page by page where the server cuts its answers."""
        rows = self._select(sparql)
        if len(rows) < _ROUND or (len(rows) % _ROUND):
            return rows
        ((whole,),) = self._select(f"SELECT (COUNT(*) AS ?n) {{ {{ {sparql} }} }}")
        count, page = int(whole.value), len(rows)
        while len(rows) < count:
            more = self._select(f"{sparql} LIMIT {page} OFFSET {len(rows)}")
            if not more:
                break
            rows += more
        if len(set(rows)) != count:
            raise KgError(
                f"{self.endpoint.address} cuts its answers after {page:,} rows, and pages of it do not fit together; "
                "ask the server for a larger limit"
            )
        return rows

    def _select(self, sparql: str) -> list[tuple]:  # type: ignore[type-arg]
        try:
            reply = self.endpoint.post_form(_TABLES, query=sparql)
            found = _parse_table(reply)
            return [] if isinstance(found, ox.QueryBoolean) else [tuple(solution) for solution in found]
        except (SyntaxError, ValueError, TypeError):
            raise KgError(
                f"{self.endpoint.address} does not answer as a SPARQL endpoint does; its address often ends in /sparql"
            ) from None

    def _read_table(self, reply: Reply) -> ox.QuerySolutions | ox.QueryBoolean:
        most = str(reply.headers.get("X-SPARQL-MaxRows", ""))
        found = _parse_table(reply)
        if most.isdecimal() and isinstance(found, ox.QuerySolutions) and sum(1 for _ in found) >= int(most):
            raise KgError(f"{self.endpoint.address} cuts its answers after {int(most):,} rows; add a smaller LIMIT")
        return _parse_table(reply)


def _parse_table(reply: Reply) -> ox.QuerySolutions | ox.QueryBoolean:
    known = ox.QueryResultsFormat.from_media_type(reply.headers.get_content_type())
    if known is None:
        raise ValueError("no format of results")
    return ox.parse_query_results(reply.body, known)


def _read_triples(reply: Reply) -> ox.QueryTriples:
    known = ox.RdfFormat.from_media_type(reply.headers.get_content_type())
    if known is None:
        raise ValueError("no format of triples")
    store = ox.Store()
    store.bulk_extend(ox.Quad(q.subject, q.predicate, q.object) for q in ox.parse(reply.body, known))
    found = store.query("CONSTRUCT WHERE { ?s ?p ?o }")
    assert isinstance(found, ox.QueryTriples)  # noqa: S101
    return found


def _write_prologue(plain: str, prefixes: Mapping[str, str], base_iri: str | None) -> str:
    """Return the declarations of the prefixes that a query uses and does not declare, and of its base, in one line."""
    declared = set(re.findall(r"(?i)\bprefix\s+([\w.-]*):", plain))
    used = set(re.findall(r"(?<![\w?$-])([A-Za-z][\w.-]*):", plain))
    lines = [f"PREFIX {name}: <{prefixes[name]}>" for name in sorted((used - declared) & set(prefixes))]
    if base_iri and not re.search(r"(?i)\bbase\b", plain):
        lines.insert(0, f"BASE <{base_iri}>")
    return "".join(line + " " for line in lines) + ("\n" if lines else "")


def _list(nodes: Iterable[ox.NamedNode]) -> str:
    return " ".join(map(str, nodes))
