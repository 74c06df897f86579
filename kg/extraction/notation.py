r"""Broken LaTeX read as a person would: commands, escapes and words that have lost their backslash.

Listing pages and archives keep what authors typed: `\textbf{fast}`, `5\%`, `$\times$`, and often only what was left of
it after a careless conversion: `1.3times`, `ell_p`, `scriptsizeName`. A word without a backslash is only read as a
command where English has no such word, or where it is glued to a number or a sub- or superscript.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from kg.extraction.latex import ACCENTS, DROPPED, ENTITIES, FONTS, SECOND, SWITCHES, SYMBOLS

MAX_MATH = 300
"""Longest formula between dollar signs, in characters."""

_WORDS = "times|sim|approx|leq|geq|neq|pm|cdot"
_GREEK = "alpha|beta|gamma|delta|epsilon|theta|kappa|lambda|sigma|omega|ell|mu|tau|phi|psi|rho|eta"
_LONG = "alpha|gamma|delta|epsilon|theta|kappa|lambda|sigma|omega"
_BARE = "math(?:cal|bb|bf|frak|rm|sf|scr|it|tt)|text(?:bf|it|tt|sc|rm|sf)|emph|boldsymbol|operatorname"
_TRIGGER = re.compile(
    r"(?P<cite>[~ ]?\\(?:cite[a-z]*|parencite|textcite|autocite)\b\*?)"
    r"|\\unicode\{x(?P<code>[0-9A-Fa-f]{2,6})\}"
    r"|(?P<quoted>(?<=[^\W\d_])\\'(?=(?:s|re|ve|ll|m)\b)|(?<=n)\\'(?=t\b))"
    r"|(?P<accent>\\(?:['`^\"~=.]\s?|[uvHcdbrk](?=\{)|[vcHk] )(?:\\(?P<dotless>[ij])\b|(?P<base>[^\W\d_])"
    r"|\{(?:\\(?P<dotless2>[ij])|(?P<base2>[^\W\d_]))\}))"
    r"|(?P<macro>\\(?P<name>[A-Za-z]+)\*?)"
    r"|(?P<newline>\\\\+)"
    r"|\\(?P<escaped>[%&_#${}~|'`\"^*<>.])"
    r"|(?P<space>\\[,;: ])"
    r"|(?P<nothing>\\[!/\-()\[\]@])"
    r"|(?P<slash>\\)"
    r"|(?P<urls>/?\{url\}(?!\w))"
    r"|(?P<script>(?<=[\w)\]}])[_^]\{)"
    r"|(?P<open>\{)|(?P<close>\})|(?P<dollar>\$)"
    r"|(?P<entity>&(?:amp|lt|gt|quot|nbsp|#39);)"
    r"|(?P<tie>(?<=[^\W\d_.,;:)\]}%$])~(?=[\w(\[$\\])|(?<=[.,;:)\]}%$])~(?=[\w(\[$\\])|(?<=\d)~(?=[^\W\d_(\[$\\]))"
    r"|(?P<dash>(?<!-)---?(?![->]))"
    r"|(?P<quotes>``)|(?P<closing>'')"
    r"|(?P<comment>(?<=[.!?])\ %(?=\ [A-Z]))"
    r"|(?P<range>(?<=\d)(?:sim|\$\\sim\$)\ ?(?=\d+(?:[.,]\d+)*(?:[^\w.,]|[.,](?!\d)|times|[xX]\b|$)))"
    rf"|(?P<glued>(?<=\d)(?:times(?![a-z])|(?:{_WORDS})(?=[\d.]*\d(?:[^\w]|times|$))))"
    r"|(?P<relation>(?<![A-Za-z])(?:leq|geq|neq)(?![A-Za-z])|(?<=(?<![A-Za-z])[A-Za-z\d])(?:leq|geq|neq)(?![A-Za-z])"
    r"|(?<=(?<![A-Za-z])[a-df-zA-Z])gg(?=\ \d))"
    r"|(?P<word>(?<![A-Za-z])(?:varphi|varepsilon|infty|(?:left|right|leftright)arrow)(?![A-Za-z]))"
    rf"|(?P<greek>(?:(?<![A-Za-z])(?:{_GREEK})|(?<=(?<![A-Za-z])[a-z])(?:{_LONG}))(?=\^|_\{{|_[A-Za-z0-9](?![A-Za-z0-9])|_infty))"
    r"|(?P<ellipsis>(?<=,)[lc]?dots(?=,))"
    rf"|(?P<font>(?<![A-Za-z\\])(?:(?:{_BARE})(?=\{{)|math(?:cal|bb|bf|frak|rm|sf|scr|it|tt)\ ?(?=[A-Z](?![a-z]))"
    r"|(?:scriptsize|footnotesize|normalsize)\ ?(?=[A-Z{])))"
)
_HAS_TRIGGER = re.compile(
    r"[\\{}$~_^&]|--|``|\ %\ |\d(?:times|sim|approx|leq|geq|neq|pm|cdot)|leq|geq|neq|gg\ |infty|varphi|varepsilon|arrow"
    r"|dots,|math[a-z]|size[A-Z{\ ]"
)
_CURRENCY = re.compile(r"\s|\d\S*\s+[A-Za-z]|.*\s$", re.DOTALL)
_FORMULA = re.compile(r"[\\^_{}=<>]")


_FIXED = {
    "quoted": "'",
    "newline": " ",
    "space": " ",
    "tie": " ",
    "quotes": "“",
    "closing": "”",
    "range": "–",
    "ellipsis": "…",
}
"""What stands for the kinds of notation that always become the same character."""


@dataclass(frozen=True)
class Readable:
    """A text as a person reads it, with where each character came from.

    Attributes:
        text: the clean text.
        starts, ends: for each character of `text` the half-open range of the stored text that it stands for, in order:
            the ranges of two characters are disjoint, or the same where one command stands for both. What stands for
            nothing lies between them.
        length: of the stored text.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    length: int

    def start(self, index: int) -> int:
        """Return the stored offset at which clean character `index` begins; that of the end is `length`."""
        return self.starts[index] if index < len(self.starts) else self.length

    def end(self, index: int) -> int:
        """Return the stored offset at which clean character `index` ends."""
        return self.ends[index]

    def to_stored(self, start: int, end: int) -> tuple[int, int]:
        """Return the stored range of a clean range; an empty range stays empty.

        Raises:
            ValueError: not `0 <= start <= end <= len(text)`.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"not a range of the clean text: [{start}, {end})")
        if start == end:
            return self.start(start), self.start(start)
        return self.starts[start], self.ends[end - 1]

    def to_clean(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of the clean characters that stand for some of a stored range; it may be empty.

        Raises:
            ValueError: not `0 <= start <= end <= length`.
        """
        if not 0 <= start <= end <= self.length:
            raise ValueError(f"not a range of the stored text: [{start}, {end})")
        first = bisect_right(self.ends, start)
        return first, max(first, bisect_left(self.starts, end)) if end > start else first


