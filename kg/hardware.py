"""From a mention of hardware and the text around it to a device: which one, how many, with how much memory.

The count and the memory may stand in the mention or beside it: "8x V100s", "a single RTX 4090 GPU", "24GB RTX 3090",
"2 nodes of 8 A100".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from kg.vocabulary import CONTEXT_CHARACTERS, VENDOR_WORDS, Entry, load_vocabulary

_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORDS = {word: number for number, word in enumerate(_UNITS, start=1)}
_WORDS |= {
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_WORDS |= {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_WORDS |= {"single": 1, "dual": 2, "quad": 4, "octa": 8}
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_SCALES = {"k": 1000, "thousand": 1000, "m": 1_000_000, "million": 1_000_000}

_COUNT = (
    r"(?P<count>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?(?:[kK]\b|M\b| thousand| million)|\d+|"
    rf"(?i:(?:{_TENS})-(?:{'|'.join(_UNITS[:9])})|{'|'.join(_WORDS)})(?![a-z]))\+?"
)
_TIMES = r"(?P<times>\s*(?:[×*]|\$?\\times\$?|x(?![a-z]))\s*|-(?-i:(?![a-z]))|\s+)"
_MEMORY = r"(?P<memory>\d+(?:\.\d+)?)[\s-]?(?:GB|GiB|G)(?![\w/])"
_VENDORS = "|".join(sorted({word for words in VENDOR_WORDS.values() for word in words}))
_BESIDE = (
    r"(?:\d+(?:\.\d+)?[\s-]?(?:GB|GiB|G)|(?i:" + _VENDORS + r")|[a-z]+-(?:grade|level|class|connected|core|end|shelf)|"
    r"off-the-shelf|commodity|consumer|desktop|gaming|cloud|server|modern|identical|physical|interconnected|parallel|"
    r"distributed|homogeneous|heterogeneous|commercial|mobile|embedded|edge|standard|powerful|dedicated|virtual|local|"
    r"small|large|cheap|older|recent|state-of-the-art|ARM|x86)"
)
_INSIDE = re.compile(rf"(?:(?:an?|the|only|just)\s+)?{_COUNT}{_TIMES}(?=\S)", re.IGNORECASE)
_BEFORE = re.compile(rf"(?<![\w.,%$/^-]){_COUNT}{_TIMES}(?P<beside>(?:{_BESIDE}[\s-]+){{0,3}})$")
_PAIR = re.compile(rf"\b(?:pair|couple) of\s+(?:{_BESIDE}[\s-]+){{0,3}}$", re.IGNORECASE)
_NODES = re.compile(
    rf"(?<![\w.,%$/-]){_COUNT}\s*[x×]?\s*(?:[\w-]+\s+){{0,2}}?(?:nodes?|servers?|machines?|hosts?|workstations?|boxes)"
    r"(?:,? each| that each| which each)?,?\s*(?:of|with|having|containing|contain|equipped with|housing|x|×)\s+$"
)
_ARTICLE = re.compile(r"(?:an?|the|our|its)\s+", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:in|since|by|until|from|of)\s+(?:19|20)\d\d\s+$", re.IGNORECASE)
_NOT_COUNTED = re.compile(
    r"[\s.-]*(?:GPUs?[\s.-]*)?(?:hours?|days?|weeks?|months?|years?|hrs?|h)\b| (?:nodes?|servers?|machines?)\b"
)
_MEMORY_INSIDE = re.compile(rf"(?<![\w.]){_MEMORY}")
_MEMORY_BEFORE = re.compile(rf"(?<![\w.]){_MEMORY}\s+$")
_MEMORY_AFTER = re.compile(rf"(?:\s*GPUs?|\s*cards?)?\s*-?(?:\(|with |of )?\s*{_MEMORY}")
_VENDOR = re.compile(rf"\b(?:{_VENDORS})\b", re.IGNORECASE)
_REACH = 60


@dataclass(frozen=True)
class Device:
    """What a mention of hardware says.

    Attributes:
        name: the device as it stands in the text, without number and article ("NVIDIA H100 GPUs").
        entry: what the vocabulary knows of it, or None.
        count: how many, at least 1, or None where the text does not say; of "2 nodes of 8 A100" all 16.
        memory_gb: the memory in GB that the text states, or None; what the vocabulary knows stands in `entry`.
        vendor: who makes it, from the vocabulary or the text, or None.
    """

    name: str
    entry: Entry | None = None
    count: int | None = None
    memory_gb: Decimal | None = None
    vendor: str | None = None


def read_count(text: str) -> int | None:
    """Return the number that a numeral or a number word stands for, or None.

    >>> [read_count(text) for text in ("12,000", "12K", "1.5k", "eight", "sixty-four", "a lot")]
    [12000, 12000, 1500, 8, 64, None]
    """
    text = text.strip().casefold().rstrip("+")
    if numeral := re.fullmatch(r"(\d+(?:,\d{3})*(?:\.\d+)?)\s*(k|m|thousand|million)?", text):
        value = Decimal(numeral[1].replace(",", "")) * _SCALES.get(numeral[2], 1)
        return int(value) if value == int(value) and value >= 1 else None
    tens, _, ones = text.partition("-")
    if tens not in _WORDS or (ones and ones not in _WORDS):
        return None
    return _WORDS[tens] + (_WORDS[ones] if ones else 0)


def read_device(text: str, start: int, end: int) -> Device:
    """Return the device that `text[start:end]` names; offsets are half-open character offsets into `text`.

    >>> text = "We train on 8x V100-32GB GPUs."
    >>> device = read_device(text, 12, 29)
    >>> device.name, device.count, device.memory_gb, device.vendor
    ('V100-32GB GPUs', 8, Decimal('32'), 'NVIDIA')
    """
    begin, count = _without_count(text, start, end)
    name = text[begin:end].strip()
    entry = _find(text, begin, end)
    if count is None:
        count = _count_before(text, begin, end, entry)
    if count is not None:
        count = None if _NOT_COUNTED.match(text, end) else count * _nodes_before(text, begin, start)
    memory = _memory(text, begin, end)
    if entry and memory is not None:
        entry = load_vocabulary("hardware").find(f"{entry.label} {memory:f}GB") or entry
    vendor = entry.vendor if entry and entry.vendor else _vendor(name)
    return Device(name, entry, count, memory, vendor)


def _without_count(text: str, start: int, end: int) -> tuple[int, int | None]:
    """Return where the name begins after a number or an article in the mention, and the number."""
    surface = text[start:end]
    if load_vocabulary("hardware").find(surface):
        return start, None
    if inside := _INSIDE.match(surface):
        memory = _MEMORY_INSIDE.match(surface, inside.start("count"))
        if not memory and (count := read_count(inside["count"])):
            return start + inside.end(), count
    if article := _ARTICLE.match(surface):
        return start + article.end(), None
    return start, None


def _count_before(text: str, start: int, end: int, entry: Entry | None) -> int | None:
    before = text[max(0, start - _REACH) : start]
    if _PAIR.search(before):
        return 2
    match = _BEFORE.search(before)
    if not match or _YEAR.search(before):
        return None
    generic = entry is None or entry.kind == "device class"
    if match["times"].strip() not in ("", "-") and generic and not text[start:end].endswith("s"):
        return None
    if _MEMORY_INSIDE.match(before, match.start("count")):
        return None
    return read_count(match["count"])


def _nodes_before(text: str, begin: int, start: int) -> int:
    """Return by how many nodes the count is to be multiplied: 1 where the text names none."""
    low = max(0, start - 2 * _REACH)
    before = text[low:begin]
    counted = _BEFORE.search(before) or re.search(rf"{_COUNT}{_TIMES}$", before)
    nodes = _NODES.search(before[: counted.start()]) if counted else None
    return (read_count(nodes["count"]) or 1) if nodes else 1


def _memory(text: str, start: int, end: int) -> Decimal | None:
    before = text[max(0, start - 12) : start]
    for match in (
        _MEMORY_INSIDE.search(text[start:end]),
        _MEMORY_BEFORE.search(before),
        _MEMORY_AFTER.match(text, end),
    ):
        if match:
            return Decimal(match["memory"]).normalize() + 0
    return None


def _find(text: str, start: int, end: int) -> Entry | None:
    """Return the entry of the whole name, else of the most specific and then longest name in it."""
    vocabulary = load_vocabulary("hardware")
    if entry := vocabulary.find(text[start:end]):
        return entry
    low = max(0, start - CONTEXT_CHARACTERS)
    inside = [
        (entry.kind != "device class", right - left, left, entry)
        for left, right, entry in vocabulary.find_mentions(text[low : end + CONTEXT_CHARACTERS])
        if left + low < end and right + low > start and right + low <= end
    ]
    return max(inside, key=lambda found: found[:3])[3] if inside else None


def _vendor(name: str) -> str | None:
    match = _VENDOR.search(name)
    if not match:
        return None
    return next(vendor for vendor, words in VENDOR_WORDS.items() if match[0].casefold() in words)
