"""Broken LaTeX: what a person reads, and where each character came from."""

import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extraction.notation import Readable, read_notation

CASES = {
    # words that have lost their backslash
    "runs 1.3times faster": "runs 1.3× faster",
    "from 2.36sim 8.02times": "from 2.36–8.02×",
    "8sim10 cards": "8–10 cards",
    "1024times1024 pixels": "1024×1024 pixels",
    "13.7times, 3times.": "13.7×, 3×.",
    "an ell_p norm and ell_infty": "an ℓ_p norm and ℓ_∞",
    "pneq 2 and 1leq q<2": "p≠ 2 and 1≤ q<2",
    "mgg 1": "m≫ 1",
    "sets mathcal{S^p} and mathfrak S^{2/p}": "sets S^p and S^(2/p)",
    "d^{2/p}mathfrak S": "d^(2/p)S",
    "scriptsizeOwl and scriptsize{Owl}": "Owl and Owl",
    "textbf{Owl} flies": "Owl flies",
    "varphi(x_i), infty": "φ(x_i), ∞",
    "x_1,dots,x_n": "x_1,…,x_n",
    "O(epsilon^{-3})": "O(ε^-3)",
    "at https://owl.example/a_b/{url}.": "at https://owl.example/a_b/.",
    "a sentence. % A remark": "a sentence. A remark",
    # escapes and ties
    r"5\% of $10": "5% of $10",
    r"R\&D, a\_b, \#1, \{x\}": "R&D, a_b, #1, {x}",
    "models~(DMs), e.g.~10%": "models (DMs), e.g. 10%",
    "in Fig.~3": "in Fig. 3",
    "a 5 ~ 9X gain of ~10%, 5~9": "a 5 ~ 9X gain of ~10%, 5~9",
    r"1,\!000 and 30\,ns": "1,000 and 30 ns",
    "fish &amp; chips &lt;3": "fish & chips <3",
    # commands
    r"our \name, \method{} and \red{hot}": "our name, method and hot",
    r"\textbf{a \emph{b}} and {\em c d}": "a b and c d",
    r"nets~\cite{a,b} \citep[see][p. 3]{c}.": "nets.",
    r"\textcolor{blue}{\href{https://x.example}{page}}, \url{https://y.example}": "page, https://y.example",
    r"owls\footnote{Birds.} fly": "owls (Birds.) fly",
    r"\eg, owls, \ie. birds": "e.g., owls, i.e. birds",
    r"6$\times$6, $41\times$, \pm 3": "6×6, 41×, ± 3",
    r"3.5$\sim$4.2, $\sim$10": "3.5–4.2, ~10",
    r"$O(n\log n)$ for $x_{\max}$ and $\frac{1}{n^2}$": "O(n log n) for x_max and 1/n^2",
    r"{\Omega} is $\mathcal{O}(1)$": "Ω is O(1)",
    "$10^{-3}$, 10^{-3}, $x^{a+b}$": "10^-3, 10^-3, x^(a+b)",
    r"water$\unicode{x2013}$air": "water–air",
    # accents, quotes, dashes
    r"M{\"u}ller, Mu\~noz, na\"{\i}ve, vis-\`{a}-vis, \v{S}": "Müller, Muñoz, naïve, vis-à-vis, Š",
    r"it doesn\'t, owl\'s": "it doesn't, owl's",
    "``quoted'' and 5''": "“quoted” and 5''",
    "2--3%, owls -- birds---all": "2–3%, owls – birds—all",
}

PLAIN = [
    "several times the times a simple approximate ellipse 5 times",
    "eleven similar approximations, sim2real and sim 2, 3pm, 5 pm, approx 3",
    "alpha, beta_version, alphaGo, epsilon-greedy, tell_me, cell_2, well_p",
    "an egg 1, small scripts, script size, mathematics, a text, emphasis",
    "run --flag -v, a ---- line, a-b, x -> y <-- z",
    'a {set} of {"json": 1}, costs $5 to $10, $7 a head, US$ 3',
    "f_1 and x^2, http://a.example/~me/b_c?d=1&e=2, R&D, 100% sure",
    "He said 'no' and \"yes\". 'Tis five o'clock; rock 'n' roll.",
    "C:\u00e9t\u00e9, na\u00efve, 東京, emoji 🦉!",
]


