"""Files, folders and standard input as papers, and one line for each thing that cannot be read."""

import gzip
import json
from pathlib import Path

import pytest

from kg.errors import UsageError
from kg.paper import Paper
from kg.reading.encoding import clean_line, clean_text
from kg.reading.read import Problem, Reading, read_papers
from tests.pages import OWLS, PAGES, TREES, pairs, write

# Listing pages


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_listing_page(tmp_path: Path, page: str) -> None:
    reading = read_papers([write(tmp_path, "page.txt", page)])
    assert pairs(reading) == [("Counting Rings of Trees", TREES), ("Wings of Night Owls", OWLS)]
    assert {paper.sources for paper in reading.papers} == {("page.txt",)}
    assert reading.problems == ()


def test_titles_that_end_like_sentences_and_short_digests(tmp_path: Path) -> None:
    page = (
        "Why Do Owls Hunt? A View From Above!\n\nWe ask owls. They answer.\n\nTrees: A Study\n\nWe count trees.\n\n"
        f"Owls Are All You Need.\n\n{OWLS}\n\nThe code is at https://owls.example/code.\n\nA Last Title\n\n{TREES}"
    )
    assert pairs(read_papers([write(tmp_path, "page.txt", page)])) == [
        ("A Last Title", TREES),
        ("Owls Are All You Need.", f"{OWLS}\n\nThe code is at https://owls.example/code."),
        ("Trees: A Study", "We count trees."),
        ("Why Do Owls Hunt? A View From Above!", "We ask owls. They answer."),
    ]


def test_author_lines_and_wrapped_text(tmp_path: Path) -> None:
    wrapped = OWLS.replace("coming. ", "coming.\n").replace("agrees ", "agrees\n")
    page = f"Wings of\nNight Owls\n\nJane Doe, J. P. Roe and Ann van Barn\n\n{wrapped}\n"
    (paper,) = read_papers([write(tmp_path, "page.txt", page)]).papers
    assert paper == Paper(
        "Wings of Night Owls", wrapped, ("page.txt",), authors=("Jane Doe", "J. P. Roe", "Ann van Barn")
    )


LONG = OWLS * 3
BROKEN_PAGES = {
    "no abstract": (
        f"Wings of Night Owls\n\nCounting Rings of Trees\n\n{TREES}",
        'page.txt:1: no abstract below "Wings of Night Owls"; add one, or delete the line if it is not a title',
        ["Counting Rings of Trees"],
    ),
    "no title": (
        f"{OWLS}\n\nCounting Rings of Trees\n\n{TREES}",
        'page.txt:1: no title above "We study how owls hunt at night. They f…"; put the title and a blank line there',
        ["Counting Rings of Trees"],
    ),
    "two abstracts": (
        f"Wings of Night Owls\n\n{LONG}\n\nCounting Rings of Trees\n\n{LONG}\n\n{TREES * 3}\n\n"
        f"A Third Title Here\n\n{LONG}\n\nA Fourth Title Here\n\n{LONG}",
        'page.txt:9: a second abstract without a title: "Trees grow slowly. This work counts the…"; '
        "put its title and a blank line there",
        ["A Fourth Title Here", "A Third Title Here", "Wings of Night Owls"],
    ),
    "title at the end": (
        f"Wings of Night Owls\n\n{OWLS}\n\nCounting Rings of Trees\n",
        'page.txt:5: no abstract below "Counting Rings of Trees"; add one, or delete the line if it is not a title',
        ["Wings of Night Owls"],
    ),
}


@pytest.mark.parametrize(("page", "line", "titles"), BROKEN_PAGES.values(), ids=BROKEN_PAGES)
def test_broken_pairing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str, line: str, titles: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "page.txt", page)
    with pytest.raises(UsageError) as caught:
        read_papers(["page.txt"])
    assert (str(caught.value), caught.value.exit_code) == (line, 2)
    reading = read_papers(["page.txt"], keep_going=True)
    assert ([str(problem) for problem in reading.problems], [p.title for p in reading.papers]) == ([line], titles)


# JSON, tables, BibTeX

