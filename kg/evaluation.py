"""How good the extraction is, measured on annotated papers: precision, recall and F1, roles, concepts, calibration.

Gold is one JSON object a line in the format of the annotation guide (methods, benchmarks, hardware with name, aliases
and role; results, urls, keyphrases). A predicted concept is right where one of its surface forms in the paper equals,
after normalisation, a form of a gold entry of its kind. Concepts across papers are scored by B-cubed (Bagga and
Baldwin 1998) over the entries that are shared between papers, in gold or in the prediction; an entry that was not
found is a concept of its own.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from kg.concepts import Resolution
from kg.errors import UsageError
from kg.mention import Extracted, Extraction, Kind
from kg.paper import Paper, title_key
from kg.statements import strongest_role

_KINDS: tuple[tuple[Kind, str], ...] = (("Method", "methods"), ("Benchmark", "benchmarks"), ("Hardware", "hardware"))
_VAGUE = frozenset(
    "method methods model framework algorithm technique approach system dataset benchmark data set corpus gpu "
    "strategy scheme paradigm library task benchmarks".split()
)
_VENDORS = frozenset(["nvidia", "amd", "intel", "google", "huawei"])
_BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Score:
    """Counts of one kind: predicted entries that are right, all predicted, gold entries that were found, all gold."""

    right: int = 0
    predicted: int = 0
    found: int = 0
    gold: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.right + other.right,
            self.predicted + other.predicted,
            self.found + other.found,
            self.gold + other.gold,
        )

    @property
    def precision(self) -> float:
        """Share of the predicted entries that are right, in [0, 1]."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold entries that were found, in [0, 1]."""
        return self.found / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, in [0, 1]."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True)
class Evaluation:
    """All scores of a run.

    Attributes:
        scores: by kind, in the order they are printed.
        roles: kind → (entries whose role is right, entries found).
        concepts: B-cubed precision, recall and F1, or None without a file of concepts.
        calibration: (lower, upper bound of confidence, statements, share of them that are right).
        errors: one line each: paper, kind, WRONG or MISSED, name.
        missing: ids of gold papers that the input does not have.
    """

    scores: Mapping[str, Score]
    roles: Mapping[str, tuple[int, int]]
    concepts: tuple[float, float, float] | None
    calibration: tuple[tuple[float, float, int, float], ...]
    errors: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class _Entry:
    name: str
    forms: frozenset[str]
    role: str | None
    confidence: float = 1.0
    concept: str = ""


def normalize(form: str, kind: str = "") -> str:
    """Return what equal names have in common: no case, article, punctuation, plural, or vague head word.

    >>> normalize("the Vision-Transformers model"), normalize("NVIDIA A100 GPU", "Hardware")
    ('vision transformer', 'a100')
    """
    text = re.sub(r"^(the|a|an|our|its|their)\s+", "", form.casefold().replace("’", "'").strip())
    text = re.sub(r"[^\w+.#%$ ]", "", re.sub(r"[\s\-_/–—]+", " ", text)).strip(" .")
    words = [_singular(word) for word in text.split()]
    while len(words) > 1 and words[-1] in _VAGUE:
        words.pop()
    if kind == "Hardware" and len(words) > 1 and words[0] in _VENDORS:
        words = words[1:]
    return " ".join(words)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word


def normalize_value(value: str) -> str:
    r"""Return a value without blanks and backslashes, in one spelling of "times" and "percent".

    >>> normalize_value("1.3 times"), normalize_value("16\\%"), normalize_value("2.1×")
    ('1.3x', '16%', '2.1x')
    """
    plain = value.casefold().replace("\\", "").replace(" ", "").replace("percent", "%")
    return re.sub(r"(times|×|x)$", "x", plain)


