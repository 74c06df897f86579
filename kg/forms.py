"""What different spellings of one name have in common: the words, slug and key by which surface forms are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

HEADS = frozenset(
    "method methods approach algorithm technique framework scheme strategy paradigm procedure mechanism model "
    "architecture system library toolkit tool dataset corpus benchmark suite metric score task problem gpu processor "
    "device hardware".split()
)
"""Head words that say what kind of thing a name names; "the LoRA method" is LoRA."""

SOFTWARE = frozenset(["library", "toolkit"])
"""Heads that make another thing of a plain word before them: the Transformers library is no transformer."""

_KEPT_HEADS = frozenset(["model", "system", "task", "problem"]) | SOFTWARE
"""Heads that belong to the name where plain words stand before them: "language model", but "BERT (model)"."""

_DETERMINERS = re.compile(
    r"^(?:(?:the|a|an|our|its|their|this|these|such|some|various|several|existing|popular|so-called)\s+)+", re.I
)
_SPELLING = (
    (re.compile(r"isation\b"), "ization"),
    (re.compile(r"is(e|ed|er|ing)\b"), r"iz\1"),
    (re.compile(r"(?<=[aeiou]l)l(?=(ing|ed|er)\b)"), ""),
    (re.compile(r"our\b"), "or"),
)
_ALWAYS_ISE = frozenset(
    "noise noised noising wise precise concise exercise promise premise raise raised rise rising supervised supervise "
    "supervising otherwise likewise pairwise elementwise layerwise stepwise denoise denoised denoiser denoising "
    "compromise compromised enterprise expertise franchise advertise advertising revise revised revising disguise "
    "surprise surprising arise arising praise cruise bruise paradise merchandise comprise comprised televise "
    "unsupervised improvise improvised devise devised excise tokenwise blockwise channelwise groupwise".split()
)
_ALWAYS_OUR = frozenset("our four hour your pour tour contour detour".split())
_SAME_IN_PLURAL = ("ss", "us", "is", "as", "os", "ics")
_ONLY_PLURAL = frozenset("series species means lens always perhaps towards kubernetes bayes hermes".split())
_IRREGULAR = {
    **{
        "caches": "cache",
        "aches": "ache",
        "movies": "movie",
        "cookies": "cookie",
        "biases": "bias",
        "viruses": "virus",
    },
    **{"matrices": "matrix", "indices": "index", "indexes": "index", "vertices": "vertex", "appendices": "appendix"},
    **{"analyses": "analysis", "hypotheses": "hypothesis", "syntheses": "synthesis", "bases": "basis", "axes": "axis"},
    **{"corpora": "corpus", "criteria": "criterion", "phenomena": "phenomenon", "buses": "bus", "lenses": "lens"},
}
_WORD = re.compile(r"[^\W_]+(?:[.'@+#&][^\W_]+)*[+#%]*", re.UNICODE)


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if (
        len(word) <= 3
        or word in _ONLY_PLURAL
        or word.endswith(_SAME_IN_PLURAL)
        or not word.endswith("s")
        or not word.isalpha()
    ):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zzes")):
        return word[:-2]
    return word[:-1]


def _american(word: str) -> str:
    if word in _ALWAYS_ISE or word in _ALWAYS_OUR:
        return word
    for pattern, spelling in _SPELLING:
        if len(word) > 5:
            word = pattern.sub(spelling, word)
    return word


@lru_cache(maxsize=65536)
def form_words(surface: str) -> tuple[str, ...]:
    """Return the words of a surface form without case, hyphens, plural, British spelling, articles and head words.

    A word is letters and digits, with what names carry inside ("MRR@10", "C++"). Numbers always stay, so that versions
    and sizes keep names apart. A form without any letter or digit is one word, itself.

    >>> form_words("the Vision-Language Models")
    ('vision', 'language', 'model')
    >>> form_words("language models"), form_words("BERT models"), form_words("LLMs")
    (('language', 'model'), ('bert',), ('llm',))
    >>> form_words("Generalised LASSO methods"), form_words("Llama-3.1 8B")
    (('generalized', 'lasso'), ('llama', '3.1', '8b'))
    """
    text = unicodedata.normalize("NFKC", surface).replace("’", "'").strip()
    text = re.sub(r"'s\b", "", _DETERMINERS.sub("", text))
    raw = _WORD.findall(text)
    if not raw:
        return (text.casefold(),) if text else ()
    # an acronym keeps its last letter (GANs -> gan, but ANNS stays as it is)
    words = [_american(_singular(w.casefold())) if not w.isupper() else w.casefold() for w in raw]
    while len(words) > 1 and words[-1] in HEADS:
        named = any(c.isupper() or c.isdigit() for c in raw[len(words) - 2][1:])
        if words[-1] in _KEPT_HEADS and not named and not (words[-1] in SOFTWARE and len(words) > 2):
            break
        words.pop()
    return tuple(words)


def without_heads(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return words without the head words at their end that say only what kind of thing is named.

    >>> without_heads(("low", "rank", "adaptation", "method")), without_heads(("large", "language", "model"))
    (('low', 'rank', 'adaptation'), ('large', 'language', 'model'))
    """
    while len(words) > 1 and words[-1] in HEADS - _KEPT_HEADS:
        words = words[:-1]
    return words


