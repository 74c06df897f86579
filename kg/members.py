"""Papers and concepts of a graph, as `import kg` gives them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.asking.card_reader import Card, Reported, Stated, make_card
from kg.asking.cards import render_card
from kg.asking.query import Table as Answer
from kg.asking.things import CONCEPT_KINDS, ROLE_WORDS, Thing, describe_thing
from kg.errors import UsageError, did_you_mean
from kg.notebook import render_text
from kg.rows import Table

if TYPE_CHECKING:
    from kg.library import Graph


class Member:
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
        return isinstance(other, Member) and (other.graph, other.iri) == (self.graph, self.iri)

    def __hash__(self) -> int:
        return hash(self.iri)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.label!r}>"

    def __str__(self) -> str:
        return render_card(self.card)

    def _repr_html_(self) -> str:
        return render_text(render_card(self.card, terminal=True))


class Paper(Member):
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
        kinds, roles = read_kind(kind), _read_role(role)
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
        return self.graph.table(Answer(("weight", "title", "paper", "reasons"), rows))


class Concept(Member):
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


def read_kind(kind: str | None) -> tuple[str, ...]:
    """Return the kinds of concepts that a name of a kind, in any case, stands for: one, or all for None.

    Raises:
        UsageError: there is no such kind.
    """
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