def read_notation(text: str) -> Readable:
    r"""Return `text` as a person reads it. Takes time linear in its length; text without notation stays as it is.

    >>> read_notation(r"\textbf{Fast}: 1.3times and 5\% of $\ell_2$").text
    'Fast: 1.3× and 5% of ℓ_2'
    >>> read_notation("2.36sim 8.02times").to_stored(0, 10)
    (0, 17)
    """
    size = len(text)
    if not _HAS_TRIGGER.search(text):
        return Readable(text, range(size), range(1, size + 1), size)
    return _Reader(text).read()


class _Reader:
    """One pass over a text; groups and formulas that are open are remembered as what their closing mark becomes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.braces = _match_braces(text)
        self.closers: dict[int, str] = {}
        self.formulas = _match_dollars(text)
        self.math_end = -1
        self.dropped: set[int] = set()
        self.quotes = 0

    def read(self) -> Readable:
        position = 0
        while match := _TRIGGER.search(self.text, position):
            start = match.start()
            self.keep(position, start)
            position = max(self.read_one(match), start + 1)
        self.keep(position, len(self.text))
        return Readable("".join(self.parts), self.starts, self.ends, len(self.text))

    def keep(self, start: int, end: int) -> None:
        """Take over a range as it is."""
        if start < end:
            self.parts.append(self.text[start:end])
            self.starts.extend(range(start, end))
            self.ends.extend(range(start + 1, end + 1))

    def put(self, clean: str, start: int, end: int) -> int:
        """Let each character of `clean` stand for the whole of a range; return the end."""
        self.parts.append(clean)
        self.starts.extend([start] * len(clean))
        self.ends.extend([end] * len(clean))
        return end

    def read_one(self, match: re.Match[str]) -> int:
        """Read one piece of notation; return the offset behind it."""
        start, end = match.span()
        kind = match.lastgroup or ""
        for outer in ("accent", "macro"):
            kind = outer if match[outer] is not None else kind
        found = match[0]
        match kind:
            case "macro":
                return self.read_macro(match["name"], start, end)
            case "accent":
                base = match["base"] or match["base2"] or match["dotless"] or match["dotless2"]
                return self.put(unicodedata.normalize("NFC", base + ACCENTS[found[1]])[:1], start, end)
            case "code":
                number = int(match["code"], 16)
                return self.put(chr(number) if 32 <= number < 0xD800 else "\ufffd", start, end)
            case "cite":
                return self.skip_arguments(end, 1)
            case "open":
                return self.read_brace(start)
            case "close":
                return self.put(self.closers.pop(start, "}"), start, end)
            case "script":
                return self.read_script(start)
            case "dollar":
                return self.read_dollar(start)
            case "quotes":
                self.quotes += 1
            case "closing":
                if self.quotes == 0:
                    self.keep(start, end)
                    return end
                self.quotes -= 1
            case "dash" if not self.is_dash(start, end):
                self.keep(start, end)
                return end
            case "font":
                return self.open_argument(end, "")
            case "urls":
                return self.put("/" if found[0] == "/" else "", start, end)
        return self.put(self.clean_of(kind, found), start, end)

    def clean_of(self, kind: str, found: str) -> str:
        """Return what a piece of notation without argument stands for."""
        match kind:
            case "escaped":
                return found[1]
            case "glued" | "relation" | "word" | "greek":
                return SYMBOLS[found]
            case "entity":
                return ENTITIES[found]
            case "dash":
                return "–" if len(found) == 2 else "—"
        return _FIXED.get(kind, "")

    def is_dash(self, start: int, end: int) -> bool:
        """Whether hyphens in [start, end) are a dash and not an option of a command or a line of hyphens."""
        before, after = self.text[start - 1 : start], self.text[end : end + 1]
        return before.isspace() == after.isspace() and bool(before) and bool(after)

    def is_range(self, end: int) -> bool:
        """Whether a tilde whose command ends at `end` stands between two numbers."""
        before = self.parts[-1][-1:] if self.parts else ""
        return before.isdigit() and re.compile(r"\$?\s?\d").match(self.text, end) is not None

    def read_brace(self, start: int) -> int:
        """Drop a pair of braces in a formula, around a command, or empty; keep others."""
        close = self.braces.get(start)
        if close is not None and (start < self.math_end or start in self.dropped or self.text[start + 1] == "\\"):
            self.closers[close] = ""
            return start + 1
        return self.put("{", start, start + 1)

    def read_script(self, start: int) -> int:
        """Read a sub- or superscript in braces: what is more than a word or number gets brackets instead."""
        close = self.braces.get(start + 1)
        if close is None:
            return self.put(self.text[start : start + 2], start, start + 2)
        self.keep(start, start + 1)
        inside = self.text[start + 2 : min(close, start + 40)]
        simple = re.fullmatch(r"[-+]?[\w.]*|\\[A-Za-z]+|[*'+-]", inside) is not None
        self.put("" if simple else "(", start + 1, start + 2)
        self.closers[close] = "" if simple else ")"
        return start + 2

    def read_dollar(self, start: int) -> int:
        """Drop the dollar signs of a formula; keep those of a sum of money."""
        if start in self.formulas:
            self.math_end = max(self.math_end, self.formulas[start])
            return start + 1
        return self.put("$", start, start + 1)

    def read_macro(self, name: str, start: int, end: int) -> int:
        text = self.text
        if name in DROPPED:
            return self.skip_arguments(end, 1)
        if name in SECOND:
            return self.open_argument(self.skip_arguments(end, 1), "")
        if name == "footnote":
            return self.open_argument(end, ")", " (")
        if name == "frac" and end in self.braces:
            second = self.braces[end] + 1
            if second in self.braces:
                self.dropped.add(second)
            return self.open_argument(end, "/")
        if name in SWITCHES:
            return end + 1 if text[end : end + 1] == " " else end
        if name in SYMBOLS:
            clean = SYMBOLS[name].replace("␣", " ")
            if clean.endswith(".") and text[end : end + 1] == ".":
                clean = clean[:-1]
            if name == "sim" and self.is_range(end):
                clean = "–"
            self.put(clean, start, end)
            return self.open_argument(end, "") if text[end : end + 1] == "{" else end
        if end in self.braces:
            if self.braces[end] == end + 1:  # \name{}
                self.keep(start + 1, end)
                return end + 2
            return self.open_argument(end, "")
        if FONTS.fullmatch(name):
            return end + 1 if text[end : end + 1] == " " else end
        if text[max(0, start - 1) : start].isalnum():
            self.put(" ", start, start + 1)
        self.keep(start + 1, end)
        return end

    def open_argument(self, position: int, closing: str, opening: str = "") -> int:
        """Drop the brace that opens an argument at `position`; its closing brace becomes `closing`."""
        close = self.braces.get(position)
        if close is None:
            return position
        self.put(opening, position, position + 1)
        self.closers[close] = closing
        return position + 1

    def skip_arguments(self, position: int, count: int) -> int:
        """Return the offset behind bracketed options and `count` arguments in braces."""
        options = re.compile(r"(?:\[[^\[\]]{0,80}\]){0,3}").match(self.text, position)
        position = options.end() if options else position
        for _ in range(count):
            if position in self.braces:
                position = self.braces[position] + 1
        return position


def _match_braces(text: str) -> dict[int, int]:
    """Return the offset of the closing brace for that of each opening one with a partner; escaped ones do not count."""
    pairs, opened = dict[int, int](), list[int]()
    for match in re.finditer(r"\\.|[{}]", text, re.DOTALL):
        if match[0] == "{":
            opened.append(match.start())
        elif match[0] == "}" and opened:
            pairs[opened.pop()] = match.start()
    return pairs


def _match_dollars(text: str) -> dict[int, int]:
    """Return the offsets of dollar signs that enclose formulas, each with the end of its formula."""
    signs = [match.start() for match in re.finditer(r"\\.|(\$)", text, re.DOTALL) if match[1]]
    found, number = dict[int, int](), 0
    while number + 1 < len(signs):
        start, end = signs[number], signs[number + 1]
        inside = text[start + 1 : end] if end - start <= MAX_MATH else ""
        plain = not _FORMULA.search(inside)
        if (not inside and end > start + 1) or (plain and _CURRENCY.match(inside)) or "\n\n" in inside:
            number += 1
            continue
        found[start] = found[end] = end
        number += 2
    return found


@lru_cache(maxsize=65536)
def read_surface(surface: str) -> str:
    r"""Return a surface form as a person reads it, blanks folded; the form itself where nothing of it is left.

    >>> read_surface("ell_p subspace  embeddings"), read_surface("16\\%")
    ('ℓ_p subspace embeddings', '16%')
    """
    return " ".join(read_notation(surface).text.split()) or surface
