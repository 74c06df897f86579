"""The vocabularies of hardware, benchmarks and methods: named things with their other names, and how texts name them.

A vocabulary is a SKOS file of the `ontology` folder (see `ontology/make_vocabularies.py`), read by `kg.entry`; what is
here works on frozen entries.

Methods are named in plain words, so a method is found by what `kg.forms` says that spellings have in common, and a text
is not searched for them.

How the name of hardware or of a benchmark matches: hyphens, spaces and underscores are equal, and may be missing
("RTX3090", "MS-MARCO"); a plural "s" and the vendor in front are allowed. Upper and lower case are equal, but not in
names that could be words or abbreviations of something else ("GLUE", "Common Voice"). A name that the file marks with
`kg:needsContext` ("Summit", "T4", "DROP"), or the number of a device without its brand ("A400"), is reported only near
a word that makes the reading sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Literal, get_args

from kg.entry import Entry, read_entries
from kg.errors import UsageError
from kg.forms import form_key, form_words, singular_label
from kg.resources import resource

__all__ = [
    "CONTEXT",
    "CONTEXT_CHARACTERS",
    "VENDOR_WORDS",
    "Entry",
    "Vocabulary",
    "VocabularyName",
    "find_method",
    "is_case_sensitive",
    "load_vocabulary",
    "name_key",
    "with_broader",
]

VocabularyName = Literal["benchmarks", "hardware", "methods"]

CONTEXT_CHARACTERS = 100
"""How far, to each side of a name that needs context, a word of `CONTEXT` may stand."""

_BY_KIND: dict[str, VocabularyName] = {"hardware": "hardware", "benchmark": "benchmarks", "method": "methods"}

CONTEXT: dict[VocabularyName, re.Pattern[str]] = {
    "hardware": re.compile(
        r"\b(?:[GCTNLVI]PUs?|HPC|SoCs?|FPGAs?|ASICs?|NVIDIA|Nvidia|Tesla|AMD|Intel|Apple|Huawei|Habana|Xilinx|Cray|IBM|"
        r"MacBook|iPhone|OLCF|ALCF|NERSC|CINECA|TACC|NVLink|CUDA|FLOPS|[PTE]FLOPS|TOPS|[a-z]*[Ss]upercomput\w*|"
        r"[Ee]xascale|[Pp]etascale|[Aa]ccelerators?|[Pp]rocessors?|[Cc]hips?|(?:HPC|GPU) clusters?|[Cc]ompute nodes?|"
        r"[Nn]ode-hours?|[Gg]raphics cards?|[Hh]ardware|[Tt]estbed|[Ll]aptops?|[Ss]martphones?|nodes|cores)\b"
    ),
    "benchmarks": re.compile(
        r"(?i:\b(?:data ?sets?|benchmarks?|benchmarking|corpus|corpora|suites?|leaderboards?|test set|testbed|"
        r"evaluat(?:e|ed|es|ion|ions|ing)|experiments?|accuracy|state-of-the-art|SOTA|outperforms?|GLUE|GSM8K|MMLU|"
        r"HumanEval|SQuAD|COCO|ImageNet|CIFAR|HellaSwag))"
    ),
}
"""The words that make a name sure which needs context."""

VENDOR_WORDS: dict[str, tuple[str, ...]] = {
    "NVIDIA": ("nvidia", "geforce", "tesla", "quadro"),
    "AMD": ("amd", "ati", "radeon", "instinct"),
    "AMD Xilinx": ("amd", "xilinx"),
    "Intel": ("intel", "altera", "habana"),
    "Google": ("google", "coral"),
    "AWS": ("aws", "amazon"),
    "Huawei": ("huawei", "hisilicon"),
    "Apple": ("apple",),
    "Qualcomm": ("qualcomm",),
    "Arm": ("arm",),
    "IBM": ("ibm",),
    "Samsung": ("samsung",),
    "Cerebras": ("cerebras",),
    "Graphcore": ("graphcore",),
    "Cray": ("cray",),
    "HPE": ("hpe", "cray"),
    "Fujitsu": ("fujitsu",),
    "Meta": ("meta",),
    "Microsoft": ("microsoft", "azure"),
    "STMicroelectronics": ("stmicroelectronics",),
}
"""The lower-case words that stand before the devices of a vendor: its name and its brands."""

_PIECE = re.compile(r"\d+(?=[xX×][A-Z])|[^\W_]+\+*")
_SEPARATOR = re.compile(r"[ \u00a0\-_/.'\u2010-\u2013]|! ")
_ALWAYS_ANY_CASE = re.compile(r"[A-Za-z][ -]?\d|\d[ -]?[A-Za-z]|[Bb]ench|^[a-z][^A-Z]*$")
_NUMBER = re.compile(r"[A-Z]{1,2}\d{1,4}[A-Z]?")
_PART_OF_NAME = re.compile(r"\w-$")
_NAME_GOES_ON = re.compile(r"-[A-Z]")
_DELETED = str.maketrans("", "", " -_/.,'&!()")


def name_key(name: str) -> str:
    """Return the letters, digits and plus signs of a name in lower case: names with one key are the same name.

    >>> name_key("RTX-3090") == name_key("rtx 3090")
    True
    >>> name_key("HumanEval+")
    'humaneval+'
    """
    key = name.casefold().translate(_DELETED)
    return key if key.isalnum() else "".join(_PIECE.findall(key))


def is_case_sensitive(name: str) -> bool:
    """Return whether a text must have the capitals of `name`, as another spelling may be a common word.

    So it is with short names, and with names of letters only that have a space, are all capitals, one capitalised
    word or up to eight letters long; others ("edge device", "RTX 3090", "SWE-bench") match in any case.

    >>> [is_case_sensitive(name) for name in ("GLUE", "SQuAD", "Common Voice", "C4")]
    [True, True, True, True]
    >>> [is_case_sensitive(name) for name in ("HumanEval", "edge device", "RTX 3090", "SWE-bench")]
    [False, False, False, False]
    """
    key = name_key(name)
    if len(key) <= 3:
        return True
    if _ALWAYS_ANY_CASE.search(name):
        return False
    return key.isalpha() and (len(key) <= 8 or " " in name or name[-2] == "-" or name.istitle() or name.isupper())


def _gaps(name: str) -> frozenset[int]:
    """Return the offsets into the key of `name` where a text may have a separator."""
    gaps: set[int] = set()
    offset = 0
    for piece in _PIECE.finditer(name):
        gaps.add(offset)
        for boundary in re.finditer(r"(?<=[A-Za-z]{2})(?=\d)|(?<=\d)(?=[A-Za-z]{2})", piece.group()):
            gaps.add(offset + boundary.start())
        offset += len(piece.group().casefold())
    return frozenset(gaps)


def _lacks_brand(entry: Entry, name: str) -> bool:
    """Return whether a name is just the number of a device that goes by a brand: "A400" of the RTX A400."""
    number = name.removesuffix("s")
    return bool(_NUMBER.fullmatch(number)) and entry.label.endswith(f" {number}")


@dataclass(frozen=True)
class _Form:
    """What a key stands for: an entry, where separators may stand, and the spellings if case matters."""

    entry: Entry
    gaps: frozenset[int]
    spellings: frozenset[str] | None


@dataclass(frozen=True)
class Vocabulary:
    """A set of entries and the ways their names are written.

    Attributes:
        name: "benchmarks", "hardware" or "methods".
        entries: sorted by IRI.
    """

    name: VocabularyName
    entries: tuple[Entry, ...] = field(repr=False)

    @cached_property
    def by_iri(self) -> dict[str, Entry]:
        """The entries under their IRIs."""
        return {entry.iri: entry for entry in self.entries}

    def __getitem__(self, iri: str) -> Entry:
        """Return the entry of an IRI.

        Raises:
            KeyError: the vocabulary has no such entry.
        """
        return self.by_iri[iri]

    @cached_property
    def _names(self) -> dict[str, tuple[Entry, list[str]]]:
        """Under each key its entry and the names that have the key; the file has no key twice (a test sees to it)."""
        names: dict[str, tuple[Entry, list[str]]] = {}
        for entry in self.entries:
            for name in entry.names:
                names.setdefault(name_key(name), (entry, []))[1].append(name)
        return names

    @cached_property
    def _form_keys(self) -> dict[str, Entry]:
        """The entries under the form keys of their names; that of the label is the end of the IRI without hyphens."""
        keys = {entry.iri.rsplit("/", 1)[1].replace("-", ""): entry for entry in self.entries}
        return keys | {form_key(alias): entry for entry in self.entries for alias in entry.aliases}

    @cached_property
    def _forms(self) -> dict[str, _Form | None]:
        return {}

    def _form(self, key: str) -> _Form | None:
        """Return what a key stands for, worked out when it is first met."""
        if key not in self._names:
            return None
        if key not in self._forms:
            entry, names = self._names[key]
            exact = any(is_case_sensitive(name) for name in names)
            written = ["".join(_PIECE.findall(name)) for name in names]
            spellings = frozenset(written + [name[0].upper() + name[1:] for name in written]) if exact else None
            self._forms[key] = _Form(entry, frozenset().union(*map(_gaps, names)), spellings)
        return self._forms[key]

    @cached_property
    def _beginnings(self) -> set[str]:
        """All beginnings of all keys, to give a place up as soon as no name can follow."""
        return {key[:length] for key in self._names for length in range(1, len(key) + 1)}

    def find(self, name: str) -> Entry | None:
        """Return the entry of a name in any case, with or without its vendor, plural and class word, or None.

        The name stands alone here, so no context is asked for. A method is found by the form key of its name: in any
        case, plural and spelling, with or without hyphens and a head word.
        """
        if self.name == "methods":
            return self._form_keys.get(form_key(name))
        text = re.sub(
            r"(?i)[\s-]+(?:GPUs?|graphics cards?|data ?sets?|benchmarks?|accelerators?)\s*$", "", name
        ).strip()
        for candidate in (name, text):
            key = name_key(candidate)
            for variant in (key[:-1], key) if candidate.endswith("s") else (key,):
                if variant in self._names:
                    return self._names[variant][0]
        words = text.split(maxsplit=1)
        if len(words) == 2:
            rest = self.find(words[1])
            if rest and words[0].casefold() in VENDOR_WORDS.get(rest.vendor or "", ()):
                return rest
        return None

    def find_mentions(self, text: str) -> list[tuple[int, int, Entry]]:
        """Return the mentions of hardware or benchmarks in `text`, in text order, none overlapping.

        Each is half-open character offsets and the entry. Of two names that begin at one place the longer one stands.
        The vendor in front belongs to the mention, a number, a plural "s" within the last word too; the word "GPU"
        after a device does not. A benchmark is not found within a longer hyphenated name, which is another benchmark
        ("Auto-SLURP", "BIRD-CRITIC").
        """
        return list(self._mentions(text))

    def _mentions(self, text: str) -> Iterator[tuple[int, int, Entry]]:
        pieces = [(piece.start(), piece.end(), piece.group()) for piece in _PIECE.finditer(text)]
        first, floor = 0, 0
        while first < len(pieces):
            last, entry = self._longest_match(text, pieces, first)
            if entry is None:
                first += 1
                continue
            start, end = pieces[first][0], pieces[last][1]
            vendor_words = VENDOR_WORDS.get(entry.vendor or "", ())
            for before in range(first - 1, floor - 1, -1):
                if pieces[before][2].casefold() not in vendor_words or text[pieces[before][1] : start] not in (
                    " ",
                    "-",
                ):
                    break
                start = pieces[before][0]
            yield start, end, entry
            first = floor = last + 1

    def _longest_match(self, text: str, pieces: list[tuple[int, int, str]], first: int) -> tuple[int, Entry | None]:
        best: tuple[int, Entry | None] = (first, None)
        key, spelling, gaps = "", "", set[int]()
        for last in range(first, len(pieces)):
            start, end, piece = pieces[last]
            if last > first:
                if not _SEPARATOR.fullmatch(text, pieces[last - 1][1], start) and start != pieces[last - 1][1]:
                    break
                gaps.add(len(key))
            key, spelling = key + piece.casefold(), spelling + piece
            if key not in self._beginnings and key[:-1] not in self._names:
                break
            form, shown = (self._form(key[:-1]), spelling[:-1]) if piece[-1] == "s" else (None, "")
            if form is None:
                form, shown = self._form(key), spelling
            if form is None or not gaps <= form.gaps:
                continue
            if form.spellings is not None and shown not in form.spellings:
                continue
            if self.name == "benchmarks" and _PART_OF_NAME.search(
                text[max(0, pieces[first][0] - 2) : pieces[first][0]]
            ):
                continue
            if self.name == "benchmarks" and _NAME_GOES_ON.match(text, end):
                continue
            begin = pieces[first][0]
            unsure = form.entry.needs_context or _lacks_brand(form.entry, text[begin:end])
            if unsure and not self._has_context(text, begin, end, form.entry):
                continue
            best = last, form.entry
        return best

    def _has_context(self, text: str, start: int, end: int, entry: Entry) -> bool:
        """Return whether a word near makes the name sure; of a device class, a word outside the name."""
        before, after = text[max(0, start - CONTEXT_CHARACTERS) : start], text[end : end + CONTEXT_CHARACTERS]
        near = (before, after) if entry.kind == "device class" else (before + text[start:end] + after,)
        return any(CONTEXT[self.name].search(part) for part in near)


@cache
def load_vocabulary(name: VocabularyName) -> Vocabulary:
    """Return the vocabulary "benchmarks", "hardware" or "methods" that travels with kg.

    Raises:
        UsageError: there is no vocabulary of that name.
    """
    names = get_args(VocabularyName)
    if name not in names:
        raise UsageError(f"there is no vocabulary {name!r}; there are {', '.join(names[:-1])} and {names[-1]}")
    return Vocabulary(name, read_entries(resource("ontology", f"{name}.ttl")))


def find_method(form: str) -> Entry | None:
    """Return what the vocabulary of methods knows by a form, unless just one plain word of a longer name is left.

    "Evolution" is not the evolution strategy, though the strategy is looked up without its head.

    >>> [entry.label if entry else None for entry in map(find_method, ("two-tower models", "LoRA", "evolution"))]
    ['bi-encoder', 'LoRA', None]
    """
    entry = load_vocabulary("methods").find(form)
    if entry is None or len(form_words(form)) > 1:
        return entry
    known = {singular_label(name.casefold()) for name in entry.names}
    return entry if singular_label(form.casefold()) in known or any(map(str.isupper, form[1:])) else None


def with_broader(entry: Entry) -> Iterator[Entry]:
    """Yield an entry of a vocabulary and all that it is a kind of."""
    vocabulary = load_vocabulary(_BY_KIND[entry.iri.rsplit("/", 2)[1]])
    todo, seen = [entry], {entry.iri}
    while todo:
        here = todo.pop()
        yield here
        for iri in here.broader:
            if iri not in seen:
                seen.add(iri)
                todo.append(vocabulary[iri])
