"""Coverage-guided fuzzing: what has to hold of any input, fed with inputs that atheris makes up.

`make fuzz`, or `python -m tests.fuzz TARGET` with options of libFuzzer (`-max_total_time=600`). What was found stays in
`.fuzz/`: a folder of inputs for each target, and the input of a failure as `.fuzz/TARGET-crash-…`, which is run again
where it is given as an option.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import atheris
import pyoxigraph as ox

with atheris.instrument_imports(include=["kg"]):
    from kg.asking.parameters import PARAMETER_KINDS, Term, bind, make_term
    from kg.asking.query import Table, ask
    from kg.asking.questions import list_questions
    from kg.asking.things import find_thing
    from kg.asking.tokens import cut_tokens
    from kg.build import write_tables
    from kg.concepts import resolve_concepts
    from kg.decisions import read_decisions
    from kg.errors import KgError, UsageError
    from kg.extraction.abbreviations import find_abbreviations
    from kg.extraction.addresses import find_addresses
    from kg.extraction.candidates import find_candidates
    from kg.extraction.notation import read_notation, read_surface
    from kg.extraction.quantities import find_quantities
    from kg.extraction.results import find_results
    from kg.extraction.sentences import find_sentences
    from kg.graph import write_graph
    from kg.mention import Extraction
    from kg.ontology import BASE_IRI, KG, prefixes
    from kg.paper import Paper, Span
    from kg.reading.encoding import clean_text
    from kg.reading.read import read_papers
    from kg.store import OpenGraph
    from kg.vocabulary import load_vocabulary
    from tests.corpus import extractions

FOLDER = Path(".fuzz")
FILES = FOLDER / "files"
GRAPH = OpenGraph(ox.Store(), BASE_IRI, prefixes(BASE_IRI))
GRAPH.store.load(b'<http://e/a> <http://e/b> <http://e/a>, "c", "d"@en, 1, 0.5 .', format=ox.RdfFormat.TURTLE)
PARAMETERS = [(q.text, p.name) for q in list_questions() for p in q.parameters]
HERE = ox.NamedNode("urn:here")
CORPUS = extractions()

ABSTRACT = """QuickDraft: Fast Decoding\n
We present QuickDraft, short for graph neural networks (GNNs). On 8 A100 GPUs (80 GB) it is 1.3times faster than BERT,
gains 2.5\\% of $\\ell_2$ (3x-4x), from 1,000 to 2.5K tokens per second, i.e. 10^{-3}. Code: https://a.org/x_(y).
"""
PAPERS = (
    ABSTRACT,
    '@article{key, title = {A {B}}, author = {A B and C D}, year = 2024, abstract = "x", eprint = {2401.00001}}',
    '{"papers": [{"title": "T", "abstract": "We (W) do.", "authors": [{"name": "A"}], "date": "2024-01"}]}',
    '{"title": "T"}\n{"title": "U", "doi": "10.1000/x", "categories": "a;b", "url": "https://arxiv.org/abs/2401.00001"}',
    'title,abstract\n"A, b","c\nd"\n',
    "title\tabstract\nA\tb\n",
    "<!DOCTYPE html><html><body>A title</body></html>",
)
NOTATION = (
    ABSTRACT,
    "\\textbf{a} \\frac{a}{b} \\'e \\\"{o} $x_{i}$ \\cite[p.]{k} \\href{u}{t} 2.36sim 8.02times ``q'' a~b --",
)
QUERIES = tuple(question.text for question in list_questions())
VALUES = ('a "b" }', "<http://e/>", "method:vllm", "24.5", '"40"^^xsd:integer', '"a"@en', "\\u0022 } UNION { # ", "'''")
DECISIONS = ("together\tMethod\tSD\tspeculative decoding\napart\ttask\tC\tD\nmerged\tMethod\tE\tF\tspelling\t1\tp\n",)


def check_reading(data: bytes) -> None:
    """A file of any bytes, of whatever name, gives papers that can be written, or lines that say why not."""
    good = FILES / "good.json"
    good.write_text('{"title": "A paper beside it"}')
    for name, content in (("x", data), ("x.bib", data), ("x.csv", data), ("x.json.gz", gzip.compress(data, 1))):
        (FILES / name).write_bytes(content)
        reading = read_papers([good, FILES / name], keep_going=True)
        told = {Path(problem.source).name for problem in reading.problems}
        assert told.union(*(paper.sources for paper in reading.papers)) == {"good.json", name}
        assert not any("\n" in str(problem) for problem in reading.problems)
        for paper in reading.papers:
            texts = (paper.title, paper.abstract, paper.doi, paper.url, paper.date, paper.key, paper.arxiv_id)
            assert all(text == clean_text(text) for text in (*texts, *paper.authors, *paper.categories))
            assert paper.id.isascii()


def check_line(error: KgError) -> None:
    """An error is told in one line."""
    assert str(error)
    assert "\n" not in str(error)


def check_notation(text: str) -> None:
    """Each character that is read stands for a range of the text, and ranges are in order."""
    read = read_notation(text)
    places = list(zip(read.starts, read.ends, strict=True))
    assert len(places) == len(read.text)
    assert all(0 <= start <= end <= len(text) for start, end in places)
    assert all(one == other or one[1] <= other[0] for one, other in pairwise(places))
    for n in range(len(places)):
        start, end = read.to_clean(*read.to_stored(n, n + 1))
        assert start == end or start <= n < end
    assert bool(read_surface(text)) == bool(text)


def check_rules(text: str) -> None:
    """Whatever rules find stands where they say; most of it in order and without overlap."""
    sentences, quantities = find_sentences(text), find_quantities(text)
    results = find_results(text, sentences, (), quantities)
    for spans in (sentences, [q.span for q in quantities], [r.span for r in results], find_addresses(text)):
        check_spans(text, spans)
        assert all(one.end <= other.start for one, other in pairwise(spans))
    assert "".join(s.surface for s in sentences).split() == "".join(text[s.start : s.end] for s in sentences).split()
    assert sum(len("".join(s.surface.split())) for s in sentences) == len("".join(text.split()))
    check_spans(text, find_candidates(text))
    check_spans(text, [span for pair in find_abbreviations(text) for span in pair])
    check_spans(text, [span for r in results for span in (r.metric, r.subject, r.baseline) if span])
    for name in ("hardware", "benchmarks"):
        assert all(0 <= start < end <= len(text) for start, end, _ in load_vocabulary(name).find_mentions(text))


def check_spans(text: str, spans: Sequence[Span]) -> None:
    """Each span says what the text says there."""
    assert all(span == Span.of(text, span.start, span.end) for span in spans)


def check_query(text: str) -> None:
    """Any text is a query with an answer, or a user's error."""
    with suppress(KgError):
        ask(GRAPH, text, row_limit=1000)


