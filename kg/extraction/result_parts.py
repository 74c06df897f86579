"""What a result has besides its value: metric, subject and baseline, found by rules over the value's sentence."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence

from kg.extraction.places import Places
from kg.extraction.quantities import Quantity, unit_class
from kg.mention import Mention, Result
from kg.paper import Span

REACH = 10_000
"""How far from a value, in characters, what it says something of may stand; abstracts are shorter."""
_LIST = 50
"""Longest list of values, in values, that shares what is said of it."""

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
    r"being|has|have|had|can|could|may|might|we|it|they|not|also|both|only|all|any|each|whereas|if|then|respectively|up|here|there|"
    r"about|approximately|nearly|almost|roughly|around|within|out|such|more|relative|compared|resulting|leads?|leading|"
    r"thanks|due|owing|because|since|so|"
    r"incurs?|dropped|rises|falls|speeds|cuts?|cutting|runs?|running|saves?|saving|lower|lowers|lowering|gaining|"
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
_TURN = re.compile(r"(?:ris|fall|drop|declin|grow|increas|decreas|improv|rose|fell|grew)(?:s|es|ed|ped|ing)?\Z")
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


def meet(one: Span, other: Span) -> bool:
    """Return whether two spans have a character in common."""
    return one.start < other.end and other.start < one.end


def sentence_around(text: str, sentences: Sequence[Span], span: Span) -> Span:
    """Return the sentence of a span; the whole text where there are no sentences."""
    if not sentences:
        return Span.of(text, 0, len(text))
    return sentences[max(bisect_right(sentences, span.start, key=lambda s: s.start) - 1, 0)]


def link_results(
    text: str, sentences: Sequence[Span], mentions: Sequence[Mention], values: Sequence[tuple[float, Quantity, str]]
) -> Iterator[Result]:
    """Yield a result for each value (confidence, quantity, rule; in text order) with what it is linked to."""
    spans = [quantity.span for _, quantity, _ in values]
    places = Places(mentions, lambda m: (m.start, m.end))
    previous: tuple[Span, str, Span | None] | None = None
    for index, (confidence, quantity, rule) in enumerate(values):
        span, unit = quantity.span, unit_class(quantity.unit)
        whole = sentence_around(text, sentences, span)
        sentence = Span.of(text, max(whole.start, span.start - 600), min(whole.end, span.end + 400))
        said = places.beginning(sentence.start, sentence.end)
        baseline = find_baseline(text, sentence, span, spans[index + 1 : index + 2], said)
        metric = find_metric(text, sentence, index, spans, said)
        if metric and baseline and meet(metric, baseline):
            metric = None
        if metric is None and previous and previous[:2] == (whole, unit):
            metric = previous[2]
        named = re.search(r"[A-Za-z][\w .-]{0,60}\Z", span.surface) if unit in ("rate", "compute") else None
        if metric is None and named:
            metric = Span.of(text, span.start + named.start(), span.end)
        previous = (whole, unit, metric)
        subject = find_subject(sentence, span, places.beginning(span.start - REACH, span.end + REACH), baseline)
        sure = round(min(max(confidence, 0.001), 1.0), 3)
        yield Result(span, quantity.value, quantity.number, quantity.unit, metric, subject, baseline, sure, rule)


def find_metric(
    text: str, sentence: Span, index: int, values: Sequence[Span], mentions: Sequence[Mention]
) -> Span | None:
    """Return what a value measures: the noun phrase that it belongs to, or the nearest metric of its sentence."""
    found = _metric_phrase(text, sentence, index, values)
    metrics = [m.span for m in mentions if m.kind == "Metric" and sentence.start <= m.start < sentence.end]
    if found:
        inside = [m for m in metrics if meet(m, found)]
        return max(inside, key=lambda m: (m.end - m.start, -m.start)) if inside else found
    value = values[index]
    apart = [m for m in metrics if m.end <= value.start or m.start >= value.end]
    return min(apart, key=lambda m: (min(abs(m.end - value.start), abs(m.start - value.end)), m), default=None)


def _metric_phrase(text: str, sentence: Span, index: int, values: Sequence[Span]) -> Span | None:
    """Return the noun phrase after the list that a value ends, or else the one that leads to its list."""
    last = first = index
    while last + 1 < min(len(values), index + _LIST) and re.fullmatch(
        _AND, text[values[last].end : values[last + 1].start][:60]
    ):
        last += 1
    right = _phrase_right(text, values[last].end, sentence.end)
    if right:
        return right
    while first > max(0, index - _LIST) and re.fullmatch(
        _AND_MORE, text[values[first - 1].end : values[first].start][:90]
    ):
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
    taken = _noun_phrase(words[:-1] if words and _TURN.match(words[-1].surface) else words)
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
    own = _outermost(own)
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


def _outermost(mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions, in text order, that do not lie in a longer one."""
    out: list[Mention] = []
    before = reach = -1  # the furthest end, before and with those at the place of the last one
    place = (-1, -1)
    for m in sorted(mentions, key=lambda m: (m.start, -m.end)):
        if (m.start, m.end) != place:
            before, place = reach, (m.start, m.end)
        if m.end > before:
            out.append(m)
        reach = max(reach, m.end)
    return out


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
    if not _is_gain(text, sentence, value):
        return None
    found = []
    for match in _AGAINST.finditer(text, sentence.start, sentence.end):
        phrase = _PHRASE.match(text, match.end(), sentence.end)
        if phrase and not (match.end() > value.start and match.start() < value.end):
            start = phrase.start("phrase")
            surface = phrase["phrase"].rstrip(".*")
            found += [Span.of(text, start, start + len(surface))] if surface else []
    tagged = [m.span for m in mentions if m.kind == "Baseline" and sentence.start <= m.start < sentence.end]
    following = min((v.start for v in values if v.start >= value.end), default=sentence.end)
    for candidates in (found, tagged):
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
