"""Named fields, as JSON objects, table rows and BibTeX entries have them, as a paper."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from kg.errors import did_you_mean
from kg.paper import Paper
from kg.reading.encoding import clean_line, clean_text

TITLES = ("title", "papertitle", "articletitle", "documenttitle", "displaytitle")
ABSTRACTS = ("abstract", "summary", "abstractnote", "abstracttext", "digest")
KEYS = ("id", "key", "citationkey", "paperid", "corpusid", "eid")
ARXIV = ("arxivid", "arxiv", "eprint")
DOIS = ("doi",)
URLS = ("url", "link", "urlabs", "paperurl", "absurl")
AUTHORS = ("authors", "author", "creators")
DATES = ("date", "published", "publishedat", "publicationdate", "publisheddate", "year", "publicationyear", "created")
CATEGORIES = ("categories", "category", "subjects")
KNOWN = frozenset({*TITLES, *ABSTRACTS, *KEYS, *ARXIV, *DOIS, *URLS, *AUTHORS, *DATES, *CATEGORIES})
"""Names of fields that are read, without case and punctuation (`field_name`)."""
MAX_TITLE = 2000
"""Longest title, in characters: what is longer is not a title."""

_ARXIV_ID = re.compile(r"(?<![\w.])(\d{4}\.\d{4,5}|[a-z-]{2,10}(?:\.[A-Za-z-]{2,8})?/\d{7})(?:v\d+)?(?![\w/])")
_ARXIV_HOST = re.compile(r"arxiv\.org/(?:abs|pdf|html)/|^arxiv:|10\.48550/arxiv\.", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_DOI_PREFIX = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_ARXIV_PREFIX = re.compile(r"arxiv[:.]|https?://\S{0,200}?/(?:abs|pdf|html)/|\.pdf$", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2})(?!\d))?)?(?!\d)")
_MONTH = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b", re.IGNORECASE)


class FieldsError(ValueError):
    """The fields are not those of a paper; the text says what to do next."""


@lru_cache(maxsize=4096)
def field_name(name: str) -> str:
    """Return what two spellings of one field name have in common.

    >>> field_name("arXiv_Id"), field_name("Abstract Note")
    ('arxivid', 'abstractnote')
    """
    return re.sub(r"[\W_]+", "", name).casefold()


def paper_of(fields: Mapping[str, Any], source: str) -> Paper:
    """Return the paper that named values describe; names of fields match without case and punctuation.

    Args:
        fields: title, abstract or summary; optionally identifiers, authors, date, categories, under their usual names.
        source: the name of the source.

    Raises:
        FieldsError: there is no title, or title or abstract are not text.
    """
    values = {field_name(name): value for name, value in fields.items() if value not in (None, "", [], {})}
    if isinstance(values.get("paper"), dict):
        values = {field_name(name): value for name, value in values["paper"].items()} | values
    title = clean_line(_text(_first(values, TITLES), "title"))
    if not title:
        near = did_you_mean("title", [name for name in fields if field_name(name) not in KNOWN])
        raise FieldsError(f"no title{near or '; add a title'}")
    if len(title) > MAX_TITLE:
        raise FieldsError(f"a title of {len(title):,} characters; titles have at most {MAX_TITLE:,}: shorten it")
    abstract = clean_text(_text(_first(values, ABSTRACTS), "abstract")).strip()
    others = values.get("externalids")
    if isinstance(others, dict):
        others = {field_name(str(name)): value for name, value in others.items()}
        values = {"arxivid": others.get("arxiv"), "doi": others.get("doi")} | values
    key, url, doi = (_line(_first(values, names)) for names in (KEYS, URLS, DOIS))
    doi = _DOI_PREFIX.sub("", doi)
    arxiv = arxiv_id(_line(_first(values, ARXIV))) or _line(values.get("arxivid"))
    for other in (doi, url, key, _line(values.get("journal"))):
        arxiv = arxiv or (arxiv_id(other) if _ARXIV_HOST.search(other) else "")
    arxiv = arxiv or (arxiv_id(key) if re.fullmatch(r"\d{4}\.\d{4,5}(v\d+)?", key) else "")
    return Paper(
        title,
        abstract,
        (source,),
        arxiv_id=arxiv,
        doi=doi,
        url=url,
        date=iso_date(_line(_first(values, DATES))),
        authors=_authors(_first(values, AUTHORS)),
        categories=_categories(_first(values, CATEGORIES)),
        key=key,
    )


def arxiv_id(text: str) -> str:
    """Return the arXiv identifier in a text, without its version, or an empty string.

    >>> arxiv_id("https://arxiv.org/abs/2301.00001v2"), arxiv_id("arXiv:math.GT/0309136"), arxiv_id("n/a")
    ('2301.00001', 'math.GT/0309136', '')
    """
    found = _ARXIV_ID.search(_ARXIV_PREFIX.sub(" ", text))
    return found[1] if found else ""


def doi_key(text: str) -> str:
    """Return what two spellings of one DOI have in common, or an empty string where there is none.

    >>> doi_key("10.1000/XYZ"), doi_key("none")
    ('10.1000/xyz', '')
    """
    found = _DOI.fullmatch(text)
    return found[0].casefold() if found else ""


def iso_date(text: str) -> str:
    """Return an ISO 8601 date, month or year, as exact as `text` gives it, or an empty string where it has no year.

    >>> [iso_date(t) for t in ("2025-03-18T10:00:00Z", "18 Mar 2025", "2024-06", "2023/5", "2021", "2023-2-30", "soon")]
    ['2025-03-18', '2025-03-18', '2024-06', '2023-05', '2021', '2023-02', '']
    """
    year, month, day = 0, 0, 0
    if found := _ISO.match(text):
        year, month, day = (int(part or 0) for part in found.groups())
    elif found := re.search(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)", text):
        year = int(found[0])
        if named := _MONTH.search(text):
            month = _MONTHS.index(named[1].lower()) + 1
            days = re.search(r"(?<!\d)([0-3]?\d)(?:st|nd|rd|th)?(?!\d)", text)
            day = int(days[1]) if days else 0
    if not year:
        return ""
    if not 1 <= month <= 12:
        return f"{year:04}"
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:  # there is no such day
        return f"{year:04}-{month:02}"


def _first(values: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        if name in values and (value := values[name]) not in (None, "", []):
            return value
    return None


def _text(value: Any, name: str) -> str:
    """Return a title or an abstract as text."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    kinds = {dict: "an object", list: "a list", bool: "a truth value", int: "a number", float: "a number"}
    raise FieldsError(f"the {name} is {kinds.get(type(value), 'a value')}; make it a text")


