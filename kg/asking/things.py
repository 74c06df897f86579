"""Papers and concepts of a graph, found by the names that people give them."""

from __future__ import annotations

import heapq
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kg.asking.parameters import read_iri
from kg.asking.query import select
from kg.errors import UsageError, did_you_mean
from kg.mention import KINDS
from kg.ontology import KG
from kg.reading.encoding import clean_text
from kg.store import OpenGraph

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"

CONCEPT_KINDS: tuple[str, ...] = (*KINDS, "Keyphrase")
_LABELS = (SKOS + "prefLabel", SKOS + "altLabel")
_HIDDEN = SKOS + "hiddenLabel"
_ARXIV = re.compile(
    r"(?:https?://arxiv\.org/(?:abs|pdf)/|arxiv:\s*)?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?",
    re.I,
)
ROLE_WORDS = {
    KG.introduces: "introduces",
    KG.uses: "uses",
    KG.comparesWith: "compares with",
    KG.mentions: "mentions",
    KG.evaluatesOn: "evaluates on",
    KG.trainsOn: "trains on",
    KG.runsOn: "runs on",
    KG.addresses: "addresses",
    KG.measures: "measures",
    KG.hasKeyphrase: "has keyphrase",
}
"""The properties that say what a paper does with a concept, in words, strongest first."""

_SHOWN = 5
"""Candidates that an error lists."""
_COMPARED = 100
"""Names that are compared letter by letter with one that nothing has."""


class UnknownNameError(UsageError):
    """Nothing in the graph has the name."""


@dataclass(frozen=True, order=True)
class Thing:
    """A paper or a concept.

    Attributes:
        kind: "Paper", one of `kg.mention.KINDS`, or "Keyphrase".
        label: the title or the preferred label.
        iri: its IRI.
        name: the IRI as a prefixed name, which can be given to any command.
    """

    kind: str
    label: str
    iri: str
    name: str

    @property
    def node(self) -> ox.NamedNode:
        """The thing as a term of the graph."""
        return ox.NamedNode(self.iri)


def shorten(graph: OpenGraph, iri: str) -> str:
    """Return an IRI as a prefixed name where the graph has a prefix for it, else as it is."""
    cut = max(iri.rfind("/"), iri.rfind("#")) + 1
    prefix = next((name for name, namespace in graph.prefixes.items() if namespace == iri[:cut]), None)
    return f"{prefix}:{iri[cut:]}" if prefix and cut < len(iri) else iri


def describe_thing(graph: OpenGraph, node: ox.NamedNode) -> Thing | None:
    """Return what a node is, or None where it is neither a paper nor a concept."""
    classes = {cls.value for cls in graph.nodes(node, RDF + "type")}
    for kind in ("Paper", *CONCEPT_KINDS):
        if graph.term(getattr(KG, kind)).value in classes:
            label = graph.text(node, DCTERMS + "title" if kind == "Paper" else SKOS + "prefLabel")
            return Thing(kind, label or shorten(graph, node.value), node.value, shorten(graph, node.value))
    return None


def find_thing(graph: OpenGraph, name: str, kinds: Collection[str] = ()) -> Thing:
    """Return the one paper or concept that a name stands for.

    Tried in this order, each step only where the one before finds nothing: an IRI, a prefixed name, the identifier of
    a paper (kg's, arXiv, DOI); a title; a label or alias, first as it is written, then in any case; a part of a title,
    whole words first. Where concepts of several kinds have the name, that of the first kind is taken (methods come
    first, keyphrases last); the others are found by their prefixed names.

    Args:
        graph: where to look.
        name: as a person writes it.
        kinds: the kinds to find; none means all.

    Raises:
        UnknownNameError: nothing has the name; the message has the nearest names.
        UsageError: several papers or several concepts of one kind have it; the message has their prefixed names.
    """
    wanted = tuple(kinds) or ("Paper", *CONCEPT_KINDS)
    text = " ".join(clean_text(name).split())
    for nodes in _steps(graph, text, wanted):
        things = sorted({thing for node in nodes if (thing := describe_thing(graph, node)) and thing.kind in wanted})
        if len(things) == 1:
            return things[0]
        if things:
            shown = ", ".join(f"{thing.name} ({_clip(thing.label)})" for thing in things[:_SHOWN])
            more = f" and {len(things) - _SHOWN} more" if len(things) > _SHOWN else ""
            raise UsageError(f"{name!r} can be {shown}{more}; give one of these names")
    what = wanted[0].lower() if len(wanted) == 1 else "paper or concept" if "Paper" in wanted else "concept"
    raise UnknownNameError(f"the graph has no {what} {name!r}{did_you_mean(text, _near(text, _pool(graph, wanted)))}")


def find_paper(graph: OpenGraph, name: str) -> Thing:
    """Return the one paper that an identifier, a title or a part of a title stands for; see `find_thing`."""
    return find_thing(graph, name, ("Paper",))


