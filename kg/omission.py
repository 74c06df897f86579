"""What a short name leaves out because its paper has said it: "random sampling", in a paper on sampling negatives."""

from __future__ import annotations

import re

from kg.forms import SOFTWARE, form_words
from kg.mention import Extraction, Mention

_MANNERS = frozenset("random uniform naive vanilla plain standard".split())
"""Words that say how something is done and never to what."""
_ACTION = re.compile(r"[a-z]+(?:ing|ion)|search")
_SOFTWARE = re.compile(rf"\s+({'|'.join(sorted(SOFTWARE))})\b")


def say_in_full(extraction: Extraction, mention: Mention, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a mention with what its paper leaves unsaid; the words as they are where that is nothing.

    "Random sampling" is random negative sampling where all other names in the paper that end in "sampling" say
    "negative sampling", and the paper speaks of negatives, so that they are things that can be sampled. A name before
    the word "library" is that of software.

    Args:
        extraction: of the paper.
        mention: one of its mentions.
        words: of the mention, as `kg.forms.form_words` gives them.
    """
    text = extraction.paper.text
    if software := _SOFTWARE.match(text, mention.end):
        return form_words(f"{mention.surface} {software[1]}")
    if len(words) != 2 or words[0] not in _MANNERS or not _ACTION.fullmatch(words[1]):
        return words
    names = {form_words(m.surface) for m in extraction.mentions} - {words}
    objects = {name[-2] for name in names if len(name) > 1 and name[-1] == words[1]}
    if len(objects) != 1:
        return words
    (thing,) = objects
    spoken_of = re.search(rf"\b{re.escape(thing)}s\b", text, re.IGNORECASE)
    return (words[0], thing, words[1]) if spoken_of else words
