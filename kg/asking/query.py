"""SPARQL on an open graph: prefixes that need no declaration, parameters, a time limit, and errors with a caret."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import pyoxigraph as ox

from kg.asking.ordering import find_order, sort_rows
from kg.asking.parameters import Term, bind, make_term
from kg.asking.tokens import (
    KEYWORDS,
    asks_elsewhere,
    check_prefixes,
    check_size,
    cut_tokens,
    find_unknown_word,
    is_ordered,
    is_update,
    place,
    point_at,
)
from kg.errors import KgError, UsageError, nearest
from kg.store import OpenGraph

T = TypeVar("T")
Row: TypeAlias = tuple[Term | None, ...]

MAX_ROWS = 1_000_000
"""A query that returns more is refused, so that a slip (two patterns that share no variable) cannot fill the memory."""


class QueryTimeout(KgError):  # noqa: N818 - not an error of kg or of its user
    """A query took longer than its time limit."""


@dataclass(frozen=True)
class Table:
    """What a SELECT returns: names of columns, and rows of terms, with None where a variable is unbound."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


Answer: TypeAlias = Table | bool | tuple[ox.Triple, ...]
"""A table for SELECT, a truth value for ASK, triples (sorted, each once) for CONSTRUCT and DESCRIBE."""


@dataclass
class _Work:
    """A query and what its thread hands over: the engine lets other threads run, but its rows must not leave theirs."""

    graph: OpenGraph
    sparql: str
    row_limit: int | None
    answer: Answer | None = None
    error: BaseException | None = None
    stopped: bool = False

    def run(self) -> None:
        """Ask, and collect what comes."""
        try:
            order = find_order(self.sparql)
            answer = self._ask(order.rest if order else self.sparql)
            if isinstance(answer, Table):
                if order:
                    rows = sort_rows(answer.columns, answer.rows, order)
                    answer = self._ask(self.sparql) if rows is None else Table(answer.columns, rows)
                elif not is_ordered(self.sparql):
                    answer = Table(answer.columns, tuple(sorted(answer.rows, key=_row_key)))
            self.answer = answer
        except (KgError, SyntaxError, RuntimeError, OSError) as error:
            # without its frames, which hold the engine's iterator: that has to die in this thread
            self.error = error.with_traceback(None)
        except BaseException as error:  # a bug, for the thread that waits
            self.error = error

    def _ask(self, sparql: str) -> Answer:
        """Return the answer, rows as the engine has them."""
        found = _query(self.graph, self.graph.store, sparql)
        if isinstance(found, ox.QueryBoolean):
            return bool(found)
        if isinstance(found, ox.QueryTriples):
            return tuple(sorted(dict.fromkeys(self._take(found)), key=str))
        columns = tuple(variable.value for variable in found.variables)
        return Table(columns, tuple(tuple(solution) for solution in self._take(found)))

    def _take(self, found: Iterable[T]) -> Iterator[T]:
        for count, item in enumerate(found):
            if self.stopped:
                return
            if count == self.row_limit:
                raise KgError(f"the query returns more than {count:,} rows; add a LIMIT, or take kg export for a graph")
            yield item


