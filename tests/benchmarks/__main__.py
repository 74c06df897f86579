"""Measures kg beside other programs, and writes docs/benchmarks.md: `make bench`, or python -m tests.benchmarks

A section is measured and renewed as a whole; `--only` names some, and the others stay as they are. What is not
installed is left out with a line that says so. Nothing else should be at work on the machine.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import growth, questions, reading, servers, starting, stores
from tests.benchmarks.measuring import ROOT
from tests.benchmarks.reporting import describe_machine, renew, shared_folder

SECTIONS = {
    "machine": "The machine",
    "keyphrases": "Keyphrases",
    "quality": "How good these keyphrases are",
    "mentions": "Mentions",
    "turtle": "Writing Turtle",
    "loading": "Loading",
    "questions": "Questions",
    "page": "The page",
    "growth": "Growth",
    "starting": "Start-up",
}


def main() -> None:
    """Measure the sections that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="+", choices=list(SECTIONS), default=list(SECTIONS), metavar="SECTION", help=", ".join(SECTIONS)
    )
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs/benchmarks.md")
    parser.add_argument("--papers", type=int, default=10_000, help="the largest corpus of the section on growth")
    parser.add_argument("--store-papers", type=int, default=1_000, help="the made corpus of Turtle, loading, questions")
    parser.add_argument("--kg-papers", type=int, default=1_000, help="papers of the large corpus that kg reads")
    parser.add_argument("--peer-papers", type=int, default=120, help="papers of it that plain KeyBERT reads")
    parser.add_argument("--limit", type=float, default=10.0, help="seconds for an answer to a question")
    parser.add_argument("--quick", action="store_true", help="small inputs: the figures mean little")
    given = parser.parse_args()
    if given.quick:
        given.papers, given.store_papers, given.kg_papers, given.peer_papers = 100, 100, 16, 4
    folder = Path(tempfile.mkdtemp(prefix="kg-bench-"))
    try:
        for name, write in _sections(given, folder).items():
            if name in given.only:
                print(f"{SECTIONS[name]}:", flush=True)
                renew(given.output, {SECTIONS[name]: write()}, list(SECTIONS.values()))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sections(given: argparse.Namespace, folder: Path) -> dict[str, Callable[[], str]]:
    """Return what writes each section."""
    listing = shared_folder() / "seeds"
    inputs = [listing if listing.is_dir() else ROOT / "seeds"]
    made: list[int] = []

    def seeds() -> tuple[Path, int]:
        return reading.choose_papers(folder, inputs, given.kg_papers if given.quick else None, "seeds")

    def triples() -> int:
        if not made:
            made.append(stores.make_corpus(folder, given.store_papers))
        return made[0]

    def page() -> str:
        try:
            from tests.benchmarks.page import write_page_section
        except ImportError as error:
            return f"Not measured: {error}.\n"
        small, large = (3_000, 10_000, True, False), (50_000, 150_000, False, True)
        return write_page_section([(300, 1_000, False, False)] if given.quick else [small, large])

    def ask() -> str:
        if triples() and not (folder / "store").exists():
            stores.write_loading_section(folder, triples())
        return questions.write_questions(folder, given.limit)

    return {
        "machine": lambda: describe_machine(servers.server_versions()),
        "keyphrases": lambda: reading.write_keyphrases(folder, seeds(), given.kg_papers, given.peer_papers),
        "quality": lambda: reading.write_quality(20 if given.quick else None),
        "mentions": lambda: reading.write_mentions(seeds(), given.peer_papers),
        "turtle": lambda: stores.write_turtle_section(folder, given.store_papers, triples()),
        "loading": lambda: stores.write_loading_section(folder, triples()),
        "questions": ask,
        "page": page,
        "growth": lambda: growth.write_growth(given.papers),
        "starting": lambda: starting.write_starting(folder),
    }


if __name__ == "__main__":
    main()
