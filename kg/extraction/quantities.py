r"""Quantities in a text: numbers with their units, ranges, ratios, orders of magnitude, bounds.

A quantity is the smallest verbatim span that holds the number and its unit: "2.13X", "16\%", "11%-37%", "10 ms", "two
orders of magnitude", "O(n log n)". The name of a measure without a unit ("F1" in "0.83 F1") stays outside. Digits that
are part of a name ("ResNet-50", "top-1", "Llama-3.1") are no quantities. Both LaTeX and what is left of it where a
source dropped its backslashes ("1.3times", "2.36sim 8.02times") are read.

Every pattern is bounded or possessive, so the time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.paper import Span

_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,6}+(?!\d)(?:\.\d++)?|\d++(?:\.\d++)?|\.\d++)"
_TIMES = (
    r"(?:[~\s]?\$\s?\\times\s?\$|[~\s]?\\\(\s?\\times\s?\\\)|[~\s]?(?:\\?times\b|×)(?!\s?\d)|\s?[xX](?!\w|-[a-z])|"
    r"[-\s]?[Ff]old\b)"
)
_PERCENT = r"(?:\s?\$\\?%\$|[~\s]?\\?%|[~\s]percent\b(?!age)|[~\s]per cent\b)"
_POINTS = r"(?:\s(?:percent(?:age)?[-\s])?(?:points?|pts)\b|\s?p\.?p\b|\s?\\?%[-\s]points?\b)"
_SCALE = (
    r"(?:\s?[KMk]\s(?:frames|tokens|videos|images|samples|pixels)\b|\s?(?:[KMBGT]|k)(?!\w)|"
    r"\s(?:thousand|[MmBb]illion|[Tt]rillion)s?\b)"
)
_PER = r"(?:[-\s][Pp]er[-\s](?:[Ss]econd|minute|hour|day|chip|[Ww]att|[Jj]oule)\b|/s(?:ec)?\b)"
_COUNTED = r"(?:[-\s](?:[A-Za-z]{3,15}\s){0,2}[A-Za-z]{3,15})"
_RATE = r"(?:/(?:sec|s|hour|h|day|object|W|mm|cm|m|C|V|T|K|query|image|token)\b){1,3}"
_PHYSICAL = (
    r"(?:FPS|fps|[kMGT]?Hz|[kKMGTP]i?[Bb](?:ps)?|[kMG]?bps|[KMGTPE]?(?:FLOPS?|FLOPs|flops|OPS|MACs|TEPS|EPS)|"
    r"[num\u00b5\u03bck]?[sWJVAm]|[ck]m|dB[mi]?|mAh|k?Wh|[kMG]?eV|°C|Å|pixels?|px|ppm|USD|EUR|dollars?|cents?|"
    r"sec(?:ond)?s?|min(?:ute)?s?|h|hrs?|hours?|days?|weeks?|months?|years?|(?:nano|micro|milli)seconds?|"
    r"[Ww]atts?|[Jj]oules?|[Dd]egrees?|miles?|(?:centi)?met(?:er|re)s?|[KkMmGgTt](?:ilo|ega|iga|era)bytes?|"
    r"micro-?[A-Z][a-z]{2,8}|nats?|bits?|bytes?)"
)
_HOURS = r"(?:\s?(?:[A-Z]\w{1,5}\s)?(?:[GCTN]PU|A100|H100|V100)[-\s.](?:hours?|h|days?|years?)\b)"
_OTHER = r"(?:[~\s]?\$?\\,?\\(?:mu|micro)\s?\$?\s?[smgW]\b|~?\\?\s?\\AA\b)"
_UNIT = (
    rf"(?:{_TIMES}|{_POINTS}|{_PERCENT}|{_HOURS}|{_SCALE}?{_COUNTED}{_PER}|{_OTHER}|"
    rf"(?:[~\s]|\\,|-(?=frame|image|pixel))?{_PHYSICAL}(?!\w)(?:{_RATE})?|{_SCALE})"
)
_JOIN = r"(?:\s?(?:-{1,3}|–|—|~|\\sim|sim)\s?|\sto[~\s]|\sup\sto\s)"
_STARTS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50",
    "hundred": "100", "half": "0.5", "twice": "2", "thrice": "3", "halv": "0.5", "doubl": "2", "tripl": "3",
    "quadrupl": "4",
}  # fmt: skip
_WORD = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred)"
_TIME_WORD = r"(?:(?:second|minute|hour|day|week|month|cycle|iteration|percent|point)s?\b)"
_LETTERS = r"(?:\d?[A-Za-z]?\s?(?:\\?math(?:frak|cal|bb|bf|rm)\s?)?\{?[A-Za-z]\}?\s?)"

_QUANTITY = re.compile(
    rf"""
    (?P<order>\b(?:(?:half\san|{_WORD}|several|many|\d{{1,2}}(?:[-–]\d)?)\s)?orders?[-\s]of[-\s]magnitudes?\b)
  | (?P<part>\bone[-\s](?:half|third|quarter|fourth|fifth|tenth)\b
      |\b(?:half(?!\s(?:layer|unit|a\s|precision))|twice|thrice)\b(?!['’-]))
  | (?P<verb>\b(?:more\sthan\s)?(?:doubl|tripl|quadrupl)(?:ed|ing)\b
      |\bhalv(?:es?|ed|ing)\b|\bdoubles\b(?=\s(?:the|its|our)\b))
  | (?P<word>(?<![\w-])(?:{_WORD}|few|several)\s(?:times\b(?!\s\d)|{_TIME_WORD}))
  | (?P<bound>(?<![\w\\])(?:\\?math(?:cal|rm|bf)\s?\{{?\s?|\\?(?:wide)?tilde\s?\{{?\s?){{0,2}}[OΘΩ]\}}?\s?
      (?:\\left\s?)?\()
  | (?P<power>(?<![\w^.])10\s?\^\s?(?:\{{-?\d{{1,3}}\}}|-?\d{{1,3}}))
  | (?P<formula>(?<![\w^])(?:{_LETTERS}\^\s?\{{[^{{}}\n]{{1,30}}\}}){{1,4}})
  | (?P<prefixed>(?<![\w.])[x×X](?!86\b|64\b){_NUMBER}(?!\w))
  | (?P<outof>(?<![\w.,/^@:-])\d{{1,4}}\sout\sof\s(?:the\s)?\d{{1,4}}(?![\w.]\d)(?:\s(?:datasets|benchmarks)\b)?)
  | (?P<ratio>(?<![\w.,/^@:-])\d{{1,3}}(?:\.\d{{1,3}})?/\d{{1,3}}(?:\.\d{{1,3}})?(?![\w/.]\w|[\\%]))
  | (?P<ordinal>(?<![\w.,^@:-])\d{{1,3}}(?:st|nd|rd|th)\b(?:\s[Pp]lace\b)?)
  | (?P<cited>\barXiv:\S{{1,40}})
  | (?P<sign>(?<![\w)\]}}.+\-−±])[+\-−±])?
    (?P<money>\\\$\s?|(?<![\w\\$])\$(?=[\d,.]{{1,12}}+(?!\s?(?:[\d$\\%^]|sim\b))))?
    (?P<low>{_NUMBER})(?P<plus>\+)?(?P<unit>{_UNIT})?
    (?:(?P<join>{_JOIN})(?P<high>{_NUMBER})\+?(?P<highunit>{_UNIT})?(?!\w))?
    """,
    re.VERBOSE,
)
_RANGING = re.compile(r"(?:rang|var|span)\w{1,4}\s(?:\w{1,12}\s){0,2}from\s?\$?\Z", re.IGNORECASE)
_BETWEEN = re.compile(r"between\s\$?\Z")
_AND = re.compile(rf"\sand\s(?P<high>{_NUMBER})(?P<highunit>{_UNIT})?")
_THINGS = re.compile(r"\s(?P<things>[a-z]{3,14}s)\b")
_NOT_THINGS = re.compile(
    r"(?:across|was|has|its|this|thus|less|pass|vs|versus|plus|times|perhaps|always|as|parameters|outperforms|achieves|"
    r"shows|yields|percentages|progress|classes)\Z"
)
_READABLE = (
    (re.compile(r"(?<=\d)~(?=[A-Za-z\\])"), " "),
    (re.compile(r"\\[()]|\\,|\$(?!\d)|(?<=\d)\$|\\(?=[%$])|\A\$(?=.*\$)"), ""),
    (re.compile(r"\s*(?:\\?times\b|×|(?<=[\d\s])[xX](?!\w))"), "×"),
    (re.compile(r"\s*(?:\\?sim\b|-{2,3}|—)\s*|(?<=[\d%×])\s*[-~]\s*(?=\d)"), "–"),
    (re.compile(r"\s*(?:\\?%|percent\b(?!age)|per cent\b)"), "%"),
    (re.compile(r"\\mu\s*"), "µ"),
    (re.compile(r"[~\s]+"), " "),
)
_TIME = re.compile(
    r"(?:[nmuµ\u03bc]?s|sec|h|hrs?|min|(?:nano|micro|milli)?seconds?|minutes?|hours?|days?|weeks?|months?|years?)\Z"
)


@dataclass(frozen=True)
class Quantity:
    """One number with its unit as it stands in a text.

    Attributes:
        span: the smallest span that holds number and unit.
        number: the number as a decimal string without "+" and thousands commas, the lower end of a range; None where no
            number is said ("orders of magnitude", a bound).
        upper: the upper end of a range, else None.
        unit: "×", "%", "points", "ms", "order of magnitude" ..., or "" where there is none.
        value: the span as a person reads it ("2.36–8.02×").
    """

    span: Span
    number: str | None
    upper: str | None
    unit: str
    value: str


def find_quantities(text: str) -> tuple[Quantity, ...]:
    r"""Return every quantity of a text, in text order, none overlapping another.

    >>> [q.span.surface for q in find_quantities("ResNet-50 is 1.3times faster, at 16\\% less energy and 10 ms.")]
    ['1.3times', '16\\%', '10 ms']
    >>> [(q.value, q.number, q.upper, q.unit) for q in find_quantities("a gain of 2.36sim 8.02times")]
    [('2.36–8.02×', '2.36', '8.02', '×')]
    """
    return tuple(_quantities(text))


def read_value(surface: str) -> str:
    r"""Return a quantity as a person reads it.

    >>> [read_value(v) for v in ("4.75$\\times$", "5 percent", "3.2sim 4.1times", "1.0~dB", "30X", "97.6--100.0%")]
    ['4.75×', '5%', '3.2–4.1×', '1.0 dB', '30×', '97.6–100.0%']
    """
    value = surface
    for pattern, replacement in _READABLE:
        value = pattern.sub(replacement, value)
    return value.strip() or surface


def unit_class(unit: str) -> str:
    """Return the class of a unit: of time, rate, data, ...; a unit that stands for itself; "thing" for what is counted.

    >>> [unit_class(u) for u in ("", "×", "ms", "frames per second", "GB", "M", "samples", "GPU hours", "dB")]
    ['none', '×', 'time', 'rate', 'bytes', 'scale', 'thing', 'device', 'dB']
    """
    last = unit.split()[-1] if unit.split() else unit
    if unit in ("", "×", "%", "points", "order of magnitude"):
        return unit or "none"
    if re.search(r"[GTCN]PU|[AHV]100", unit):
        return "device"
    if _TIME.match(last) and "/" not in unit and " per " not in unit:
        return "time"
    if re.search(r"(?i)fps|per |/s|-per-|Hz", unit):
        return "rate"
    if re.fullmatch(r"(?i)[kmgtp]?i?b|[kmgt]?bps|[a-z]*bytes?|bits?", last):
        return "bytes"
    if re.fullmatch(r"[KkMBTG]|thousand|[MmBb]illions?|[Tt]rillions?", unit):
        return "scale"
    if re.search(r"(?i)flop|ops\b|macs|teps", unit):
        return "compute"
    return unit if re.fullmatch(r"[kmcnµu]?[WJVAm]|dB|degrees?|[Ww]atts?|USD|\$", unit) else "thing"


def _quantities(text: str) -> Iterator[Quantity]:
    position = 0
    while match := _QUANTITY.search(text, position):
        position = match.end()
        if match["low"] is not None:
            found = _numbers(text, match)
            if not found and match["join"] is not None:
                position = match.start("join")
            elif found:
                position = max(position, found[-1].span.end)
            yield from found
        elif match["cited"] is not None:
            continue
        elif match["bound"] is not None:
            end = _closing(text, match.end())
            if end is not None:
                position = end
                yield _quantity(text, match.start(), end, None, None, "")
        else:
            yield _named(text, match)


def _numbers(text: str, match: re.Match[str]) -> list[Quantity]:
    """Return the quantity, the range or the two quantities of a match; nothing where the digits belong to a name."""
    start, end = match.span()
    number, unit = match["low"].replace(",", ""), match["unit"] or ""
    if _in_name(text, match.start("low"), start, unit):
        return []
    if match["join"] is not None:
        first = max(match.end("low"), match.end("plus"), match.end("unit"))
        high, high_unit = match["high"].replace(",", ""), match["highunit"] or ""
        if not _is_change(text[max(0, start - 40) : start], match["join"], unit.strip(), high_unit.strip()):
            return [_quantity(text, start, end, number, high, high_unit or unit)]
        one = _quantity(text, start, first, number, None, unit)
        return [one, _quantity(text, match.start("high"), end, high, None, high_unit)]
    if _glued(text, end):
        return []
    between = _BETWEEN.search(text, max(0, start - 10), start) and _AND.match(text, end)
    if between and not _glued(text, between.end()):
        return [_quantity(text, start, between.end(), number, between["high"], between["highunit"] or unit)]
    things = None if unit or match["money"] or number in ("0", "1") else _THINGS.match(text, end)
    if things and number.isdigit() and not _NOT_THINGS.match(things["things"]):
        end, unit = things.end(), things["things"]
    return [_quantity(text, start, end, number, None, unit or (match["money"] or "").replace("\\", ""))]


def _is_change(before: str, join: str, unit: str, high_unit: str) -> bool:
    """Return whether "from A to B" says that A became B; "ranging from A to B" is one range."""
    if join.strip(" ~") != "to":
        return False
    if before.rstrip("$ ").endswith("from") and not _RANGING.search(before):
        return True
    return unit != high_unit and unit[-1:].isalpha() and high_unit[-1:].isalpha()


def _named(text: str, match: re.Match[str]) -> Quantity:
    """Return a quantity that is written in words, with a power, as a ratio or with the sign before the number."""
    surface = match.group()
    words = re.findall(r"[a-z]+", surface.lower())
    number = next((n for w in words for start, n in _STARTS.items() if w.startswith(start)), None)
    unit = ""
    if match["order"]:
        unit = "order of magnitude"
    elif match["word"]:
        unit = surface.split()[-1].replace("times", "×")
    elif match["part"] or match["verb"] or match["prefixed"]:
        unit = "×"
    digits = re.search(r"\d[\d,]*(?:\.\d+)?", surface)
    if digits and not match["formula"]:
        number = digits.group().replace(",", "")
    return _quantity(text, *match.span(), number, None, unit)


def _quantity(text: str, start: int, end: int, number: str | None, upper: str | None, unit: str) -> Quantity:
    if text.count("$", start, end) % 2 and text[start] != "$" and text[start - 1 : start] == "$":
        start -= 1
    span = Span.of(text, start, end)
    plain = read_value(unit)
    plain = "points" if re.search(r"(?:points?|pp|pts)\Z", plain) else "×" if plain in ("x", "X") else plain
    value = read_value(span.surface)
    if number and re.fullmatch(r"[a-z]+×", value):
        value = f"{number}×"
    return Quantity(span, _plain(number), _plain(upper), plain, value)


def _plain(number: str | None) -> str | None:
    return "0" + number if number and number.startswith(".") else number


def _in_name(text: str, digits: int, start: int, unit: str) -> bool:
    """Return whether the digits go on from a word: "ResNet-50", "v5", "3.1.2"; not "near-100%", not "from16"."""
    before = text[max(0, start - 5) : start]
    if before[-1:] == "-" and before[-2:-1].isalnum():
        return unit.strip() in ("", "B", "b", "K", "M")
    if start < digits:
        return False
    glued = before[-1:].isalnum() and not before.endswith(("from", "over", "sim"))
    return glued or before[-1:] in ("_", "^", "@", "#", ".")


def _glued(text: str, end: int) -> bool:
    """Return whether a word goes on after the digits: "3D", "4-bit"."""
    return text[end : end + 1].isalnum() or bool(re.match(r"-[A-Za-z]", text[end : end + 2]))


def _closing(text: str, start: int) -> int | None:
    """Return where the bracket opened before `start` is closed, at most 100 characters on, or None."""
    depth = 1
    for i in range(start, min(start + 100, len(text))):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i + 1
    return None
