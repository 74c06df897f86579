"""Sentence spans: tables of texts, and what holds for every text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extraction.sentences import find_sentences, sentence_at
from kg.paper import Span

CASES = [
    ["One title", "We test it.", "It works!", "Does it?", "Yes."],
    ["Owls? A Study!", "Owls fly, e.g. at night, i.e. when it is dark.", "We watch them."],
    ["T", "Barn et al. (2020) and Wood et al. show this, cf. Sec. 3 and Figs. 2 vs. 4.", "Good."],
    ["T", "It follows Owl et al.", "We extend it."],
    ["T", "It is 1.3x.", "It costs 2.5 GB in v1.2.3.", "See https://owl.example/a.html.", "Done."],
    ["T", "It uses i.i.d. samples w.r.t. the U.S. data by J. R. Owl and Dr. Barn.", "The end."],
    ["T", "Some (see Fig. 3. It helps.) do.", "Others do not."],
    ["T", "We show: 1) it is fast. 2) it is small.", "We stop."],
    ["T", "There are three: 1. Nets.", "2. Trees.", "3. Owls."],
    ["T", "The budget is 5.", "Trees cost more."],
    ["T", "We use owls, trees, etc.", "The rest is left out."],
    ["T", "He calls it “slow.”", "We disagree."],
    ["T", "It ends.", "vLLM is used.", "(ii) It ends again."],
    ["T", "most owls . a few are rare.", "So?"],
    ["T", "Glued results.", "We go on."],
    ["T", "No full stop\nbut wrapped", "A new paragraph"],
    ["T", "Wait... It ends!", "Yes?!", "No."],
]


@pytest.mark.parametrize("sentences", CASES, ids=lambda case: case[1])
def test_finds_sentences(sentences: list[str]) -> None:
    title, *rest = sentences
    text = f"{title}\n{' '.join(rest)}".replace("results. We", "results.We")
    text = text.replace("wrapped A", "wrapped\n\nA")
    if sentences[1].startswith("Wait"):
        sentences = ["T", "Wait...", "It ends!", "Yes?!", "No."]
    if sentences[1].startswith("We show"):
        sentences = ["T", "We show: 1) it is fast.", "2) it is small.", "We stop."]
    assert [span.surface for span in find_sentences(text)] == sentences


def test_offsets() -> None:
    text = "  A title \n We go.  They stay. "
    assert find_sentences(text) == (Span(2, 9, "A title"), Span(12, 18, "We go."), Span(20, 30, "They stay."))
    assert find_sentences("") == ()
    assert find_sentences(" \n ") == ()


def test_sentence_at() -> None:
    sentences = find_sentences("A title\nWe go. They stay.")
    found = [sentence_at(sentences, start).surface for start in (0, 7, 8, 13, 14, 15, 24, 99)]
    assert found == ["A title", "A title", "We go.", "We go.", "We go.", "They stay.", "They stay.", "They stay."]
    with pytest.raises(ValueError, match="no sentence at or before offset 0"):
        sentence_at(find_sentences(" A"), 0)


TEXTS = st.lists(
    st.sampled_from([*". ?!()[]\nA", "e.g. ", "We ", "owls", "1.", ". The", "et al. ", "\n\n"]), max_size=30
)


@given(TEXTS.map("".join) | st.text(max_size=80))
def test_sentences_cover_the_text_in_order(text: str) -> None:
    end = 0
    for span in find_sentences(text):
        assert text[span.start : span.end] == span.surface == span.surface.strip()
        assert not text[end : span.start].strip()
        assert span.start >= end
        end = span.end
    assert not text[end:].strip()


@pytest.mark.parametrize("piece", ["a. B", "(", ".", "e.g. ", "(. ", " \n", "a", "A.", "[.)"])
def test_time_is_linear(piece: str) -> None:
    times = []
    for count in (20_000, 160_000):
        start = time.process_time()
        find_sentences(piece * count)
        times.append(time.process_time() - start)
    assert times[1] < 30 * times[0] + 0.5