@pytest.mark.parametrize(("text", "clean"), CASES.items())
def test_reads_notation(text: str, clean: str) -> None:
    assert read_notation(text).text == clean


@pytest.mark.parametrize("text", [*PLAIN, ""])
def test_plain_text_is_unchanged(text: str) -> None:
    readable = read_notation(text)
    assert readable.text == text
    assert [*readable.starts] == [*range(len(text))]
    assert [*readable.ends] == [*range(1, len(text) + 1)]


@pytest.mark.parametrize(
    ("text", "clean", "stored"),
    [
        ("a 1.3times gain", "1.3×", "1.3times"),
        ("from 2.36sim 8.02times on", "2.36–8.02×", "2.36sim 8.02times"),
        (r"the \textbf{Owl Net} wins", "Owl Net", "Owl Net"),
        (r"by 5\% today", "5%", r"5\%"),
        (r"by M{\"u}ller", "Müller", r"M{\"u}ller"),
        (r"say \eg owls", "e.g.", r"\eg"),
        ("an ell_p norm", "ℓ_p", "ell_p"),
        ("5'' of `a'", "5'", "5'"),
    ],
)
def test_maps_to_the_stored_text_and_back(text: str, clean: str, stored: str) -> None:
    readable = read_notation(text)
    start = readable.text.index(clean)
    first, last = readable.to_stored(start, start + len(clean))
    assert text[first:last] == stored
    assert readable.to_clean(first, last) == (start, start + len(clean))


def test_empty_and_wrong_ranges() -> None:
    readable = read_notation(r"\emph{a}b")
    assert (readable.text, readable.to_stored(2, 2), readable.to_stored(0, 0)) == ("ab", (9, 9), (6, 6))
    assert readable.to_clean(0, 6) == (0, 0)
    with pytest.raises(ValueError, match=r"not a range of the clean text: \[0, 3\)"):
        readable.to_stored(0, 3)
    with pytest.raises(ValueError, match=r"not a range of the stored text: \[2, 1\)"):
        readable.to_clean(2, 1)


def check(text: str, readable: Readable) -> None:
    """Assert that the map is in order and inside the text, and that going there and back covers the range."""
    assert readable.length == len(text)
    assert len(readable.starts) == len(readable.ends) == len(readable.text)
    before = (0, 0)
    for start, end in zip(readable.starts, readable.ends, strict=True):
        assert 0 <= start < end <= len(text)
        assert (start, end) == before or start >= before[1]
        before = start, end
    for index in range(len(readable.text)):
        start, end = readable.to_clean(*readable.to_stored(index, index + 1))
        assert start <= index < end


PIECES = st.sampled_from(
    [
        *"{}\\$%_^~-'`\"&. aX5",
        "\\textbf{",
        "\\frac{",
        "\\'e",
        "sim ",
        "times",
        "ell_",
        "\\cite[a]{b}",
        "$x^{",
        "--",
        "{url}",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
def test_every_text_has_a_map_in_order(text: str) -> None:
    check(text, read_notation(text))


PLAIN_WORDS = "times sim approx the simple text in to alpha le ge pm ll all tell dots script size 5 1.3 A"
WORDS = st.sampled_from(PLAIN_WORDS.split())


@given(st.lists(WORDS, max_size=20).map(" ".join))
def test_words_with_blanks_between_are_plain_english(text: str) -> None:
    assert read_notation(text).text == text


@pytest.mark.parametrize(
    "piece", ["{", "\\", "$", "}", "_{", "\\textbf{", "\\frac{", "1sim", "--", "\\'", "$a", "\\cite["]
)
def test_time_is_linear(piece: str) -> None:
    times = []
    for count in (10_000, 80_000):
        start = time.process_time()
        read_notation(piece * count)
        times.append(time.process_time() - start)
    assert times[1] < 30 * times[0] + 0.5


def test_real_abstracts(shared: Path) -> None:
    with gzip.open(shared / "corpora" / "arxiv-2020-2021.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in [*lines][:500]:
            text = json.loads(line)["abstract"]
            check(text, read_notation(text))
