"""The RDF graph: papers, concepts, statements, evidence, results, links and merges as triples.

Identifiers are made from content alone, so adding a paper renumbers nothing. There is no blank node, no float and no
clock in the graph: the same papers give the same triples.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import kg
from kg.concepts import Concept, Merge, Resolution
from kg.extraction.addresses import is_code_address
from kg.extraction.notation import read_surface
from kg.forms import singular_label
from kg.links import Link
from kg.mention import Extracted
from kg.ontology import BASE_IRI, KG, KIND_CLASSES, prefixes
from kg.paper import Paper, Span
from kg.sorting import Sorter
from kg.statements import PaperStatements, ReportedResult, Statement, decimal, make_statements
from kg.turtle import Turtle, spell_iri, spell_literal, spell_number
from kg.vocabulary import Entry, with_broader

_NS = prefixes()
_XSD = _NS["xsd"]
_TYPE = _NS["rdf"] + "type"


def _number(value: Decimal) -> str:
    return f'"{spell_number(f"{value:f}")}"^^<{_XSD}decimal>'


def _integer(value: int) -> str:
    return f'"{value}"^^<{_XSD}integer>'


def _digest(*parts: str) -> str:
    """Return sixteen hexadecimal digits that stand for the parts and their order."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def source_name(source: str) -> str:
    """Return the end of a source's IRI: what its name looks like, and a hash that keeps names apart.

    >>> source_name("my pages/March.txt")
    'my-pages-march.txt-f6986682'
    """
    words = "-".join(re.findall(r"[a-z0-9.]+", source.casefold())).strip(".-")
    return f"{words}-{hashlib.sha256(source.encode()).hexdigest()[:8]}".strip("-")


class _Writer:
    """Writes what is said of subjects under one base IRI: all are terms of `kg.turtle`."""

    def __init__(self, turtle: Turtle) -> None:
        self._turtle, self.base = turtle, turtle.base
        self._said: dict[str, list[str]] = defaultdict(list)
        self._terms: dict[str, str] = {}

    def node(self, end: str) -> str:
        return f"<{self.base}{end}>"

    def term(self, iri: str) -> str:
        """Return a term of the ontology, which moves with the base, or any other IRI."""
        return self.node(iri.removeprefix(BASE_IRI)) if iri.startswith(BASE_IRI) else spell_iri(iri)

    def add(self, subject: str, predicate: str, *objects: str) -> None:
        """Say something of a subject; the property is a term of the ontology or any other."""
        verb = self._terms.get(predicate)
        if verb is None:
            verb = self._terms[predicate] = self._turtle.line(self.term(predicate)[1:-1], "")
        lines = self._said[subject]
        for o in objects:
            lines.append(verb + o)

    def is_a(self, subject: str, *classes: str) -> None:
        self.add(subject, _TYPE, *map(self.term, classes))

    def flush(self) -> None:
        """Hand on what was said; the more of a subject is handed on at once, the better."""
        for subject, lines in self._said.items():
            if lines:
                self._turtle.add(subject[1:-1], lines)
        self._said.clear()


def write_graph(
    extractions: Extracted,
    resolution: Resolution,
    links: Iterable[Link],
    base: str = BASE_IRI,
    folder: Path | None = None,
) -> Iterator[str]:
    """Yield the graph as sorted Turtle, in pieces; the order of the papers does not matter.

    Args:
        extractions: walked through once.
        resolution: of their mentions.
        links: between their papers.
        base: of all IRIs.
        folder: where temporary files are; the system's place for them if it is not given.
    """
    turtle, labels = Turtle(base, folder), Sorter(folder)
    w = _Writer(turtle)
    sources: set[str] = set()
    for extraction in extractions:
        stated = make_statements(extraction, resolution)
        _add_paper(w, extraction.paper)
        sources.update(extraction.paper.sources)
        for name, label in stated.keyphrases:
            labels.add(f"{name}\t{json.dumps(label)}\n")
        _add_statements(w, stated)
        w.flush()
    for name, forms in groupby((line[:-1].split("\t") for line in labels), key=lambda pair: pair[0]):
        _add_keyphrase(w, name, Counter(json.loads(label) for _, label in forms))
        w.flush()
    for concept in resolution.concepts.values():
        _add_concept(w, concept, resolution.concepts)
        w.flush()
    for link in links:
        _add_link(w, link)
        w.flush()
    for merge in resolution.merges:
        _add_merge(w, merge)
        w.flush()
    _add_description(w, sources)
    w.flush()
    yield from turtle.write(counted=_NS["void"] + "triples")


