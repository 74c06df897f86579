"""All that a graph says of one paper or one concept, on one card."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import pyoxigraph as ox

from kg.asking.things import DCTERMS, RDF, ROLE_WORDS, SKOS, Thing, describe_thing, match_concepts
from kg.ontology import KG
from kg.store import OpenGraph

_OA = "http://www.w3.org/ns/oa#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_SCHEMA = "https://schema.org/"

_PAPER_FACTS = {
    "date": DCTERMS + "issued",
    "authors": _SCHEMA + "author",
    "arXiv": KG.arxivId,
    "DOI": KG.doi,
    "address": _SCHEMA + "url",
    "subjects": DCTERMS + "subject",
    "code": _SCHEMA + "codeRepository",
}
_CONCEPT_FACTS = {
    "vendor": KG.vendor,
    "architecture": KG.architecture,
    "memory in GB": KG.memoryGB,
    "released": KG.releaseYear,
    "kind of benchmark": KG.benchmarkKind,
}


@dataclass(frozen=True, order=True)
class Quote:
    """A sentence of a paper with a mention in it.

    Attributes:
        paper: the paper that says it.
        position: where the sentence starts in the text of the paper (title, line feed, abstract), in code points.
        sentence: the sentence.
        start, end: where the mention is in the sentence, half-open.
        rule: what found it.
        confidence: in (0, 1].
    """

    paper: Thing
    position: int
    sentence: str
    start: int
    end: int
    rule: str
    confidence: float


@dataclass(frozen=True)
class Stated:
    """What a paper does with a concept, seen from one of the two.

    Attributes:
        role: in words, such as "compares with".
        other: the concept on the card of a paper, the paper on the card of a concept.
        confidence: in (0, 1].
        count: of devices, or None.
        score: of a keyphrase, a cosine in [-1, 1], or None.
        quotes: the evidence, in text order.
    """

    role: str
    other: Thing
    confidence: float
    count: int | None
    score: float | None
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class Reported:
    """A result: its value, the paper, and in words what is measured, of what, over what, on which data and hardware."""

    value: str
    paper: Thing
    metric: str
    subject: str
    baseline: str
    benchmarks: tuple[str, ...]
    hardware: tuple[str, ...]
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class Linked:
    """Another paper, the weight of the link with it in bits, and the techniques that both have."""

    paper: Thing
    weight: float
    shared: tuple[Thing, ...]


@dataclass(frozen=True)
class Merged:
    """A decision that a form denotes the concept; `paper` is None where it holds for all papers."""

    form: str
    reason: str
    confidence: float
    paper: Thing | None


@dataclass(frozen=True)
class Card:
    """All that the graph says of a paper or a concept.

    Attributes:
        thing: what the card is about.
        facts: names and values, such as ("vendor", "NVIDIA"), in a fixed order.
        abstract: of a paper; empty for a concept.
        aliases: other names of a concept, sorted.
        broader, narrower: concepts, by label.
        namesakes: concepts of other kinds that have the label as a name as well.
        statements: strongest role first, surest first within a role.
        results: of the paper, or about the concept.
        links: of a paper, heaviest first.
        merges: into a concept, by form.
    """

    thing: Thing
    facts: tuple[tuple[str, str], ...]
    abstract: str
    aliases: tuple[str, ...]
    broader: tuple[Thing, ...]
    narrower: tuple[Thing, ...]
    namesakes: tuple[Thing, ...]
    statements: tuple[Stated, ...]
    results: tuple[Reported, ...]
    links: tuple[Linked, ...]
    merges: tuple[Merged, ...]


def make_card(graph: OpenGraph, thing: Thing) -> Card:
    """Return the card of a paper or a concept that `kg.asking.things.find_thing` found."""
    node, is_paper = thing.node, thing.kind == "Paper"
    results = graph.nodes(node, KG.reports) if is_paper else results_about(graph, node)
    return Card(
        thing=thing,
        facts=tuple((name, ", ".join(values)) for name, values in read_facts(graph, thing)),
        abstract=graph.text(node, DCTERMS + "abstract") if is_paper else "",
        aliases=tuple(graph.texts(node, SKOS + "altLabel")),
        broader=_things(graph, graph.nodes(node, SKOS + "broader")),
        narrower=_things(graph, graph.subjects(SKOS + "broader", node)),
        namesakes=() if is_paper else _things(graph, [n for n in match_concepts(graph, thing.label) if n != node]),
        statements=_read_statements(graph, node, is_paper),
        results=tuple(sorted((read_result(graph, r) for r in results), key=_result_order)),
        links=_read_links(graph, node) if is_paper else (),
        merges=read_merges(graph, node),
    )


def find_statements(graph: OpenGraph, paper: Thing, wanted: Callable[[Thing], bool]) -> tuple[Stated, ...]:
    """Return what a paper does with those of its concepts that are wanted, strongest role first, with the evidence."""
    return _read_statements(graph, paper.node, True, wanted)


def find_results(graph: OpenGraph, paper: Thing, values: Collection[str]) -> tuple[Reported, ...]:
    """Return those results of a paper that have one of the values, in text order."""
    nodes = (node for node in graph.nodes(paper.node, KG.reports) if graph.text(node, KG.value) in values)
    return tuple(sorted((read_result(graph, node) for node in nodes), key=_result_order))


def read_facts(graph: OpenGraph, thing: Thing) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what is known of a thing beside its statements: names and values, such as ("vendor", ("NVIDIA",))."""
    node, is_paper = thing.node, thing.kind == "Paper"
    facts = {name: graph.texts(node, term) for name, term in (_PAPER_FACTS if is_paper else _CONCEPT_FACTS).items()}
    if is_paper:
        facts["links to"] = [address for address in graph.texts(node, KG.linksTo) if address not in facts["code"]]
        sources = graph.nodes(node, DCTERMS + "source")
        facts["sources"] = sorted(graph.text(source, _RDFS + "label") for source in sources)
    return tuple((name, tuple(values)) for name, values in facts.items() if values)


