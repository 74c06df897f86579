"""Short forms and the long forms that a text gives for them.

The algorithm is that of A. S. Schwartz and M. A. Hearst, "A simple algorithm for identifying abbreviation definitions
in biomedical text", Pacific Symposium on Biocomputing 8, 451-462 (2003): the characters of the short form are looked
for in the words before the bracket, from right to left, and the first has to begin a word. Added here: words whose
initials are just the short form go before that search; brackets of both kinds, the bracket that holds the long form,
plurals, and definitions without a bracket ("X, short for ...", "..., or X", and titles "X: ...").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.paper import Span

MAX_SHORT = 12
"""Longest short form, in characters."""
MAX_BRACKET = 300
"""Longest bracket that is looked into, in characters."""

_BRACKET = re.compile(rf"\(([^()\[\]\n]{{1,{MAX_BRACKET}}})\)|\[([^()\[\]\n]{{1,{MAX_BRACKET}}})\]")
_SHORT = re.compile(r"[^\W_](?:[\w+@/&.\-^*]*[\w+*])?(?: [^\W_][\w+\-]*)?")
_WORD = re.compile(r"[^\s~–—]+")
_STOP = re.compile(r"[.!?;:]\s|\n|[;()\[\]]")
_SHORT_BEFORE = re.compile(r"(?<![\w-])([^\W_][\w+@/&\-]{1,11})\s*$")
_LEAD = re.compile(
    r"(?:i\.e\.,?|or|aka|a\.k\.a\.|abbreviated(?: as)?|short|henceforth|hereafter|called|dubbed|denoted(?: as| by)?)\s+"
)
_ARTICLE = re.compile(r"(?:a|an|the|our|and|or|of|its|their)\s+", re.IGNORECASE)
_STANDS_FOR = re.compile(
    r"(?<![\w-])([^\W_][\w+@/&\-]{1,11})\s{0,2}[,(–—-]?\s{0,2}(?:(?:which|that)\s+)?(?:is\s+|which\s+)?"
    r"(?:(?:short|an?\s+(?:abbreviation|acronym)|abbreviated)\s+(?:for|of|from)|stands?\s+for|standing\s+for)\s+"
)
_OR = re.compile(r", (?:or|abbreviated(?: as)?|also known as|or simply) ([^\W_][\w+@/&\-]{1,11})(?=[,.;:)\s])")
_TITLE = re.compile(r"([^\W_][\w+@/&\-]{1,11})\s*[:–—]\s+")
_SMALL = frozenset(
    ["a", "an", "the", "of", "for", "and", "in", "on", "to", "with", "via", "by", "from", "as", "or", "at", "using"]
)


def find_abbreviations(text: str) -> tuple[tuple[Span, Span], ...]:
    r"""Return the definitions in `text` (title, line feed, abstract) as (short form, long form), in order.

    A definition that is given twice is returned twice. Offsets refer to `text`.

    >>> text = "Nets\\nWe use a graph neural network (GNN) and SGD (stochastic gradient descent)."
    >>> [(short.surface, long.surface) for short, long in find_abbreviations(text)]
    [('GNN', 'graph neural network'), ('SGD', 'stochastic gradient descent')]
    """
    found: dict[tuple[int, int], tuple[Span, Span]] = {}
    for pair in (*_in_title(text), *_in_brackets(text), *_in_words(text)):
        short, long = (Span.of(text, *offsets) for offsets in pair)
        found.setdefault((short.start, short.end), (short, long))
    return tuple(found[key] for key in sorted(found))


Offsets = tuple[int, int]


def _in_brackets(text: str) -> Iterator[tuple[Offsets, Offsets]]:
    """Yield "long (SHORT)" and "SHORT (long)"."""
    for match in _BRACKET.finditer(text):
        number = 1 if match[1] is not None else 2
        start, end = match.span(number)
        lead = _LEAD.match(text, start, end)
        inner = lead.end() if lead else start
        stop = re.compile(r"[,;:]").search(text, inner, end)
        short = _SHORT.fullmatch(text[inner : stop.start() if stop else end].strip("\"'“”‘’ "))
        if short and is_short_form(short[0]):
            begin = text.index(short[0], inner)
            long = _long_before(text, match.start(), short[0])
            if long:
                yield (begin, begin + len(short[0])), long
                continue
        before = _SHORT_BEFORE.search(text[max(0, match.start() - 20) : match.start()])
        if before and is_short_form(before[1]):
            begin = max(0, match.start() - 20) + before.start(1)
            semicolon = text.find(";", inner, end)
            long = _long_after(text, inner, end if semicolon < 0 else semicolon, before[1], whole=True)
            if long:
                yield (begin, begin + len(before[1])), long


def _in_words(text: str) -> Iterator[tuple[Offsets, Offsets]]:
    """Yield "SHORT, short for long" and "long, or SHORT"; the latter only where each letter begins a word."""
    for match in _STANDS_FOR.finditer(text):
        if is_short_form(match[1]):
            stop = re.compile(r"[.!?,;:)\]](?:\s|$)|\n").search(text, match.end(), match.end() + MAX_BRACKET)
            long = _long_after(text, match.end(), stop.start() if stop else len(text), match[1], whole=False)
            if long:
                yield match.span(1), long
    for match in _OR.finditer(text):
        if is_short_form(match[1]):
            long = _long_before(text, match.start(), match[1])
            if long and initials(text[slice(*long)]) == match[1].casefold():
                yield match.span(1), long


def _in_title(text: str) -> Iterator[tuple[Offsets, Offsets]]:
    """Yield "SHORT: long words" of the first line: behind the colon, or a run of words with just these initials."""
    end = text.find("\n") if "\n" in text else len(text)
    match = _TITLE.match(text, 0, end)
    if not match or not is_short_form(match[1]):
        return
    words = list(re.compile(r"-?[^\W_]+").finditer(text, match.end(), end))[:40]
    letters = re.sub(r"[\W_]", "", match[1]).casefold()
    for first in range(len(words)):
        rest = [word[0].casefold() for word in words[first:]]
        last = _spell(letters, rest, loose=False)
        if last is None and first == 0:
            last = _spell(letters, rest, loose=True)
        if last is not None and (first == 0 or len(letters) > 2):
            start = words[first].start() + words[first][0].startswith("-")
            yield match.span(1), (start, words[first + last].end())
            return


def _spell(letters: str, words: list[str], *, loose: bool) -> int | None:
    """Return the number of the last word where the words spell the letters, each from its beginning on, else None.

    Small words and words behind a hyphen may be left out, others not. With `loose`, a word may give several of
    its letters, in order.
    """
    reach: dict[int, int] = {0: 0}  # letters that are spelt -> words that gave at least one
    for number, part in enumerate(words[: 2 * len(letters) + 3]):
        following: dict[int, int] = {}
        word = part.removeprefix("-")
        for done, used in reach.items():
            if (word in _SMALL or part != word) and number:
                following.setdefault(done, used)
            position = -1
            for count in range(1, len(letters) - done + 1 if loose else 2):
                if done + count > len(letters):
                    break
                position = word.find(letters[done + count - 1], position + 1)
                if position < 0 or (count == 1 and position):
                    break
                following[done + count] = max(used + 1, following.get(done + count, 0))
        if following.get(len(letters), 0) >= 2:
            complete = number + 1 == len(words) or not loose or words[number + 1] in _SMALL
            if complete or following[len(letters)] == len(letters):
                return number
        reach = {done: used for done, used in following.items() if done < len(letters)}
        if not reach:
            return None
    return None


def is_short_form(form: str) -> bool:
    """Return whether a text can be a short form: two to twelve characters, at most two words, with a capital letter.

    >>> [is_short_form(form) for form in ("GNN", "LoRA", "w2v", "see", "Figure", "A", "2020")]
    [True, True, True, False, False, False, False]
    """
    if not 2 <= len(form) <= MAX_SHORT or not any(char.isalpha() for char in form):
        return False
    plain = form.removesuffix("s")
    mixed = any(char.isupper() for char in form[1:]) or (form[0].isupper() and len(plain) <= 2)
    return mixed or (any(char.isdigit() for char in form) and form[0].isalpha())


def initials(form: str) -> str:
    """Return the first characters of the words of a long form, in lower case; parts of hyphenated words count.

    >>> initials("Mixture-of-Experts layers")
    'moel'
    """
    return "".join(word[0] for word in re.findall(r"[^\W_]+", form)).casefold()


def _long_before(text: str, end: int, short: str) -> Offsets | None:
    """Return the long form that ends at `end`, if the words before it hold the letters of `short`."""
    window = max(0, end - 40 * (MAX_SHORT + 5))
    stops = [match.end() for match in _STOP.finditer(text, window, end)]
    start = stops[-1] if stops else window
    letters = sum(char.isalnum() for char in short)
    words = list(_WORD.finditer(text, start, end))[-min(letters + 5, 2 * letters) :]
    if not words:
        return None
    start, end = words[0].start(), words[-1].end()
    for find in (_spelt_by_initials, match_long_form):
        for form in _variants(short):
            begin = find(form, text[start:end])
            if begin is not None:
                head = re.search(r"(?<!\S)([^\W_])[\w-]*-$", text[start : start + begin])
                if head and head[1].casefold() == form[0].casefold():  # the whole of "Class-conditional", not its end
                    begin = head.start()
                return _checked(text, start + begin, end, short)
    return None


def _long_after(text: str, start: int, end: int, short: str, *, whole: bool) -> Offsets | None:
    """Return the long form that begins at `start`: all up to `end`, or its shortest part that holds all letters."""
    while article := _ARTICLE.match(text, start, end):
        start = article.end()
    letters = sum(char.isalnum() for char in short)
    words = list(_WORD.finditer(text, start, end))
    limit = min(letters + 5, 2 * letters)
    if not words or (whole and len(words) > limit):
        return None
    ends = [words[-1].end()] if whole else [word.end() for word in words[:limit]]
    if not whole:  # rather the words that begin with just these letters
        ends.sort(key=lambda last: initials(text[start:last]) != short.casefold())
    for form in _variants(short):
        for last in ends:
            piece = text[start:last].rstrip(" ,.;:\"'”’")
            if match_long_form(form, piece) == 0:
                return _checked(text, start, start + len(piece), short)
    return None


def _spelt_by_initials(short: str, candidate: str) -> int | None:
    """Return where the words begin whose first letters are the short form, small words left out or not, else None.

    It goes before the search for single letters, which would read "PPO" into "policy oPtimization" alone.

    >>> _spelt_by_initials("PPO", "we use proximal policy optimization")
    7
    """
    letters = "".join(char for char in short.casefold() if char.isalnum())
    pieces = list(re.finditer(r"[^\W_]+", candidate))
    if len(letters) < 3:
        return None
    for number in range(len(pieces) - 1, -1, -1):
        rest = [piece[0].casefold() for piece in pieces[number:]]
        if rest[0][0] == letters[0] and letters in (
            "".join(word[0] for word in rest),
            "".join(word[0] for word in rest if word not in _SMALL),
        ):
            return pieces[number].start()
    return None


def _variants(short: str) -> tuple[str, ...]:
    """Return the short form, and where it is a plural, its singular."""
    plural = len(short) > 2 and short.endswith("s") and short[-2].isupper()
    return (short, short[:-1]) if plural else (short,)


def match_long_form(short: str, candidate: str) -> int | None:
    """Return the offset at which the long form begins in `candidate`, which ends with it, or None where it has none.

    The characters of `short` are found from right to left; the first has to begin a word.

    >>> match_long_form("HMM", "we train a hidden Markov model"), match_long_form("XY", "an example")
    (11, None)
    """
    position = len(candidate)
    folded = candidate.lower()
    for index in range(len(short) - 1, -1, -1):
        char = short[index].lower()
        if not char.isalnum():
            continue
        position -= 1
        while position >= 0 and (
            folded[position : position + 1] != char or (index == 0 and position > 0 and folded[position - 1].isalnum())
        ):
            position -= 1
        if position < 0:
            return None
    before = max(candidate.rfind(" ", 0, position), candidate.rfind("-", 0, position))
    return before + 1 if candidate[before + 1 : position].strip("\"'“‘$") == "" else position


def _checked(text: str, start: int, end: int, short: str) -> Offsets | None:
    """Return the range of a long form where it can be one: longer than the short form, which it does not hold."""
    while start < end and text[start] in "\"'“‘ ":
        start += 1
    while end > start and text[end - 1] in "\"'”’ ,":
        end -= 1
    form = text[start:end]
    words = [word.strip("\"'“”‘’,.").casefold() for word in form.split()]
    if len(form) <= len(short) or short.casefold() in words:
        return None
    return start, end
