from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from kg import sorting
from kg.sorting import Sorter
from kg.turtle import Turtle, spell_literal, write_turtle

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\n")


@settings(deadline=None)
@given(lines=st.lists(st.text(CHARACTERS, max_size=20)), run=st.integers(1, 500))
def test_lines_come_in_order_however_often_they_are_spilt(lines: list[str], run: int) -> None:
    sorter = Sorter(run=run)
    for line in lines:
        sorter.add(line + "\n")
    assert list(sorter) == sorted(line + "\n" for line in lines)


def test_there_are_never_many_open_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "FILES", 3)
    sorter, numbers = Sorter(tmp_path, run=100), list(range(1000))
    random.Random(1).shuffle(numbers)
    for number in numbers:
        sorter.add(f"{number:04d}\n")
        assert len(sorter._files) < 3
    assert list(sorter) == [f"{number:04d}\n" for number in range(1000)]
    assert list(tmp_path.iterdir()) == []


def test_what_is_said_of_a_subject_in_several_places_is_one_block_and_each_triple_once() -> None:
    turtle = Turtle("http://e/")
    for label in ("b", "a", "b"):
        turtle.add("http://e/paper/x", [turtle.line("http://e/ontology#form", spell_literal(label))])
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