FULL = Paper(
    "Wings of Owls",
    "We fly.",
    ("in",),
    arxiv_id="2301.00001",
    doi="10.1000/owl",
    url="https://owls.example/1",
    date="2023-01-02",
    authors=("Jane Doe", "J. Roe"),
    categories=("cs.LG", "cs.AI"),
    key="k1",
)
RECORD = {
    "id": "k1",
    "title": " Wings of\n Owls",
    "abstract": " We fly.\n",
    "arxiv_id": "arXiv:2301.00001v3",
    "doi": "https://doi.org/10.1000/owl",
    "url": "https://owls.example/1",
    "authors": ["Jane Doe", {"name": "J. Roe"}],
    "published": "2023-01-02T10:00:00Z",
    "categories": "cs.LG cs.AI",
}
OTHER = {
    "key": "k1",
    "Title": ["Wings of Owls"],
    "summary": "We fly.",
    "externalIds": {"ArXiv": "2301.00001", "DOI": "10.1000/owl"},
    "link": "https://owls.example/1",
    "author": "Jane Doe and J. Roe",
    "date": "2 Jan 2023",
    "categories": ["cs.LG", "cs.AI"],
}
BIBTEX = r"""% my papers
@string{jane = "Jane Doe"}
@article{k1,
  title = {Wings of {Owls}}, abstract = {We fly.}, author = jane # { and J. Roe}, date = {2023-01-02},
  eprint = {2301.00001}, archivePrefix = {arXiv}, doi = {10.1000/owl}, url = {https://owls.example/1},
  categories = {cs.LG cs.AI},
}
"""
TABLE = "key,title,abstract,arXiv ID,DOI,URL,authors,date,categories\n"
ROW = (
    'k1,"Wings of\nOwls",We fly.,2301.00001,10.1000/owl,https://owls.example/1,'
    "Jane Doe; J. Roe,2023-01-02,cs.LG cs.AI\n"
)
FILES = {
    "JSON Lines": json.dumps(RECORD) + "\n\n" + json.dumps({"title": "Z"}) + "\n",
    "JSON list": json.dumps([RECORD, {"title": "Z"}], indent=1),
    "JSON object": json.dumps({"total": 2, "data": [OTHER, {"title": "Z"}]}),
    "JSON by key": json.dumps({"k1": {k: v for k, v in RECORD.items() if k != "id"}, "": {"title": "Z"}}),
    "nested": json.dumps([{"paper": RECORD, "title": RECORD["title"]}, {"title": "Z"}]),
    "CSV": TABLE + ROW + ",Z,,,,,,,\n",
    "BibTeX": BIBTEX + "@misc{, title = {Z}}\n",
    "byte order mark": "\ufeff" + json.dumps([RECORD, {"title": "Z"}]),
    "UTF-16": json.dumps([RECORD, {"title": "Z"}]).encode("utf-16"),
    "gzip": gzip.compress(json.dumps([RECORD, {"title": "Z"}]).encode()),
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_kinds_of_files_are_told_by_content(tmp_path: Path, content: str | bytes) -> None:
    reading = read_papers([write(tmp_path, "in", content)])
    assert reading == Reading((FULL, Paper("Z", "", ("in",))), ())


def test_tables_with_other_delimiters(tmp_path: Path) -> None:
    write(tmp_path, "a.tsv", "title\tsummary\tyear\nOne\tIt, is.\t2020\n")
    write(tmp_path, "b.csv", 'Article Title;Abstract;Authors\n"One; two";"He said ""no""";Doe, Jane\n')
    assert read_papers([tmp_path]).papers == (
        Paper("One", "It, is.", ("a.tsv",), date="2020"),
        Paper("One; two", 'He said "no"', ("b.csv",), authors=("Doe, Jane",)),
    )


def test_bibtex_markup(tmp_path: Path) -> None:
    entry = (
        r'@inproceedings{k, title = "{OWL}: Na{\"\i}ve \textbf{Nets} at 50% of {$\alpha$} -- M{\"u}ller", month = mar,'
        r" year = 2021, author = {M{\"u}ller, J{\'o}n and {The Owls}}, abstract = {We {save} 5\% of \emph{it}.}}"
    )
    assert read_papers([write(tmp_path, "a.bib", entry)]).papers == (
        Paper(
            "OWL: Naïve Nets at 50% of α – Müller",
            r"We {save} 5\% of \emph{it}.",
            ("a.bib",),
            date="2021-03",
            authors=("Müller, Jón", "The Owls"),
            key="k",
        ),
    )


def test_control_characters_are_replaced_not_lost() -> None:
    assert clean_text("a\x00b\x0cc\r\nd\re\ud800f\uffffg\th") == "a\ufffdb c\nd\ne\ufffdf\ufffdg\th"
    assert clean_line(" a\u2028b \x1fc\x07 ") == "a b c\ufffd"


# Problems

PROBLEMS: dict[str, tuple[str, str | bytes, str]] = {
    "empty": ("a.txt", "", "a.txt: empty; fill the file or leave it out"),
    "blank": ("a.txt", " \n\n", "a.txt: empty; fill the file or leave it out"),
    "latin": ("a.txt", b"One\n\nCaf\xe9 here", "a.txt:3: not UTF-8 text (byte 0xE9); save the file as UTF-8"),
    "binary": ("a.dat", bytes(range(256)) * 20, "a.dat: not text but a binary file; leave it out"),
    "PDF": (
        "a.pdf",
        b"%PDF-1.4 \xff",
        "a.pdf: not text but a PDF; save the titles and abstracts as text, JSON or BibTeX",
    ),
    "HTML": (
        "a.html",
        "<!DOCTYPE html><p>Owls",
        "a.html: HTML or XML; save the page as text (select all, copy, paste), or export JSON or BibTeX",
    ),
    "unknown": (
        "a.txt",
        "Only one line here",
        "a.txt: not recognised as a listing page, JSON, JSON Lines, CSV, TSV or BibTeX; "
        "save it as titles and abstracts with blank lines between",
    ),
    "nothing but furniture": (
        "a.txt",
        "Owls in your inbox\n\nWrite to us at owls@example.org.\n",
        "a.txt: not recognised as a listing page, JSON, JSON Lines, CSV, TSV or BibTeX; "
        "save it as titles and abstracts with blank lines between",
    ),
    "gzip cut": (
        "a.gz",
        gzip.compress(b"{}" * 99)[:-9],
        "a.gz: gzip file that stops in the middle; fetch or compress it again",
    ),
    "gzip broken": ("a.gz", b"\x1f\x8b\x08oh", "a.gz: damaged gzip file; fetch or compress it again"),
    "half a line": (
        "a.jsonl",
        '{"title": "A"}\n{"title": "B", "ab\n',
        "a.jsonl:2: broken JSON (unterminated string starting at, column 16); mend the line or delete it",
    ),
    "half the first line": (
        "a.jsonl",
        '{"title": \n{"title": "B"}\n',
        "a.jsonl:1: broken JSON (expecting value, column 11); mend the line or delete it",
    ),
    "no title in JSONL": (
        "a.jsonl",
        '{"title": "A"}\n\n{"titel": "B"}\n',
        "a.jsonl:3: no title; did you mean titel?",
    ),
    "blank title": ("a.jsonl", '{"title": "A"}\n{"title": " "}\n', "a.jsonl:2: no title; add a title"),
    "title is a number": (
        "a.jsonl",
        '{"title": "A"}\n{"title": 7}\n',
        "a.jsonl:2: the title is a number; make it a text",
    ),
    "abstract is an object": (
        "a.jsonl",
        '{"title": "A"}\n{"title": "B", "abstract": {"x": 1}}\n',
        "a.jsonl:2: the abstract is an object; make it a text",
    ),
    "long title": (
        "a.jsonl",
        '{"title": "A"}\n{"title": "' + "b" * 1_000_000 + '"}\n',
        "a.jsonl:2: a title of 1,000,000 characters; titles have at most 2,000: shorten it",
    ),
    "deep line": (
        "a.jsonl",
        '{"title": "A"}\n{"title": ' + "[" * 100_000,
        "a.jsonl:2: JSON that is nested too deeply; a paper is a flat object",
    ),
    "deep": ("a.json", "[" * 100_000, "a.json: JSON that is nested too deeply; papers are a flat list of objects"),
    "long number": (
        "a.json",
        '[{"title": ' + "1" * 9999 + "}]",
        "a.json: JSON with a number of thousands of digits; make it a text",
    ),
    "broken JSON": (
        "a.json",
        '[{"title": "A"},\n {"title" "B"}]',
        "a.json:2: broken JSON (expecting ':' delimiter, column 11); mend the line, or put one object on each line",
    ),
    "JSON without papers": (
        "a.json",
        '{"owls": 1}',
        "a.json:1: JSON without papers; give a list of objects, or an object with one under "
        "papers, data, items, results, entries",
    ),
    "no papers": ("a.json", "[]", "a.json:1: a list without papers; add some or leave the file out"),
    "no title in JSON": (
        "a.json",
        '{"n": [1, [2]],\n "papers": [\n  {"title": "A"},\n  {"x": [1]}\n]}',
        "a.json:4: entry 2: no title; add a title",
    ),
    "not an object": (
        "a.json",
        '[{"title": "A"},\n7]',
        "a.json:2: entry 2: not an object; give each paper as an object with a title",
    ),
    "no title column": (
        "a.csv",
        "titel,abstract\nOne,Two\n",
        'a.csv:1: no column "title"; did you mean titel? (columns: titel, abstract)',
    ),
    "no column": ("a.csv", "a;b\n1;2\n", 'a.csv:1: no column "title"; add one (columns: a, b)'),
    "long row": (
        "a.csv",
        'title,year\n"One\ntwo",2020\nOwls, trees,2021\n',
        "a.csv:4: 3 fields, but 2 in the header; put quotes around the fields",
    ),
    "no title in a row": ("a.csv", "title,year\nOne,2020\n,2021\n", "a.csv:3: no title; add a title"),
    "open quotes": (
        "a.csv",
        'title,year\nOne,"2020\nTwo,2021\n',
        "a.csv:2: broken table (unexpected end of data); double the quotes inside quotes",
    ),
    "header only": ("a.csv", "title,year\n", "a.csv:1: a header without rows; add some or leave the file out"),
    "no entry": ("a.bib", "% none\n", "a.bib:1: BibTeX without an entry; add some or leave the file out"),
    "broken entry": (
        "a.bib",
        "@article{a, title={A}}\n\n@article{b, title={B\n\n@article{c, title={C}}\n",
        "a.bib:3: broken BibTeX entry; look for a missing brace, quotation mark or comma",
    ),
    "no title in an entry": ("a.bib", "@article{a, year=2020}\n", "a.bib:1: no title; add a title"),
    "unknown string": (
        "a.bib",
        "@string{owls = {Owls}}\n@misc{a, title = owl}\n",
        'a.bib:2: unknown BibTeX abbreviation "owl"; did you mean owls?',
    ),
    "deep braces": (
        "a.bib",
        "@misc{a, title={" + "{" * 50_000 + "A" + "}" * 50_000 + "}}",
        "a.bib:1: BibTeX entry with braces nested too deeply; simplify it",
    ),
}


@pytest.mark.parametrize(("name", "content", "line"), PROBLEMS.values(), ids=PROBLEMS)
def test_problems_name_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str | bytes, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, name, content)
    write(tmp_path, "z.json", '[{"title": "Z"}]')
    with pytest.raises(UsageError) as caught:
        read_papers([name])
    assert (str(caught.value), caught.value.exit_code) == (line, 2)
    reading = read_papers([name, "z.json"], keep_going=True)
    assert [str(problem) for problem in reading.problems] == [line]
    assert "Z" in [paper.title for paper in reading.papers]


def test_missing_files_and_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "owls.json", '[{"title": "Z"}]')
    (tmp_path / "none").mkdir()
    lines = {
        "owl.json": "owl.json: no such file or folder; did you mean owls.json?",
        "there/x.json": "there/x.json: no such file or folder; check the name",
        "none": "none: a folder without files; put papers there or name another",
    }
    for given_input, line in lines.items():
        with pytest.raises(UsageError) as caught:
            read_papers([given_input])
        assert str(caught.value) == line
    with pytest.raises(UsageError, match=r"^no input; name a file, a folder, or - for standard input$"):
        read_papers([])
    with pytest.raises(UsageError, match=r"^owl.json: no such file .*\(and 2 more problems\)$"):
        read_papers([*lines], keep_going=True)
    reading = read_papers([*lines, "owls.json"], keep_going=True)
    assert [str(problem) for problem in reading.problems] == [*lines.values()]
    assert [problem.source for problem in reading.problems] == [*lines]


def test_a_problem_is_one_line() -> None:
    assert str(Problem("a\nb", None, "what\nnow; do")) == "a b: what now; do"
