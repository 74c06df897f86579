"""The library, as `import kg` gives it: a graph to build or open, its papers and concepts, and answers as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from kg.asking import query as asking
from kg.asking.card_reader import Card, Reported, Stated, make_card
from kg.asking.cards import render_card
from kg.asking.things import CONCEPT_KINDS, RDF, ROLE_WORDS, Thing, describe_thing, find_thing
from kg.errors import UsageError, did_you_mean
from kg.notebook import Page, render_text
from kg.ontology import BASE_IRI, KG
from kg.rows import Table
from kg.store import OpenGraph, open_graph

if TYPE_CHECKING:
    import networkx
    import rdflib

    from kg.build import Build

_XSD = "http://www.w3.org/2001/XMLSchema#"

Parameter: TypeAlias = "str | int | float | Decimal | date | Node"
"""What a variable of a query can be bound to: text as `kg query -p` reads it, integers, decimals, dates, or things."""


class Node:
    """A paper or a concept of a graph; what is asked of it is read when it is first asked for.

    Attributes:
        graph: the graph in which it is.
        iri: its IRI.
    """

    def __init__(self, graph: Graph, iri: str) -> None:
        self.graph, self.iri = graph, iri

    @cached_property
    def thing(self) -> Thing:
        """Kind, label, IRI and name."""
        found = describe_thing(self.graph.opened, ox.NamedNode(self.iri))
        if found is None:
            raise UsageError(f"the graph has no paper or concept <{self.iri}>")
        return found

    @property
    def label(self) -> str:
        """The title, or the preferred label."""
        return self.thing.label

    @property
    def kind(self) -> str:
        """The kind of the concept, such as "Method", or else "Paper"."""
        return self.thing.kind

    @property
    def name(self) -> str:
        """The IRI as a prefixed name, such as `method:spectr`, which names the thing everywhere in kg."""
        return self.thing.name

    @cached_property
    def card(self) -> Card:
        """All that the graph says of it, with the evidence."""
        return make_card(self.graph.opened, self.thing)

    @property
    def statements(self) -> tuple[Stated, ...]:
        """What papers do with concepts, strongest role first, each with the sentences that say so."""
        return self.card.statements

    @property
    def results(self) -> tuple[Reported, ...]:
        """The results of the paper, or about the concept."""
        return self.card.results

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and (other.graph, other.iri) == (self.graph, self.iri)

    def __hash__(self) -> int:
        return hash(self.iri)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.label!r}>"

    def __str__(self) -> str:
        return render_card(self.card)

    def _repr_html_(self) -> str:
        return render_text(render_card(self.card, terminal=True))


class Paper(Node):
    """A paper of a graph."""

    @property
    def title(self) -> str:
        """The title."""
        return self.label

    @property
    def abstract(self) -> str:
        """The abstract."""
        return self.card.abstract

    def concepts(self, kind: str | None = None, role: str | None = None) -> tuple[Concept, ...]:
        """Return its concepts, strongest role first, each once; all, or those of a kind or in a role.

        Raises:
            UsageError: there is no such kind ("method", …) or role ("introduces", "compares with", …).
        """
        kinds, roles = _read_kind(kind), _read_role(role)
        found = (s.other for s in self.statements if s.other.kind in kinds and s.role in roles)
        return tuple(Concept(self.graph, thing.iri) for thing in dict.fromkeys(found))

    @property
    def methods(self) -> tuple[Concept, ...]:
        """The methods, in any role."""
        return self.concepts("Method")

    @property
    def benchmarks(self) -> tuple[Concept, ...]:
        """The benchmarks, in any role."""
        return self.concepts("Benchmark")

    @property
    def hardware(self) -> tuple[Concept, ...]:
        """The hardware."""
        return self.concepts("Hardware")

    @property
    def tasks(self) -> tuple[Concept, ...]:
        """The tasks."""
        return self.concepts("Task")

    @property
    def metrics(self) -> tuple[Concept, ...]:
        """The metrics."""
        return self.concepts("Metric")

    @property
    def keyphrases(self) -> tuple[Concept, ...]:
        """The keyphrases, best first."""
        return self.concepts("Keyphrase")

    def related(self, count: int = 10) -> Table:
        """Return the papers with most in common, weightiest first: `weight` in bits, `title`, `paper`, `reasons`."""
        from kg.asking.paths import relate

        rows = tuple(
            (ox.Literal(r.weight), ox.Literal(r.paper.label), r.paper.node, _join(shared.reason for shared in r.shared))
            for r in relate(self.graph.opened, self.thing, count)
        )
        return self.graph.table(asking.Table(("weight", "title", "paper", "reasons"), rows))


class Concept(Node):
    """A method, a benchmark, a keyphrase or any other concept of a graph."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Its other names, sorted."""
        return self.card.aliases

    @property
    def broader(self) -> tuple[Concept, ...]:
        """The concepts of which it is a kind."""
        return tuple(Concept(self.graph, thing.iri) for thing in self.card.broader)

    @property
    def narrower(self) -> tuple[Concept, ...]:
        """The concepts that are kinds of it."""
        return tuple(Concept(self.graph, thing.iri) for thing in self.card.narrower)

    def papers(self, role: str | None = None) -> tuple[Paper, ...]:
        """Return the papers that have it, strongest role first, each once; all, or those in a role.

        Raises:
            UsageError: there is no such role.
        """
        roles = _read_role(role)
        return tuple(
            Paper(self.graph, t.iri) for t in dict.fromkeys(s.other for s in self.statements if s.role in roles)
        )