def read_gold(path: Path) -> tuple[dict[str, Any], ...]:
    """Return the annotations of a file, one a paper.

    Raises:
        UsageError: the file is missing or a line is not an annotation; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        raise UsageError(f"{path}: cannot be read ({why}); give a JSON Lines file of annotations") from error
    out = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                row = json.loads(line)
                row["id"], row["methods"]
                [entry["name"] for _, key in _KINDS for entry in row.get(key, ())]
            except (ValueError, KeyError, TypeError) as error:
                raise UsageError(f"{path}:{number}: not an annotation with id and methods; see the guide") from error
            out.append(row)
    return tuple(out)


def evaluate(
    gold: Sequence[Mapping[str, Any]],
    titles: Mapping[str, str],
    extractions: Extracted,
    resolution: Resolution,
    concepts: Sequence[Mapping[str, Any]] | None = None,
) -> Evaluation:
    """Return the scores of extractions against gold.

    Args:
        gold: annotations, as `read_gold` returns them.
        titles: title of each gold paper, by its id; papers are matched by title.
        extractions: what was extracted.
        resolution: what the mentions denote.
        concepts: gold concepts (concept, type, members as [paper id, name]), or None.
    """
    by_title = {title_key(e.paper.title): e for e in extractions}
    scores: dict[str, Score] = {
        k: Score() for k in ("method", "introduces", "benchmark", "hardware", "results", "urls", "keyphrases@10")
    }
    roles = {"method": [0, 0], "benchmark": [0, 0]}
    reliability: list[tuple[float, bool]] = []
    errors: list[str] = []
    missing: list[str] = []
    found_as: dict[tuple[str, str, str], tuple[str, str] | None] = {}
    for row in gold:
        extraction = by_title.get(title_key(titles.get(row["id"], "")))
        if extraction is None:
            missing.append(row["id"])
        for kind, key in _KINDS:
            want = [_gold_entry(e, kind) for e in row.get(key, ())]
            have = _predicted_entries(extraction, resolution, kind) if extraction else []
            name = kind.casefold()
            scores[name] += _score(have, want)
            for h in have:
                reliability.append((h.confidence, _matches(h, want)))
                if not _matches(h, want):
                    errors.append(f"{row['id']}\t{name}\tWRONG\t{h.name}")
            for w in want:
                partner = next((h for h in have if h.forms & w.forms), None)
                found_as[row["id"], name, w.name] = (name, partner.concept) if partner else None
                if partner is None:
                    errors.append(f"{row['id']}\t{name}\tMISSED\t{w.name}")
                elif name in roles:
                    roles[name][0] += partner.role == w.role
                    roles[name][1] += 1
            if kind == "Method":
                scores["introduces"] += _score(
                    [h for h in have if h.role == "introduces"], [w for w in want if w.role == "introduces"]
                )
        scores["results"] += _score_sets(
            {normalize_value(r.span.surface) for r in extraction.results} if extraction else set(),
            {normalize_value(r["value"]) for r in row.get("results", ())},
        )
        scores["urls"] += _score_sets(
            {u.surface.rstrip("/.") for u in extraction.urls} if extraction else set(),
            {u.rstrip("/.") for u in row.get("urls", ())},
        )
        phrases = list(dict.fromkeys(normalize(k.span.surface) for k in extraction.keyphrases)) if extraction else []
        scores["keyphrases@10"] += _score_sets(set(phrases[:10]), {normalize(k) for k in row.get("keyphrases", ())})
    return Evaluation(
        scores,
        {kind: (right, total) for kind, (right, total) in roles.items()},
        _b_cubed(concepts, found_as) if concepts is not None else None,
        _calibrate(reliability),
        tuple(errors),
        tuple(missing),
    )


def _gold_entry(entry: Mapping[str, Any], kind: Kind) -> _Entry:
    forms = frozenset(normalize(f, kind) for f in (entry["name"], *entry.get("aliases", ())))
    return _Entry(entry["name"], forms, entry.get("role"))


def _predicted_entries(extraction: Extraction, resolution: Resolution, kind: Kind) -> list[_Entry]:
    """Return one entry for each concept of the kind in a paper: its forms there, its strongest role."""
    by_concept = defaultdict(list)
    for m in extraction.mentions:
        if m.kind == kind:
            by_concept[resolution.concept_of(extraction.paper.id, m).id].append(m)
    return [
        _Entry(
            mentions[0].surface,
            frozenset(normalize(f, kind) for m in mentions for f in (m.surface, resolution.concepts[concept].label)),
            strongest_role(kind, (m.role for m in mentions)),
            max(m.confidence for m in mentions),
            concept,
        )
        for concept, mentions in by_concept.items()
    ]


def _matches(entry: _Entry, others: Iterable[_Entry]) -> bool:
    return any(entry.forms & other.forms for other in others)


def _score(have: Sequence[_Entry], want: Sequence[_Entry]) -> Score:
    return Score(sum(_matches(h, want) for h in have), len(have), sum(_matches(w, have) for w in want), len(want))


def _score_sets(have: set[str], want: set[str]) -> Score:
    both = len(have & want)
    return Score(both, len(have), both, len(want))


def _b_cubed(
    concepts: Sequence[Mapping[str, Any]], found_as: Mapping[tuple[str, str, str], tuple[str, str] | None]
) -> tuple[float, float, float]:
    """Return B-cubed precision, recall and F1 over entries whose gold or predicted concept spans several papers."""
    gold: dict[tuple[str, str, str], tuple[str, ...]] = {}
    guess: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for concept in concepts:
        for paper, name in concept["members"]:
            key = (paper, concept["type"], name)
            if key in found_as:
                gold[key] = (concept["type"], concept["concept"])
                guess[key] = found_as[key] or ("missing", *key)
    in_gold, in_guess = defaultdict(set), defaultdict(set)
    for key in gold:
        in_gold[gold[key]].add(key)
        in_guess[guess[key]].add(key)
    shared = [k for k in gold if len({p for p, *_ in in_gold[gold[k]] | in_guess[guess[k]]}) > 1]
    count = max(1, len(shared))
    precision = sum(len(in_gold[gold[k]] & in_guess[guess[k]]) / len(in_guess[guess[k]]) for k in shared) / count
    recall = sum(len(in_gold[gold[k]] & in_guess[guess[k]]) / len(in_gold[gold[k]]) for k in shared) / count
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0


def _calibrate(reliability: Sequence[tuple[float, bool]]) -> tuple[tuple[float, float, int, float], ...]:
    """Return, for each range of confidence that occurs, the statements in it and the share that is right."""
    rows = []
    for low, high in pairwise(_BINS):
        inside = [right for sure, right in reliability if low < sure <= high]
        if inside:
            rows.append((low, high, len(inside), sum(inside) / len(inside)))
    return tuple(rows)


def read_titles(papers: Iterable[Paper]) -> dict[str, str]:
    """Return the title of each paper by the identifier that its source gives it (`Paper.key`)."""
    return {p.key: p.title for p in papers if p.key}


def read_gold_concepts(path: Path, required: bool = False) -> tuple[dict[str, Any], ...] | None:
    """Return gold concepts (concept, type, members), or None where the file is not there and not required.

    Raises:
        UsageError: the file is required and missing, or a line is not a concept.
    """
    if not path.exists() and not required:
        return None
    try:
        rows = tuple(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
        return tuple({"concept": r["concept"], "type": r["type"], "members": r["members"]} for r in rows)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{path}: not a file of concepts ({error}); each line has concept, type and members"
        ) from error


def render_evaluation(found: Evaluation, errors: bool = False) -> str:
    """Return an evaluation as aligned text."""
    lines = [f"{'':15}{'P':>7}{'R':>7}{'F1':>7}   right/predicted   found/gold"]
    for name, s in found.scores.items():
        lines.append(
            f"{name:15}{s.precision:7.3f}{s.recall:7.3f}{s.f1:7.3f}"
            f"   {f'{s.right}/{s.predicted}':<18}{s.found}/{s.gold}"
        )
    if found.concepts is not None:
        lines.append("{:15}{:7.3f}{:7.3f}{:7.3f}   B-cubed".format("concepts", *found.concepts))
    lines.append("")
    for name, (right, total) in found.roles.items():
        lines.append(f"roles of {name}: {right} of {total} right ({right / max(total, 1):.3f})")
    lines += ["", "confidence     statements   right"]
    for low, high, count, share in found.calibration:
        lines.append(f"{low:.1f} to {high:.1f}     {count:10}   {share:5.3f}")
    if found.missing:
        lines += ["", f"papers missing from the input: {', '.join(found.missing)}"]
    if errors:
        lines += ["", *found.errors]
    return "\n".join(lines) + "\n"