def slug(surface: str) -> str:
    """Return a form's words as the last part of an IRI: ASCII letters, digits and dots, joined by hyphens.

    Signs that tell names apart are spelt out, and a letter that ASCII cannot say is written as its code point.

    >>> slug("DPM-Solver++"), slug("ℓ_p regression"), slug("C#")
    ('dpm-solver-plus-plus', 'l-p-regression', 'c-sharp')
    """
    return slug_of(form_words(surface) or (surface,))


@lru_cache(maxsize=65536)
def slug_of(words: tuple[str, ...]) -> str:
    """Return the slug of words, as `form_words` gives them."""
    joined = "".join(words)
    if joined.isascii() and joined.isalnum() and joined == joined.lower() and all(words):
        return "-".join(words)
    out = []
    for word in words:
        spelt = word.replace("+", " plus ").replace("#", " sharp ").replace("@", " at ").replace("%", " percent ")
        plain = unicodedata.normalize("NFKD", spelt).replace("'", "").replace("&", " and ")
        ascii_only = "".join(c if c.isascii() else "" if unicodedata.combining(c) else f"u{ord(c):x}" for c in plain)
        out.append("-".join(re.findall(r"[a-z0-9.]+", ascii_only.casefold())).strip("."))
    return re.sub(r"-{2,}", "-", "-".join(out)).strip("-.") or "u" + "-".join(f"{ord(c):x}" for c in " ".join(words))


def form_key(surface: str) -> str:
    """Return the slug of a form without its hyphens: equal for "fine-tuning", "finetuning" and "Fine Tuning".

    Forms with one slug have one key, so concepts that are told apart never share an IRI.

    >>> form_key("fine-tuning") == form_key("Finetuning") == form_key("fine tuning method")
    True
    >>> form_key("Llama 2") == form_key("Llama 3")
    False
    """
    return key_of(form_words(surface) or (surface,))


def key_of(words: tuple[str, ...]) -> str:
    """Return the key of words, as `form_words` gives them."""
    return slug_of(words).replace("-", "")


def singular_label(surface: str) -> str:
    """Return a form with a plain plural at its end made singular, for use as a label.

    >>> [singular_label(form) for form in ("Diffusion Models", "LLMs", "k-means", "transformers")]
    ['Diffusion Model', 'LLM', 'k-means', 'transformer']
    """
    head, hyphen, word = surface.rpartition("-") if "-" in surface.rpartition(" ")[2] else surface.rpartition(" ")
    if word.endswith("s") and word[:-1].isupper() and len(word) > 2:
        return surface[:-1]
    if word.isalpha() and word[1:].islower() and (hyphen == " " or word.islower()):
        return head + hyphen + (_singular(word) if word.islower() else word[0] + _singular(word.casefold())[1:])
    return surface


_ENDINGS = re.compile(r"(?:ation|ition|ing|ion|er|or|al|ed|e|y)$")


def stem_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return words with the ending of the last one cut, so that what acts and what it does are alike.

    Names of one word are left as they are: a transformer is no transform.

    >>> stem_words(("dense", "retriever")) == stem_words(("dense", "retrieval"))
    True
    >>> stem_words(("in", "batch", "negative", "sampling")) == stem_words(("in", "batch", "negative", "sample"))
    True
    """
    if len(words) < 2 or not words[-1].isalpha():
        return words
    stem = _ENDINGS.sub("", words[-1])
    return (*words[:-1], stem if len(stem) >= 4 else words[-1])


def lower_forms(forms: Collection[str]) -> list[str]:
    """Return forms in lower case, sorted, without those that are so written: a name is found by them in any case.

    >>> lower_forms(["GSM8K", "math problems", "GSM-8K"])
    ['gsm-8k', 'gsm8k']
    """
    return sorted({form.lower() for form in forms}.difference(forms))
