"""Listing pages: text in which titles and abstracts take turns, perhaps with the furniture of a page around them.

A paragraph is recognised by its shape. Prose ends like a sentence, or is long; a heading is short and does not. A title
is the one heading above prose. Other headings have to look like furniture (a date, a number, a button, a line of
advertising); where one does not, pairing is uncertain, and that is a problem, never a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby, pairwise

from kg.paper import Paper
from kg.reading.encoding import clean_line, clean_text
from kg.reading.source import Problem, Reading, Source, shorten

LONG = 300
"""From this many characters on a paragraph is prose, whatever its end."""
ABSTRACT = 400
"""Two paragraphs of this many characters below one title are rather two abstracts (arXiv allows 1,920 in all)."""
MAX_ABSTRACT = 2400

_END = re.compile(r"[.!?…][\"'”’)\]]*$")
_BREAK = re.compile(r"[a-z0-9)\]][.!?]\s+[A-Z]")
_DATE = re.compile(
    r"(?:\w+day,?\s+)?(?:\d{1,2}(?:st|nd|rd|th)?\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
    r"(?:\s+\d{1,2}(?:st|nd|rd|th)?)?(?:,?\s+\d{4})?|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}",
    re.IGNORECASE,
)
_PAGE_WORDS = re.compile(
    r"\b(?:subscri\w+|unsubscri\w+|newsletter|inbox|e-?mails?|browser|trending|digest|upvotes?|sign (?:in|up)|log in|"
    r"cookies?|privacy|read more|load more|view (?:in|on|all)|sponsored|copyright|all rights|your|you)\b|©|https?://|@",
    re.IGNORECASE,
)
_FOOTER = re.compile(r"©|\ball rights reserved|\b(?:un)?subscri(?:be|ption)|\bnewsletter|\binbox\b", re.IGNORECASE)
_SENTENCE = re.compile(
    r"^(?:We|Our|This|These|It|In|Here|Code|Codes|Data|The (?:code|codes|data|dataset|models?)|Project)\b"
    r"|https?://|\b(?:is|are|was|were|has|have|will|can|we|our)\b"
)
_PART = r"(?:[A-ZÀ-Þ][\w'’.-]*|de|van|von|der|den|la|del|di|bin)"
_NAME = re.compile(rf"{_PART}(?: {_PART}){{1,4}}")
_MARKUP = re.compile(r"^#{1,6}\s+|^\*\*(?=.*\*\*$)|(?<=\S)\*\*$")


@dataclass(frozen=True)
class Paragraph:
    """A run of lines without a blank one between: number of the first line, from 1, and the text."""

    line: int
    text: str

    @property
    def is_prose(self) -> bool:
        """Whether the shape is that of running text, which a title has not."""
        text = self.text
        if len(text) >= LONG:
            return True
        if not _END.search(text):
            return False
        return len(text) >= 200 or (bool(_BREAK.search(text)) and self.is_sentence_end and not self.is_capitalised)

    @property
    def is_sentence_end(self) -> bool:
        """Whether the last mark is a full stop; titles may end with a question or exclamation mark."""
        return bool(re.search(r"[.…][\"'”’)\]]*$", self.text))

    @property
    def is_sentence(self) -> bool:
        """Whether a short paragraph ends with a full stop and so may be prose or not."""
        full = len(self.text.split()) > 3 or bool(_SENTENCE.search(self.text))
        return not self.is_prose and self.is_sentence_end and full

    @property
    def is_capitalised(self) -> bool:
        """Whether most of the longer words begin with a capital letter, as in many titles."""
        words = re.findall(r"[^\W\d_][\w-]{3,}", self.text)
        return len(words) > 1 and sum(word[0].isupper() for word in words) >= 0.6 * len(words)

    @property
    def is_furniture(self) -> bool:
        """Whether this cannot well be a title: a date, a number, a button, a line about the page itself."""
        text = self.text.strip(" \t#*-–—|·•>:")
        words = text.split()
        if not re.search(r"[^\W\d_]", text) or _DATE.fullmatch(text) or _PAGE_WORDS.search(text):
            return True
        return len(words) <= 2 or (len(words) <= 8 and not self.is_capitalised and text[0].islower())


def find_paragraphs(text: str) -> tuple[Paragraph, ...]:
    r"""Return the paragraphs of a page: blocks between blank lines; in a block with long lines each line is one.

    >>> [p.line for p in find_paragraphs("A title\n\nwrapped\ntext\n")]
    [1, 3]
    """
    found = []
    numbered = enumerate(text.split("\n"), 1)
    for filled, block in groupby(numbered, key=lambda pair: bool(pair[1].strip())):
        if filled:
            lines = list(block)
            if len(lines) > 1 and max(len(line) for _, line in lines) > 200:
                found += [Paragraph(number, line.strip()) for number, line in lines]
            else:
                found.append(Paragraph(lines[0][0], "\n".join(line.rstrip() for _, line in lines).strip()))
    return tuple(found)


def is_listing(text: str) -> bool:
    """Return whether a text has a heading of three words or more with prose below it near its beginning."""
    pairs = pairwise(find_paragraphs(text[:60_000])[:60])
    return any(_is_text(below) and not _is_text(above) and len(above.text.split()) > 2 for above, below in pairs)


def _is_text(paragraph: Paragraph) -> bool:
    return paragraph.is_prose or paragraph.is_sentence


def read_listing(text: str, source: Source) -> Reading:
    """Return the papers of a listing page, in order, and a problem for each line at which the pairing is uncertain."""
    papers: list[Paper] = []
    problems: list[Problem] = []
    groups = _group(find_paragraphs(text))
    several = [sum(p.is_prose for p in prose) > 1 for _, prose in groups if prose]
    often = sum(several) * 3 >= len(several)
    for number, (headings, prose) in enumerate(groups):
        title, authors, lost = _choose_title(headings, first=number == 0, last=not prose)
        problems += [
            source.problem(
                p.line, f"no abstract below {shorten(p.text)}; add one, or delete the line if it is not a title"
            )
            for p in lost
        ]
        if not prose:
            continue
        if title is None:
            what = f"no title above {shorten(prose[0].text, 40)}"
            problems.append(source.problem(prose[0].line, f"{what}; put the title and a blank line there"))
            continue
        abstract = "\n\n".join(p.text for p in prose)
        extra = next((p for p in prose[1:] if len(p.text) >= ABSTRACT), None)
        if extra and (len(abstract) > MAX_ABSTRACT or (len(prose[0].text) >= ABSTRACT and not often)):
            what = f"a second abstract without a title: {shorten(extra.text, 40)}"
            problems.append(source.problem(extra.line, f"{what}; put its title and a blank line there"))
            continue
        papers.append(Paper(_title(title.text), clean_text(abstract).strip(), (source.name,), authors=authors))
    return Reading(tuple(papers), tuple(problems))


def _group(paragraphs: tuple[Paragraph, ...]) -> list[tuple[list[Paragraph], list[Paragraph]]]:
    """Return runs of headings, each with the run of prose below it; only the last may have none."""
    groups: list[tuple[list[Paragraph], list[Paragraph]]] = [([], [])]
    for number, paragraph in enumerate(paragraphs):
        headings, prose = groups[-1]
        footer = len(paragraph.text) < 200 and _FOOTER.search(paragraph.text)
        if footer or not _is_text(paragraph):
            is_text = False
        elif paragraph.is_prose:
            is_text = True
        elif prose:  # the last lines of an abstract, or a title with a full stop?
            below = number + 1 < len(paragraphs) and paragraphs[number + 1].is_prose
            is_text = not below or (bool(_SENTENCE.search(paragraph.text)) and not paragraph.is_capitalised)
        else:  # a short abstract, or advertising?
            only_page = all(p.is_furniture for p in headings)
            is_text = not only_page and not (len(groups) == 1 and _PAGE_WORDS.search(paragraph.text))
            below = number + 1 < len(paragraphs) and paragraphs[number + 1].is_prose
            is_text = is_text and not (below and not _SENTENCE.search(paragraph.text))
        if is_text:
            prose.append(paragraph)
        elif prose:
            groups.append(([paragraph], []))
        else:
            headings.append(paragraph)
    return groups


def _choose_title(
    headings: list[Paragraph], *, first: bool, last: bool
) -> tuple[Paragraph | None, tuple[str, ...], list[Paragraph]]:
    """Return the title among the headings above some prose, the authors below it, and headings that lack an abstract.

    Args:
        headings: the headings between two abstracts.
        first: whether they open the page: then a headline may stand above other furniture.
        last: whether no prose follows: then all of them are furniture, or lack an abstract.
    """
    if last:
        return None, (), [p for p in headings if not p.is_furniture]
    if not headings:
        return None, (), []
    *above, title = headings
    authors: tuple[str, ...] = ()
    if above and not above[-1].is_furniture:
        authors = _names(title.text)
        if authors:
            *above, title = above
    if first and len(above) > 1 and any(p.is_furniture for p in above[1:]):
        above = above[1:]
    return title, authors, [p for p in above if not p.is_furniture]


def _names(text: str) -> tuple[str, ...]:
    """Return the people in a line that holds nothing else, else nothing."""
    parts = [part.strip() for part in re.split(r",| and | & |;|·", text.removeprefix("by ")) if part.strip()]
    return tuple(parts) if len(parts) > 1 and all(_NAME.fullmatch(part) for part in parts) else ()


def _title(text: str) -> str:
    """Return a heading as a title: one line, without the marks of a Markdown heading."""
    return clean_line(_MARKUP.sub("", clean_line(text))) or clean_line(text)
