"""BibTeX: entries with a title, as reference managers and publishers export them."""

from __future__ import annotations

import re
from typing import Any

from kg.errors import did_you_mean
from kg.reading.fields import FieldsError, paper_of
from kg.reading.source import Problem, Reading, Source, shorten

_ENTRY = re.compile(r"^[ \t]*@[ \t]*(\w+)[ \t]*[{(]", re.MULTILINE)
_OTHERS = frozenset({"comment", "preamble", "string"})
_NO_KEY = re.compile(r"\A(\s*@\s*\w+\s*[{(])\s*,")
_MARKUP = re.compile(r"[\\{}$~]|--|``|''")


def is_bibtex(text: str) -> bool:
    r"""Return whether a line of a text begins a BibTeX entry.

    >>> is_bibtex("% mine\n@article{one, title={One}}"), is_bibtex("mail me@home{now}")
    (True, False)
    """
    return bool(_ENTRY.search(text[: 1 << 16]))


def read_bibtex(text: str, source: Source) -> Reading:
    """Return the papers of a BibTeX file; each entry is read on its own, so that a broken one does not hide others.

    Titles and names are freed of braces and commands; abstracts stay as they are.
    """
    from bibtexparser.bparser import BibTexParser

    papers, problems, count = [], list[Problem](), 0
    parser = BibTexParser(common_strings=True, ignore_nonstandard_types=False)
    parser.expect_multiple_parse = True
    starts = [*_ENTRY.finditer(text)]
    ends = [*(match.start() for match in starts), len(text)][1:]
    line, counted = 1, 0
    for match, end in zip(starts, ends, strict=True):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        kind = match[1].lower()
        if kind == "comment":
            continue
        try:
            chunk = (
                _NO_KEY.sub(r"\1_,", text[match.start() : end], count=1)
                if kind not in _OTHERS
                else text[match.start() : end]
            )
            fields = _parse(parser, chunk, kind)
            if kind in _OTHERS:
                continue
            count += 1
            papers.append(paper_of(_clean(fields), source.name))
        except FieldsError as error:
            problems.append(source.problem(line, str(error)))
    if not count and not problems:
        problems.append(source.problem(1, "BibTeX without an entry; add some or leave the file out"))
    return Reading(tuple(papers), tuple(problems))


def _parse(parser: Any, chunk: str, kind: str) -> dict[str, str]:
    """Return the fields of the one entry in `chunk`; `parser` remembers the strings it has seen."""
    parser.bib_database.entries = []
    parser.bib_database._entries_dict = {}
    broken = "broken BibTeX entry; look for a missing brace, quotation mark or comma"
    try:
        entries: list[dict[str, str]] = parser.parse(chunk, partial=False).entries
    except RecursionError:
        raise FieldsError("BibTeX entry with braces nested too deeply; simplify it") from None
    except Exception as error:  # the grammar raises whatever its actions raise
        name = str(error).strip("'\"")
        if type(error).__name__ == "UndefinedString":
            near = did_you_mean(name, parser.bib_database.strings) or "; put braces around it"
            raise FieldsError(f"unknown BibTeX abbreviation {shorten(name, 40)}{near}") from None
        raise FieldsError(broken) from None
    if kind not in _OTHERS and len(entries) != 1:
        raise FieldsError(broken)
    return dict(entries[0]) if entries else {}


def _clean(fields: dict[str, str]) -> dict[str, Any]:
    """Return the fields of an entry under the names that `paper_of` reads, titles and names freed of markup."""
    cleaned: dict[str, Any] = {name: value for name, value in fields.items() if name not in ("id", "ID", "ENTRYTYPE")}
    cleaned["key"] = fields.get("ID", "").removeprefix("_")
    cleaned["title"] = clean_markup(fields.get("title", ""))
    if "author" in fields:
        people = re.split(r"\sand\s", " ".join(fields["author"].split()))
        cleaned["author"] = [" ".join(clean_markup(name).split()) for name in people]
    if "eprint" in fields and fields.get("archiveprefix", fields.get("eprinttype", "arxiv")).lower() != "arxiv":
        del cleaned["eprint"]
    if "year" in fields and "date" not in fields:
        cleaned["date"] = f"{fields['year']} {fields.get('month', '')}".strip()
        if re.fullmatch(r"\d{4} \d{1,2}", cleaned["date"]):
            cleaned["date"] = cleaned["date"].replace(" ", "-")
        elif month := re.search(r"[A-Za-z]{3,}", fields.get("month", "")):
            cleaned["date"] = f"{month[0]} {fields['year']}"
    return cleaned


def clean_markup(text: str) -> str:
    r"""Return a title or name without LaTeX: braces go, accents and symbols become characters.

    >>> clean_markup(r"{BERT} for na{\"\i}ve {G}\"odel, 50% of $\alpha$ -- more")
    'BERT for naïve Gödel, 50% of α – more'
    """
    if not _MARKUP.search(text):
        return text
    from pylatexenc.latex2text import LatexNodes2Text

    try:
        clean = str(LatexNodes2Text(math_mode="text").latex_to_text(re.sub(r"(?<!\\)%", r"\\%", text)))
    except (RecursionError, ValueError, IndexError, KeyError):
        clean = ""
    return clean if clean.strip() else re.sub(r"[{}\\$]", "", text)