def _add_paper(w: _Writer, paper: Paper) -> None:
    node = w.node(f"paper/{paper.id}")
    w.is_a(node, KG.Paper)
    w.add(node, _NS["dcterms"] + "title", spell_literal(paper.title))
    if paper.abstract:
        w.add(node, _NS["dcterms"] + "abstract", spell_literal(paper.abstract))
    for name in paper.sources:
        source = w.node(f"source/{source_name(name)}")
        w.add(node, _NS["dcterms"] + "source", source)
        w.is_a(source, KG.Source)
        w.add(source, _NS["rdfs"] + "label", spell_literal(name))
    for term, value in ((KG.arxivId, paper.arxiv_id), (KG.doi, paper.doi)):
        if value:
            w.add(node, term, spell_literal(value))
    if paper.url:
        w.add(node, _NS["schema"] + "url", spell_literal(paper.url, _XSD + "anyURI"))
    if paper.key:
        w.add(node, _NS["dcterms"] + "identifier", spell_literal(paper.key))
    if paper.date:
        kind = {4: "gYear", 7: "gYearMonth", 10: "date"}.get(len(paper.date))
        date = spell_literal(paper.date, _XSD + kind) if kind else spell_literal(paper.date)
        w.add(node, _NS["dcterms"] + "issued", date)
    w.add(node, _NS["schema"] + "author", *(spell_literal(a) for a in paper.authors))
    w.add(node, _NS["dcterms"] + "subject", *(spell_literal(c) for c in paper.categories))


def _add_statements(w: _Writer, stated: PaperStatements) -> None:
    for s in stated.statements:
        _add_statement(w, s)
    for r in stated.results:
        _add_result(w, r)


def _add_statement(w: _Writer, s: Statement) -> None:
    paper, literal = w.node(f"paper/{s.paper}"), s.role == KG.linksTo
    target = spell_literal(s.object, _XSD + "anyURI") if literal else w.node(s.object)
    w.add(paper, s.role, target)
    if literal and is_code_address(s.object):
        w.add(paper, _NS["schema"] + "codeRepository", target)
    name = _digest(s.paper, s.role.removeprefix(BASE_IRI), s.object)
    node = w.node(f"statement/{name}")
    w.is_a(node, KG.Statement)
    w.add(node, _NS["rdf"] + "subject", paper)
    w.add(node, _NS["rdf"] + "predicate", w.term(s.role))
    w.add(node, _NS["rdf"] + "object", target)
    w.add(node, KG.confidence, _number(s.confidence))
    if s.score is not None:
        w.add(node, KG.score, _number(s.score))
    if s.count is not None:
        w.add(node, KG.count, _integer(s.count))
    for e in s.evidence:
        found = w.node(f"evidence/{_digest(name, str(e.span.start), str(e.span.end), e.rule)}")
        w.add(node, KG.hasEvidence, found)
        w.is_a(found, KG.Evidence)
        w.add(found, _NS["oa"] + "hasSource", paper)
        w.add(found, _NS["oa"] + "hasSelector", _add_span(w, s.paper, e.span, e.sentence))
        w.add(found, KG.rule, spell_literal(e.rule))
        w.add(found, KG.confidence, _number(e.confidence))


def _add_span(w: _Writer, paper: str, span: Span, sentence: Span | None) -> str:
    node = w.node(f"span/{paper}.{span.start}-{span.end}")
    w.is_a(node, KG.Span)
    w.add(node, _NS["oa"] + "exact", spell_literal(span.surface))
    w.add(node, _NS["oa"] + "start", _integer(span.start))
    w.add(node, _NS["oa"] + "end", _integer(span.end))
    if sentence is not None:
        w.add(node, KG.inSentence, _add_span(w, paper, sentence, None))
    return node


def _add_result(w: _Writer, r: ReportedResult) -> None:
    node, result = w.node(r.id), r.result
    w.is_a(node, KG.Result)
    w.add(node, KG.value, spell_literal(result.value))
    if result.number is not None:
        w.add(node, KG.number, _number(Decimal(result.number)))
    if result.unit:
        w.add(node, KG.unit, spell_literal(result.unit))
    for term, span in (
        (KG.metricText, result.metric),
        (KG.subjectText, result.subject),
        (KG.baselineText, result.baseline),
    ):
        if span is not None:
            w.add(node, term, spell_literal(read_surface(span.surface)))
    for term, concept in ((KG.onMetric, r.metric), (KG.ofMethod, r.method), (KG.overBaseline, r.baseline)):
        if concept is not None:
            w.add(node, term, w.node(concept))
    w.add(node, KG.onBenchmark, *(w.node(b) for b in r.benchmarks))
    w.add(node, KG.onHardware, *(w.node(h) for h in r.hardware))