def results_about(graph: OpenGraph, concept: ox.NamedNode) -> list[ox.NamedNode]:
    """Return the results that are about a concept, sorted by IRI."""
    about = (KG.ofMethod, KG.onBenchmark, KG.onHardware, KG.onMetric, KG.overBaseline)
    return sorted({r for term in about for r in graph.subjects(term, concept)}, key=lambda r: r.value)


def _things(graph: OpenGraph, nodes: list[ox.NamedNode]) -> tuple[Thing, ...]:
    things = (describe_thing(graph, node) for node in nodes)
    return tuple(sorted((thing for thing in things if thing), key=lambda thing: (thing.label.casefold(), thing)))


def _number(graph: OpenGraph, node: ox.NamedNode, term: str) -> float | None:
    text = graph.text(node, term)
    return float(text) if text else None


def _read_statements(
    graph: OpenGraph, node: ox.NamedNode, is_paper: bool, wanted: Callable[[Thing], bool] = lambda _: True
) -> tuple[Stated, ...]:
    words = {graph.term(term): role for term, role in ROLE_WORDS.items()}
    ends = (RDF + "subject", RDF + "object") if is_paper else (RDF + "object", RDF + "subject")
    found = []
    for statement in graph.subjects(ends[0], node):
        properties = graph.nodes(statement, RDF + "predicate")
        others = graph.nodes(statement, ends[1])
        if not properties or properties[0] not in words or not others:
            continue
        other = describe_thing(graph, others[0])
        if other is not None and wanted(other):
            found.append(read_stated(graph, statement, words[properties[0]], other))
    order = {role: place for place, role in enumerate(ROLE_WORDS.values())}
    found.sort(key=lambda s: (order[s.role], -(s.score or 0), -s.confidence, s.other.label.casefold(), s.other))
    return tuple(found)


