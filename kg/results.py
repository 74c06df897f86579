"""Results: which quantities of a text are claims about the paper's own work, what they measure, of what, against what.

A logistic regression over words and shapes around a quantity decides, together with what the tagger says about the same
span; its weights are in `models/results.json` and are fitted by `kg.train_results`. The metric, the subject and the
baseline are linked by rules over the sentence of the value.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from kg.mention import Mention, Result
from kg.paper import Span
from kg.quantities import Quantity, read_value, unit_class
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

_LINK = r"\b(?:of|by|to|at|is|are|was|were|from|in|with|reach(?:es|ed|ing)?)\s|[=:(]\s?"
_HEDGE = (
    r"(?:up|close|as (?:low|high|many|much|few|little|large)) (?:to|as)|about|approximately|approx\.?|around|over|"
    r"above|below|under|nearly|almost|only|just|roughly|merely|(?:more|less|greater|higher|lower|fewer) than|at least|"
    r"at most|a (?:factor|margin|rate|score|value|maximum|mean|peak|total) of|an average(?: of)?|average|an?|the|by|"
    r"some|on average|as|to be|[~<>≈±≥≤$\\({]|\\sim"
)
_LEFT = re.compile(rf"(?P<link>{_LINK})\s*(?:(?:{_HEDGE})\s*){{0,4}}\Z")
_STOP = re.compile(
    r"(?:a|an|the|our|its|their|this|that|these|those|of|in|on|at|to|for|from|with|by|as|and|or|but|while|which|when|where|"
    r"than|over|under|against|versus|vs|via|per|using|without|between|among|across|after|before|is|are|was|were|be|been|"
    r"being|has|have|had|can|could|may|might|we|it|they|not|also|both|only|all|any|each|whereas|if|then|respectively|up|"
    r"about|approximately|nearly|almost|roughly|around|within|out|such|more|relative|compared|resulting|leads?|leading|"
    r"incurs?|dropped|rises|speeds|cuts?|cutting|runs?|running|saves?|saving|lower|lowers|lowering|gaining|"
    r"(?:achiev|improv|reduc|increas|decreas|rais|produc|preserv|requir|us|enhanc|accelerat|consum|enabl|provid)(?:es?|ed|ing)|"
    r"(?:attain|yield|reach|obtain|report|show|boost|outperform|surpass|exceed|deliver|maintain|retain|demonstrate?)"
    r"(?:e?s|e?d|n|ing)?)\Z"
)
_LOOSE = re.compile(
    r"(?:new|impressive|significant|remarkable|absolute|relative|additional|substantial|competitive|further|superior|"
    r"state-of-the-art|high|strong|improved|reduced|peak|lower|average|higher|best|overall|respective|final)\Z"
)
_CHANGE = re.compile(
    r"(?:improvements?|increases?|reductions?|gains?|drop|decreases?|rise|boost|savings?|degradation|loss|"
    r"speed-?ups?)\Z"
)
_COMPARATIVE = re.compile(
    r"(?:higher|lower|better|worse|more|less|fewer|greater|improved|reduced|increased|accurate)\Z"
)
_ALONE = re.compile(r"(?:respectively|times|percent|points?|accurate)\Z")
_EMPTY = re.compile(r"(?:margin|improvements?|gains?|increases?|score|drop|factor)\Z")
_AND = r"[)$}*\s]*(?:,|/|and|or|&|,\s*and)\s*(?:up to|about|over)?[(${*\s]*"
_AND_MORE = r"[)$}*\s]*(?:[^.;()]{0,40}?(?:,|/|and|or|&|,\s*and)\s*(?:up to|about|over|by|of)?)?[(${*\s]*"
_AGAINST = re.compile(
    r"\b(?:than|over|against|versus|vs\.?|compared (?:to|with|against)|(?:in )?comparison (?:to|with)|relative to|"
    r"outperform(?:s|ed|ing)?|surpass(?:es|ed|ing)?|exceed(?:s|ed|ing)?|beat(?:s|ing)?|improv(?:es|ed|ing)? (?:up)?on|"
    r"improvements? (?:up)?on)\s+"
)
_PHRASE = re.compile(
    r"(?:(?:that|those|(?:the\s)?[a-z]{1,20}) of\s)?(?:(?:the|a|an|our|its|their|both|all)\s)?"
    r"(?P<phrase>[A-Za-z*\\][^\s,;:()]*(?:\s(?!(?:by|of|on|in|at|to|as|is|are|was|were|up|and|but|with|while|when|which|"
    r"that|from|for|after|during|under|across|without|only|using|achiev\w+|respectively)\b)[\w*\\][^\s,;:()]*){0,6})"
)
_RISEN = re.compile(r"\bfrom\s\$?(?P<low>[^\s;()]{0,12}\d[^\s;()]{0,12}(?:\s?%)?)\$?\sto\s\$?\Z")
_RELATIVE = re.compile(r"(?:×|[xX]|times\b\$?|magnitudes?|fold|twice|half|points?|pp)\Z|\A[+x]")
_GAIN_BEFORE = re.compile(
    r"\bby\s(?:\S+\s){0,4}\S*\Z|\b(?:improvements?|gains?|reductions?|increases?|drop|savings?)\s(?:\S+\s){0,6}\S*\Z"
)
_GAIN_AFTER = re.compile(
    r"[)$]?\s*(?:(?:,|and)\s[^a-zA-Z]{1,12})*(?:[\w-]+\s){0,3}(?:improve|gain|reduc|increas|decreas|boost|saving|speed|"
    r"higher|lower|better|worse|more|less|fewer|faster|slower|larger|smaller|longer|cheaper|drop|rise|"
    r"of (?:the|its|that))"
)


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
    span_threshold: float = 0.6

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
    has_tagger = any(m.rule == "tagger" for m in mentions)
    found: list[tuple[float, Quantity, str]] = []
    for index, quantity in enumerate(quantities):
        sure = max((m.confidence for m in tagged if _same(m.span, quantity.span)), default=None)
        features = read_features(text, _around(text, sentences, quantity.span), quantities, index, model.classes)
        probability = model.probability(features, sure, has_tagger)
        if probability >= model.threshold:
            found.append((probability, quantity, "quantity"))
    for mention in tagged:
        if mention.confidence >= model.span_threshold and not any(_same(mention.span, q.span) for q in quantities):
            plain = Quantity(mention.span, None, None, "", read_value(mention.surface))
            found.append((mention.confidence, plain, "tagger"))
    kept: list[tuple[float, Quantity, str]] = []
    for entry in sorted(found, key=lambda e: (-e[0], e[1].span)):
        if not any(entry[1].span.start < k[1].span.end and k[1].span.start < entry[1].span.end for k in kept):
            kept.append(entry)
    kept.sort(key=lambda e: e[1].span)
    return tuple(link_results(text, sentences, mentions, kept))


def read_features(
    text: str, sentence: Span, quantities: Sequence[Quantity], index: int, classes: Mapping[str, int] | None = None
) -> frozenset[str]:
    """Return the names of the features of one quantity: its unit and number, the words around it, its neighbours.

    Each word is there as itself and, where it has one, as its class.
    """
    names = set(_features(text, sentence, quantities, index))
    for name in list(names) if classes else ():
        if name.startswith(_CLASSED):
            part, _, word = name.partition("=")
            if word in classes:
                names.add(f"{part}c={classes[word]}")
    return frozenset(names)


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


def _around(text: str, sentences: Sequence[Span], span: Span) -> Span:
    """Return the sentence of a span; the whole text where there are no sentences."""
    if not sentences:
        return Span.of(text, 0, len(text))
    return sentences[max(bisect_right(sentences, span.start, key=lambda s: s.start) - 1, 0)]


def link_results(
    text: str, sentences: Sequence[Span], mentions: Sequence[Mention], values: Sequence[tuple[float, Quantity, str]]
) -> Iterator[Result]:
    """Yield a result for each value (confidence, quantity, rule; in text order) with what it is linked to."""
    spans = [quantity.span for _, quantity, _ in values]
    previous: tuple[Span, str, Span | None] | None = None
    for index, (confidence, quantity, rule) in enumerate(values):
        span, unit = quantity.span, unit_class(quantity.unit)
        sentence = _around(text, sentences, span)
        baseline = find_baseline(text, sentence, span, spans, mentions)
        metric = find_metric(text, sentence, index, spans, mentions)
        if metric and baseline and metric.start < baseline.end and baseline.start < metric.end:
            metric = None
        if metric is None and previous and previous[:2] == (sentence, unit):
            metric = previous[2]
        named = re.search(r"[A-Za-z][\w .-]{0,60}\Z", span.surface) if unit in ("rate", "compute") else None
        if metric is None and named:
            metric = Span.of(text, span.start + named.start(), span.end)
        previous = (sentence, unit, metric)
        subject = find_subject(sentence, span, mentions, baseline)
        sure = round(min(max(confidence, 0.001), 1.0), 3)
        yield Result(span, quantity.value, quantity.number, quantity.unit, metric, subject, baseline, sure, rule)


def find_metric(
    text: str, sentence: Span, index: int, values: Sequence[Span], mentions: Sequence[Mention]
) -> Span | None:
    """Return what a value measures: the noun phrase that it belongs to, or the nearest metric of its sentence."""
    found = _metric_phrase(text, sentence, index, values)
    metrics = [m.span for m in mentions if m.kind == "Metric" and sentence.start <= m.start < sentence.end]
    if found:
        inside = [m for m in metrics if m.start < found.end and found.start < m.end]
        return max(inside, key=lambda m: (m.end - m.start, -m.start)) if inside else found
    value = values[index]
    apart = [m for m in metrics if m.end <= value.start or m.start >= value.end]
    return min(apart, key=lambda m: (min(abs(m.end - value.start), abs(m.start - value.end)), m), default=None)


def _metric_phrase(text: str, sentence: Span, index: int, values: Sequence[Span]) -> Span | None:
    """Return the noun phrase after the list that a value ends, or else the one that leads to its list."""
    last = first = index
    while last + 1 < len(values) and re.fullmatch(_AND, text[values[last].end : values[last + 1].start][:60]):
        last += 1
    right = _phrase_right(text, values[last].end, sentence.end)
    if right:
        return right
    while first and re.fullmatch(_AND_MORE, text[values[first - 1].end : values[first].start][:90]):
        if _LEFT.search(text[max(sentence.start, values[first].start - 60) : values[first].start]):
            break
        first -= 1
    return _phrase_left(text, sentence.start, values[first].start)


def _words(text: str, start: int, end: int) -> list[Span]:
    found = re.finditer(r"[^\s,;:()\[\]{}$]+|[,;:()\[\]{}$]", text[start:end])
    return [Span.of(text, m.start() + start, m.end() + start) for m in found]


def _phrase_right(text: str, start: int, end: int) -> Span | None:
    """Return the noun phrase right after `start`: "accuracy", "faster inference"; "X" of "improvement in X"."""
    words = _words(text, start, min(end, start + 120))
    while words and words[0].surface in (")", "$", "}", "*"):
        words = words[1:]
    taken: list[Span] = []
    for position, word in enumerate(words):
        plain = word.surface.rstrip(".")
        low = plain.lower()
        if not taken and (_COMPARATIVE.match(low) or _LOOSE.match(low) or (low == "of" and position == 0)):
            continue
        if not taken and low in ("the", "our", "its", "all") and position:
            continue
        if taken and low == "in" and _CHANGE.match(taken[-1].surface) and not taken[-1].surface.startswith("speed"):
            taken = []
            continue
        if _STOP.match(low) or not re.match(r"[A-Za-z\\@]", plain):
            break
        taken.append(Span.of(text, word.start, word.start + len(plain)))
        if len(plain) < len(word.surface) or len(taken) == 5:
            break
    if not taken or (len(taken) == 1 and _ALONE.match(taken[0].surface)):
        return None
    return Span.of(text, taken[0].start, taken[-1].end)


def _phrase_left(text: str, start: int, end: int) -> Span | None:
    """Return the noun phrase that a word like "of", "by", "to", "=" joins to what stands at `end`."""
    low = max(start, end - 100)
    match = _LEFT.search(text[low:end])
    if not match:
        return None
    words = _words(text, max(start, low - 100), low + match.start("link"))
    taken = _noun_phrase(words)
    while taken and match["link"].strip() in ("by", "to", "from", "is", "are", "was", "were", "(", "at"):
        rest = words[: words.index(taken[0])]
        if not rest or rest[-1].surface.lower() not in ("of", "in", "for", "on"):
            break
        further = _noun_phrase(rest[:-1])
        if not further or _CHANGE.match(further[-1].surface):
            break
        taken = further
    if len(taken) == 1 and _EMPTY.match(taken[0].surface):
        taken = _noun_phrase(words[: words.index(taken[0])]) or taken
    return Span.of(text, taken[0].start, taken[-1].end) if taken else None


def _noun_phrase(words: Sequence[Span]) -> list[Span]:
    """Return the words of the noun phrase that ends a list of words, a short form in brackets included."""
    taken: list[Span] = []
    i = len(words) - 1
    while i >= 0 and len(taken) < 7:
        surface = words[i].surface
        if surface == ")" and i >= 2 and words[i - 2].surface == "(" and len(words[i - 1].surface) < 12:
            if taken:
                taken[:0] = words[i - 2 : i + 1]
            i -= 3
            continue
        low = surface.lower().rstrip(".")
        within = low == "over" and bool(taken) and taken[0].surface[0].isupper()
        if (_STOP.match(low) and not within) or not re.match(r"[A-Za-z\\@]", low):
            break
        taken.insert(0, words[i])
        i -= 1
    while taken and (_LOOSE.match(taken[0].surface.lower()) or taken[0].surface in "()"):
        taken = taken[1:]
    return taken


def find_subject(sentence: Span, value: Span, mentions: Sequence[Mention], baseline: Span | None) -> Span | None:
    """Return what a value says something of: a method or dataset that the paper introduces.

    That is the nearest one before the value in its sentence, then one after it there, then the one that the paper names
    most often, at its last mention before the value.
    """
    own = [m for m in mentions if m.kind in ("Method", "Benchmark") and m.role == "introduces"]
    own = [m for m in own if not baseline or m.end <= baseline.start or m.start >= baseline.end]
    own = [m for m in own if not any(o.start <= m.start and m.end <= o.end and o.surface != m.surface for o in own)]
    if not own:
        return None
    inside = [m for m in own if sentence.start <= m.start < sentence.end]
    counts = Counter(m.surface for m in own)
    before = [m for m in inside if m.end <= value.start]
    if before:
        most = max(counts.values())
        return max(before, key=lambda m: (m.start - 40 * (counts[m.surface] == 1 < most), m.end)).span
    if inside:
        return min(inside, key=lambda m: m.start).span
    often = max(counts, key=lambda s: (counts[s], -min(m.start for m in own if m.surface == s)))
    places = [m.span for m in own if m.surface == often]
    return max([p for p in places if p.end <= value.start] or places[:1])


def find_baseline(
    text: str, sentence: Span, value: Span, values: Sequence[Span], mentions: Sequence[Mention]
) -> Span | None:
    """Return what a gain is a gain over: what follows "over", "than", "compared to" ... in the sentence of the value.

    A level ("an accuracy of 0.93") has no baseline, even where its sentence compares; "from 3.2 to 4.1" has "3.2".
    """
    low = max(sentence.start, value.start - 40)
    risen = _RISEN.search(text[low : value.start])
    if risen:
        return Span.of(text, low + risen.start("low"), low + risen.end("low"))
    tagged = [m.span for m in mentions if m.kind == "Baseline" and sentence.start <= m.start < sentence.end]
    found = []
    for match in _AGAINST.finditer(text, sentence.start, sentence.end) if _is_gain(text, sentence, value) else ():
        phrase = _PHRASE.match(text, match.end(), sentence.end)
        if phrase and not (match.end() > value.start and match.start() < value.end):
            start = phrase.start("phrase")
            surface = phrase["phrase"].rstrip(".*")
            found += [Span.of(text, start, start + len(surface))] if surface else []
    following = min((v.start for v in values if v.start >= value.end), default=sentence.end)
    for candidates in (tagged, found):
        after = [c for c in candidates if c.start >= value.end]
        near = [c for c in after if c.start < following]
        near = near or [c for c in candidates if c.end <= value.start][-1:] or after
        if near:
            return near[0]
    return None


def _is_gain(text: str, sentence: Span, value: Span) -> bool:
    """Return whether a value says how much better or worse, rather than how good."""
    before = text[max(sentence.start, value.start - 70) : value.start]
    after = text[value.end : min(sentence.end, value.end + 60)]
    return any((_RELATIVE.search(value.surface), _GAIN_BEFORE.search(before), _GAIN_AFTER.match(after)))