def _query(graph: OpenGraph, store: ox.Store, sparql: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Return what the engine returns for a query, with the prefixes and the base of a graph."""
    return store.query(sparql, prefixes=graph.prefixes, base_iri=graph.base)


def ask(
    graph: OpenGraph,
    sparql: str,
    parameters: Mapping[str, str | Term | tuple[Term, ...]] | None = None,
    *,
    time_limit_s: float | None = 30.0,
    row_limit: int | None = MAX_ROWS,
    allow_service: bool = False,
) -> Answer:
    """Return the answer of a SPARQL 1.1 query.

    Prefixes of the graph need no declaration, and relative IRIs are those under its base. Rows come in the order the
    query asks for; without an ORDER BY they are sorted, so that an answer is the same on every run.

    Args:
        graph: the graph to ask.
        sparql: a SELECT, ASK, CONSTRUCT or DESCRIBE.
        parameters: values of variables: a term, several terms of which each will do, or a text (see
            `kg.asking.parameters.make_term` for how it is read).
        time_limit_s: seconds, or None for no limit. A query that is stopped inside the engine goes on in a daemon
            thread until the process ends, because the engine cannot be interrupted.
        row_limit: rows (or triples) above which the query is refused, or None for no limit.
        allow_service: let SERVICE clauses connect to other machines.

    Raises:
        UsageError: the query cannot be parsed or changes the graph, or a parameter is wrong.
        QueryTimeout: it takes too long.
        KgError: it returns more than `row_limit` rows, or a service cannot be reached.
    """
    _check(sparql, graph, allow_service)
    given = (parameters or {}).items()
    terms = {n: make_term(n, v, None, graph.prefixes) if isinstance(v, str) else v for n, v in given}
    work = _Work(graph, bind(sparql, terms), row_limit)
    thread = threading.Thread(target=work.run, name="query", daemon=True)
    thread.start()
    thread.join(time_limit_s)
    if thread.is_alive():
        work.stopped = True
        raise QueryTimeout(
            f"the query took longer than {time_limit_s:g} s; make it narrower or give a larger --time-limit"
        )
    if work.error is not None:
        with explained(graph, sparql):
            raise work.error
    assert work.answer is not None  # noqa: S101
    return work.answer


def evaluate(
    graph: OpenGraph, sparql: str, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Return what the engine returns for a query, unread: in no order, and without a limit of time or rows.

    Read it inside `explained`: the engine may fail on the way.

    Args:
        graph: the graph to ask.
        sparql: a SELECT, ASK, CONSTRUCT or DESCRIBE without SERVICE.
        default_graphs: IRIs of the graphs that make the default graph; these and the next in place of FROM.
        named_graphs: IRIs of the named graphs.

    Raises:
        UsageError: the query cannot be parsed, changes the graph, or asks another machine.
    """
    _check(sparql, graph, allow_service=False)
    with explained(graph, sparql):
        if not default_graphs and not named_graphs:
            return _query(graph, graph.store, sparql)
        return graph.store.query(
            sparql,
            prefixes=graph.prefixes,
            base_iri=graph.base,
            default_graph=[ox.NamedNode(iri) for iri in default_graphs],
            named_graphs=[ox.NamedNode(iri) for iri in named_graphs],
        )


@contextmanager
def explained(graph: OpenGraph, sparql: str) -> Iterator[None]:
    """Turn the errors of the engine into those of kg, with the place in the query as it was given."""
    try:
        yield
    except SyntaxError as error:
        raise _explain(sparql, graph, error) from None
    except RuntimeError as error:
        raise UsageError(f"the query cannot be run: {error}") from None
    except OSError as error:
        raise KgError(f"the query failed: {error}") from None


def select(
    graph: OpenGraph, sparql: str, parameters: Mapping[str, str | Term | tuple[Term, ...]] | None = None
) -> tuple[Row, ...]:
    """Return the rows of a SELECT that kg itself asks; it takes the time and the rows that it needs.

    >>> select(OpenGraph(ox.Store(), "http://e/", {}), "SELECT (1 AS ?n) {}")[0][0].value
    '1'
    """
    answer = ask(graph, sparql, parameters, time_limit_s=None, row_limit=None)
    if not isinstance(answer, Table):
        raise TypeError("only a SELECT has rows")
    return answer.rows


def _check(sparql: str, graph: OpenGraph, allow_service: bool) -> None:
    try:
        sparql.encode()
    except UnicodeEncodeError:
        raise UsageError("the query is not valid UTF-8; write it anew") from None
    tokens = cut_tokens(sparql)
    if not tokens:
        raise UsageError("the query is empty")
    check_size(tokens)
    if is_update(tokens):
        raise UsageError("kg query only reads: SPARQL Update is refused; change the inputs and run kg build")
    if not allow_service and asks_elsewhere(sparql):
        raise UsageError("the query has a SERVICE clause, which asks another machine; allow it with --allow-service")
    check_prefixes(sparql, graph.prefixes)


def _row_key(row: Row) -> tuple[str, ...]:
    return tuple("" if term is None else str(term) for term in row)


def _explain(sparql: str, graph: OpenGraph, error: SyntaxError) -> UsageError:
    """Return the error with its place in the query as it was given, without parameters."""
    try:
        _query(graph, ox.Store(), sparql)
    except SyntaxError as plain:
        error = plain
    except (RuntimeError, OSError):
        pass
    else:
        return UsageError("a parameter is a variable that the query itself computes; give another one")
    return explain_syntax(sparql, error)


def explain_syntax(sparql: str, error: SyntaxError, words: Collection[str] = KEYWORDS) -> UsageError:
    """Return what is wrong with a query, or with an update that has other words, with the line and a caret."""
    unknown = find_unknown_word(sparql, words)
    if unknown is not None:
        close = nearest(unknown.text, words, 1)
        why = f"{unknown.text} is not a word of SPARQL" + (f"; did you mean {close[0]}?" if close else "")
        return UsageError(point_at(sparql, *place(sparql, unknown.start), why))
    match = re.search(r"error at (\d+):(\d+): expected (.*)", str(error), re.DOTALL)
    if match is None:
        return UsageError(f"the query cannot be parsed: {str(error).splitlines()[0]}")
    return UsageError(point_at(sparql, int(match[1]), int(match[2]), read_reason(match[3])))


def read_reason(expected: str) -> str:
    r"""Return what a person can use of the engine's list of what it expected.

    >>> read_reason('one of "$", "}", OPTIONAL, The SELECT contains a variable that is unbound, [\'0\' ..= \'9\']')
    'the SELECT contains a variable that is unbound'
    >>> read_reason('one of ",", ".", "}", [_]')
    'this is not valid SPARQL; expected , or . or }'
    """
    plain = re.sub(r"\[[^\]]*\]|\"(?:[^\"\\]|\\.)*\"|'[^']*'", "", expected.removeprefix("one of "))
    sentences = [part.strip() for part in plain.split(",") if len(part.split()) > 2]
    if sentences:
        return sentences[0][0].lower() + sentences[0][1:]
    marks = re.findall(r'"([^"\\ ]+)"', expected)
    if 0 < len(marks) <= 6:
        return f"this is not valid SPARQL; expected {' or '.join(marks)}"
    return "this is not valid SPARQL"
