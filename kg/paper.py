"""A paper and the spans of its text: the values that every later stage reads."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Span:
    """A half-open range of a paper's text, with the text itself.

    Offsets count Unicode code points of `Paper.text` (title, line feed, abstract): `0 <= start < end <= len(text)`.

    Raises:
        ValueError: `end - start` is not the length of `surface`, or the span is empty.
    """

    start: int
    end: int
    surface: str

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or self.end - self.start != len(self.surface):
            raise ValueError(f"not a span: [{self.start}, {self.end}) {self.surface!r}")

    @classmethod
    def of(cls, text: str, start: int, end: int) -> Span:
        """Return the span [start, end) of `text`.

        >>> Span.of("fast decoding", 5, 13)
        Span(start=5, end=13, surface='decoding')
        """
        return cls(start, end, text[start:end])


@dataclass(frozen=True)
class Paper:
    """One title and abstract, with the sources it came from.

    Attributes:
        title: one line, not empty.
        abstract: may be empty; kept as the source has it, broken markup included, so that offsets stay true.
        sources: names of the input files that hold the paper, sorted, without doubles.
        arxiv_id, doi, url, date, authors, categories: as the source gives them, else empty. `date` is an ISO 8601 date,
            month or year.
        key: the identifier the source itself gives (a BibTeX key, an `id` field), else empty.
        apart: what tells the paper from others of the same title, such as `doi:10.1000/x`; empty where there are none.
        id: made from the title and `apart` (see `paper_id`).
    """

    title: str
    abstract: str = ""
    sources: tuple[str, ...] = ()
    arxiv_id: str = ""
    doi: str = ""
    url: str = ""
    date: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    key: str = ""
    apart: str = ""
    id: str = field(init=False)

    def __post_init__(self) -> None:
        if not self.title.strip() or "\n" in self.title:
            raise ValueError(f"a title is one line that is not empty, not {self.title!r}")
        object.__setattr__(self, "id", paper_id(self.title, self.apart))

    @property
    def text(self) -> str:
        """The text that all offsets refer to: title, a line feed, abstract."""
        return f"{self.title}\n{self.abstract}"


def title_key(title: str) -> str:
    """Return what two spellings of one title have in common: letters and digits, in lower case.

    >>> title_key("SpecTr:  Fast Speculative-Decoding")
    'spectr fast speculative decoding'
    """
    folded = unicodedata.normalize("NFKC", title).casefold()
    return re.sub(r"[\W_]+", " ", folded).strip() or folded.strip()


def paper_id(title: str, apart: str = "") -> str:
    """Return an identifier made from the title: readable words and a hash that keeps papers apart.

    Up to six words of the title, then eight hexadecimal digits of the SHA-256 of `title_key(title)`, and of what tells
    the paper from others of the same title where there are some.

    >>> paper_id("SpecTr: Fast Speculative Decoding via Optimal Transport")
    'spectr-fast-speculative-decoding-via-optimal-62548467'
    """
    key = title_key(title)
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain)[:6]
    whole = f"{key}\n{apart}" if apart else key
    return "-".join([*words, hashlib.sha256(whole.encode()).hexdigest()[:8]])[-80:]
