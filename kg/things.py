"""Papers and concepts of a graph, found by the names that people give them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kg.errors import UsageError, did_you_mean
from kg.mention import KINDS
from kg.ontology import KG
from kg.parameters import read_iri
from kg.store import OpenGraph

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"

CONCEPT_KINDS: tuple[str, ...] = (*KINDS, "Keyphrase")
_LABELS = (SKOS + "prefLabel", SKOS + "altLabel")
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

_SHOWN = 8
"""Candidates that an error lists."""


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
    a paper (kg's, arXiv, DOI); a title or label as it is written, then an alias; the same in any case; a part of a
    title.
    A keyphrase is found only where no other concept has the name.

    Args:
        graph: where to look.
        name: as a person writes it.
        kinds: the kinds to find; none means all.

    Raises:
        UsageError: nothing has the name, with the nearest names; or several things have, with their prefixed names.
    """
    wanted = tuple(kinds) or ("Paper", *CONCEPT_KINDS)
    text = " ".join(name.split())
    for nodes in _steps(graph, text, wanted):
        things = sorted({thing for node in nodes if (thing := describe_thing(graph, node)) and thing.kind in wanted})
        things = [thing for thing in things if thing.kind != "Keyphrase"] or things
        if len(things) == 1:
            return things[0]
        if things:
            shown = ", ".join(f"{thing.name} ({_clip(thing.label)})" for thing in things[:_SHOWN])
            more = f" and {len(things) - _SHOWN} more" if len(things) > _SHOWN else ""
            raise UsageError(f"{name!r} can be {shown}{more}; give one of these names")
    what = "paper" if wanted == ("Paper",) else "paper or concept" if "Paper" in wanted else "concept"
    raise UnknownNameError(f"the graph has no {what} {name!r}{did_you_mean(text, _near(text, _pool(graph, wanted)))}")


def find_paper(graph: OpenGraph, name: str) -> Thing:
    """Return the one paper that an identifier, a title or a part of a title stands for; see `find_thing`."""
    return find_thing(graph, name, ("Paper",))


def match_concepts(graph: OpenGraph, name: str) -> list[ox.NamedNode]:
    """Return the concepts that have the name as label or alias, in any case, sorted by IRI."""
    return sorted(
        {node for predicate in _LABELS for node, text in graph.pairs(predicate) if _lower(text) == name.lower()},
        key=lambda node: node.value,
    )


def match_papers(graph: OpenGraph, name: str) -> list[ox.NamedNode]:
    """Return the papers that have the name in their title, in any case, or as identifier, sorted by IRI."""
    titled = {node for node, text in graph.pairs(DCTERMS + "title") if name.lower() in _lower(text)}
    named = read_iri(f"<{graph.base}paper/{name}>", {})
    papers = titled | ({named} if named else set())
    paper = graph.term(KG.Paper)
    return sorted((p for p in papers if paper in graph.nodes(p, RDF + "type")), key=lambda node: node.value)


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
    spellings = dict.fromkeys((name, name.lower(), name.upper(), name.title(), name.capitalize()))
    for spelling in spellings:
        yield graph.subjects(_LABELS[0], ox.Literal(spelling)) + graph.subjects(DCTERMS + "title", ox.Literal(spelling))
    for spelling in spellings:
        yield graph.subjects(_LABELS[1], ox.Literal(spelling))
    folded = name.casefold()
    for predicate in (_LABELS[0], DCTERMS + "title", _LABELS[1]):
        yield [node for node, text in graph.pairs(predicate) if _fold(text) == folded]
    if "Paper" in kinds and len(folded) > 2:
        parts = [node for node, text in graph.pairs(DCTERMS + "title") if folded in _fold(text)]
        yield [node for node in parts if re.search(rf"(?<!\w){re.escape(folded)}(?!\w)", _title(graph, node))]
        yield parts


def _title(graph: OpenGraph, node: ox.NamedNode) -> str:
    return " ".join(graph.text(node, DCTERMS + "title").split()).casefold()


def _fold(term: object) -> str:
    return " ".join(term.value.split()).casefold() if isinstance(term, ox.Literal) else ""


def _lower(term: object) -> str:
    return term.value.lower() if isinstance(term, ox.Literal) else ""


def _pool(graph: OpenGraph, kinds: Collection[str]) -> Iterable[str]:
    if "Paper" in kinds:
        for _, title in graph.pairs(DCTERMS + "title"):
            if isinstance(title, ox.Literal):
                yield title.value
                yield title.value.split(":")[0]
    if set(kinds) - {"Paper"}:
        for predicate in _LABELS:
            yield from (label.value for _, label in graph.pairs(predicate) if isinstance(label, ox.Literal))


def _near(name: str, pool: Iterable[str]) -> set[str]:
    """Return the names that share three letters in a row with `name`: comparing all of a large graph takes seconds."""
    folded = name.casefold()
    pieces = {folded[i : i + 3] for i in range(len(folded) - 2)} or {folded}
    return {known for known in pool if any(piece in known.casefold() for piece in pieces)}
