"""Builds among trouble: killed, on full and closed disks, side by side; and papers that mean harm.

What takes minutes runs where `KG_STRESS` is set.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.build import build_graph, write_folder
from kg.concepts import resolve_concepts
from kg.errors import KgError
from kg.extraction.extract import Models, extract_paper
from kg.extractions import extract_all
from kg.ontology import BASE_IRI
from kg.paper import Paper
from kg.reading.read import read_papers
from kg.store import open_graph

ROOT = Path(__file__).parent.parent
MODELS = Models()
long_running = pytest.mark.skipif(not os.environ.get("KG_STRESS"), reason="takes minutes; set KG_STRESS")

HOSTILE = (
    "<script>alert(1)</script> </script> <!-- \"quoted\" 'x' &amp; {{7*7}}",
    '"""} ; DROP ALL ; SELECT * { ?s ?p ?o } # \\" \\u0022 <http://e/x> .',
    "\u202eRight to left\u202c \u200bzero\u200d width\ufeff \u2028 line \U0001f600 \x85",
    "$" + "{" * 200 + "\\frac{a}{b}" * 50 + "}" * 200 + "$ \\def\\x{\\x\\x}\\x",
    "../../etc/passwd %2e%2e/ C:\\con\\nul \x7f",
)


def write_papers(path: Path, papers: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(paper) + "\n" for paper in papers), encoding="utf-8")
    return path


def some_papers(count: int) -> list[dict[str, object]]:
    return [{"title": f"Paper {n}", "abstract": f"We use LoRA on {n + 1} A100 GPUs for GSM8K."} for n in range(count)]


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()}


def test_hostile_text_in_every_field_comes_back_as_text(tmp_path: Path) -> None:
    papers: list[dict[str, object]] = [
        {
            "title": f"{n} {text}".splitlines()[0],
            "abstract": f"We use LoRA. {text}",
            **{"authors": [text], "categories": [text], "id": text, "url": text, "doi": text, "date": text},
        }
        for n, text in enumerate(HOSTILE)
    ]
    built = build_graph([write_papers(tmp_path / "papers.jsonl", papers)], tmp_path / "out")
    titles = {p.title for p in read_papers([tmp_path / "papers.jsonl"]).papers}
    graph = open_graph(built.folder)
    assert {getattr(o, "value", "") for _, o in graph.pairs("http://purl.org/dc/terms/title")} >= titles
    assert len(titles) == len(HOSTILE)
    assert b"<script>alert" not in (built.folder / "graph.html").read_bytes()


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes_are_papers_or_one_line(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "input"
    file.write_bytes(data)
    said, papers = "", tuple[Paper, ...]()
    try:
        papers = read_papers([file]).papers
    except KgError as error:
        said = str(error)
    assert bool(said) != bool(papers)
    assert "\n" not in said


def test_json_that_is_very_deep_is_one_line(tmp_path: Path) -> None:
    for deep in ("[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000):
        (tmp_path / "deep.json").write_text(deep)
        with pytest.raises(KgError) as error:
            read_papers([tmp_path / "deep.json"])
        assert "\n" not in str(error.value)


def test_a_thousand_copies_of_a_paper_are_one_paper(tmp_path: Path) -> None:
    page = write_papers(tmp_path / "papers.jsonl", some_papers(1) * 1000)
    assert build_graph([page], tmp_path / "out").papers == 1


@pytest.mark.skipif(os.geteuid() != 0 or not sys.platform.startswith("linux"), reason="mounts a small disk")
def test_a_full_disk_is_an_error_and_leaves_the_earlier_graph(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        page = write_papers(tmp_path / "papers.jsonl", some_papers(3))
        command = [sys.executable, "-m", "kg", "build", str(page), "-o", str(disk / "out"), "--cache", str(disk / "c")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 2
        assert done.stderr.splitlines()[-1].startswith("kg: ")
        assert "Traceback" not in done.stderr
        assert not (disk / "out").exists()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_builds_side_by_side_leave_one_whole_graph_and_readers_see_whole_graphs(tmp_path: Path) -> None:
    one, other = (write_papers(tmp_path / name, some_papers(n)) for name, n in (("one.jsonl", 2), ("two.jsonl", 3)))
    whole = [files(build_graph([page], tmp_path / page.stem).folder) for page in (one, other)]
    out = build_graph([one], tmp_path / "out").folder
    command = [sys.executable, "-m", "kg", "build", "-o", str(out), "--cache", str(tmp_path / "cache")]
    running = [subprocess.Popen([*command, str(page)], cwd=ROOT, stderr=subprocess.PIPE) for page in (one, other)]
    seen: set[int] = set()
    while any(process.poll() is None for process in running):
        seen.add(len(open_graph(out).store))
        time.sleep(0.02)
    assert files(out) in whole
    assert seen <= {len(open_graph(tmp_path / page.stem).store) for page in (one, other)}
    for process in running:
        process.communicate()


def test_a_damaged_store_is_passed_over(tmp_path: Path) -> None:
    built = build_graph([write_papers(tmp_path / "papers.jsonl", some_papers(3))], tmp_path / "out").folder
    count, rng = len(open_graph(built).store), random.Random(1)
    for file in sorted((built / "store").iterdir()):
        data = file.read_bytes()
        for damaged in (data[: len(data) // 2], b"", bytes(rng.randrange(256) for _ in data[:1000])):
            file.write_bytes(damaged)
            assert len(open_graph(built).store) == count, file.name
        file.write_bytes(data)


@long_running
def test_a_build_that_is_killed_at_any_moment_can_go_on(tmp_path: Path) -> None:
    """Two builds take turns: one with nothing in the cache, one with what was left there; each is killed 50 times."""
    out, cache = tmp_path / "out", tmp_path / "cache"
    pages = [write_papers(tmp_path / f"{count}.jsonl", some_papers(count)) for count in (120, 119)]

    def build(page: Path, folder: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "kg", "build", str(page), "-o", str(folder), "--cache", str(cache), "-j", "2"]
        return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)

    whole, seconds = [], []
    for page in pages:
        start = time.monotonic()
        assert build(page, tmp_path / "whole").wait() == 0
        seconds.append(time.monotonic() - start)
        whole.append(files(tmp_path / "whole"))
    for moment in range(50):
        for page, longest in zip(pages, seconds, strict=True):
            if page == pages[0]:
                shutil.rmtree(cache, ignore_errors=True)
            running = build(page, out)
            time.sleep(longest * (moment + 1) / 50)
            running.send_signal(signal.SIGKILL)
            running.wait()
            if out.exists():
                assert files(out) in whole
                open_graph(out)
    assert build(pages[0], out).wait() == 0
    assert files(out) == whole[0]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["119.jsonl", "120.jsonl", "cache", "out", "whole"]


@long_running
@pytest.mark.parametrize(
    "text", ["{" * 20_000, "$" * 20_000, "(" * 20_000, "a" * 50_000, "et al. " * 5_000, "1.5% " * 5_000]
)
def test_a_long_paper_takes_bounded_time(text: str) -> None:
    start = time.process_time()
    extract_paper(Paper("A long paper", text), MODELS)
    assert time.process_time() - start < 120


@long_running
def test_ten_thousand_papers_that_are_alike(tmp_path: Path) -> None:
    papers = [Paper(f"Paper {n}", "") for n in range(10_000)]
    papers.sort(key=lambda p: p.id)
    found = extract_all(papers, jobs=None)
    tmp_path.joinpath("out").mkdir()
    assert write_folder(tmp_path / "out", found, resolve_concepts(found), BASE_IRI) > 30_000
