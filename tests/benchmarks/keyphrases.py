"""Keyphrases against gold and Inspec: plain KeyBERT, other rankers, and kg. Run: python -m tests.benchmarks.keyphrases

Needs the shared data (`KG_SHARED`, or `shared` beside the repository) and `pip install nltk`; measures plain KeyBERT,
YAKE and pke's MultipartiteRank where they are installed (`pip install sentence-transformers 'kg[train]'`, `pip install
yake`, `pip install pke`). Prints one line for each ranker and set: F1 of the shared `keyphrase_f1.py` for Inspec, and
of `keyphrases@10` of the shared `score.py` for gold.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import runpy
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from kg.errors import KgError
from kg.extraction.candidates import find_candidates
from kg.extraction.keyphrases import are_variants, find_keyphrases, group_candidates, score_phrases
from kg.extraction.rarity import read_rarity
from kg.extraction.tagger import Tagger
from kg.resources import resource_folder

Ranker = Callable[[str], list[str]]
SHARED = Path(os.environ.get("KG_SHARED") or Path(__file__).resolve().parents[3] / "shared")
MOST = 15


def keybert_plain() -> Ranker | None:
    """KeyBERT as its documentation calls it, with one to three words, where sentence-transformers is installed."""
    try:
        from kg.training.train import packaged_encoder

        encoder = import_module("sentence_transformers").SentenceTransformer(str(packaged_encoder()), device="cpu")
        model = import_module("keybert").KeyBERT(encoder)
    except (ImportError, KgError):
        return None

    def rank(text: str) -> list[str]:
        found = model.extract_keywords([text], keyphrase_ngram_range=(1, 3), top_n=MOST)
        return [phrase for phrase, _ in found]

    return rank


def keybert_on_candidates(tagger: Tagger) -> Ranker:
    """KeyBERT's order of kg's candidates."""

    def rank(text: str) -> list[str]:
        groups = list(group_candidates(find_candidates(text)).values())
        if not groups:
            return []
        vectors = tagger.read(text).vectors(groups)
        scores = score_phrases(text, [spans[0].surface for spans in groups], vectors, vectors.mean(axis=0))
        return sorted(scores, key=lambda phrase: -scores[phrase])[:MOST]

    return rank


def tf_idf(text: str) -> list[str]:
    """Frequency times rarity over kg's candidates, variants left out."""
    groups = group_candidates(find_candidates(text))
    rarity = read_rarity()

    def worth(key: str) -> float:
        held = (rarity.phrase(key) if " " in key else rarity.word(key))[0]
        return len(groups[key]) * math.log((rarity.papers + 1) / (held + 1))

    chosen: list[str] = []
    for key in sorted(groups, key=lambda key: (-worth(key), groups[key][0])):
        if not any(are_variants(key, other) for other in chosen):
            chosen.append(key)
    return [groups[key][0].surface for key in chosen[:MOST]]


def yake() -> Ranker | None:
    """YAKE with up to three words, where it is installed."""
    try:
        extractor = import_module("yake").KeywordExtractor(lan="en", n=3, top=MOST)
    except ImportError:
        return None
    return lambda text: [phrase for phrase, _ in extractor.extract_keywords(text)]


def multipartite() -> Ranker | None:
    """MultipartiteRank of pke, where it and its spaCy model are installed."""
    try:
        module = import_module("pke.unsupervised")
        module.MultipartiteRank().load_document("a test", language="en")
    except Exception:  # pke exits in several ways where its model is missing
        return None

    def rank(text: str) -> list[str]:
        extractor = module.MultipartiteRank()
        extractor.load_document(text, language="en")
        extractor.candidate_selection(pos={"NOUN", "PROPN", "ADJ"})
        try:
            extractor.candidate_weighting()
        except ValueError:
            return []
        return [phrase for phrase, _ in extractor.get_n_best(n=MOST)]

    return rank


def ours(tagger: Tagger) -> Ranker:
    """Return kg's keyphrases without the tagger's hints."""
    return lambda text: [
        found.span.surface for found in find_keyphrases(text, find_candidates(text), tagger.read(text).vectors)
    ]


