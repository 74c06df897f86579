"""Processes that Ray runs read papers; what comes out is what one process finds, whatever happens to them."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from kg import cluster as on_cluster
from kg.build import build_graph
from kg.cache import extraction_version
from kg.cli import app
from kg.cluster import TRIES, extract_on_cluster
from kg.errors import KgError, UsageError
from kg.extraction.extract import extract_papers
from kg.extractions import extract_all
from kg.paper import Paper
from kg.records import read_record
from tests.test_cache import count_records

ROOT = Path(__file__).parent.parent
NAMES = ("LoRA", "vLLM", "DPO", "BERT")
PAPERS = [
    Paper(f"Paper {n} on {NAMES[n % 4]}", f"We fine-tune {NAMES[n % 4]} with QLoRA {n} times on GSM8K and gain 1.{n}%.")
    for n in range(60)
]

with_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="the package ray is not installed")
one_after_the_other = pytest.mark.xdist_group("ray")


class Cluster:
    """A cluster of two nodes on this machine, as `ray start` makes it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.nodes: list[subprocess.Popen[str]] = []
        said = self.add_node("--head", "--port=0", "--include-dashboard=false")
        (self.address,) = re.findall(r"--address='(.*?)'", said)
        self.add_node(f"--address={self.address}")

    def add_node(self, *options: str) -> str:
        """Start a node with one core, wait until it stands, and return what it said."""
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--num-cpus=1", *options]
        command += ["--disable-usage-stats", "--object-store-memory=80000000"]
        environment = {**os.environ, "RAY_TMPDIR": self.folder, "PYTHONPATH": str(ROOT)}
        node = subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.nodes.append(node)
        assert node.stdout
        said = ""
        for line in node.stdout:
            said += line
            if "This command will now block" in line:
                return said
        raise AssertionError(said)

    def processes(self, name: str) -> list[psutil.Process]:
        """Return the processes of the cluster whose command line has the name in it."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if has(process, "RAY_TMPDIR", self.folder) and name in " ".join(process.cmdline()):
                    found.append(process)
        return found

    def stop(self) -> None:
        """End all of its processes."""
        for node in self.nodes:
            node.terminate()
        for node in self.nodes:
            node.communicate(timeout=60)
        for process in self.processes(""):
            process.kill()


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    """A cluster that only those can use who know its token."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        folder = tempfile.mkdtemp(prefix="kg-test-")
        cluster = Cluster(folder)
        try:
            yield cluster
        finally:
            cluster.stop()
            shutil.rmtree(folder, ignore_errors=True)


def test_without_ray_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(KgError) as caught:
        list(extract_on_cluster(PAPERS, "local", None, pytest.fail))
    assert str(caught.value) == "a cluster needs the package ray; install it: pip install 'kg[ray]'"
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("command", ["build", "extract"])
@pytest.mark.parametrize(
    ("options", "line"),
    [
        ("--address 10.0.0.1:6379", "--address is that of a Ray cluster; add --engine ray"),
        ("--engine spark", "--engine spark: there are local and ray"),
    ],
)
def test_options_that_do_not_go_together_are_refused(command: str, options: str, line: str) -> None:
    done = CliRunner().invoke(app, [command, "nothing.bib", *options.split()])
    assert isinstance(done.exception, UsageError)
    assert str(done.exception) == line


def test_where_the_cache_has_all_papers_no_cluster_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    plain = list(extract_all(PAPERS[:2], cache=tmp_path))
    assert list(extract_all(PAPERS[:2], cache=tmp_path, cluster="nowhere:1")) == plain


@with_ray
@one_after_the_other
def test_a_build_on_two_nodes_gives_the_same_bytes_and_says_nothing_else(running: Cluster, tmp_path: Path) -> None:
    page = tmp_path / "papers.jsonl"
    page.write_text("".join(json.dumps({"title": p.title, "abstract": p.abstract}) + "\n" for p in PAPERS))
    built = build_graph([page], tmp_path / "here")
    command = [sys.executable, "-m", "kg", "build", str(page), "-o", str(tmp_path / "there"), "--no-cache"]
    command += ["--engine", "ray", "--address", running.address]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    said = f"60 papers, {built.concepts} concepts, {built.triples} triples in {tmp_path / 'there'}\n"
    assert (done.stdout, done.stderr, done.returncode) == ("", said, 0)
    for name in ("graph.ttl", "extraction.jsonl", "merges.tsv", "graph.html"):
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


@with_ray
@one_after_the_other
def test_what_a_killed_process_had_is_read_by_another_and_the_cluster_stays(
    running: Cluster, capfd: pytest.CaptureFixture[str]
) -> None:
    results = extract_on_cluster(PAPERS, running.address, 2, pytest.fail)
    records = [next(results)]
    for process in running.processes("ray::PaperReader"):
        process.kill()
    check(records + list(results))
    assert capfd.readouterr() == ("", "")
    end = time.monotonic() + 60
    while running.processes("ray::PaperReader") and time.monotonic() < end:
        time.sleep(0.1)
    assert (running.processes("ray::PaperReader"), len(running.processes("raylet/raylet"))) == ([], 2)


