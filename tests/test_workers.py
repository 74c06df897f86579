"""Several processes read papers; what comes out is what one process finds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kg.errors import KgError
from kg.extraction.extract import extract_papers
from kg.paper import Paper
from kg.records import read_record
from kg.workers import extract_side_by_side

ROOT = Path(__file__).parent.parent
NAMES = ("LoRA", "vLLM", "DPO", "BERT")
PAPERS = [
    Paper(f"Paper {n} on {NAMES[n % 4]}", f"We fine-tune {NAMES[n % 4]} with QLoRA {n} times on GSM8K and gain 1.{n}%.")
    for n in range(26)
]


def test_several_processes_find_what_one_finds() -> None:
    records = dict(extract_side_by_side(PAPERS, 2))
    assert [read_record(records[n], p) for n, p in enumerate(PAPERS)] == list(extract_papers(PAPERS))


def test_a_process_that_dies_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from kg import workers

    monkeypatch.setattr(workers, "_START", "import os, sys; sys.stdin.buffer.read(8); os.kill(os.getpid(), 9)")
    with pytest.raises(KgError, match="was ended by signal 9; perhaps there was not enough memory: start the command"):
        list(extract_side_by_side(PAPERS, 2))


def test_a_fault_in_a_process_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    from kg import workers

    fault = "import kg.extraction.extract as e; e.extract_papers = lambda papers, models: 1 / 0; "
    monkeypatch.setattr(workers, "_START", workers._START.replace("from kg.workers", fault + "from kg.workers"))
    with pytest.raises(RuntimeError, match=r"(?s)Traceback.*ZeroDivisionError"):
        list(extract_side_by_side(PAPERS, 2))


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_no_process_is_left_behind(sign: signal.Signals, tmp_path: Path) -> None:
    page, mark = tmp_path / "papers.jsonl", f"KG_TEST_MARK={tmp_path}"
    page.write_text("".join(f'{{"title": "Paper {n}", "abstract": "We use LoRA on {n} GPUs."}}\n' for n in range(400)))
    command = [sys.executable, "-m", "kg", "extract", str(page), "-j", "2", "--no-cache", "-o", str(tmp_path / "out")]
    environment = {**os.environ, "KG_TEST_MARK": str(tmp_path)}
    running = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, start_new_session=True)
    end = time.monotonic() + 60
    while len(alive(mark)) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    if sign == signal.SIGINT:  # as a terminal does it: the whole group gets it
        os.killpg(running.pid, sign)
    else:
        running.send_signal(sign)
    _, errors = running.communicate(timeout=60)
    while alive(mark) and time.monotonic() < end + 60:
        time.sleep(0.05)
    assert alive(mark) == []
    assert not (tmp_path / "out").exists()
    if sign == signal.SIGINT:
        assert (running.returncode, errors) == (130, b"")


def alive(mark: str) -> list[str]:
    """Return the processes that have the mark in their environment."""
    out = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (place / "environ").read_bytes().split(b"\0"):
                out.append(place.name)
        except OSError:
            continue
    return out
