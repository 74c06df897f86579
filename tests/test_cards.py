from __future__ import annotations

import json
import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.asking.card_reader import Linked, Merged, Quote, Reported, Stated, make_card
from kg.asking.cards import render_card
from kg.asking.counts import count_graph
from kg.asking.tables import render
from kg.asking.things import Thing, find_paper, find_thing
from kg.errors import UsageError
from kg.ontology import BASE_IRI, prefixes
from kg.store import OpenGraph, open_graph

DATA = Path(__file__).parent / "data"
GRAPH = open_graph(DATA / "small.ttl")
A = find_paper(GRAPH, "2501.00001")
C = find_paper(GRAPH, "How Far")


def concept(name: str, label: str) -> Thing:
    prefix, _, local = name.partition(":")
    return Thing(prefix.capitalize(), label, f"{BASE_IRI}{prefix}/{local}", name)


# Names


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("TwinDraft: Two Draft Models for Faster Speculative Decoding", A.name),
        ("twindraft: TWO draft models  for faster speculative decoding", A.name),
        ("two draft models", A.name),
        ("twindraft-two-draft-models-for-faster-81ca155f", A.name),
        (A.name, A.name),
        (A.iri, A.name),
        (f"<{A.iri}>", A.name),
        ("2501.00001", A.name),
        ("arXiv:2501.00001v2", A.name),
        ("https://arxiv.org/abs/2501.00001", A.name),
        ("10.1000/twindraft", A.name),
        ("https://doi.org/10.1000/twindraft", A.name),
        ("TwinDraft", "method:twindraft"),
        ("SD", "method:speculative-decoding"),
        ("sd", "method:speculative-decoding"),
        ("speculative decoding", "method:speculative-decoding"),
        ("SPECULATIVE decoding", "method:speculative-decoding"),
        ("Speculative-Decoding", None),
        ("method:speculative-decoding", "method:speculative-decoding"),
        ("keyphrase:speculative-decoding", "keyphrase:speculative-decoding"),
        ("long contexts", "keyphrase:long-context"),
        ("gsm8k", "benchmark:gsm8k"),
        ("RTX 4090", "hardware:geforce-rtx-4090"),
        ("code search", "task:code-search"),
        ("mrr", "metric:mrr"),
    ],
)
def test_things_are_found_by_the_names_people_give_them(name: str, found: str | None) -> None:
    if found is None:
        with pytest.raises(UsageError):
            find_thing(GRAPH, name)
    else:
        assert find_thing(GRAPH, name).name == found


def test_a_paper_is_found_by_what_also_names_a_method() -> None:
    assert find_paper(GRAPH, "TwinDraft") == A


