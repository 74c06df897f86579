"""Gold annotations as training data: every surface form of a paper's gold, found again in its text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import UsageError
from kg.extraction.samples import spelling_key

FIELDS = {"Method": "methods", "Benchmark": "benchmarks", "Hardware": "hardware"}
LISTS = {"Task": "tasks", "Metric": "metrics", "Keyphrase": "keyphrases"}


@dataclass(frozen=True)
class GoldPaper:
    """One annotated paper.

    Attributes:
        id: as in the gold.
        text: title, a line feed, abstract.
        entry: the annotation itself, as the guide lays it out.
        spans: (kind, start, end) of every occurrence of every surface form.
        roles: role of each Method and Benchmark span among them.
    """

    id: str
    text: str
    entry: dict[str, Any]
    spans: frozenset[tuple[str, int, int]]
    roles: dict[tuple[str, int, int], str] = field(default_factory=dict)


def read_gold(folder: Path) -> list[GoldPaper]:
    """Return the annotated papers of a folder, in the order of the files.

    They are read from `NAME.jsonl` with the texts in `NAME.papers.json`; only from `train.jsonl` where there is one.

    Raises:
        UsageError: the folder has no such files.
    """
    named = [folder / "train.jsonl"] if (folder / "train.jsonl").is_file() else sorted(folder.glob("*.jsonl"))
    pairs = [(path, path.with_suffix(".papers.json")) for path in named]
    found = [paper for path, texts in pairs if texts.is_file() for paper in read_gold_files(path, texts)]
    if not found:
        raise UsageError(f"no annotated papers in {folder}: it needs NAME.jsonl with NAME.papers.json beside it")
    return found


def read_gold_files(annotations: Path, papers: Path) -> list[GoldPaper]:
    """Return the papers of one file of annotations and the file of their texts."""
    texts = {p["id"]: f"{p['title']}\n{p['abstract']}" for p in json.loads(papers.read_text(encoding="utf-8"))}
    lines = annotations.read_text(encoding="utf-8").splitlines()
    return [project(json.loads(line), texts) for line in lines if line.strip()]


def project(entry: dict[str, Any], texts: dict[str, str]) -> GoldPaper:
    """Return one annotated paper with its surface forms found in its text."""
    text = texts[entry["id"]]
    spans: set[tuple[str, int, int]] = set()
    roles: dict[tuple[str, int, int], str] = {}
    for kind, name in FIELDS.items():
        for entity in entry[name]:
            for start, end in find_forms(text, [entity["name"], *entity["aliases"]]):
                spans.add((kind, start, end))
                if "role" in entity:
                    roles.setdefault((kind, start, end), entity["role"])
    for kind, name in LISTS.items():
        spans.update((kind, start, end) for start, end in find_forms(text, entry[name]))
    for result in entry["results"]:
        near = find_near(text, result["value"], result.get("quote") or "")
        spans.update(("Result", start, end) for start, end in near)
        if result.get("baseline") and near:
            places = list(find_forms(text, [result["baseline"]]))
            if places:
                spans.add(("Baseline", *min(places, key=lambda p: abs(p[0] - near[0][0]))))
        if result.get("metric") and near:
            spans.update(("Metric", start, end) for start, end in find_forms(text, [result["metric"]]))
    return GoldPaper(entry["id"], text, entry, frozenset(spans), roles)


def _bounded(form: str) -> str:
    """Return a pattern for a form where no word goes on at either side."""
    left = r"(?<!\w)" if re.match(r"\w", form) else ""
    right = r"(?!\w)" if re.search(r"\w$", form) else ""
    return left + form_pattern(form) + right


def form_pattern(form: str) -> str:
    """Return a pattern that matches a form exactly, line breaks and runs of spaces taken as one space."""
    return r"\s+".join(re.escape(part) for part in form.split())


def find_forms(text: str, forms: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield where any of the forms stands in the text; longer forms in any case, plural and hyphen spelling."""
    for form in forms:
        if not form.strip():
            continue
        key = spelling_key(form)
        if len(key) <= 4 and not form.islower():
            pattern = (
                _bounded(form)
                if form[-1:] == "s"
                else _bounded(form)[:-6] + r"s?(?!\w)"
                if form[-1].isalnum()
                else _bounded(form)
            )
            matches = re.finditer(pattern, text)
        else:
            words = [re.escape(word) for word in key.split(" ")]
            plural = r"s?" if key[-1].isalpha() else ""
            left = r"(?<!\w)" if key[0].isalnum() else ""
            right = r"(?!\w)" if key[-1].isalnum() else ""
            matches = re.finditer(left + r"[\s\-_/–—]+".join(words) + plural + right, text, re.IGNORECASE)
        for match in matches:
            yield match.start(), match.end()


def find_near(text: str, value: str, quote: str) -> list[tuple[int, int]]:
    """Return where a value stands inside its quote, or else everywhere in the text."""
    pattern = re.compile(
        (r"(?<![\w.])" if value[:1].isalnum() else "")
        + form_pattern(value)
        + (r"(?!\w)" if value[-1:].isalnum() else "")
    )
    if quote:
        for match in re.finditer(form_pattern(quote), text):
            inside = [m.span() for m in pattern.finditer(text, match.start(), match.end())]
            if inside:
                return inside
    return [m.span() for m in pattern.finditer(text)]
