"""The library, as `import kg` gives it: a graph to build, open and ask; answers are tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from kg.asking import query as asking
from kg.asking.things import RDF, find_thing
from kg.errors import UsageError
from kg.members import Concept, Member, Paper, read_kind
from kg.notebook import Page, render_text
from kg.ontology import BASE_IRI, KG
from kg.rows import Table
from kg.store import OpenGraph, open_graph

if TYPE_CHECKING:
    import networkx
    import rdflib

    from kg.asking.search import SearchIndex
    from kg.build import Build

_XSD = "http://www.w3.org/2001/XMLSchema#"

Parameter: TypeAlias = "str | int | float | Decimal | date | Member"
"""What a variable of a query can be bound to: text as `kg query -p` reads it, integers, decimals, dates, or things."""


class Graph:
    """A graph: papers, concepts, and what is stated of them.

    Attributes:
        opened: the store, for the functions of `kg.asking`.
        place: the folder, the file or the address it was opened from.
        built: what `kg.build` has to report, where that made the graph.
    """

    def __init__(self, opened: OpenGraph, place: Path | str, built: Build | None = None) -> None:
        self.opened, self.place, self.built = opened, place, built

    def table(self, answer: asking.Answer) -> Table:
        """Return an answer of `kg.asking` as a table with plain values."""
        return Table(answer, self.opened.prefixes)

    def query(self, question: str | Path, /, *, time_limit_s: float | None = 30.0, **parameters: Parameter) -> Table:
        """Return the answer of a question by its name (see `questions`), of SPARQL, or of a `.rq` file given as a path.

        Args:
            question: which question.
            time_limit_s: seconds after which it is stopped, None for no limit; see `kg.asking.query.ask`.
            parameters: values of the question's parameters, or of variables of the query.

        Raises:
            UsageError: there is no such question, the query cannot be parsed, or a parameter is wrong.
            QueryTimeout: it takes too long.
        """
        from kg.asking.questions import ask_question
        from kg.terminal import read_query

        text = read_query(str(question)) if isinstance(question, Path) else question
        given = {name: _read_parameter(value) for name, value in parameters.items()}
        return self.table(ask_question(self.opened, text, given, time_limit_s=time_limit_s))

    @property
    def questions(self) -> Table:
        """The questions that come with kg: `question` (its name), `title`, `parameters` with their defaults."""
        from kg.asking.questions import list_questions, tabulate_questions

        return self.table(tabulate_questions(list_questions()))

    @cached_property
    def papers(self) -> tuple[Paper, ...]:
        """All papers, by IRI, which starts with the words of the title."""
        found = self.opened.subjects(RDF + "type", self.opened.term(KG.Paper))
        return tuple(Paper(self, node.value) for node in found)

    def concepts(self, kind: str | None = None) -> tuple[Concept, ...]:
        """Return all concepts, or those of a kind ("method", "benchmark", …), by IRI within each kind.

        Raises:
            UsageError: there is no such kind.
        """
        classes = (self.opened.term(getattr(KG, name)) for name in read_kind(kind))
        found = (node for cls in classes for node in self.opened.subjects(RDF + "type", cls))
        return tuple(Concept(self, node.value) for node in found)

    def paper(self, name: str) -> Paper:
        """Return the one paper that a title, a part of it, an identifier or an arXiv number stands for.

        Raises:
            UsageError: none or several have the name; the message says which.
        """
        return Paper(self, find_thing(self.opened, name, ("Paper",)).iri)

    def concept(self, name: str, kind: str | None = None) -> Concept:
        """Return the one concept that a label, an alias or a prefixed name stands for, methods first, or of one kind.

        Raises:
            UsageError: none or several have the name; the message says which. Or there is no such kind.
        """
        return Concept(self, find_thing(self.opened, name, read_kind(kind)).iri)

    def search(self, text: str, kind: str | None = None, count: int | None = 50) -> Table:
        """Return papers and concepts that have all words of a text, best first: `kind`, `label`, `name`, `matched`.

        Args:
            text: one word or several, in any case.
            kind: "paper" or a kind of concept; None finds all.
            count: rows to return; None returns all.

        Raises:
            UsageError: the text has no words, or there is no such kind.
        """
        from kg.asking.search import search_things

        kinds = ("Paper",) if kind == "paper" else () if kind is None else read_kind(kind)
        hits = search_things(self._index, text, kinds, count)[0]
        found = ((hit.thing.kind, hit.thing.label, hit.thing.name, hit.form) for hit in hits)
        rows = tuple(tuple(ox.Literal(value) for value in hit) for hit in found)
        return self.table(asking.Table(("kind", "label", "name", "matched"), rows))

    @cached_property
    def _index(self) -> SearchIndex:
        from kg.asking.catalogue import Catalogue
        from kg.asking.search import SearchIndex

        return SearchIndex(Catalogue(self.opened))

    def path(self, start: str | Member, goal: str | Member) -> Table:
        """Return how two things hang together: `subject`, `role`, `object`, and how many `papers` have the concept.

        Raises:
            UsageError: a name is not that of one thing, or both are the same.
            KgError: nothing connects them.
        """
        from kg.asking.paths import find_path

        ends = [end.thing if isinstance(end, Member) else end for end in (start, goal)]
        found = find_path(self.opened, *ends)
        steps = ((step.subject.label, step.role, step.object.label, step.papers) for step in found.steps)
        rows = tuple(tuple(ox.Literal(value) for value in step) for step in steps)
        return self.table(asking.Table(("subject", "role", "object", "papers"), rows))

    def stats(self) -> Table:
        """Return how many there are of everything: `of`, `what`, `count`."""
        from kg.asking.counts import count_graph

        return self.table(count_graph(self.opened))

    def network(self, focus: str | Member | None = None, depth: int = 1) -> networkx.Graph:
        """Return the network, or what is within `depth` steps of a thing, for networkx (see `kg.network.network`).

        Raises:
            UsageError: nothing has the name, or the network is too large to look at.
        """
        from kg.network.network import read_network

        return read_network(self.opened, focus=focus.iri if isinstance(focus, Member) else focus, depth=depth)

    def view(self, focus: str | Member | None = None, depth: int = 1, *, query: str | Path | None = None) -> Page:
        """Return the page of the network, of a part of it, or of what a CONSTRUCT query returns.

        Raises:
            UsageError: nothing has the name, the network is too large, the query constructs nothing, or both a focus
                and a query are given.
        """
        from kg.network.network import query_network
        from kg.network.page import render_page

        if query is None:
            return Page(render_page(self.network(focus, depth)))
        if focus is not None:
            raise UsageError("a focus and a query do not go together; give one of them")
        answer = self.query(query).answer
        if not isinstance(answer, tuple):
            raise UsageError("a picture needs a CONSTRUCT query; this one returns no triples")
        return Page(render_page(query_network(answer, graph=self.opened)))

    def rdflib(self) -> rdflib.Graph:
        """Return the graph as rdflib has it, over the same store: nothing is copied, and SPARQL is that of Oxigraph."""
        import rdflib
        from oxrdflib import OxigraphStore
        from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

        graph = rdflib.Graph(OxigraphStore(store=self.opened.store), DATASET_DEFAULT_GRAPH_ID)
        for prefix, namespace in self.opened.prefixes.items():
            graph.bind(prefix, namespace, replace=True)
        return graph

    def export(self, path: str | Path, format: str | None = None) -> Path:
        """Write the graph in the format that is named, or that the ending of `path` says, and return the path.

        Raises:
            UsageError: the format is not known (`kg.export.FORMATS`), or the file cannot be written.
        """
        from kg.export import export_graph, format_of
        from kg.folder import write_whole

        write_whole(Path(path), export_graph(self.opened, format_of(format, str(path))))
        return Path(path)

    def validate(self) -> Table:
        """Return the problems of the graph: `focus`, `rule`, `message`; no rows where it is valid."""
        from kg.validation import tabulate, validate_graph

        return self.table(tabulate(validate_graph(self.opened)))

    def __repr__(self) -> str:
        return f"<Graph {str(self.place)!r}>"

    def _repr_html_(self) -> str:
        counts = (f"{row['count']:,} {row['what']}" for row in self.stats() if row["of"] in ("graph", "concepts"))
        return render_text(" · ".join(counts)) + self._page._repr_html_()

    @cached_property
    def _page(self) -> Page:
        page = Path(self.place) / "graph.html"
        return Page(page.read_text(encoding="utf-8")) if page.is_file() else self.view()


def open(place: str | Path = "kg-out") -> Graph:
    """Return the graph of a folder that `kg.build` made, of any RDF file, or of a SPARQL endpoint, by its address.

    Raises:
        UsageError: nothing is there, or it is no graph.
    """
    return Graph(open_graph(place), place if "://" in str(place) else Path(place))


def build(
    inputs: str | Path | Sequence[str | Path],
    folder: str | Path = "kg-out",
    *,
    base_iri: str = BASE_IRI,
    merges: str | Path | None = None,
    keep_going: bool = False,
    cache: str | Path | bool = True,
    jobs: int | None = None,
) -> Graph:
    """Build the graph of papers into a folder, whole or not at all, and return it; `built` says what was passed over.

    Neither the cache nor the number of processes changes a byte of the graph.

    Args:
        inputs: a file or a folder, or several.
        folder: replaced at the end; left as it was if anything fails.
        base_iri: base of all IRIs in the graph, with `/` at its end.
        merges: a file of your decisions on what is one concept.
        keep_going: build what can be read; `built.problems` then lists what cannot.
        cache: the folder where kg remembers what it found in papers; True for that of the command (`KG_CACHE`, else
            the user's folder for caches), False to read every paper anew and remember none.
        jobs: how many processes read papers at most, from 1; None for one a core.

    Raises:
        UsageError: an input cannot be read, the folder cannot be written, or an argument is wrong.
        KgError: a process that reads papers ended too early.
    """
    from kg.build import build_graph
    from kg.cache import find_cache_folder
    from kg.terminal import show_progress

    if jobs is not None and jobs < 1:
        raise UsageError(f"jobs is {jobs}; give a number from 1, or None for one a core")
    built = build_graph(
        [inputs] if isinstance(inputs, str | Path) else inputs,
        Path(folder),
        base=base_iri,
        merges=None if merges is None else Path(merges),
        keep_going=keep_going,
        cache=find_cache_folder() if cache is True else Path(cache) if cache else None,
        jobs=jobs,
        progress=show_progress,
    )
    return Graph(open_graph(built.folder), built.folder, built)


def _read_parameter(value: Parameter) -> str | ox.Literal:
    if isinstance(value, Member):
        return f"<{value.iri}>"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return ox.Literal(value)
    if isinstance(value, date):
        kind = "dateTime" if isinstance(value, datetime) else "date"
        return ox.Literal(value.isoformat(), datatype=ox.NamedNode(_XSD + kind))
    return ox.Literal(f"{Decimal(str(value)):f}", datatype=ox.NamedNode(_XSD + "decimal"))