@pytest.mark.parametrize(
    ("name", "kinds", "message"),
    [
        ("twin draft", (), "the graph has no paper or concept 'twin draft'; did you mean TwinDraft or LongDraft?"),
        ("LongDruft", ("Paper",), "the graph has no paper 'LongDruft'; did you mean LongDraft?"),
        ("GSM7K", ("Benchmark",), "the graph has no benchmark 'GSM7K'; did you mean GSM8K?"),
        ("zzzz", (), "the graph has no paper or concept 'zzzz'"),
        ("zz\udcff", (), "the graph has no paper or concept 'zz\\udcff'"),
    ],
)
def test_what_is_not_found_is_said(name: str, kinds: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_thing(GRAPH, name, kinds)
    assert str(caught.value) == message


def test_a_name_of_several_things_lists_them() -> None:
    with pytest.raises(UsageError) as caught:
        find_thing(GRAPH, "for")
    assert str(caught.value) == (
        "'for' can be paper:coderank-contrastive-learning-for-code-search-24562725 (CodeRank: Contrastive Learning for "
        f"Code Search), {A.name} (TwinDraft: Two Draft Models for Faster Speculative Decoding); give one of these names"
    )


# Cards


def test_the_card_of_a_paper() -> None:
    card = make_card(GRAPH, C)
    assert (card.thing, card.facts) == (C, (("sources", "listing.txt"),))
    assert card.abstract.startswith("We study KV cache quantization for large language models.")
    assert (card.aliases, card.broader, card.narrower, card.merges) == ((), (), (), ())
    assert [(s.role, s.other.name, s.confidence, s.count, s.score) for s in card.statements] == [
        ("uses", "method:kv-cache-quantization", 0.94, None, None),
        ("compares with", "method:twindraft", 0.9, None, None),
        ("compares with", "method:tree-attention", 0.72, None, None),
        ("mentions", "method:large-language-model", 0.83, None, None),
        ("evaluates on", "benchmark:longbench", 0.95, None, None),
        ("runs on", "hardware:h100", 0.98, 8, None),
        ("measures", "metric:perplexity", 0.93, None, None),
        ("has keyphrase", "keyphrase:kv-cache-quantization", 1.0, None, 0.7204),
        ("has keyphrase", "keyphrase:large-language-model", 1.0, None, 0.3902),
    ]
    sentence = "Perplexity rises by 0.3 points on 8 H100 GPUs."
    assert card.results == (
        Reported(
            "0.3 points", C, "Perplexity", "", "", (), ("H100",), (Quote(C, 174, sentence, 20, 30, "results", 0.8),)
        ),
    )
    twin, tree = concept("method:twindraft", "TwinDraft"), concept("method:tree-attention", "tree attention")
    assert card.links == (
        Linked(A, 2.0, (tree, twin)),
        Linked(
            find_paper(GRAPH, "2501.00002"), 1.0, (concept("method:kv-cache-quantization", "KV cache quantization"),)
        ),
    )
    assert card.statements[1] == Stated(
        "compares with",
        twin,
        0.9,
        None,
        None,
        (
            Quote(
                C,
                96,
                "We compare a 2-bit cache with TwinDraft and with tree attention on LongBench.",
                30,
                39,
                "tagger",
                0.9,
            ),
        ),
    )


def test_every_quote_marks_what_stands_there() -> None:
    for paper in (A, C):
        card = make_card(GRAPH, paper)
        text = f"{card.thing.label}\n{card.abstract}"
        for quote in [*(q for s in card.statements for q in s.quotes), *(q for r in card.results for q in r.quotes)]:
            assert text[quote.position : quote.position + len(quote.sentence)] == quote.sentence
            assert 0 <= quote.start < quote.end <= len(quote.sentence)


def test_the_card_of_a_concept() -> None:
    card = make_card(GRAPH, find_thing(GRAPH, "SD"))
    assert card.aliases == ("SD", "Speculative Decoding", "Speculative decoding")
    assert card.narrower == (concept("method:self-speculative-decoding", "self-speculative decoding"),)
    assert card.namesakes == (find_thing(GRAPH, "keyphrase:speculative-decoding"),)
    assert [(s.role, s.other, len(s.quotes)) for s in card.statements] == [("uses", A, 3)]
    assert card.merges == (
        Merged("SD", "abbreviation", 0.97, A),
        Merged("Speculative Decoding", "spelling", 0.98, None),
    )
    hardware = make_card(GRAPH, find_thing(GRAPH, "A100"))
    assert hardware.facts == (
        ("vendor", "NVIDIA"),
        ("architecture", "Ampere"),
        ("memory in GB", "40, 80"),
        ("released", "2020"),
    )
    assert [result.value for result in hardware.results] == ["4.1 points", "2.5×"]


@pytest.mark.parametrize("name", ["paper", "method", "hardware"])
def test_a_card_as_text(name: str) -> None:
    thing = {"paper": A, "method": find_thing(GRAPH, "SD"), "hardware": find_thing(GRAPH, "RTX 4090")}[name]
    shown = render_card(make_card(GRAPH, thing), width=90)
    assert shown == (DATA / f"card-{name}.txt").read_text(encoding="utf-8")


def test_a_card_on_a_terminal_says_the_same_with_styles() -> None:
    card = make_card(GRAPH, A)
    shown = render_card(card, terminal=True, width=400)
    assert "\x1b[1;4mTwinDraft\x1b[0m: Two Draft Models for Faster \x1b[1;4mSpeculative Decoding\x1b[0m" in shown
    plain = render_card(card, width=400)
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == plain.replace("«", "").replace("»", "")


def test_a_card_as_json_holds_everything() -> None:
    card = make_card(GRAPH, A)
    read = json.loads(render_card(card, as_json=True))
    assert read["thing"] == {"kind": "Paper", "label": A.label, "iri": A.iri, "name": A.name}
    assert read["results"][0]["value"] == "2.5×"
    assert len(read["statements"]) == len(card.statements)
    assert set(read) == set(card.__dataclass_fields__)


def test_long_lists_are_cut_and_say_so() -> None:
    store = ox.Store()
    lines = [f"keyphrase:k a kg:Keyphrase ; skos:prefLabel 'k{'y' * 200}' ."]
    for number in range(20):
        lines.append(f"paper:p{number:02} a kg:Paper ; dcterms:title 'P{number:02}' .")
        lines.append(
            f"statement:s{number} rdf:subject paper:p{number:02} ; rdf:predicate kg:hasKeyphrase ; "
            f"rdf:object keyphrase:k ; kg:confidence 0.5 ."
        )
    store.load(
        "".join(f"@prefix {p}: <{n}> .\n" for p, n in prefixes().items()) + "\n".join(lines), ox.RdfFormat.TURTLE
    )
    card = make_card(graph := OpenGraph(store, BASE_IRI, prefixes()), find_thing(graph, "keyphrase:k"))
    assert render_card(card).splitlines()[-2:] == ["  0.50  P14", "  and 5 more"]
    assert render_card(card, all_items=True).splitlines()[-1] == "  0.50  P19"
    assert max(map(len, render_card(card, width=80).splitlines())) <= 80


def test_a_title_cannot_steer_a_terminal() -> None:
    store = ox.Store()
    node = ox.NamedNode(BASE_IRI + "paper/evil")
    store.add(ox.Quad(node, ox.NamedNode(prefixes()["rdf"] + "type"), ox.NamedNode(BASE_IRI + "ontology#Paper")))
    title = ox.Literal("Evil \x1b]0;x\x07\x1b[31m \ue000title\ue001 [bold]")
    store.add(ox.Quad(node, ox.NamedNode(prefixes()["dcterms"] + "title"), title))
    graph = OpenGraph(store, BASE_IRI, prefixes())
    shown = render_card(make_card(graph, find_thing(graph, "evil")), terminal=True)
    assert shown.splitlines()[0] == "\x1b[1mEvil ␛]0;x␇␛[31m \ue000title\ue001 [bold]\x1b[0m"


# Counts


def test_the_counts_of_a_graph() -> None:
    assert render(count_graph(GRAPH, most=3), "csv").decode().replace("\r\n", "\n") == (
        "of,what,count\ngraph,papers,4\ngraph,sources,2\ngraph,statements,49\ngraph,evidence,62\ngraph,results,5\n"
        "graph,links,2\ngraph,merges,4\ngraph,triples,1362\nconcepts,method,12\nconcepts,hardware,6\n"
        "concepts,benchmark,5\nconcepts,keyphrase,5\nconcepts,metric,4\nconcepts,task,1\nstatements,has keyphrase,7\n"
        "statements,evaluates on,6\nstatements,uses,6\nstatements,compares with,5\nstatements,reports,5\n"
        "statements,runs on,5\nstatements,introduces,4\nstatements,measures,4\nstatements,links to,3\n"
        "statements,mentions,3\nstatements,addresses,1\npapers,large language model,3\n"
        "papers,KV cache quantization,2\npapers,TwinDraft,2\n"
    )


def test_of_kinds_with_one_name_the_first_is_taken_and_of_spellings_the_given() -> None:
    store = ox.Store()
    lines = [
        'method:a a kg:Method ; skos:prefLabel "Beam Search" .',
        'task:a a kg:Task ; skos:prefLabel "beam search" .',
        'keyphrase:a a kg:Keyphrase ; skos:prefLabel "Beam search" .',
        'method:sd a kg:Method ; skos:prefLabel "sd" .',
        'method:x a kg:Method ; skos:prefLabel "Stable Diffusion" ; skos:altLabel "SD" .',
        'method:y a kg:Method ; skos:prefLabel "Sparse Decoding" ; skos:altLabel "Sd" .',
        'method:z a kg:Method ; skos:prefLabel "Slow Decoding" ; skos:altLabel "Sd" .',
    ]
    store.load(
        "".join(f"@prefix {p}: <{n}> .\n" for p, n in prefixes().items()) + "\n".join(lines), ox.RdfFormat.TURTLE
    )
    graph = OpenGraph(store, BASE_IRI, prefixes())
    assert find_thing(graph, "beam search").name == "method:a"
    assert [thing.name for thing in make_card(graph, find_thing(graph, "method:a")).namesakes] == [
        "keyphrase:a",
        "task:a",
    ]
    assert find_thing(graph, "beam search", ("Task", "Keyphrase")).name == "task:a"
    assert find_thing(graph, "SD").name == "method:x"
    assert find_thing(graph, "sd").name == find_thing(graph, "sD").name == "method:sd"
    with pytest.raises(UsageError) as caught:
        find_thing(graph, "Sd")
    assert str(caught.value) == (
        "'Sd' can be method:z (Slow Decoding), method:y (Sparse Decoding); give one of these names"
    )