@with_ray
@one_after_the_other
def test_a_paper_that_ends_its_process_again_and_again_is_named(
    running: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reader() -> type:
        class Reader:
            def start(self, wanted: str) -> tuple[str, str]:
                return wanted, ""

            def read(self, parcel: bytes) -> list[bytes]:
                import os
                import pickle

                papers = pickle.loads(parcel)
                if any(title == "Paper 42 on DPO" for title, _ in papers):
                    os.kill(os.getpid(), 9)
                return [title.encode() for title, _ in papers]

        return Reader

    monkeypatch.setattr(on_cluster, "_reader_class", reader)
    done: list[tuple[int, bytes]] = []
    with pytest.raises(KgError) as caught:
        done.extend(extract_on_cluster(PAPERS, running.address, 2, pytest.fail))
    assert str(caught.value) == (
        f"{TRIES} processes ended while they read the paper 'Paper 42 on DPO'; perhaps there was not enough memory: "
        "start the command again with fewer --jobs, or take the paper out"
    )
    assert len(dict(done)) == len(done)
    assert all(record.decode() == PAPERS[number].title for number, record in done)


@with_ray
@one_after_the_other
def test_processes_that_die_at_once_end_the_build(running: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    def reader() -> type:
        class Reader:
            def start(self, wanted: str) -> tuple[str, str]:
                import os

                os.kill(os.getpid(), 9)
                return wanted, ""

        return Reader

    monkeypatch.setattr(on_cluster, "_reader_class", reader)
    with pytest.raises(KgError, match=f"^no process stays alive on the cluster; {2 * TRIES} ended: [^\n]*$"):
        list(extract_on_cluster(PAPERS, running.address, 2, pytest.fail))


@with_ray
@one_after_the_other
def test_another_version_of_kg_on_the_cluster_is_refused(running: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_cluster, "extraction_version", lambda: "0" * 16)
    there = rf"kg is another version \({extraction_version()}, here 0000000000000000\) on \S+ of the cluster"
    with pytest.raises(KgError, match=there):
        list(extract_on_cluster(PAPERS, running.address, 2, pytest.fail))


@with_ray
@one_after_the_other
def test_an_address_without_a_cluster_is_one_line() -> None:
    with pytest.raises(KgError, match=r"^no Ray cluster at 127.0.0.1:1 \(Connection refused\); is it running\?$"):
        list(extract_on_cluster(PAPERS, "127.0.0.1:1", 2, pytest.fail))
    with pytest.raises(
        UsageError, match=r"^127.0.0.1 is not the address of a Ray cluster; it looks like 10.0.0.1:6379$"
    ):
        list(extract_on_cluster(PAPERS, "127.0.0.1", 2, pytest.fail))


@with_ray
@one_after_the_other
def test_what_a_lost_node_had_is_read_by_the_others(running: Cluster, capfd: pytest.CaptureFixture[str]) -> None:
    import ray

    results = extract_on_cluster(PAPERS, running.address, 2, pytest.fail)
    records = [next(results)]
    here = ray.get_runtime_context().get_node_id()
    (socket,) = [node["RayletSocketName"] for node in ray.nodes() if node["Alive"] and node["NodeID"] != here]
    (other,) = running.processes(f"raylet/raylet --raylet_socket_name={socket}")
    other.kill()
    check(records + list(results))
    assert capfd.readouterr() == ("", "")


@with_ray
@one_after_the_other
def test_an_interrupt_ends_the_cluster_that_was_started(tmp_path: Path) -> None:
    page, cache, folder = tmp_path / "papers.jsonl", tmp_path / "cache", Path(tempfile.mkdtemp(prefix="kg-"))
    page.write_text("".join(f'{{"title": "Paper {n}", "abstract": "We use LoRA on {n} GPUs."}}\n' for n in range(4000)))
    command = [sys.executable, "-m", "kg", "extract", str(page), "-j", "2", "--cache", str(cache), "--engine", "ray"]
    environment = {**os.environ, "TMPDIR": str(folder)}
    running = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        end = time.monotonic() + 300
        while not count_records(cache) and running.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        ours = [p for p in psutil.process_iter() if p.pid != running.pid and has(p, "TMPDIR", str(folder))]
        ports = {c.laddr.ip for p in ours for c in p.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does it: the whole group gets it
        assert (*running.communicate(timeout=120), running.returncode) == (b"", b"", 130)
        assert {ip.removeprefix("::ffff:") for ip in ports} == {"127.0.0.1"}
        assert [p for p in ours if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []
        assert list(folder.iterdir()) == []
        assert 0 < count_records(cache) < 4000
    finally:
        running.kill()
        shutil.rmtree(folder, ignore_errors=True)


def has(process: psutil.Process, name: str, value: str) -> bool:
    """Return whether a process has a variable of that value in its environment."""
    try:
        return bool(process.environ().get(name) == value)
    except psutil.Error:
        return False


def check(found: list[tuple[int, bytes]]) -> None:
    """Compare records with what one process finds; each paper has one."""
    assert sorted(number for number, _ in found) == list(range(len(PAPERS)))
    records = dict(found)
    assert [read_record(records[n], p) for n, p in enumerate(PAPERS)] == list(extract_papers(PAPERS))