def ours_with_hints(tagger: Tagger) -> Ranker:
    """Return kg's keyphrases with the tagger's hints, as `kg build` finds them."""

    def rank(text: str) -> list[str]:
        reading = tagger.read(text)
        candidates = find_candidates(text)
        places = [(candidate.start, candidate.end) for candidate in candidates]
        hints = dict(zip(places, reading.keyphrase_probabilities(places), strict=True))
        found = find_keyphrases(text, candidates, reading.vectors, hints=hints)
        return [keyphrase.span.surface for keyphrase in found]

    return rank


def score_inspec(gold: Path, found: dict[str, list[str]], folder: Path) -> dict[str, float]:
    """Return what the shared script prints."""
    output = folder / "found.jsonl"
    output.write_text("".join(json.dumps({"id": i, "keyphrases": k}) + "\n" for i, k in found.items()), "utf-8")
    script = SHARED / "eval/keyphrase_f1.py"
    lines = subprocess.run([sys.executable, script, gold, output], capture_output=True, text=True, check=True).stdout
    values = map(float, re.findall(r"F1 ([\d.]+)", lines))
    return dict(zip((f"{mean} F1@{most}" for most in (5, 10, 15) for mean in ("macro", "micro")), values, strict=True))


def score_gold(gold: Iterable[tuple[list[str], list[str]]]) -> dict[str, float]:
    """Return precision, recall and F1 of `keyphrases@10` over pairs of gold and found phrases."""
    norm: Callable[[str], str] = runpy.run_path(str(SHARED / "eval/score.py"), run_name="score")["norm"]
    count: Counter[str] = Counter()
    for wanted, found in gold:
        right = {norm(phrase) for phrase in wanted}
        given = list(dict.fromkeys(norm(phrase) for phrase in found))[:10]
        count.update(hit=len(set(given) & right), given=len(given), right=len(right))
    precision, recall = count["hit"] / count["given"], count["hit"] / count["right"]
    return {"P": precision, "R": recall, "F1": 2 * precision * recall / (precision + recall)}


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the values of a file of JSON Lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def score_set(rank: Ranker, part: str, limit: int | None) -> tuple[dict[str, float], float]:
    """Return the scores of a ranker on a set ("inspec", "dev", "train"), and its papers a second.

    Args:
        rank: the ranker.
        part: the set.
        limit: only so many papers.
    """
    if part == "inspec":
        rows = read_lines(SHARED / "keyphrases/inspec.valid.jsonl")[:limit]
        texts = {row["id"]: row["text"] for row in rows}
    else:
        rows = read_lines(SHARED / f"gold/{part}.jsonl")[:limit]
        papers = json.loads((SHARED / f"gold/{part}.papers.json").read_text("utf-8"))
        texts = {paper["id"]: f"{paper['title']}\n{paper['abstract']}" for paper in papers}
    rank("A first text\nWarms the model up and is not counted.")
    started = time.perf_counter()
    found = {row["id"]: rank(texts[row["id"]]) for row in rows}
    rate = len(rows) / (time.perf_counter() - started)
    if part != "inspec":
        return score_gold((row["keyphrases"], found[row["id"]]) for row in rows), rate
    with tempfile.TemporaryDirectory() as folder:
        gold = Path(folder) / "gold.jsonl"
        gold.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        return score_inspec(gold, found, Path(folder)), rate


def make_rankers() -> dict[str, Callable[[], Ranker | None]]:
    """Return what makes each ranker, by name; None for those that are not installed."""
    tagger = Tagger(resource_folder("models"))
    return {
        "keybert-plain": keybert_plain,
        "keybert-candidates": lambda: keybert_on_candidates(tagger),
        "tf-idf": lambda: tf_idf,
        "yake": yake,
        "multipartite": multipartite,
        "kg": lambda: ours(tagger),
        "kg-tagger": lambda: ours_with_hints(tagger),
    }


def main() -> None:
    """Print one line for each ranker and set."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rankers", nargs="*", help="only these")
    parser.add_argument("--sets", nargs="*", default=["inspec", "dev", "train"])
    parser.add_argument("--limit", type=int, default=None, help="papers of each set")
    options = parser.parse_args()
    makers = make_rankers()
    for name in options.rankers or makers:
        rank = makers[name]()
        if rank is None:
            print(f"{name:20} not installed")
            continue
        for part in options.sets:
            scores, rate = score_set(rank, part, options.limit)
            line = "   ".join(f"{score} {value:.4f}" for score, value in scores.items())
            print(f"{name:20} {part:7} {line}   {rate:.1f} abstracts/s", flush=True)


if __name__ == "__main__":
    main()
