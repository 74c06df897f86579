"""The RDF graph: papers, concepts, statements, evidence, results, links and merges as triples.

Identifiers are made from content alone, so adding a paper renumbers nothing. There is no blank node, no float and no
clock in the graph: the same papers give the same triples.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import kg
from kg.concepts import Concept, Merge, Resolution
from kg.extraction.addresses import is_code_address
from kg.extraction.notation import read_surface
from kg.forms import lower_forms, singular_label
from kg.links import Link
from kg.mention import Extracted, Kind
from kg.ontology import BASE_IRI, KG, KIND_CLASSES, prefixes, rebase
from kg.paper import Paper, Span
from kg.sorting import Sorter
from kg.statements import PaperStatements, ReportedResult, Statement, decimal, make_statements
from kg.turtle import TYPE, Turtle, quote, spell_number
from kg.uncertain import LeastCertain
from kg.vocabulary import Entry, with_broader

_NS = prefixes()
_DCTERMS, _OA, _PROV, _RDF, _SCHEMA, _SKOS, _VOID = (
    _NS[name] for name in ("dcterms", "oa", "prov", "rdf", "schema", "skos", "void")
)
_XSD = _NS["xsd"]
_LABEL = _NS["rdfs"] + "label"
_SUBJECT, _PREDICATE, _OBJECT = _RDF + "subject", _RDF + "predicate", _RDF + "object"
_SOURCE, _SELECTOR, _EXACT, _START, _END = (
    _OA + name for name in ("hasSource", "hasSelector", "exact", "start", "end")
)


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


@lru_cache(maxsize=4096)
def _number(value: Decimal) -> str:
    return spell_number(f"{value:f}")


class _Writer(Turtle):
    """Turtle in which terms of the ontology move with the base, and the statements in it that are least certain."""

    def __init__(self, base: str, folder: Path | None) -> None:
        super().__init__(base, folder)
        self.uncertain = LeastCertain()
        self._terms: dict[str, str] = {}

    def place(self, prop: str) -> str:
        """Return the IRI of a property under the base of this graph."""
        return rebase(prop, self.base)

    def term(self, iri: str) -> str:
        """Return a term of the ontology, which moves with the base, or any other IRI."""
        known = self._terms.get(iri)
        if known is None:
            known = self._terms[iri] = self.iri(rebase(iri, self.base))
        return known

    def say(self, subject: str, said: Mapping[str, str | Collection[str] | None]) -> None:
        """Say something of a subject: properties, each with an object, with several, or with none."""
        self.add(subject, {prop: terms for prop, terms in said.items() if terms})


def write_graph(
    extractions: Extracted,
    resolution: Resolution,
    links: Iterable[Link],
    base: str = BASE_IRI,
    folder: Path | None = None,
) -> Iterator[str]:
    """Yield the graph as sorted Turtle, in pieces; the order of the papers does not matter.

    Args:
        extractions: walked through once; each of another paper.
        resolution: of their mentions.
        links: between their papers.
        base: of all IRIs.
        folder: where temporary files are; the system's place for them if it is not given.
    """
    w, labels = _Writer(base, folder), Sorter(folder)
    sources: set[str] = set()
    for extraction in extractions:
        stated = make_statements(extraction, resolution)
        _add_paper(w, extraction.paper, stated)
        sources.update(extraction.paper.sources)
        for name, label in stated.keyphrases:
            labels.add(f"{name}\t{label}")
    for name, forms in groupby((line.partition("\t") for line in labels), key=itemgetter(0)):
        _add_keyphrase(w, name, Counter(label for _, _, label in forms))
    _add_concepts(w, resolution.concepts)
    for link in links:
        _add_link(w, link)
    for merge in resolution.merges:
        _add_merge(w, merge)
    for name in w.uncertain.names():
        w.add(w.node(f"statement/{name}"), {TYPE: w.term(KG.UncertainStatement)})
    for source in sources:
        w.add(_source(w, source), {TYPE: w.term(KG.Source), _LABEL: quote(source)})
    _add_description(w, sources)
    expected = w.triples
    yield from w.write()
    if w.triples != expected:
        raise AssertionError(f"{expected - w.triples} triples are said twice; two papers have one id")


def _source(w: _Writer, name: str) -> str:
    return w.node(f"source/{source_name(name)}")


class _Spans:
    """The spans of a paper that evidence points to, and their sentences, each once."""

    def __init__(self, w: _Writer, paper: str) -> None:
        self._w, self._paper = w, paper
        self._nodes: dict[tuple[int, int], str] = {}
        self._exact: dict[str, Span] = {}
        self._sentences: dict[str, str] = {}

    def node(self, span: Span) -> str:
        place = span.start, span.end
        node = self._nodes.get(place)
        if node is None:
            node = self._nodes[place] = self._w.node(f"span/{self._paper}.{span.start}-{span.end}")
            self._exact[node] = span
        return node

    def inside(self, span: Span, sentence: Span) -> str:
        """Return the node of a span that stands in a sentence."""
        node = self.node(span)
        self._sentences[node] = self.node(sentence)
        return node

    def add(self) -> None:
        """Say what was asked for."""
        for node, span in self._exact.items():
            said = {
                TYPE: self._w.term(KG.Span),
                _EXACT: quote(span.surface),
                _START: str(span.start),
                _END: str(span.end),
            }
            if node in self._sentences:
                said[KG.inSentence] = self._sentences[node]
            self._w.add(node, said)


def _add_paper(w: _Writer, paper: Paper, stated: PaperStatements) -> None:
    """Add a paper with all that it states."""
    node, spans = w.node(f"paper/{paper.id}"), _Spans(w, paper.id)
    direct: dict[str, list[str]] = defaultdict(list)
    for s in stated.statements:
        address = s.role == KG.linksTo
        target = w.literal(s.object, _XSD + "anyURI") if address else w.node(s.object)
        direct[s.role].append(target)
        if address and is_code_address(s.object):
            direct[_SCHEMA + "codeRepository"].append(target)
        _add_statement(w, s, node, target, spans)
    spans.add()
    for r in stated.results:
        _add_result(w, r)
    w.say(
        node,
        {
            TYPE: w.term(KG.Paper),
            _DCTERMS + "title": quote(paper.title),
            _DCTERMS + "abstract": paper.abstract and quote(paper.abstract),
            _DCTERMS + "source": [_source(w, name) for name in paper.sources],
            KG.arxivId: paper.arxiv_id and quote(paper.arxiv_id),
            KG.doi: paper.doi and quote(paper.doi),
            _SCHEMA + "url": paper.url and w.literal(paper.url, _XSD + "anyURI"),
            _DCTERMS + "identifier": paper.key and quote(paper.key),
            _DCTERMS + "issued": paper.date and _date(w, paper.date),
            _SCHEMA + "author": [quote(author) for author in paper.authors],
            _DCTERMS + "subject": [quote(category) for category in paper.categories],
            **direct,
        },
    )


def _date(w: _Writer, date: str) -> str:
    kind = {4: "gYear", 7: "gYearMonth", 10: "date"}.get(len(date))
    return w.literal(date, _XSD + kind) if kind else quote(date)


def _add_statement(w: _Writer, s: Statement, paper: str, target: str, spans: _Spans) -> None:
    name = _digest(s.paper, s.role.removeprefix(BASE_IRI), s.object)
    evidence = []
    for e in s.evidence:
        node = w.node(f"evidence/{_digest(name, str(e.span.start), str(e.span.end), e.rule)}")
        evidence.append(node)
        w.add(
            node,
            {
                TYPE: w.term(KG.Evidence),
                _SOURCE: paper,
                _SELECTOR: spans.inside(e.span, e.sentence),
                KG.rule: quote(e.rule),
                KG.confidence: _number(e.confidence),
            },
        )
    said = {
        TYPE: w.term(KG.Statement),
        _SUBJECT: paper,
        _PREDICATE: w.term(s.role),
        _OBJECT: target,
        KG.confidence: _number(s.confidence),
        KG.hasEvidence: evidence,
    }
    if s.score is not None:
        said[KG.score] = _number(s.score)
    if s.count is not None:
        said[KG.count] = str(s.count)
    w.add(w.node(f"statement/{name}"), said)
    if s.role not in (KG.reports, KG.linksTo):
        w.uncertain.add(name, s.confidence)


def _add_result(w: _Writer, r: ReportedResult) -> None:
    result = r.result

    def text(span: Span | None) -> str | None:
        return quote(read_surface(span.surface)) if span else None

    def concept(name: str | None) -> str | None:
        return name and w.node(name)

    w.say(
        w.node(r.id),
        {
            TYPE: w.term(KG.Result),
            KG.value: quote(result.value),
            KG.number: None if result.number is None else _number(Decimal(result.number)),
            KG.unit: result.unit and quote(result.unit),
            KG.metricText: text(result.metric),
            KG.subjectText: text(result.subject),
            KG.baselineText: text(result.baseline),
            KG.onMetric: concept(r.metric),
            KG.ofMethod: concept(r.method),
            KG.overBaseline: concept(r.baseline),
            KG.onBenchmark: [w.node(b) for b in r.benchmarks],
            KG.onHardware: [w.node(h) for h in r.hardware],
        },
    )


def _add_keyphrase(w: _Writer, name: str, forms: Counter[str]) -> None:
    best = min(forms, key=lambda f: (-forms[f], sum(map(str.isupper, f)), f))
    label = singular_label(best)
    w.say(w.node(name), _labels(w, KG.Keyphrase, label, set(forms) - {label}))


def _labels(
    w: _Writer, kind: str, label: str, aliases: Collection[str] = ()
) -> dict[str, str | Collection[str] | None]:
    return {
        TYPE: (w.term(kind), w.term(_SKOS + "Concept")),
        _SKOS + "prefLabel": quote(label),
        _SKOS + "altLabel": [quote(alias) for alias in aliases],
        _SKOS + "hiddenLabel": [quote(form) for form in lower_forms((label, *aliases))],
    }


def _add_concepts(w: _Writer, concepts: Mapping[str, Concept]) -> None:
    """Add the concepts of papers, and those of the vocabularies that they are a kind of."""
    entries: dict[str, tuple[Kind, Entry]] = {}
    for concept in concepts.values():
        for entry in with_broader(concept.entry) if concept.entry else ():
            entries[entry.iri.removeprefix(BASE_IRI)] = concept.kind, entry
    for name, concept in concepts.items():
        known = entries.pop(name, None)
        _add_concept(w, concept, known and known[1])
    for name, (kind, entry) in entries.items():
        _add_concept(w, Concept(name, kind, entry.label), entry)


def _add_concept(w: _Writer, concept: Concept, entry: Entry | None) -> None:
    """Add a concept, and what a vocabulary knows of it."""
    kind = KIND_CLASSES[concept.kind]
    said = _labels(w, kind, concept.label, concept.aliases)
    broader = [w.node(b) for b in concept.broader]
    if entry:
        broader += [w.term(b) for b in entry.broader]
        said |= {
            KG.vendor: entry.vendor and quote(entry.vendor),
            KG.architecture: entry.architecture and quote(entry.architecture),
            KG.benchmarkDomain: entry.domain and quote(entry.domain),
            KG.memoryGB: [_number(m) for m in entry.memory_gb],
            KG.releaseYear: w.literal(str(entry.year), _XSD + "gYear") if entry.year else None,
        }
        kinds = {KG.Benchmark: KG.benchmarkKind, KG.Method: KG.methodKind}
        if kind in kinds and entry.kind:
            said[kinds[kind]] = quote(entry.kind)
    w.say(w.node(concept.id), {**said, _SKOS + "broader": broader})


def _add_link(w: _Writer, link: Link) -> None:
    w.add(
        w.node(f"link/{_digest(link.first, link.second)}"),
        {
            TYPE: w.term(KG.Link),
            KG.connects: [w.node(f"paper/{p}") for p in (link.first, link.second)],
            KG.shares: [w.node(c) for c in link.shared],
            KG.weight: _number(link.weight),
        },
    )


def _add_merge(w: _Writer, merge: Merge) -> None:
    w.say(
        w.node(f"merge/{_digest(merge.concept, merge.form, merge.reason, merge.paper)}"),
        {
            TYPE: w.term(KG.Merge),
            KG.into: w.node(merge.concept),
            KG.form: quote(merge.form),
            KG.reason: quote(merge.reason),
            KG.confidence: _number(decimal(merge.confidence)),
            KG.inPaper: merge.paper and w.node(f"paper/{merge.paper}"),
        },
    )


def _add_description(w: _Writer, sources: Iterable[str]) -> None:
    """Add what the graph says of itself: VoID, DCAT and PROV-O, with the version of kg and the number of triples."""
    dataset, build, software = w.node("graph"), w.node("build"), w.node(f"software/kg-{kg.__version__}")
    w.add(
        software,
        {
            TYPE: w.term(_PROV + "SoftwareAgent"),
            _LABEL: quote("kg"),
            _SCHEMA + "softwareVersion": quote(kg.__version__),
        },
    )
    w.say(
        build,
        {
            TYPE: w.term(_PROV + "Activity"),
            _PROV + "wasAssociatedWith": software,
            _PROV + "used": [_source(w, name) for name in sources],
        },
    )
    said = {
        TYPE: [w.term(_VOID + "Dataset"), w.term(_NS["dcat"] + "Dataset"), w.term(_PROV + "Entity")],
        _DCTERMS + "title": quote("A knowledge graph of papers"),
        _VOID + "uriSpace": quote(w.base),
        _VOID + "vocabulary": w.node("ontology"),
        _PROV + "wasGeneratedBy": build,
    }
    w.add(dataset, said)
    w.add(dataset, {_VOID + "triples": str(w.triples + 1)})
