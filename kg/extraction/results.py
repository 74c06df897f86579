"""Results: which quantities of a text are claims about the paper's own work, what they measure, of what, against what.

A logistic regression over words and shapes around a quantity decides, together with what the tagger says about the same
span; its weights are in `models/results.json` and are fitted by `kg.training.results`. The metric, the subject and the
baseline are linked by rules over the sentence of the value.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from kg.extraction.places import Places
from kg.extraction.quantities import Quantity, read_value, unit_class
from kg.extraction.result_parts import link_results, sentence_around
from kg.mention import Mention, Result
from kg.paper import Span
from kg.resources import resource

TOKEN = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*|\d[\d.,]*|[^\w\s]")
"""A word, a number or a mark."""
_WORD = re.compile(r"[^\s(),;]+")
_CLAUSE = re.compile(r"[;:,]\s")
_COMPARISON = re.compile(
    r"(?:than|versus|vs\.?|compared (?:to|with)|baseline|human|against|over|whereas|while)\b[^,;]{0,60}\Z",
    re.IGNORECASE,
)
_POWERS = frozenset(str(2**k) for k in range(1, 13))
_CLASSED = ("l1=", "l2=", "r1=", "r2=", "lb=", "rb=", "cl=", "s=", "thing=", "named=")


@dataclass(frozen=True)
class ResultModel:
    """The fitted weights of `models/results.json`.

    Attributes:
        weights: of the features; a feature that is not there counts nothing.
        classes: the number of the class of words with like neighbours that a word belongs to.
        alone: slope and offset that turn the sum of the weights into the log odds of a claim, without a tagger.
        joint: the factors of that sum and of the log odds that the tagger gives the span, what stands for the latter
            where the tagger does not name the span, an offset.
        threshold: probability from which a quantity is a result.
        span_threshold: confidence from which a span of the tagger that is no quantity is a result.
    """

    weights: Mapping[str, float]
    classes: Mapping[str, int] = field(default_factory=dict)
    alone: tuple[float, float] = (1.0, 0.0)
    joint: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    threshold: float = 0.5
    span_threshold: float = 0.9

    def probability(self, features: frozenset[str], tagged: float | None, has_tagger: bool) -> float:
        """Return the probability in (0, 1) that a quantity with these features is a claim of the paper.

        Args:
            features: as `read_features` gives them.
            tagged: the tagger's confidence, in (0, 1], that the span is a result; None where it does not name it.
            has_tagger: whether the text was read by the tagger at all.
        """
        own = math.fsum(self.weights.get(name, 0.0) for name in features)
        if has_tagger:
            seen = log_odds(tagged) if tagged is not None else self.joint[2]
            own = self.joint[0] * own + self.joint[1] * seen + self.joint[3]
        else:
            own = self.alone[0] * own + self.alone[1]
        return 1 / (1 + math.exp(-max(min(own, 30.0), -30.0)))


@cache
def load_model(path: Path | None = None) -> ResultModel:
    """Return the shipped weights, or those of another file."""
    values = json.loads((path or resource("models", "results.json")).read_text(encoding="utf-8"))
    classes = {word: number for number, words in enumerate(values.get("classes", ())) for word in words.split(" ")}
    alone, joint = tuple(values["alone"]), tuple(values["joint"])
    return ResultModel(values["weights"], classes, alone, joint, values["threshold"], values["span_threshold"])


def find_results(
    text: str,
    sentences: Sequence[Span],
    mentions: Sequence[Mention],
    quantities: Sequence[Quantity],
    model: ResultModel | None = None,
) -> tuple[Result, ...]:
    """Return the results that a text reports, in text order, none overlapping another; offsets refer to `text`.

    Args:
        text: title, line feed, abstract.
        sentences: its sentences, in text order.
        mentions: what the tagger found, "Result" and "Baseline" spans included; may be empty.
        quantities: the quantities of the text, in text order.
        model: other weights than those shipped.
    """
    model = model or load_model()
    tagged = [m for m in mentions if m.kind == "Result"]
    places = Places(tagged, lambda m: (m.start, m.end))
    has_tagger = any(m.rule == "tagger" for m in mentions)
    found: list[tuple[float, Quantity, str]] = []
    for index, quantity in enumerate(quantities):
        near = places.meeting(quantity.span.start, quantity.span.end)
        sure = max((m.confidence for m in near if _same(m.span, quantity.span)), default=None)
        features = read_features(
            text, sentence_around(text, sentences, quantity.span), quantities, index, model.classes
        )
        probability = model.probability(features, sure, has_tagger)
        if probability >= model.threshold:
            found.append((probability, quantity, "quantity"))
    measured = Places(quantities, lambda q: (q.span.start, q.span.end))
    for mention in tagged:
        if mention.confidence >= model.span_threshold and not measured.meeting(mention.start, mention.end):
            plain = Quantity(mention.span, None, None, "", read_value(mention.surface))
            found.append((mention.confidence, plain, "tagger"))
    kept: list[tuple[float, Quantity, str]] = []
    taken = bytearray(len(text))
    for entry in sorted(found, key=lambda e: (-e[0], e[1].span)):
        start, end = entry[1].span.start, entry[1].span.end
        if not any(taken[start:end]):
            kept.append(entry)
            taken[start:end] = b"\1" * (end - start)
    kept.sort(key=lambda e: e[1].span)
    return tuple(link_results(text, sentences, mentions, kept))


def read_features(
    text: str, sentence: Span, quantities: Sequence[Quantity], index: int, classes: Mapping[str, int] | None = None
) -> frozenset[str]:
    """Return the names of the features of one quantity: its unit and number, the words around it, its neighbours.

    Each word is there as itself and, where it has one, as its class.
    """
    names = frozenset(_features(text, sentence, quantities, index))
    known = classes or {}
    split = [name.partition("=") for name in names if name.startswith(_CLASSED)]
    return names | {f"{part}c={known[word]}" for part, _, word in split if word in known}


def _features(text: str, sentence: Span, quantities: Sequence[Quantity], index: int) -> Iterator[str]:
    quantity = quantities[index]
    start, end = quantity.span.start, quantity.span.end
    low, high = min(sentence.start, start), max(sentence.end, end)
    unit, number = unit_class(quantity.unit), quantity.number or ""
    yield from ("bias", f"u={unit}", f"u&dec={unit}{'.' in number}")
    if unit == "thing":
        yield f"thing={quantity.unit.split()[-1].lower()}"
    if quantity.span.surface[0] in "+-":
        yield "sign"
    if quantity.upper:
        yield "range"
    if unit == "none" and number.isdigit():
        yield from (f"digits={min(len(number), 6)}", f"year={1980 <= int(number[:9]) <= 2035}")
        yield from (f"power={number in _POWERS}", f"comma={',' in quantity.span.surface}")
    prefix, suffix = text[max(low, start - 150) : start], text[end : min(high, end + 120)]
    left, right = [_fold(t) for t in TOKEN.findall(prefix)], [_fold(t) for t in TOKEN.findall(suffix)]
    before, after = ["<s>", "<s>", *left], [*right, "</s>", "</s>"]
    yield from (f"l1={before[-1]}", f"l2={before[-2]}", f"l12={before[-2]} {before[-1]}", f"u&l1={unit} {before[-1]}")
    yield from (f"r1={after[0]}", f"r2={after[1]}", f"r12={after[0]} {after[1]}", f"u&r1={unit} {after[0]}")
    yield from (f"lb={t}" for t in left[-8:])
    yield from (f"rb={t}" for t in right[:6])
    yield from (f"s={_fold(t)}" for t in TOKEN.findall(text[max(low, start - 400) : min(high, end + 400)]))
    yield from (f"cl={_fold(t)}" for t in TOKEN.findall(_CLAUSE.split(prefix)[-1]))
    yield from (f"lc={text[start - 1 : start]}", f"rc={text[end : end + 1]}")
    for side, words in (("l", _WORD.findall(prefix[-60:])[-1:]), ("r", _WORD.findall(suffix[:60])[:1])):
        shape = _shape(words[0]) if words else "none"
        yield from (f"{side}shape={shape}", f"{side}shape&u={shape} {unit}")
    if before[-1] in "=:<>" and len(left) > 1:
        yield f"named={before[-2]}"
    if prefix.rfind("(") > prefix.rfind(")"):
        yield "brackets"
    if re.search(r"from\s?\$?\Z", prefix) and re.match(r"[^.;]{0,25}?\sto\s", suffix):
        yield "from"
    if re.search(r"from\s[^.;]{1,40}\sto\s(?:\w+\s)?\$?\Z", prefix[-60:]):
        yield "to"
    if _COMPARISON.search(prefix[-80:]):
        yield "compared"
    yield from (f"part={int(5 * start / len(text))}", f"title={low == 0}", f"paper={min(len(quantities) // 2, 5)}")
    near = [q for q in quantities[max(0, index - 20) : index + 20] if low <= q.span.start < high]
    yield from (f"count={min(len(near), 6)}", f"alike={min(sum(unit_class(q.unit) == unit for q in near), 4)}")
    yield f"gains={any(q.unit in ('%', '×') for q in quantities[:50])}"
    yield from _neighbours(text, (low, high), quantities, index, unit)


def _neighbours(
    text: str, limits: tuple[int, int], quantities: Sequence[Quantity], index: int, unit: str
) -> Iterator[str]:
    span = quantities[index].span
    if index and quantities[index - 1].span.start >= limits[0]:
        yield f"before={unit_class(quantities[index - 1].unit)} {unit}"
        gap = text[quantities[index - 1].span.end : span.start].strip().lower()
        if len(gap) < 25:
            yield f"gapl={re.sub(r'[0-9]', '#', gap)}"
    if index + 1 < len(quantities) and quantities[index + 1].span.end <= limits[1]:
        yield f"after={unit_class(quantities[index + 1].unit)} {unit}"
        gap = text[span.end : quantities[index + 1].span.start].strip().lower()
        if len(gap) < 25:
            yield f"gapr={re.sub(r'[0-9]', '#', gap)}"


def _fold(token: str) -> str:
    return "#" if token[0].isdigit() else token.lower()


def _shape(word: str) -> str:
    """Return whether a word is Capitalised, an ACRONYM, miXed, low or a sign."""
    if re.fullmatch(r"[A-Z][a-z]+", word):
        return "cap"
    if re.fullmatch(r"[A-Z]{2,}s?", word):
        return "caps"
    return "mixed" if re.search(r"[A-Z0-9]", word) else "low" if word[0].isalpha() else "sign"


def overlap(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Return the share, in [0, 1], of the longer of two ranges that they have in common.

    >>> overlap((0, 4), (2, 6)), overlap((0, 2), (3, 4))
    (0.5, 0.0)
    """
    common = min(one[1], other[1]) - max(one[0], other[0])
    return max(common, 0) / max(one[1] - one[0], other[1] - other[0])


def log_odds(probability: float) -> float:
    """Return the log odds of a probability in [0, 1], cut off at 1e-4 from either end."""
    p = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(p / (1 - p))


def _same(one: Span, other: Span) -> bool:
    return overlap((one.start, one.end), (other.start, other.end)) >= 0.5