def match_concepts(graph: OpenGraph, name: str, kinds: Collection[str] = CONCEPT_KINDS) -> list[ox.NamedNode]:
    """Return the concepts of some kinds that have the name as label or alias, in any case, sorted by IRI.

    Graphs of kg have each name in lower case as well, as a hidden label where it is not one of the others, so that the
    store need not read all names. Those of other graphs are compared one by one.
    """
    names = "|".join(f"<{label}>" for label in (*_LABELS, _HIDDEN))
    rows = _select(
        graph, f"SELECT DISTINCT ?thing ?name {{ VALUES ?name {{ '' }} ?thing {names} ?name }}", name.lower()
    )
    if not rows or not graph.store.query(f"ASK {{ ?thing <{_HIDDEN}> ?name }}"):
        plain = f"?thing <{_LABELS[0]}>|<{_LABELS[1]}> ?form . FILTER(LCASE(STR(?form)) = LCASE(?name))"
        rows = _select(graph, f"SELECT DISTINCT ?thing ?name {{ VALUES ?name {{ '' }} {plain} }}", name)
    classes = {graph.term(getattr(KG, kind)) for kind in kinds}
    return [node for node, _ in rows if not classes.isdisjoint(graph.nodes(node, RDF + "type"))]


def match_papers(graph: OpenGraph, name: str) -> list[ox.NamedNode]:
    """Return the papers that have the name in their title, in any case, or as identifier, sorted by IRI.

    Where it stands in some titles as whole words, the papers are those: "SpecTr" is not meant to be "spectral".
    """
    titled = f"?thing <{DCTERMS}title> ?form . FILTER(CONTAINS(LCASE(?form), LCASE(?name)))"
    rows = _select(graph, f"SELECT ?thing ?form {{ VALUES ?name {{ '' }} {titled} }}", name)
    word = re.compile(rf"(?<!\w){re.escape(name.casefold())}(?!\w)")
    found = {node for node, title in rows if word.search(title.casefold())} or {node for node, _ in rows}
    identified = read_iri(f"<{graph.base}paper/{name}>", {})
    if identified is not None:
        found.add(identified)
    paper = graph.term(KG.Paper)
    return sorted((n for n in found if paper in graph.nodes(n, RDF + "type")), key=lambda node: node.value)


def _select(graph: OpenGraph, sparql: str, name: str) -> list[tuple[ox.NamedNode, str]]:
    """Return things, each with a text, that the engine finds: it compares names five times as fast as Python."""
    rows = select(graph, sparql, {"name": ox.Literal(name)})
    return [(node, str(getattr(form, "value", ""))) for node, form in rows if isinstance(node, ox.NamedNode)]


def _clip(text: str, length: int = 60) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _steps(graph: OpenGraph, name: str, kinds: Collection[str]) -> Iterable[Iterable[ox.NamedNode]]:
    """Yield the nodes that each way to read the name finds, surest way first."""
    iri = read_iri(name, graph.prefixes, bare=True)
    yield () if iri is None else (iri,)
    if "Paper" in kinds:
        plain = read_iri(f"<{graph.base}paper/{name}>", {})
        yield () if plain is None else (plain,)
        arxiv = _ARXIV.fullmatch(name)
        yield graph.subjects(KG.arxivId, ox.Literal(arxiv[1])) if arxiv else ()
        yield graph.subjects(KG.doi, ox.Literal(re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:)", "", name)))
    folded = name.casefold()
    papers = match_papers(graph, name) if "Paper" in kinds else []
    yield [node for node in papers if folded in _folded(graph, node, DCTERMS + "title")]
    if set(kinds) != {"Paper"}:
        yield from _concept_steps(graph, name, kinds)
    if len(folded) > 2:
        yield papers


def _concept_steps(graph: OpenGraph, name: str, kinds: Collection[str]) -> Iterator[list[ox.NamedNode]]:
    """Yield the concepts of the first kind that has the name: by label, by alias, and by each of them in any case."""
    things = (describe_thing(graph, node) for node in match_concepts(graph, name))
    named = [thing for thing in things if thing and thing.kind in kinds]
    first = min((CONCEPT_KINDS.index(thing.kind) for thing in named), default=0)
    nodes = [thing.node for thing in named if thing.kind == CONCEPT_KINDS[first]]
    for predicate in _LABELS:
        yield [node for node in nodes if name in graph.texts(node, predicate)]
    yield [node for node in nodes if name.casefold() in _folded(graph, node, _LABELS[0])]
    yield nodes


def _folded(graph: OpenGraph, node: ox.NamedNode, predicate: str) -> set[str]:
    return {text.casefold() for text in graph.texts(node, predicate)}


def _pool(graph: OpenGraph, kinds: Collection[str]) -> Iterable[str]:
    if "Paper" in kinds:
        for _, title in graph.pairs(DCTERMS + "title"):
            if isinstance(title, ox.Literal):
                yield title.value
                yield title.value.split(":")[0]
    classes = {graph.term(getattr(KG, kind)) for kind in kinds if kind != "Paper"}
    for predicate in _LABELS if classes else ():
        for node, label in graph.pairs(predicate):
            if isinstance(label, ox.Literal) and not classes.isdisjoint(graph.nodes(node, RDF + "type")):
                yield label.value


def _near(name: str, pool: Iterable[str]) -> list[str]:
    """Return the names that share most of their letters, three in a row, with `name`; no more than can be compared."""
    folded = name.casefold()
    pieces = {folded[i : i + 3] for i in range(len(folded) - 2)} or {folded}
    shared = ((sum(map(known.casefold().count, pieces)) / (1 + len(name) + len(known)), known) for known in set(pool))
    return [known for share, known in heapq.nlargest(_COMPARED, shared) if share]
