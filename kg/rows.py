"""What the library returns for a question: a table of rows with plain Python values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import pyoxigraph as ox

from kg.asking import query, tables
from kg.errors import UsageError, did_you_mean
from kg.ontology import prefixes as known_prefixes

if TYPE_CHECKING:
    import pandas
    import polars
    import rdflib

    from kg.asking.parameters import Term

Value: TypeAlias = str | int | float | bool | date | datetime | None

SHOWN = 60
"""Rows that a table shows of itself."""

_XSD = "http://www.w3.org/2001/XMLSchema#"
_INTEGERS = "integer int long short byte nonNegativeInteger positiveInteger unsignedInt unsignedLong"
_READERS: dict[str, Callable[[str], Value]] = {
    **{_XSD + name: int for name in _INTEGERS.split()},
    **{_XSD + name: float for name in ("decimal", "double", "float")},
    _XSD + "boolean": lambda text: text in ("true", "1"),
    _XSD + "date": date.fromisoformat,
    _XSD + "dateTime": datetime.fromisoformat,
}


def read_value(term: Term | None) -> Value:
    """Return a term as a Python value: numbers, truth values and dates as such, IRIs and all else as text.

    >>> read_value(ox.Literal(3)), read_value(ox.Literal("0.5", datatype=ox.NamedNode(_XSD + "decimal")))
    (3, 0.5)
    >>> read_value(ox.NamedNode("https://kg.example.org/method/vllm")), read_value(None)
    ('https://kg.example.org/method/vllm', None)
    """
    if isinstance(term, ox.Literal):
        reader = _READERS.get(term.datatype.value)
        try:
            return reader(term.value) if reader else term.value
        except ValueError:
            return term.value
    return term if term is None else term.value if isinstance(term, ox.NamedNode) else str(term)


class Row:
    """One row: values by name (`row["title"]`, `row.title`) and by place (`row[0]`); `dict(row)` makes a dict of it.

    >>> row = Row(("title", "count"), ("SpecTr", 3))
    >>> row.count, row["title"], row[1], tuple(row), dict(row)
    (3, 'SpecTr', 3, ('SpecTr', 3), {'title': 'SpecTr', 'count': 3})
    """

    __slots__ = ("_columns", "_values")

    def __init__(self, columns: tuple[str, ...], values: tuple[Value, ...]) -> None:
        self._columns, self._values = columns, values

    def keys(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return self._columns

    def __getitem__(self, key: int | str) -> Any:
        if isinstance(key, str):
            if key not in self._columns:
                raise KeyError(f"there is no column {key!r}{did_you_mean(key, self._columns)}")
            key = self._columns.index(key)
        return self._values[key]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in Row.__slots__ or name not in self._columns:
            raise AttributeError(f"a row has no column {name!r}")
        return self[name]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Row):
            return (self._columns, self._values) == (other._columns, other._values)
        return isinstance(other, tuple) and self._values == other

    def __hash__(self) -> int:
        return hash(self._values)

    def __repr__(self) -> str:
        return f"Row({', '.join(f'{name}={value!r}' for name, value in zip(self._columns, self._values, strict=True))})"


class Table(Sequence[Row]):
    """What a question returns, whatever its form.

    A SELECT has its rows; a CONSTRUCT or DESCRIBE has the rows `subject`, `predicate`, `object`; an ASK has one row
    with the column `answer`. A table is true where it has rows, that of an ASK where the answer is yes.

    Attributes:
        answer: the same with the terms of the graph.
        prefixes: those that shorten IRIs where the table is shown.
        columns: their names.
    """

    def __init__(self, answer: query.Answer, prefixes: Mapping[str, str] | None = None) -> None:
        self.answer, self.prefixes = answer, known_prefixes() if prefixes is None else prefixes
        if isinstance(answer, bool):
            self._table = query.Table(("answer",), ((ox.Literal(answer),),))
        else:
            self._table = tables.tabulate(answer)
        self.columns = self._table.columns
        self._rows = tuple(Row(self.columns, tuple(map(read_value, row))) for row in self._table.rows)

    @overload
    def __getitem__(self, key: int) -> Row: ...

    @overload
    def __getitem__(self, key: slice) -> tuple[Row, ...]: ...

    def __getitem__(self, key: int | slice) -> Row | tuple[Row, ...]:
        return self._rows[key]

    def __len__(self) -> int:
        return len(self._rows)

    def __bool__(self) -> bool:
        return self.answer if isinstance(self.answer, bool) else bool(self._rows)

    def __repr__(self) -> str:
        return self.text().removesuffix("\n")

    def _repr_html_(self) -> str:
        from kg.notebook import render_rows

        cells, right = tables.lay_out(self._first(), self.prefixes)
        return render_rows(self.columns, cells, right, left_out=max(0, len(self) - SHOWN))

    def _first(self) -> query.Table:
        return query.Table(self.columns, self._table.rows[:SHOWN])

    def text(self, format: str | None = None) -> str:
        """Return the table as text: in one of the formats of `kg query`, or else its first rows for people.

        Raises:
            UsageError: there is no such format, or it does not fit the answer.
        """
        if format is not None:
            return tables.render(self.answer, format, prefixes=self.prefixes).decode()
        shown = tables.render(self._first(), "table", prefixes=self.prefixes).decode()
        return shown + (f"… and {len(self) - SHOWN} more rows\n" if len(self) > SHOWN else "")

    def to_pandas(self) -> pandas.DataFrame:
        """Return a pandas data frame with the same columns.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise UsageError("to_pandas needs the package pandas; install it: pip install pandas") from None
        return pandas.DataFrame.from_records([tuple(row) for row in self], columns=list(self.columns))

    def to_polars(self) -> polars.DataFrame:
        """Return a polars data frame with the same columns.

        Raises:
            UsageError: polars is not installed.
        """
        try:
            import polars
        except ImportError:
            raise UsageError("to_polars needs the package polars; install it: pip install polars") from None
        rows = [tuple(row) for row in self]
        return polars.DataFrame(rows, list(self.columns), orient="row", infer_schema_length=None, strict=False)

    def rdflib(self) -> rdflib.Graph:
        """Return the triples of a CONSTRUCT or DESCRIBE as a new graph of rdflib.

        Raises:
            UsageError: the question was another one.
        """
        import rdflib

        triples = self.text("nt") if isinstance(self.answer, tuple) else None
        if triples is None:
            raise UsageError("only what a CONSTRUCT or DESCRIBE returns is a graph")
        graph = rdflib.Graph().parse(data=triples, format="nt")
        for prefix, namespace in self.prefixes.items():
            graph.bind(prefix, namespace, replace=True)
        return graph