def _line(value: Any) -> str:
    """Return a number or text as one line, anything else as nothing."""
    if isinstance(value, str):
        return clean_line(value) if value else ""
    return str(value) if type(value) is int and abs(value) < 10**18 else ""


def _authors(value: Any) -> tuple[str, ...]:
    """Return names of people, from a list of texts or objects, or from one text."""
    if isinstance(value, str):
        line = clean_line(value)
        if ";" in line:
            parts = line.split(";")
        elif re.search(r"\sand\s", line):
            parts = re.split(r",?\s+and\s+", line)
            if len(parts) == 2 and all(" " in part.strip() for part in parts[0].split(",")):
                parts = [*parts[0].split(","), parts[1]]
        else:
            parts = line.split(",")
            if not all(" " in part.strip() for part in parts):
                parts = [line]
        return tuple(part.strip() for part in parts if part.strip())
    if isinstance(value, dict):
        value = [value]
    names = [_author(item) for item in value] if isinstance(value, list) else []
    return tuple(name for name in names if name)


def _author(item: Any) -> str:
    if not isinstance(item, dict):
        return _line(item)
    if isinstance(item.get("author"), dict):
        return _author(item["author"])
    name = _first(item, ("name", "fullname", "display_name", "fullName", "literal"))
    parts = (_first(item, ("given", "first", "firstName")), _first(item, ("family", "last", "lastName")))
    return _line(name) or " ".join(part for part in map(_line, parts) if part)


def _categories(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = re.split("[;,]", value) if re.search("[;,]", value) else value.split()
    lines = [_line(item) for item in value] if isinstance(value, list) else []
    return tuple(dict.fromkeys(line for line in lines if line))
