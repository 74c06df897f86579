"""Web addresses: tables of sentences → exact addresses, properties, and the gold where it is there."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extraction.addresses import find_addresses, is_code_address

CASES = [
    ("Our code is at https://github.com/ada/engine.", ["https://github.com/ada/engine"]),
    ("See \\url{https://github.com/ada/engine} for more.", ["https://github.com/ada/engine"]),
    ("See \\href{https://a.org/x}{https://a.org/x}.", ["https://a.org/x", "https://a.org/x"]),
    ("(demo: https://a.org/~ada/page)", ["https://a.org/~ada/page"]),
    ("https://en.wikipedia.org/wiki/Graph_(abstract) is one", ["https://en.wikipedia.org/wiki/Graph_(abstract)"]),
    ("The page https://ada.github.io/kg/{url} is online.", ["https://ada.github.io/kg/"]),
    ("Both https://a.org/one, https://b.org/two; work!", ["https://a.org/one", "https://b.org/two"]),
    ("both https://a.org/one,https://b.org/two", ["https://a.org/one", "https://b.org/two"]),
    ("at $\\href{http://a.org/q?x=1&y=2#top}{here}$", ["http://a.org/q?x=1&y=2#top"]),
    ("**https://a.org/bold**", ["https://a.org/bold"]),
    ("<https://a.org/angle>, &lt;https://b.org/&gt;", ["https://a.org/angle", "https://b.org/"]),
    ("(https://a.org/x)and more", ["https://a.org/x"]),
    ("https://a.org/x\\_y\\textbf{z}", ["https://a.org/x\\_y"]),
    ("cached at https://web.archive.org/web/2020/https://a.org/", ["https://web.archive.org/web/2020/https://a.org/"]),
    ("HTTPS://A.ORG/X? Yes", ["HTTPS://A.ORG/X"]),
    ("A title\nhttps://a.org/first.\nThe end", ["https://a.org/first"]),
    ("http://127.0.0.1:8000/x and http://localhost:80", ["http://127.0.0.1:8000/x", "http://localhost:80"]),
    ("see www.example.org, github.com/ada/engine, https:// and https://.", []),
    ("no address here", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_addresses_are_found_verbatim(text: str, expected: list[str]) -> None:
    assert [a.surface for a in find_addresses(text)] == expected


@given(st.text(st.sampled_from("https://a.b()[]{}<>,;.\\$ \n_~&"), max_size=80))
def test_spans_hold_what_they_say(text: str) -> None:
    found = find_addresses(text)
    assert [text[a.start : a.end] for a in found] == [a.surface for a in found]
    assert all(one.end <= two.start for one, two in pairwise(found))
    assert not any(a.surface[-1] in ".,;:" or any(c.isspace() for c in a.surface) for a in found)


@given(st.from_regex(r"https?://[a-z]{1,9}\.(org|com|ai)/[a-z0-9_/-]{0,20}[a-z0-9]", fullmatch=True))
def test_an_address_in_any_dress_is_found_as_it_is(url: str) -> None:
    for text in (f"at {url}.", f"({url})", f"\\url{{{url}}}.", f"[{url}]", f'"{url}", and', f"<{url}>"):
        assert [a.surface for a in find_addresses(text)] == [url]


def test_long_input_takes_linear_time() -> None:
    assert len(find_addresses("https://a.org/" + "(" * 500_000)) == 1
    assert find_addresses("https://" * 100_000) == ()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/ada/engine", True),
        ("https://ada.github.io/engine", True),
        ("https://huggingface.co/ada", True),
        ("https://gitlab.uni-town.de/ada/engine", True),
        ("https://anonymous.4open.science/r/engine-1", True),
        ("https://zenodo.org/record/1", True),
        ("https://evilgithub.com/ada", False),
        ("https://a.org/github.com/ada", False),
        ("not an address", False),
    ],
)
def test_addresses_of_code(url: str, expected: bool) -> None:
    assert is_code_address(url) is expected


@pytest.mark.parametrize("name", ["train", "dev"])
def test_the_gold_addresses_are_all_found(shared: Path, name: str) -> None:
    papers = json.loads((shared / "gold" / f"{name}.papers.json").read_text(encoding="utf-8"))
    texts = {p["id"]: f"{p['title']}\n{p['abstract']}" for p in papers}
    wrong = []
    for line in (shared / "gold" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        found = {a.surface.rstrip("/.") for a in find_addresses(texts[entry["id"]])}
        if found != {url.rstrip("/.") for url in entry["urls"]}:
            wrong.append(entry["id"])
    assert wrong == []
