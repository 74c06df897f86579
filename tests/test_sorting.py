from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from kg import sorting
from kg.ontology import prefixes
from kg.sorting import Sorter
from kg.turtle import SUBJECT_ORDER, TYPE, Turtle, quote, write_turtle

CHARACTERS = st.characters(exclude_categories=["Cs"])


@settings(deadline=None)
@given(lines=st.lists(st.text(CHARACTERS, max_size=20)), run=st.integers(1, 500))
def test_lines_come_in_order_however_often_they_are_spilt(lines: list[str], run: int) -> None:
    sorter = Sorter(run=run)
    for line in lines:
        sorter.add(line)
    assert list(sorter) == sorted(lines)


def test_there_are_never_many_open_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "FILES", 3)
    sorter, numbers = Sorter(tmp_path, run=100), list(range(1000))
    random.Random(1).shuffle(numbers)
    for number in numbers:
        sorter.add(f"{number:04d}\n")
        assert len(sorter._runs) < 3
    assert list(sorter) == [f"{number:04d}\n" for number in range(1000)]
    assert list(tmp_path.iterdir()) == []


def test_what_is_said_of_a_subject_in_several_places_is_one_block_and_each_triple_once() -> None:
    turtle = Turtle("http://e/")
    for label in ("b", "a", "b"):
        turtle.add(turtle.node("paper/x"), {"http://e/ontology#form": quote(label)})
    assert "".join(turtle.write()) == (
        '@prefix kg: <http://e/ontology#> .\n@prefix paper: <http://e/paper/> .\n\npaper:x kg:form "a", "b" .\n'
    )
    assert turtle.triples == 2


def test_properties_are_in_the_order_of_their_names_and_the_class_comes_first() -> None:
    subject, rdf = NamedNode("http://e/x"), "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    said = [(f"http://e/{name}", Literal(name)) for name in ("a-b", "a", "A")]
    triples = [Triple(subject, NamedNode(p), o) for p, o in said] + [
        Triple(subject, NamedNode(rdf + "type"), NamedNode("http://e/C"))
    ]
    assert "".join(write_turtle(triples)) == (
        '\n<http://e/x> a <http://e/C> ;\n    <http://e/A> "A" ;\n    <http://e/a> "a" ;\n    <http://e/a-b> "a-b" .\n'
    )


def test_what_is_said_twice_is_united_whatever_stands_in_it() -> None:
    turtle = Turtle("http://e/")
    literals = [quote('a, b ;\n    "c" . \\'), turtle.literal('x", "y', "http://e/d,t"), '"a, b"@en', "1", "1.0"]
    names = [turtle.iri("http://e/a,b"), turtle.node("method/a"), turtle.node("method/a-b"), turtle.node("method/.a")]
    for term in literals + names:
        turtle.add("<http://e/x>", {"http://e/p": term, TYPE: turtle.node("c")})
    turtle.add("<http://e/x>", {"http://e/p": [*names, *literals]})
    alone = Turtle("http://e/")
    alone.add(alone.iri("http://e/x"), {TYPE: alone.node("c"), "http://e/p": [*literals, *names]})
    said = "".join(turtle.write()).partition("\n\n")[2]
    assert said == "".join(alone.write()).partition("\n")[2]
    assert turtle.triples == 10


NAMES = st.sampled_from(["a", "paper", "software", "a-b", "a.b", "a.", "-a", "a/b", "é", "a,b", "a(b", "a%20"])
IRIS = st.builds(
    lambda start, name: NamedNode(start + name),
    st.sampled_from(
        ["http://e/", "http://e/paper/", "http://e/method/", "http://e/ontology#", "http://www.w3.org/ns/oa#", "urn:x:"]
    ),
    NAMES,
)
XSD = "http://www.w3.org/2001/XMLSchema#"
LITERALS = st.one_of(
    st.builds(Literal, st.text(st.sampled_from('a"\\\n\x0b\x7f\x85\u2028\u2029\ufeff\ufffe\U0001f600^@'), max_size=5)),
    st.builds(lambda text: Literal(text, language="en"), st.sampled_from(["a", 'a" , "b', "a^^b"])),
    st.builds(
        lambda text, kind: Literal(text, datatype=NamedNode(kind)),
        st.sampled_from(["1", "-1", "1.0", "01", ".5", "2020", "x"]),
        st.sampled_from([XSD + "integer", XSD + "decimal", XSD + "gYear", "http://e/d,t"]),
    ),
)
PROPERTIES = st.one_of(IRIS, st.just(NamedNode(TYPE)))


def plainly(triples: list[Triple], base: str) -> str:
    """The Turtle of triples, written triple by triple as its rules say."""
    names, used = {namespace: name for name, namespace in prefixes(base).items()}, set()

    def short(iri: str) -> str:
        cut = max(iri.rfind("/"), iri.rfind("#")) + 1
        if iri[:cut] not in names or not re.fullmatch("[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?", iri[cut:]):
            return f"<{iri}>"
        used.add(names[iri[:cut]])
        return f"{names[iri[:cut]]}:{iri[cut:]}"

    def full(term: NamedNode | Literal) -> str:
        if isinstance(term, NamedNode):
            return f"<{term.value}>"
        end = f"@{term.language}" if term.language else f"^^<{term.datatype.value}>"
        return quote(term.value) + ("" if end == f"^^<{XSD}string>" else end)

    def spelt(term: NamedNode | Literal) -> str:
        if isinstance(term, NamedNode):
            return short(term.value)
        kinds = {XSD + "integer": "[+-]?[0-9]+", XSD + "decimal": r"[+-]?[0-9]*\.[0-9]+"}
        if re.fullmatch(kinds.get(term.datatype.value, "(?!)"), term.value):
            return term.value
        typed = not term.language and term.datatype.value != XSD + "string"
        return f"{quote(term.value)}^^{short(term.datatype.value)}" if typed else full(term)

    def rank(iri: str) -> int:
        kind = iri.removeprefix(base).partition("/")[0] if iri.startswith(base) else ""
        return SUBJECT_ORDER.index(kind) if kind in SUBJECT_ORDER else len(SUBJECT_ORDER)

    said: dict[str, dict[str, dict[str, str]]] = {}
    for t in triples:
        assert isinstance(t.subject, NamedNode)
        assert isinstance(t.object, NamedNode | Literal)
        prop = "" if t.predicate.value == TYPE else t.predicate.value
        said.setdefault(t.subject.value, {}).setdefault(prop, {})[full(t.object)] = spelt(t.object)
    text = ""
    for subject in sorted(said, key=lambda iri: (rank(iri), iri)):
        parts = [
            f"{short(prop) if prop else 'a'} {', '.join(terms[name] for name in sorted(terms))}"
            for prop, terms in sorted(said[subject].items())
        ]
        text += f"\n{short(subject)} " + " ;\n    ".join(parts) + " .\n"
    return "".join(f"@prefix {name}: <{prefixes(base)[name]}> .\n" for name in sorted(used)) + text


@settings(deadline=None, max_examples=200)
@given(st.lists(st.builds(Triple, IRIS, PROPERTIES, st.one_of(IRIS, LITERALS)), max_size=30))
def test_turtle_is_what_its_rules_say_in_whatever_order_triples_come(triples: list[Triple]) -> None:
    for base in ("http://e/", "http://another.example/"):
        assert "".join(write_turtle(triples, base)) == plainly(triples, base)