def _add_keyphrase(w: _Writer, name: str, forms: Counter[str]) -> None:
    best = min(forms, key=lambda f: (-forms[f], sum(map(str.isupper, f)), f))
    concept = Concept(name, "Task", singular_label(best), tuple(sorted(set(forms) - {singular_label(best)})))
    _add_labels(w, concept, KG.Keyphrase)


def _add_labels(w: _Writer, concept: Concept, kind: str) -> str:
    node = w.node(concept.id)
    w.is_a(node, kind, _NS["skos"] + "Concept")
    w.add(node, _NS["skos"] + "prefLabel", spell_literal(concept.label))
    w.add(node, _NS["skos"] + "altLabel", *(spell_literal(a) for a in concept.aliases))
    return node


def _add_concept(w: _Writer, concept: Concept, concepts: Mapping[str, Concept]) -> None:
    node = _add_labels(w, concept, KIND_CLASSES[concept.kind])
    w.add(node, _NS["skos"] + "broader", *(w.node(b) for b in concept.broader))
    for entry in with_broader(concept.entry) if concept.entry else ():
        name = entry.iri.removeprefix(BASE_IRI)
        if name not in concepts:
            _add_labels(w, Concept(name, concept.kind, entry.label), KIND_CLASSES[concept.kind])
        _add_entry(w, entry, KIND_CLASSES[concept.kind])


def _add_entry(w: _Writer, entry: Entry, kind: str) -> None:
    node = w.term(entry.iri)
    w.add(node, _NS["skos"] + "broader", *(w.term(b) for b in entry.broader))
    kinds = {KG.Benchmark: KG.benchmarkKind, KG.Method: KG.methodKind}
    if kind in kinds and entry.kind:
        w.add(node, kinds[kind], spell_literal(entry.kind))
    for term, text in (
        (KG.vendor, entry.vendor),
        (KG.architecture, entry.architecture),
        (KG.benchmarkDomain, entry.domain),
    ):
        if text:
            w.add(node, term, spell_literal(text))
    w.add(node, KG.memoryGB, *(_number(m) for m in entry.memory_gb))
    if entry.year:
        w.add(node, KG.releaseYear, spell_literal(str(entry.year), _XSD + "gYear"))


def _add_link(w: _Writer, link: Link) -> None:
    node = w.node(f"link/{_digest(link.first, link.second)}")
    w.is_a(node, KG.Link)
    w.add(node, KG.connects, *(w.node(f"paper/{p}") for p in (link.first, link.second)))
    w.add(node, KG.shares, *(w.node(c) for c in link.shared))
    w.add(node, KG.weight, _number(link.weight))


def _add_merge(w: _Writer, merge: Merge) -> None:
    node = w.node(f"merge/{_digest(merge.concept, merge.form, merge.reason, merge.paper)}")
    w.is_a(node, KG.Merge)
    w.add(node, KG.into, w.node(merge.concept))
    w.add(node, KG.form, spell_literal(merge.form))
    w.add(node, KG.reason, spell_literal(merge.reason))
    w.add(node, KG.confidence, _number(decimal(merge.confidence)))
    if merge.paper:
        w.add(node, KG.inPaper, w.node(f"paper/{merge.paper}"))


def _add_description(w: _Writer, sources: Iterable[str]) -> None:
    """Add what the graph says of itself: VoID, DCAT and PROV-O, with the version of kg and the number of triples."""
    dataset, build, software = w.node("graph"), w.node("build"), w.node(f"software/kg-{kg.__version__}")
    w.is_a(dataset, _NS["void"] + "Dataset", _NS["dcat"] + "Dataset", _NS["prov"] + "Entity")
    w.add(dataset, _NS["dcterms"] + "title", spell_literal("A knowledge graph of papers"))
    w.add(dataset, _NS["void"] + "uriSpace", spell_literal(w.base))
    w.add(dataset, _NS["void"] + "vocabulary", w.node("ontology"))
    w.add(dataset, _NS["prov"] + "wasGeneratedBy", build)
    w.is_a(build, _NS["prov"] + "Activity")
    w.add(build, _NS["prov"] + "wasAssociatedWith", software)
    w.add(build, _NS["prov"] + "used", *(w.node(f"source/{source_name(s)}") for s in sources))
    w.is_a(software, _NS["prov"] + "SoftwareAgent")
    w.add(software, _NS["rdfs"] + "label", spell_literal("kg"))
    w.add(software, _NS["schema"] + "softwareVersion", spell_literal(kg.__version__))
