from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import networkx
import pyoxigraph
import pytest
from rdflib import Dataset, Graph
from rdflib.compare import isomorphic

from kg.errors import UsageError
from kg.export import FORMATS, Format, export_graph, format_of
from kg.store import OpenGraph, open_graph

CORPUS = Path(__file__).parent / "data" / "corpus.ttl"
RDFLIB: dict[Format, str] = {
    "turtle": "turtle",
    "ntriples": "nt",
    "nquads": "nquads",
    "trig": "trig",
    "jsonld": "json-ld",
    "rdfxml": "xml",
}


def export(graph: OpenGraph, to: Format) -> bytes:
    return b"".join(export_graph(graph, to))


@pytest.mark.parametrize("to", RDFLIB)
def test_every_rdf_format_holds_the_same_graph(to: Format) -> None:
    data = export(open_graph(CORPUS), to)
    if to in ("nquads", "trig"):
        read = Graph()
        for s, p, o, _ in Dataset().parse(data=data, format=RDFLIB[to]).quads():
            read.add((s, p, o))
    else:
        read = Graph().parse(data=data, format=RDFLIB[to])
    assert isomorphic(read, Graph().parse(CORPUS))


@pytest.mark.parametrize("to", FORMATS)
def test_the_same_graph_gives_the_same_bytes(to: Format) -> None:
    graph = open_graph(CORPUS)
    quads = list(graph.store)
    random.Random(1).shuffle(quads)
    store = pyoxigraph.Store()
    store.extend(quads)
    assert export(graph, to) == export(OpenGraph(store, graph.base, graph.prefixes), to)


def test_turtle_is_what_a_build_writes() -> None:
    assert export(open_graph(CORPUS), "turtle").decode() == CORPUS.read_text(encoding="utf-8")


def test_the_table_of_statements_quotes_their_sentences() -> None:
    rows = list(csv.DictReader(io.StringIO(export(open_graph(CORPUS), "csv").decode())))
    assert rows[0] == {
        "paper": "a-survey-of-llms-8ba94662",
        "title": "A Survey of LLMs",
        "role": "hasKeyphrase",
        "kind": "Keyphrase",
        "concept": "masked language model",
        "confidence": "1",
        "quote": "We review LLMs and masked language models, and language model training.",
    }
    assert len(rows) == 29


@pytest.mark.parametrize("to", ["graphml", "gexf"])
def test_networks_are_read_back(to: Format) -> None:
    read = networkx.read_graphml if to == "graphml" else networkx.read_gexf
    assert b"lastmodified" not in export(open_graph(CORPUS), to)
    network = read(io.BytesIO(export(open_graph(CORPUS), to)))
    labels = {data["label"] for _, data in network.nodes(data=True)}
    assert {"QuickDraft", "Distilling Drafts", "A100", "large language model"} <= labels


def test_a_format_is_known_by_the_ending_or_by_name() -> None:
    endings = [
        format_of(None, f"g.{e}") for e in ("ttl", "nt", "nq", "trig", "jsonld", "rdf", "graphml", "gexf", "csv")
    ]
    assert tuple(endings) == FORMATS
    with pytest.raises(UsageError) as error:
        format_of("turtel", None)
    assert str(error.value).startswith("'turtel' is not a format; did you mean turtle?")
    with pytest.raises(UsageError, match="no format is known by this ending; name one with -f"):
        format_of(None, "graph.doc")
