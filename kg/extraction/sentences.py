"""Sentence spans of a text: the first line is a title, one sentence; the rest is split at full stops that end one."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from kg.paper import Span

MAX_BRACKETS = 400
"""A pair of brackets at most this long, in characters, is not split inside."""

_CANDIDATE = re.compile(r"[.!?…]+[\"'”’)\]»]*(?=\s|$)|(?<=[a-z)]{3})\.(?=(?:We|The|This|These|In|Our|It|To|However)\b)")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
_BRACKET = re.compile(r"[()\[\]]")
_NEVER_WORDS = """
e.g i.e eg ie vs cf viz fig figs eq eqs eqn eqns sec secs sect tab ref refs thm lem def prop cor alg ch chap
app no nos vol pp resp approx ca w.r.t a.k.a dr prof mr mrs ms st jr sr dept univ proc
"""
_NEVER = frozenset(_NEVER_WORDS.split())
"""Abbreviations, without their last full stop, that do not end a sentence."""
_SOMETIMES_WORDS = """
al etc inc ltd co corp i.i.d u.s u.k a.m p.m ph.d et
"""
_SOMETIMES = frozenset(_SOMETIMES_WORDS.split())
"""Abbreviations that may end a sentence: they do where a word follows that often begins one."""
_NUMBERED_WORDS = """
no nos fig figs eq eqs sec secs tab ref refs ch vol pp app
"""
_NUMBERED = frozenset(_NUMBERED_WORDS.split())
_STARTERS_WORDS = """
We Our Ours The This These Those That It Its They Their There Here In On At By For From With To As If When
While Where Although Though However Moreover Furthermore Additionally Finally Thus Hence Therefore Then First
Second Third Unlike Despite Since Because Most Many Some Such Each Both All Using Based Experiments Results
Code Extensive Compared Specifically Motivated A An One
"""
_STARTERS = frozenset(_STARTERS_WORDS.split())
_WORD = re.compile(r"[^\s()\[\]{}\"“”'‘’,;:–—]*$")
_LOWER_START = re.compile(r"\([a-z]{1,4}\)|.[a-z]{1,4}[A-Z]\w", re.DOTALL)
"""A small letter that may begin a sentence, with the character before it: "(ii)", "vLLM"."""
_NEXT = re.compile(r"\s*[(\[\"“‘'«]*(\S[\w.+'’/-]*)")


def find_sentences(text: str) -> tuple[Span, ...]:
    r"""Return the sentences of `text` (title, line feed, abstract), in order, without overlap, stripped of whitespace.

    The first line is one sentence; a blank line ends one as well. Everything but whitespace lies in a sentence. Full
    stops of abbreviations, initials, numbers, addresses and list numbers do not end one, nor do those in brackets.
    Takes time linear in the length of the text. Offsets refer to `text`.

    >>> [s.surface for s in find_sentences("Fast? Yes!\nWe use e.g. SGD (cf. Fig. 2). It is 1.3x. faster.")]
    ['Fast? Yes!', 'We use e.g. SGD (cf. Fig. 2).', 'It is 1.3x. faster.']
    """
    title_end = text.find("\n") if "\n" in text else len(text)
    cuts = {title_end, len(text)} | {match.start() for match in _PARAGRAPH.finditer(text, title_end)}
    inside = _bracketed(text)
    closing, begin = 0, title_end
    for match in _CANDIDATE.finditer(text, min(title_end + 1, len(text))):
        while closing < len(inside) and inside[closing][1] < match.start():
            closing += 1
        in_brackets = closing < len(inside) and inside[closing][0] < match.start()
        if in_brackets and match.end() <= inside[closing][1]:
            continue
        if _ends_sentence(text, begin, match):
            cuts.add(match.end())
            begin = match.end()
    return tuple(_spans(text, sorted(cuts)))


def sentence_at(sentences: Sequence[Span], start: int) -> Span:
    """Return the sentence that holds the character at offset `start`, or where that is blank, the one before it.

    Args:
        sentences: in order, as `find_sentences` returns them.
        start: an offset into the same text.

    Raises:
        ValueError: there is no sentence at or before `start`.
    """
    number = bisect_right(sentences, start, key=lambda sentence: sentence.start) - 1
    if number < 0:
        raise ValueError(f"no sentence at or before offset {start}")
    return sentences[number]


def _spans(text: str, cuts: Sequence[int]) -> Iterator[Span]:
    """Yield what lies between the cuts, stripped, where it is not blank."""
    start = 0
    for cut in cuts:
        part = text[start:cut]
        if part.strip():
            begin = start + len(part) - len(part.lstrip())
            yield Span.of(text, begin, begin + len(part.strip()))
        start = cut


def _bracketed(text: str) -> list[tuple[int, int]]:
    """Return the outermost pairs of brackets of at most `MAX_BRACKETS` characters, as offsets of both, in order."""
    pairs: list[tuple[int, int]] = []
    opened: list[int] = []
    for match in _BRACKET.finditer(text):
        if match[0] in "([":
            opened.append(match.start())
        elif opened:
            start = opened.pop()
            if match.start() - start <= MAX_BRACKETS:
                while pairs and pairs[-1][0] > start:
                    pairs.pop()
                pairs.append((start, match.start()))
    return pairs


def _ends_sentence(text: str, begin: int, match: re.Match[str]) -> bool:
    """Return whether a mark ends the sentence that begins at `begin`."""
    start, end, mark = match.start(), match.end(), match[0]
    following = _NEXT.match(text, end, end + 80)
    after = following[1] if following else ""
    if not after:
        return True
    if after[0].islower() and not _LOWER_START.match(text, following.start(1) - 1 if following else end):
        return False
    if not mark.startswith(".") or mark.startswith(".."):
        return True
    found = _WORD.search(text[max(0, start - 40) : start])
    word = found[0] if found else ""
    name = re.match(r"\w+", after)
    starter = name is not None and name[0] in _STARTERS
    folded = word.casefold().lstrip("~")
    if mark == "." and folded in _NEVER:
        return folded in _NUMBERED and not after[0].isalnum() and starter
    if folded in _SOMETIMES:
        return starter
    if mark != ".":
        return True
    if re.fullmatch(r"(?:[A-Z]\.)*[A-Z]|[a-z]\.[a-z]", word):
        return starter and len(name[0] if name else "") > 1
    if re.fullmatch(r"\d{1,2}|[ivx]{1,4}|[a-h]", word):
        before = text[max(begin, start - len(word) - 3) : start - len(word)].rstrip()
        return bool(before) and before[-1] not in ":;,"  # else the number of an item
    return True
