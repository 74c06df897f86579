"""From one paper to all that is found in it: mentions, abbreviations, keyphrases, results and web addresses.

A paper is read by itself: what is found in it does not depend on the papers around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from kg.extraction.abbreviations import find_abbreviations
from kg.extraction.addresses import find_addresses
from kg.extraction.candidates import find_candidates
from kg.extraction.keyphrases import find_keyphrases
from kg.extraction.places import Places
from kg.extraction.quantities import find_quantities
from kg.extraction.results import find_results
from kg.extraction.sentences import find_sentences
from kg.extraction.tagger import Tagger
from kg.mention import KINDS, Extraction, Mention
from kg.paper import Paper
from kg.resources import resource_folder
from kg.vocabulary import find_method, load_vocabulary

VOCABULARY_CONFIDENCE = 0.75
"""Confidence of a mention that only a vocabulary found."""

_ONLY_ROLES = {"Hardware": "runs", "Task": "addresses", "Metric": "measures"}
_TRAINED = re.compile(
    r"(?:train(?:ed|ing)?|tun(?:ed|ing)|learn(?:ed|ing|s)?) (?:only |jointly )?(?:on|with|from|using) (?:the )?$", re.I
)


@dataclass(frozen=True)
class Models:
    """The trained models, each loaded when it is first needed."""

    @cached_property
    def tagger(self) -> Tagger:
        """The reader of mentions."""
        return Tagger(resource_folder("models"))


def extract_papers(papers: Iterable[Paper], models: Models | None = None) -> Iterator[Extraction]:
    """Yield what is found in each paper, in the order of the papers."""
    models = models or Models()
    for paper in papers:
        yield extract_paper(paper, models)


def extract_paper(paper: Paper, models: Models) -> Extraction:
    """Return what is found in one paper; all offsets refer to `paper.text`."""
    text = paper.text
    reading = models.tagger.read(text)
    tagged = reading.mentions()
    sentences = find_sentences(text)
    candidates = find_candidates(text)
    places = [(candidate.start, candidate.end) for candidate in candidates]
    hints = dict(zip(places, reading.keyphrase_probabilities(places), strict=True))
    known = [_known_is_not_new(paper.title, _without_trimmings(text, m)) for m in tagged if m.kind in KINDS]
    mentions = _with_vocabulary(text, known)
    return Extraction(
        paper,
        tuple(mentions),
        find_keyphrases(text, candidates, reading.vectors, hints=hints),
        find_results(text, sentences, tagged, find_quantities(text)),
        find_addresses(text),
        find_abbreviations(text),
    )


def _without_trimmings(text: str, mention: Mention) -> Mention:
    """Return a mention of a benchmark cut to the known name in it, where only small words stand around that name.

    "The coding benchmark HumanEval" is HumanEval; "Distributional MIPLIB" is another thing than MIPLIB.
    """
    vocabulary = load_vocabulary("benchmarks")
    if mention.kind != "Benchmark" or vocabulary.find(mention.surface):
        return mention
    known = vocabulary.find_mentions(mention.surface)
    if len(known) != 1:
        return mention
    start, end, _ = known[0]
    around = mention.surface[:start] + mention.surface[end:]
    if not re.fullmatch(r"[a-z\s-]*", around) or mention.surface[end : end + 1].strip():
        return mention
    start, end = mention.start + start, mention.start + end
    return replace(mention, start=start, end=end, surface=text[start:end])


def _known_is_not_new(title: str, mention: Mention) -> Mention:
    """Return a mention that a paper is said to introduce as used, where everybody knows the method already.

    The paper that did introduce it has the name at the head of its title ("LoRA: ...").
    """
    if mention.kind != "Method" or mention.role != "introduces" or not find_method(mention.surface):
        return mention
    heads_title = re.match(rf"{re.escape(mention.surface)}\s*[:–—]", title)
    return mention if heads_title else replace(mention, role="uses")


def _with_vocabulary(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return mentions with those devices and benchmarks added that only a vocabulary found.

    A known name inside a longer name is left to the longer: "Mini-ImageNet" is not ImageNet. Every mention of a kind
    with a single role gets it.
    """
    out = list(mentions)
    places = Places(mentions, lambda m: (m.start, m.end))
    for kind, vocabulary in (("Hardware", "hardware"), ("Benchmark", "benchmarks")):
        for start, end, _ in load_vocabulary(vocabulary).find_mentions(text):
            over = places.meeting(start, end)
            if not any(m.kind == kind or m.end - m.start > end - start for m in over):
                role = (
                    "runs"
                    if kind == "Hardware"
                    else "trains"
                    if _TRAINED.search(text[max(0, start - 40) : start])
                    else "evaluates"
                )
                out.append(Mention(kind, start, end, text[start:end], role, VOCABULARY_CONFIDENCE, "vocabulary"))
    out = [m if m.role else replace(m, role=_ONLY_ROLES.get(m.kind)) for m in out]
    surest = {(m.start, m.end, m.kind): m for m in sorted(out, key=lambda m: m.confidence)}
    return [surest[place] for place in sorted(surest)]
