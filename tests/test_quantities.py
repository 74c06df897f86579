"""Quantities: tables of sentences → exact values, numbers and units; properties; the gold where it is there."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extraction.quantities import find_quantities, read_value, unit_class

SPANS = [
    ("runs 2.13X faster and 1.3times cheaper", ["2.13X", "1.3times"]),
    ("a gain of 13.7× and 4 times that", ["13.7×", "4 times"]),
    ("56% of it, 16\\% more, 5 percent less", ["56%", "16\\%", "5 percent"]),
    ("from 3.2 to 4.1 points", ["3.2", "4.1 points"]),
    ("ranging from 3.2 to 4.1 points", ["3.2 to 4.1 points"]),
    ("cut from 30 hours to 15 minutes", ["30 hours", "15 minutes"]),
    ("gains of 11%-37% and 2.36sim 8.02times", ["11%-37%", "2.36sim 8.02times"]),
    ("between 50 and 200 times", ["50 and 200 times"]),
    ("up to 7.89x, or 3x-14x", ["7.89x", "3x-14x"]),
    ("an order of magnitude, two orders of magnitude", ["order of magnitude", "two orders of magnitude"]),
    ("0.83 F1, 4.17 FID and 12.5 BLEU", ["0.83", "4.17", "12.5"]),
    ("2.5 percentage points, +7.0 pp", ["2.5 percentage points", "+7.0 pp"]),
    ("3.4M parameters, 7B models, 10K frames", ["3.4M", "7B", "10K frames"]),
    ("10 ms, 64ms, 1.0~dB, 350 mW, 18 USD", ["10 ms", "64ms", "1.0~dB", "350 mW", "18 USD"]),
    ("at 1,024 tokens/s and 30 frames per second", ["1,024 tokens/s", "30 frames per second"]),
    ("25 FPS, 30fps, 12 GB, 5 GPU hours", ["25 FPS", "30fps", "12 GB", "5 GPU hours"]),
    ("$94.3\\%$ and $3.4\\times$", ["94.3\\%", "3.4\\times"]),
    ("4.75$\\times$, 5 $\\times$, 2\\(\\times\\)", ["4.75$\\times$", "5 $\\times$", "2\\(\\times\\)"]),
    (
        "in O(n log n), $\\tilde{O}(\\sqrt{T})$ or mathcal{O}(1/T) time",
        ["O(n log n)", "\\tilde{O}(\\sqrt{T})", "mathcal{O}(1/T)"],
    ),
    ("a rate of mathfrak S^{2/p}, 10^{-3}", ["mathfrak S^{2/p}", "10^{-3}"]),
    ("twice as fast with half the memory", ["twice", "half"]),
    ("halving the cost, more than doubled speed", ["halving", "more than doubled"]),
    ("seven times less in two days", ["seven times", "two days"]),
    ("x2.6 faster, better on 7 out of 9 tasks", ["x2.6", "7 out of 9"]),
    ("ranked 1st, then 2nd place", ["1st", "2nd place"]),
    ("a score of 7.4/10 for \\$1.50 or $2,300", ["7.4/10", "\\$1.50", "$2,300"]),
    ("grew by +2.1 to -0.2\\%", ["+2.1", "-0.2\\%"]),
    ("500 trajectories of 12,500 hard problems", ["500 trajectories", "12,500"]),
    ("F1=0.88, R@5 to 77.9%(+2.1%)", ["0.88", "77.9%", "+2.1%"]),
    ("85.4%/86.2% accuracy", ["85.4%", "86.2%"]),
    ("near-100% and from16 to 28 seconds", ["100%", "16", "28 seconds"]),
    ("ResNet-50, top-1, Llama-3.1-8B, CIFAR-10, v2, 3D, 4-bit, T4, x86, arXiv:1706.03762", []),
    ("no numbers here", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), SPANS)
def test_spans_hold_number_and_unit(text: str, expected: list[str]) -> None:
    assert [q.span.surface for q in find_quantities(text)] == expected


READ = [
    ("1.3times", ("1.3×", "1.3", None, "×")),
    ("2.36sim 8.02times", ("2.36–8.02×", "2.36", "8.02", "×")),
    ("16\\%", ("16%", "16", None, "%")),
    ("5 percent", ("5%", "5", None, "%")),
    ("11%-37%", ("11%–37%", "11", "37", "%")),
    ("4.75$\\times$", ("4.75×", "4.75", None, "×")),
    ("12,500", ("12,500", "12500", None, "")),
    ("2.5 percentage points", ("2.5 percentage points", "2.5", None, "points")),
    ("1.0~dB", ("1.0 dB", "1.0", None, "dB")),
    ("+7.0 pp", ("+7.0 pp", "7.0", None, "points")),
    ("two orders of magnitude", ("two orders of magnitude", "2", None, "order of magnitude")),
    ("orders of magnitude", ("orders of magnitude", None, None, "order of magnitude")),
    ("half", ("half", "0.5", None, "×")),
    ("ten times", ("10×", "10", None, "×")),
    ("x2.6", ("x2.6", "2.6", None, "×")),
    ("\\$1.50", ("$1.50", "1.50", None, "$")),
    ("O(n^2)", ("O(n^2)", None, None, "")),
]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_values_are_read_as_a_person_would(text: str, expected: tuple[str, str | None, str | None, str]) -> None:
    assert [(q.value, q.number, q.upper, q.unit) for q in find_quantities(text)] == [expected]


@given(st.text(max_size=200))
def test_any_text_gives_ordered_verbatim_spans(text: str) -> None:
    found = find_quantities(text)
    assert [text[q.span.start : q.span.end] for q in found] == [q.span.surface for q in found]
    assert all(one.span.end <= two.span.start for one, two in pairwise(found))


@given(st.text(st.sampled_from("0123456789.,%xX×+-–~$\\{}()^ ntoimesKMBO/"), max_size=60))
def test_numbers_are_decimals(text: str) -> None:
    for quantity in find_quantities(text):
        assert quantity.value
        for number in (quantity.number, quantity.upper):
            assert number is None or Decimal(number) >= 0


@given(
    st.decimals(min_value="0.01", max_value=9999, places=2),
    st.sampled_from(["%", "\\%", "x", "times", "$\\times$", " ms", " FPS", " points", " GB"]),
    st.sampled_from(["improves by {}.", "({})", "{}, and more", "of up to {} on it", "a {} gain"]),
)
def test_a_number_with_its_unit_is_found_whole(number: Decimal, unit: str, frame: str) -> None:
    assert [q.span.surface for q in find_quantities(frame.format(f"{number}{unit}"))] == [f"{number}{unit}"]


@pytest.mark.parametrize("piece", ["1", "1,", "1.", "9 ", "2x", "1-", "1 to ", "O(", "$1", "x^{", "a^{1}", "1/2", "a "])
def test_long_input_takes_linear_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    began = time.process_time()
    find_quantities(text)
    assert time.process_time() - began < 10


def test_a_megabyte_of_digits_is_one_quantity() -> None:
    assert [q.span.end for q in find_quantities("7" * 1_000_000)] == [1_000_000]


@given(st.text(max_size=40))
def test_reading_leaves_something_of_every_text(text: str) -> None:
    assert bool(read_value(text)) == bool(text)


def test_units_have_classes() -> None:
    units = ["", "×", "%", "points", "ms", "GPU-hours", "tokens/s", "GB", "K", "TFLOPS", "W", "samples"]
    expected = "none × % points time device rate bytes scale compute W thing"
    assert " ".join(unit_class(u) for u in units) == expected


@pytest.mark.parametrize(("name", "floor"), [("train", 0.92), ("dev", 0.94)])
def test_gold_values_are_among_the_quantities(shared: Path, name: str, floor: float) -> None:
    papers = json.loads((shared / "gold" / f"{name}.papers.json").read_text(encoding="utf-8"))
    texts = {p["id"]: f"{p['title']}\n{p['abstract']}" for p in papers}
    right = total = 0
    for line in (shared / "gold" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        found = {q.span.surface for q in find_quantities(texts[entry["id"]])}
        right += sum(r["value"] in found for r in entry["results"])
        total += len(entry["results"])
    assert right / total >= floor
