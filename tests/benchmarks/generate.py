"""A corpus of any size, made of few real papers: what the steps after extraction are measured with.

Each made paper is a real one in which the names of methods, tasks and metrics are replaced. Names are drawn as a
corpus of papers draws them: a new one now and then, else one that was drawn before, the more often the more likely (a
Pitman-Yor process, whose counts follow Zipf's law; Goldwater, Griffiths and Johnson 2011). The same seed gives the
same corpus.

    python tests/benchmarks/generate.py 5000 -o FOLDER --from seeds
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kg.extractions import Extractions, extract_all
from kg.mention import Extraction, Keyphrase, Mention, Result
from kg.paper import Paper, Span
from kg.records import write_record

T = TypeVar("T")

NEW = {"Method": 0.85, "Task": 0.75, "Metric": 0.6}
"""By kind, how much of its count an old name loses to new ones, in [0, 1): the larger, the more names are new."""

STRENGTH = 50.0
"""How many names come before old ones are drawn as often as new ones."""


class Names:
    """Draws names of one kind: those of real papers first, the most used before all, then made ones."""

    def __init__(self, real: Sequence[str], new: float, rng: random.Random) -> None:
        self._real, self._new, self._rng = real, new, rng
        self._drawn, self._counts = array("i"), array("i")
        self._words = sorted({word for name in real for word in name.split() if word.isalpha()}) or ["net"]

    def draw(self) -> str:
        """Return the next name."""
        rng, total = self._rng, len(self._drawn)
        if rng.random() * (total + STRENGTH) < STRENGTH + self._new * len(self._counts):
            number = len(self._counts)
            self._counts.append(0)
        else:
            while True:
                number = self._drawn[rng.randrange(total)]
                if rng.random() * self._counts[number] >= self._new:
                    break
        self._drawn.append(number)
        self._counts[number] += 1
        return self._real[number] if number < len(self._real) else self._make(number)

    def _make(self, number: int) -> str:
        one, other = self._words[number % len(self._words)], self._words[number // 7 % len(self._words)]
        return f"{one} {other.capitalize()}{number:x}"


def generate(real: Sequence[Extraction], count: int, seed: int = 1) -> Iterator[Extraction]:
    """Yield so many made extractions, in no order; every span quotes its paper."""
    rng = random.Random(seed)
    used = {kind: Counter(m.surface for e in real for m in e.mentions if m.kind == kind) for kind in NEW}
    names = {kind: Names([name for name, _ in used[kind].most_common()], new, rng) for kind, new in NEW.items()}
    for number in range(count):
        yield _rewrite(real[rng.randrange(len(real))], number, names)


def _rewrite(old: Extraction, number: int, names: dict[str, Names]) -> Extraction:
    text, end_of_title = old.paper.text, len(old.paper.title)
    chosen: dict[tuple[str, str], str] = {}
    edits = [(end_of_title, end_of_title, f" {number}")]
    for m in old.mentions:
        if m.kind in names and all(m.end <= a or b <= m.start for a, b, _ in edits):
            name = (m.kind, m.surface.casefold())
            if name not in chosen:
                chosen[name] = names[m.kind].draw()
            edits.append((m.start, m.end, chosen[name]))
    pieces, at = list[str](), 0
    for a, b, new in sorted(edits):
        pieces += [text[at:a], new]
        at = b
    made = "".join([*pieces, text[at:]])
    title, _, abstract = made.partition("\n")
    paper = replace(old.paper, title=title, abstract=abstract, arxiv_id="", doi="", key=f"made{number}")

    def now(offset: int) -> int:
        """Return where an offset that no edit covers stands now."""
        return offset + sum(len(new) - (b - a) for a, b, new in edits if (b <= offset if a < b else a < offset))

    def moved(span: Span) -> Span | None:
        start, end = span.start, span.end
        if (
            any(start < b and a < end and not (start <= a and b <= end) for a, b, _ in edits)
            or start <= end_of_title < end
        ):
            return None
        return Span.of(made, now(start), now(end))

    def kept(values: Sequence[T], make: Callable[[T], T | None]) -> tuple[T, ...]:
        return tuple(new for value in values if (new := make(value)) is not None)

    def mention(m: Mention) -> Mention | None:
        span = moved(m.span)
        return None if span is None else replace(m, start=span.start, end=span.end, surface=span.surface)

    def pair(both: tuple[Span, Span]) -> tuple[Span, Span] | None:
        short, long = moved(both[0]), moved(both[1])
        same = short and long and (short.surface, long.surface) == (both[0].surface, both[1].surface)
        return (short, long) if short and long and same else None

    def keyphrase(k: Keyphrase) -> Keyphrase | None:
        span = moved(k.span)
        return None if span is None else replace(k, span=span)

    def result(r: Result) -> Result | None:
        span, (metric, subject, base) = moved(r.span), (s and moved(s) for s in (r.metric, r.subject, r.baseline))
        return None if span is None else replace(r, span=span, metric=metric, subject=subject, baseline=base)

    return Extraction(
        paper,
        kept(old.mentions, mention),
        kept(old.keyphrases, keyphrase),
        kept(old.results, result),
        kept(old.urls, moved),
        kept(old.abbreviations, pair),
    )


def generate_stream(real: Sequence[Extraction], count: int, seed: int = 1) -> Extractions:
    """Return made extractions as a build has them: in a file, in the order of their papers."""
    papers: list[Paper] = []
    made = Extractions([real[0].paper] * count)
    for number, extraction in enumerate(generate(real, count, seed)):
        papers.append(extraction.paper)
        made.put(number, write_record(extraction))
    order = sorted(range(count), key=lambda number: papers[number].id)
    return made.reordered([papers[number] for number in order], order)


def peak_mb() -> int:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1 if sys.platform != "darwin" else 1024) // 1024


def main() -> None:
    """Build the graph of a made corpus and tell how long each step takes, and the memory after it."""
    parser = argparse.ArgumentParser(description="Build the graph of a made corpus.")
    parser.add_argument("count", type=int)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--from", dest="inputs", default=str(Path(__file__).resolve().parents[2] / "seeds"))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--page", action="store_true", help="write the page as well")
    given = parser.parse_args()
    from kg.build import write_tables, write_turtle_file
    from kg.concepts import resolve_concepts
    from kg.loading import write_store
    from kg.ontology import BASE_IRI
    from kg.reading.read import read_papers

    real = list(extract_all(read_papers([given.inputs]).papers, cache=given.cache, jobs=None))
    given.output.mkdir(parents=True, exist_ok=True)

    def step(name: str, work: Callable[[], T]) -> T:
        start, cpu = time.perf_counter(), time.process_time()
        done = work()
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
        print(f"{name:12} {wall:9.1f} s  {cpu:9.1f} s of processor  {peak_mb():6} MB at most", flush=True)
        return done

    made = step("generate", lambda: generate_stream(real, given.count))
    resolution = step("resolve", lambda: resolve_concepts(made))
    step("turtle", lambda: write_turtle_file(given.output, made, resolution, BASE_IRI))
    step("tables", lambda: write_tables(given.output, made, resolution))
    triples = step("store", lambda: write_store(given.output))
    if given.page:
        from kg.build import write_page

        step("page", lambda: write_page(given.output))
    print(f"{len(made)} papers, {len(resolution.concepts)} concepts, {triples} triples")


if __name__ == "__main__":
    main()
