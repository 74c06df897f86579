"""Cards of papers and concepts as text for people and as JSON for programs."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

from kg.asking.card_reader import Card, Quote, Reported
from kg.asking.lines import BOLD, DIM, UNDERLINE, Lines
from kg.asking.tables import clean

_MARK, _END = "\ue000", "\ue001"
_SHOWN_QUOTES = 12
_SHOWN_ITEMS = 15


def render_card(
    card: Card, *, terminal: bool = False, width: int = 100, as_json: bool = False, all_items: bool = False
) -> str:
    """Return a card as text, or all of it as JSON, with a line break at the end.

    Args:
        card: what `kg.asking.cards.make_card` returned.
        terminal: whether the text goes to a terminal: headings are bold and mentions underlined; else mentions stand
            in «quotation marks».
        width: columns to wrap to, at least 40.
        as_json: return JSON, which holds everything.
        all_items: show all items of long lists, which are otherwise cut with their number.
    """
    if as_json:
        return json.dumps(dataclasses.asdict(card), ensure_ascii=False, indent=2) + "\n"
    page = Lines(terminal, width, None if all_items else _SHOWN_ITEMS)
    page.lines += page.wrap(clean(card.thing.label), "", BOLD)
    page.lines += page.wrap(f"{card.thing.kind.lower()}  {card.thing.name}", "", DIM)
    others = _other_names(card)
    named = [("also called", ", ".join(others))] if others else []
    for name, things in (("a kind of", card.broader), ("kinds of it", card.narrower)):
        named += [(name, ", ".join(thing.label for thing in things))] if things else []
    if card.namesakes:
        named.append(("same name", ", ".join(thing.name for thing in card.namesakes)))
    if named or card.facts:
        page.lines.append("")
    pairs = [*named, *card.facts]
    column = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        page.lines += page.wrap(clean(value), f"  {name:<{column}}  ")
    for role, statements in groupby(card.statements, key=lambda s: s.role):
        items = []
        for s in statements:
            devices = f"  {s.count} devices" if s.count and s.count > 1 else ""
            number = f"{s.score:.2f}" if s.score is not None else f"{s.confidence:.2f}"
            items.append((number, clean(s.other.label) + devices))
        page.section(_heading(role, card.thing.kind), items)
    page.section("results", [(r.value, clean(_say_result(r, card))) for r in card.results])
    shared = [(f"{x.weight:.1f}", f"{x.paper.label}: {', '.join(t.label for t in x.shared)}") for x in card.links]
    page.section("shares techniques with (bits)", [(number, clean(text)) for number, text in shared])
    merged = [
        (m.form, f"{m.reason}, {m.confidence:.2f}{f', in {m.paper.label}' if m.paper else ''}") for m in card.merges
    ]
    page.section("names merged into it", [(clean(form), clean(text)) for form, text in merged])
    _write_evidence(page, card)
    return page.text()


def _other_names(card: Card) -> list[str]:
    """Return the aliases, one of those that differ only in case, and none that differs so from the label."""
    names = {card.thing.label.casefold(): card.thing.label}
    for alias in card.aliases:
        names.setdefault(alias.casefold(), alias)
    return list(names.values())[1:]


def _heading(role: str, kind: str) -> str:
    if kind == "Paper":
        return "keyphrases" if role == "has keyphrase" else role
    return "keyphrase of" if role == "has keyphrase" else f"papers: {role}"


def _say_result(result: Reported, card: Card) -> str:
    """Return what a result is about, in words."""
    parts = [result.metric]
    for word, names in (
        ("of", (result.subject,)),
        ("over", (result.baseline,)),
        ("on", result.benchmarks),
        ("with", result.hardware),
    ):
        said = ", ".join(name for name in names if name)
        parts += [f"{word} {said}"] if said else []
    text = " ".join(part for part in parts if part)
    return text if card.thing.kind == "Paper" else f"{text}; {result.paper.label}" if text else result.paper.label


def _write_evidence(page: Lines, card: Card) -> None:
    """Add the sentences of the evidence, each once, with all that was found in it marked."""
    sentences: dict[tuple[str, int, str], list[tuple[Quote, str]]] = defaultdict(list)
    is_paper = card.thing.kind == "Paper"
    for s in card.statements:
        what = f"{s.role} {s.other.label}" if is_paper else s.role
        for quote in s.quotes:
            sentences[quote.paper.label, quote.position, quote.sentence].append((quote, what))
    for result in card.results:
        for quote in result.quotes:
            what = f"reports {result.value}"
            sentences[quote.paper.label, quote.position, quote.sentence].append((quote, what))
    if not sentences:
        return
    page.lines += ["", page.style("evidence", BOLD)]
    shown = sorted(sentences)[: _SHOWN_QUOTES if page.most else None]
    for key in shown:
        quotes = sentences[key]
        marked = _mark(key[2], ((quote.start, quote.end) for quote, _ in quotes))
        page.mark(marked, _MARK, _END, "  ", ("«", "»"), UNDERLINE)
        said = "; ".join(dict.fromkeys(what for _, what in sorted(quotes, key=lambda item: (item[0].start, item[1]))))
        page.lines += page.wrap(clean(said if is_paper else f"{said}: {key[0]}"), "    ", DIM)
    if len(shown) < len(sentences):
        page.lines.append(f"  and {len(sentences) - len(shown)} more sentences")


def _mark(sentence: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the sentence, safe to show, with marks around the spans; those that touch or overlap are one."""
    pieces, at = [], 0
    for start, end in _join(spans):
        pieces += [sentence[at:start], _MARK, sentence[start:end], _END]
        at = end
    pieces.append(sentence[at:])
    return "".join(p if p in (_MARK, _END) else clean(re.sub(f"[{_MARK}{_END}]", "", p)) for p in pieces)


def _join(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if last and start < last[1]:
            last = last[0], max(end, last[1])
        else:
            if last:
                yield last
            last = start, end
    if last:
        yield last