def columns(query: str, parameters: Mapping[str, Term]) -> tuple[str, ...]:
    """Return the columns of an answer."""
    answer = ask(GRAPH, query, parameters)
    assert isinstance(answer, Table)
    return answer.columns


def check_parameter(value: str) -> None:
    """A value of any kind is one term: the tokens around it stay those of the query, and so do the columns.

    As a name it names nothing.
    """
    with suppress(UsageError):
        raise AssertionError(find_thing(GRAPH, value))
    query, name = PARAMETERS[len(value) % len(PARAMETERS)]
    around = [token.text for token in cut_tokens(bind(query, {name: HERE}))]
    for kind in (None, *PARAMETER_KINDS):
        try:
            term = make_term(name, value, kind, GRAPH.prefixes)
        except UsageError as error:
            check_line(error)
            continue
        assert kind != "text" or term == ox.Literal(value)
        spelt = [token.text for token in cut_tokens(str(term))]
        expected = [text for token in around for text in (spelt if token == str(HERE) else [token])]
        assert [token.text for token in cut_tokens(bind(query, {name: term}))] == expected
        assert columns(query, {name: term}) == COLUMNS[query]


def check_turtle(text: str) -> None:
    """A text in every field of a paper comes back from the graph."""
    text = text or "A text"
    line = text.replace("\n", " ")
    title = line if line.strip() else "A title"
    paper = Paper(title, text, (text,), text, text, text, text, (text, line), (line, text), text)
    found = [Extraction(paper)]
    written = "".join(write_graph(found, resolve_concepts(found), ()))
    said: dict[str, set[str]] = {}
    for quad in ox.parse(written.encode(), format=ox.RdfFormat.TURTLE):
        if quad.subject == ox.NamedNode(f"{BASE_IRI}paper/{paper.id}") and isinstance(quad.object, ox.Literal):
            said.setdefault(quad.predicate.value, set()).add(quad.object.value)
    terms, schema = GRAPH.prefixes["dcterms"], GRAPH.prefixes["schema"]
    once = (terms + "abstract", KG.arxivId, KG.doi, schema + "url", terms + "identifier", terms + "issued")
    several = (schema + "author", terms + "subject")
    expected = {terms + "title": {title}} | {prop: {text} for prop in once}
    assert said == expected | {prop: {text, line} for prop in several}


def check_decisions(data: bytes) -> None:
    """A file of decisions is read, or one line says what is wrong; what a build writes of them is read as the same."""
    file = FILES / "merges.tsv"
    file.write_bytes(data)
    try:
        decisions = read_decisions(file)
    except UsageError as error:
        check_line(error)
        return
    write_tables(FILES, CORPUS, resolve_concepts(CORPUS, decisions))
    assert read_decisions(file) == decisions


def of_text(check: Callable[[str], None], errors: str = "replace") -> Callable[[bytes], None]:
    """Return a check of text as one of bytes; what is no UTF-8 is replaced, or arrives as on the command line."""
    return lambda data: check(data.decode("utf-8", errors))


COLUMNS = {query: columns(query, {}) for query, _ in PARAMETERS}
TARGETS: dict[str, tuple[Callable[[bytes], None], tuple[str | bytes, ...]]] = {
    "reading": (check_reading, (*PAPERS, gzip.compress(ABSTRACT.encode()))),
    "notation": (of_text(check_notation), NOTATION),
    "rules": (of_text(check_rules), NOTATION),
    "query": (of_text(check_query, "surrogateescape"), QUERIES),
    "parameter": (of_text(check_parameter, "surrogateescape"), VALUES),
    "turtle": (of_text(check_turtle), (ABSTRACT, *VALUES)),
    "decisions": (check_decisions, DECISIONS),
}
"""What is checked, and inputs to begin with."""


def main() -> None:
    """Run a target until it fails or the time is up; without arguments, print the names of the targets."""
    if len(sys.argv) == 1:
        print(*TARGETS)
        return
    name, *options = sys.argv[1:]
    check, seeds = TARGETS[name]
    inputs = FOLDER / name
    for folder in (inputs, FILES):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (inputs / f"seed-{number}").write_bytes(seed.encode() if isinstance(seed, str) else seed)
    given = any(Path(option).is_file() for option in options)
    fixed = [f"-artifact_prefix={FOLDER}/{name}-", "-timeout=20", "-rss_limit_mb=3000", "-max_len=4000"]
    atheris.Setup([sys.argv[0], *fixed, *options, *([] if given else [str(inputs)])], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