class Graph:
    """A graph: papers, concepts, and what is stated of them.

    Attributes:
        opened: the store, for the functions of `kg.asking`.
        place: the folder or file it was opened from.
        built: what `kg.build` has to report, where that made the graph.
    """

    def __init__(self, opened: OpenGraph, place: Path, built: Build | None = None) -> None:
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
        classes = (self.opened.term(getattr(KG, name)) for name in _read_kind(kind))
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
        return Concept(self, find_thing(self.opened, name, _read_kind(kind)).iri)

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

        kinds = ("Paper",) if kind == "paper" else () if kind is None else _read_kind(kind)
        hits = search_things(self.opened, text, kinds, count)[0]
        found = ((hit.thing.kind, hit.thing.label, hit.thing.name, hit.form) for hit in hits)
        rows = tuple(tuple(ox.Literal(value) for value in hit) for hit in found)
        return self.table(asking.Table(("kind", "label", "name", "matched"), rows))

    def path(self, start: str | Node, goal: str | Node) -> Table:
        """Return how two things hang together: `subject`, `role`, `object`, and how many `papers` have the concept.

        Raises:
            UsageError: a name is not that of one thing, or both are the same.
            KgError: nothing connects them.
        """
        from kg.asking.paths import find_path

        ends = [end.thing if isinstance(end, Node) else end for end in (start, goal)]
        found = find_path(self.opened, *ends)
        steps = ((step.subject.label, step.role, step.object.label, step.papers) for step in found.steps)
        rows = tuple(tuple(ox.Literal(value) for value in step) for step in steps)
        return self.table(asking.Table(("subject", "role", "object", "papers"), rows))

    def stats(self) -> Table:
        """Return how many there are of everything: `of`, `what`, `count`."""
        from kg.asking.counts import count_graph

        return self.table(count_graph(self.opened))

    def network(self, focus: str | Node | None = None, depth: int = 1) -> networkx.Graph:
        """Return the network, or what is within `depth` steps of a thing, for networkx (see `kg.network.network`).

        Raises:
            UsageError: nothing has the name, or the network is too large to look at.
        """
        from kg.network.network import read_network

        return read_network(self.opened, focus=focus.iri if isinstance(focus, Node) else focus, depth=depth)

    def view(self, focus: str | Node | None = None, depth: int = 1, *, query: str | Path | None = None) -> Page:
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
        page = self.place / "graph.html"
        return Page(page.read_text(encoding="utf-8")) if page.is_file() else self.view()


def open(place: str | Path = "kg-out") -> Graph:
    """Return the graph of a folder that `kg.build` made, or of any RDF file.

    Raises:
        UsageError: nothing is there, or it is no graph.
    """
    return Graph(open_graph(place), Path(place))


def build(
    inputs: str | Path | Sequence[str | Path],
    folder: str | Path = "kg-out",
    *,
    base_iri: str = BASE_IRI,
    merges: str | Path | None = None,
    keep_going: bool = False,
) -> Graph:
    """Build the graph of papers into a folder, whole or not at all, and return it; `built` says what was passed over.

    Args:
        inputs: a file or a folder, or several.
        folder: replaced at the end; left as it was if anything fails.
        base_iri: base of all IRIs in the graph, with `/` at its end.
        merges: a file of your decisions on what is one concept.
        keep_going: build what can be read; `built.problems` then lists what cannot.

    Raises:
        UsageError: an input cannot be read, the folder cannot be written, or an argument is wrong.
    """
    from kg.build import build_graph
    from kg.terminal import show_progress

    built = build_graph(
        [inputs] if isinstance(inputs, str | Path) else inputs,
        Path(folder),
        base=base_iri,
        merges=None if merges is None else Path(merges),
        keep_going=keep_going,
        progress=show_progress,
    )
    return Graph(open_graph(built.folder), built.folder, built)


def _read_parameter(value: Parameter) -> str | ox.Literal:
    if isinstance(value, Node):
        return f"<{value.iri}>"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return ox.Literal(value)
    if isinstance(value, date):
        kind = "dateTime" if isinstance(value, datetime) else "date"
        return ox.Literal(value.isoformat(), datatype=ox.NamedNode(_XSD + kind))
    return ox.Literal(f"{Decimal(str(value)):f}", datatype=ox.NamedNode(_XSD + "decimal"))


def _read_kind(kind: str | None) -> tuple[str, ...]:
    if kind is None:
        return CONCEPT_KINDS
    if kind.capitalize() not in CONCEPT_KINDS:
        names = [name.lower() for name in CONCEPT_KINDS]
        raise UsageError(f"{kind!r} is not a kind{did_you_mean(kind, names)} (there are {', '.join(names)})")
    return (kind.capitalize(),)


def _read_role(role: str | None) -> tuple[str, ...]:
    roles = tuple(ROLE_WORDS.values())
    if role is None or role in roles:
        return roles if role is None else (role,)
    raise UsageError(f"{role!r} is not a role{did_you_mean(role, roles)} (there are {', '.join(roles)})")


def _join(texts: Iterable[str]) -> ox.Literal:
    return ox.Literal("; ".join(texts))