def read_stated(graph: OpenGraph, statement: ox.NamedNode, role: str, other: Thing) -> Stated:
    """Return a statement of a role, seen from one of its ends: `other` is the other one."""
    count = _number(graph, statement, KG.count)
    return Stated(
        role,
        other,
        _number(graph, statement, KG.confidence) or 0.0,
        None if count is None else int(count),
        _number(graph, statement, KG.score),
        read_quotes(graph, statement),
    )


def read_quotes(graph: OpenGraph, statement: ox.NamedNode) -> tuple[Quote, ...]:
    """Return the evidence of a statement, in text order."""
    quotes = []
    for evidence in graph.nodes(statement, KG.hasEvidence):
        papers = graph.nodes(evidence, _OA + "hasSource")
        paper = describe_thing(graph, papers[0]) if papers else None
        for span in graph.nodes(evidence, _OA + "hasSelector"):
            sentence = next(iter(graph.nodes(span, KG.inSentence)), span)
            start, position = (int(_number(graph, at, _OA + "start") or 0) for at in (span, sentence))
            length = len(graph.text(span, _OA + "exact"))
            if paper is not None:
                text, begin = graph.text(sentence, _OA + "exact"), start - position
                rule, sure = graph.text(evidence, KG.rule), _number(graph, evidence, KG.confidence) or 0.0
                quotes.append(Quote(paper, position, text, begin, begin + length, rule, sure))
    return tuple(sorted(quotes))


def read_result(graph: OpenGraph, node: ox.NamedNode) -> Reported:
    """Return what a result says, with the sentences that report it."""
    paper = next((thing for p in graph.subjects(KG.reports, node) if (thing := describe_thing(graph, p))), None)

    def words(text: str, concept: str) -> str:
        labels = (thing.label for thing in _things(graph, graph.nodes(node, concept)))
        return graph.text(node, text) or next(labels, "")

    quotes = [quote for s in graph.subjects(RDF + "object", node) for quote in read_quotes(graph, s)]
    return Reported(
        graph.text(node, KG.value),
        paper or Thing("Paper", "", "", ""),
        words(KG.metricText, KG.onMetric),
        words(KG.subjectText, KG.ofMethod),
        words(KG.baselineText, KG.overBaseline),
        tuple(thing.label for thing in _things(graph, graph.nodes(node, KG.onBenchmark))),
        tuple(thing.label for thing in _things(graph, graph.nodes(node, KG.onHardware))),
        tuple(sorted(quotes)),
    )


def _result_order(result: Reported) -> tuple[str, int, int, str]:
    first = result.quotes[0] if result.quotes else None
    return result.paper.label, first.position if first else -1, first.start if first else -1, result.value


def _read_links(graph: OpenGraph, node: ox.NamedNode) -> tuple[Linked, ...]:
    links = []
    for link in graph.subjects(KG.connects, node):
        for other in graph.nodes(link, KG.connects):
            paper = describe_thing(graph, other) if other != node else None
            if paper is not None:
                weight = _number(graph, link, KG.weight) or 0.0
                links.append(Linked(paper, weight, _things(graph, graph.nodes(link, KG.shares))))
    return tuple(sorted(links, key=lambda link: (-link.weight, link.paper.label, link.paper)))


def read_merges(graph: OpenGraph, node: ox.NamedNode, most: int | None = None) -> tuple[Merged, ...]:
    """Return the decisions that forms denote a concept, by form, at most `most` of them."""
    merges = []
    for merge in graph.subjects(KG.into, node)[:most]:
        papers = _things(graph, graph.nodes(merge, KG.inPaper))
        merges.append(
            Merged(
                graph.text(merge, KG.form),
                graph.text(merge, KG.reason),
                _number(graph, merge, KG.confidence) or 0.0,
                papers[0] if papers else None,
            )
        )
    return tuple(sorted(merges, key=lambda m: (m.form, m.reason, m.paper.label if m.paper else "", m.confidence)))
