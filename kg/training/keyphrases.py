"""How `models/rarity.tsv` and `models/ranking.json` are made: counts of a corpus, and trees grown on annotated papers.

Both need only what kg needs at run time. The trees see annotated papers alone; Inspec is only measured, never learnt.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.extraction.candidates import find_candidates, find_chunks, split_words
from kg.extraction.keyphrases import group_candidates
from kg.extraction.ranking import measure
from kg.extraction.rarity import phrase_key, read_rarity
from kg.resources import resource_folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_WORD, LEAST_PHRASE = 8, 15
"""Papers that a word, or a phrase of several words, must be in to be listed."""
LONGEST_PHRASE = 4
_LOOSE_ENDS = (
    *("method", "model", "framework", "algorithm", "technique", "approach", "system", "strategy", "scheme", "paradigm"),
    *("dataset", "benchmark", "data", "set", "corpus", "library", "task"),
)


def count_rarity(corpora: Iterable[Path], output: Path) -> None:
    """Write the table of `kg.extraction.rarity` from gzipped JSON Lines with the fields `title` and `abstract`."""
    papers = 0
    words, title_words, last_words = Counter[str](), Counter[str](), Counter[str]()
    phrases, wholes, title_wholes = Counter[str](), Counter[str](), Counter[str]()
    for path in corpora:
        for title, abstract in _read_corpus(path):
            papers += 1
            seen: dict[str, set[str]] = {name: set() for name in ("word", "title", "last", "phrase", "whole", "name")}
            for chunk in find_chunks(split_words(f"{title}\n{abstract}")):
                keys = [key for word in chunk for key in phrase_key(word.surface).split()]
                if not keys:
                    continue
                in_title = chunk[0].start < len(title)
                seen["word"].update(keys)
                seen["last"].add(keys[-1])
                seen["whole"].add(" ".join(keys))
                if in_title:
                    seen["title"].update(keys)
                    seen["name"].add(" ".join(keys))
                for first in range(len(keys)):
                    for last in range(first + 2, min(first + LONGEST_PHRASE, len(keys)) + 1):
                        seen["phrase"].add(" ".join(keys[first:last]))
            words.update(seen["word"])
            title_words.update(seen["title"])
            last_words.update(seen["last"])
            phrases.update(seen["phrase"])
            wholes.update(seen["whole"])
            title_wholes.update(seen["name"])
    lines = [str(papers)]
    lines += [f"{k}\t{n}\t{title_words[k]}\t{last_words[k]}" for k, n in sorted(words.items()) if n >= LEAST_WORD]
    lines += [f"{k}\t{n}\t{wholes[k]}\t{title_wholes[k]}" for k, n in sorted(phrases.items()) if n >= LEAST_PHRASE]
    _write(output, "\n".join(lines) + "\n")


def _read_corpus(path: Path) -> Iterator[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            paper = json.loads(line)
            yield " ".join(paper["title"].split()), paper["abstract"]


def loose_key(surface: str) -> str:
    """Return the key of a phrase without general last words, so that "Transformer model" and "Transformers" are one.

    >>> loose_key("Transformer models"), loose_key("Transformers"), loose_key("model")
    ('transformer', 'transformer', 'model')
    """
    words = phrase_key(surface).split()
    while len(words) > 1 and words[-1] in _LOOSE_ENDS:
        words.pop()
    return " ".join(words)


def read_gold(annotations: Path, papers: Path) -> list[tuple[str, list[str]]]:
    """Return text and keyphrases of each annotated paper (JSON Lines, and a JSON list of id, title, abstract)."""
    texts = {paper["id"]: f"{paper['title']}\n{paper['abstract']}" for paper in json.loads(papers.read_text("utf-8"))}
    rows = map(json.loads, annotations.read_text("utf-8").splitlines())
    return [(texts[row["id"]], row["keyphrases"]) for row in rows]


def measure_gold(gold: Sequence[tuple[str, list[str]]]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the measurements (phrases, features) of all candidates of all papers, and which of them are keyphrases."""
    import numpy as np

    rows, labels = [], []
    for text, keyphrases in gold:
        if groups := group_candidates(find_candidates(text)):
            rows.append(measure(text, groups, read_rarity()))
            wanted = {loose_key(phrase) for phrase in keyphrases}
            labels += [loose_key(spans[0].surface) in wanted for spans in groups.values()]
    return np.concatenate(rows), np.array(labels)


def grow_trees(features: NDArray[np.float64], labels: NDArray[np.bool_]) -> Any:
    """Return scikit-learn's gradient-boosted trees for the probability of a keyphrase."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=200,
        learning_rate=0.06,
        max_leaf_nodes=8,
        min_samples_leaf=60,
        max_features=0.35,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=0,
    )
    return model.fit(features, labels)


def trees_json(model: Any) -> Mapping[str, Any]:
    """Return grown trees as plain values, as `kg.extraction.ranking.Trees.of` reads them."""
    trees = []
    for (predictor,) in model._predictors:
        trees.append(
            [
                [round(float(node["value"]), 6)]
                if node["is_leaf"]
                else [
                    int(node["feature_idx"]),
                    float(f"{node['num_threshold']:.9g}"),
                    int(node["left"]),
                    int(node["right"]),
                ]
                for node in predictor.nodes
            ]
        )
    return {"base": round(float(model._baseline_prediction.ravel()[0]), 6), "trees": trees}


def train_ranking(annotations: Path, papers: Path, output: Path) -> None:
    """Grow the trees on annotated papers and write them as JSON."""
    model = grow_trees(*measure_gold(read_gold(annotations, papers)))
    _write(output, json.dumps(trees_json(model), separators=(",", ":")) + "\n")


def _write(path: Path, content: str) -> None:
    partial = path.with_name(f"{path.name}.part")
    partial.write_text(content, encoding="utf-8", newline="\n")
    partial.replace(path)


if __name__ == "__main__":
    import sys

    shared, models = Path(sys.argv[1]), resource_folder("models")
    count_rarity(sorted(shared.glob("corpora/*.jsonl.gz")), models / "rarity.tsv")
    train_ranking(shared / "gold/train.jsonl", shared / "gold/train.papers.json", models / "ranking.json")
