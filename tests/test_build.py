"""The whole way, on the corpus that ships with kg and, where they are there, on the real pages."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from kg.asking.query import Table, ask
from kg.build import build_graph
from kg.errors import UsageError
from kg.network.network import read_network
from kg.store import open_graph
from kg.validation import validate_graph

pytestmark = pytest.mark.xdist_group("built")
ROOT = Path(__file__).parent.parent


def files(folder: Path) -> dict[str, bytes]:
    """Return the files of a built folder that are the same on every run."""
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()}


def first_papers(page: str, count: int) -> str:
    text = (ROOT / "seeds" / page).read_text(encoding="utf-8")
    return "\n\n".join(text.split("\n\n")[: 2 * count]) + "\n"


def test_the_shipped_corpus_gives_109_papers_23_of_them_on_both_pages(built: Path) -> None:
    lines = [json.loads(line) for line in (built / "extraction.jsonl").read_text(encoding="utf-8").splitlines()]
    table = ask(open_graph(built), "SELECT ?p (COUNT(?page) AS ?n) { ?p dcterms:source ?page } GROUP BY ?p")
    assert len(lines) == 109
    assert isinstance(table, Table)
    assert Counter(str(getattr(n, "value", n)) for _, n in table.rows) == {"1": 86, "2": 23}
    assert sorted(p.name for p in built.iterdir()) == [
        "extraction.jsonl",
        "graph.html",
        "graph.ttl",
        "merges.tsv",
        "store",
    ]


def test_the_graph_of_the_shipped_corpus_is_valid(built: Path) -> None:
    assert validate_graph(open_graph(built)) == ()


def test_every_offset_quotes_its_paper(built: Path) -> None:
    from kg.reading.read import read_papers

    texts = {p.id: p.text for p in read_papers([ROOT / "seeds"]).papers}
    for line in (built / "extraction.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        text = texts[row["id"]]
        assert all(text[m["start"] : m["end"]] == m["text"] for m in row["mentions"])
        assert all(text[r["start"] : r["end"]] == r["value"] for r in row["results"])


def test_the_same_papers_give_the_same_bytes_in_any_order_and_whatever_the_hashes(tmp_path: Path) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text(first_papers("trending-in-june.txt", 3), encoding="utf-8")
    two.write_text(first_papers("trending-in-march.txt", 3), encoding="utf-8")
    built = []
    for seed, inputs in (("1", [one, two]), ("2", [two, one, one])):
        out = tmp_path / seed
        command = [sys.executable, "-m", "kg", "build", *map(str, inputs), "-o", str(out)]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C"}
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
        built.append(files(out))
    assert built[0] == built[1]


def test_a_failed_build_leaves_what_was_there(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.json"
    good.write_text(first_papers("trending-in-june.txt", 1), encoding="utf-8")
    bad.write_text('{"title": ')
    out = build_graph([good], tmp_path / "out").folder
    before = files(out)
    with pytest.raises(UsageError):
        build_graph([good, bad], out)
    assert files(out) == before


def test_a_build_that_is_killed_leaves_the_earlier_graph_or_the_new_one(tmp_path: Path) -> None:
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text(first_papers("trending-in-june.txt", 2), encoding="utf-8")
    new.write_text(first_papers("trending-in-march.txt", 2), encoding="utf-8")
    after = files(build_graph([new], tmp_path / "after").folder)
    out = build_graph([old], tmp_path / "out").folder
    before = files(out)
    assert before != after
    for wait in (0.3, 0.8, 1.2, 1.5, 1.8, 2.2):
        running = subprocess.Popen([sys.executable, "-m", "kg", "build", str(new), "-o", str(out)], cwd=ROOT)
        time.sleep(wait)
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert files(out) in (before, after)
        assert len(open_graph(out).store) > 0
    build_graph([new], out)
    assert files(out) == after
    assert sorted(p.name for p in tmp_path.iterdir()) == ["after", "new.txt", "old.txt", "out"]


def test_a_build_writes_nothing_but_its_folder_and_its_cache_and_calls_nobody(tmp_path: Path) -> None:
    """No other file in the home folder, and no connection: where strace is not here, only the files are looked at."""
    page, home = tmp_path / "page.txt", tmp_path / "home"
    page.write_text(first_papers("trending-in-june.txt", 1), encoding="utf-8")
    home.mkdir()
    command = [sys.executable, "-m", "kg", "build", str(page), "-o", str(tmp_path / "out"), "--jobs", "2"]
    trace = tmp_path / "trace"
    if shutil.which("strace"):
        command = ["strace", "-f", "-qq", "-e", "trace=connect,sendto", "-o", str(trace), *command]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "ORT_", "KG_"))}
    subprocess.run(command, cwd=ROOT, env={**environment, "HOME": str(home)}, check=True, capture_output=True)
    assert {p.parent.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file()} == {".cache/kg"}
    shutil.rmtree(home / ".cache")
    command.append("--no-cache")
    subprocess.run(command, cwd=ROOT, env={**environment, "HOME": str(home)}, check=True, capture_output=True)
    assert list(home.rglob("*")) == []
    if trace.exists():
        assert [line for line in trace.read_text().splitlines() if "AF_INET" in line] == []


def test_a_folder_that_holds_an_earlier_graph_is_built_again(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(first_papers("trending-in-june.txt", 1), encoding="utf-8")
    build_graph([tmp_path], tmp_path / "kg-out")
    assert build_graph([tmp_path], tmp_path / "kg-out").papers == 1


def test_the_merges_that_a_build_writes_give_the_same_graph_again(tmp_path: Path) -> None:
    papers = [
        {"title": "Drafts", "abstract": "We present OwlNet for speculative decoding (SD). SD is faster than OwlNetv2."},
        {"title": "Trees", "abstract": "We use Speculative Decoding, tree attention and OwlNet on GSM8K."},
    ]
    (tmp_path / "papers.json").write_text(json.dumps(papers))
    decisions = [
        "together\tMethod\ttree attention\tOwlNet",
        "apart\tMethod\tSpeculative Decoding\tspeculative decoding",
        "apart\tMethod\ttree attention\tOwlNet",
        "together\tMethod\tno such\tname\u00a0at  all",
    ]
    (tmp_path / "mine.tsv").write_text("# mine\n" + "\n".join(decisions) + "\n", encoding="utf-8")
    plain = build_graph([tmp_path / "papers.json"], tmp_path / "plain").folder
    one = build_graph([tmp_path / "papers.json"], tmp_path / "one", merges=tmp_path / "mine.tsv").folder
    two = build_graph([tmp_path / "papers.json"], tmp_path / "two", merges=one / "merges.tsv").folder
    lines = (one / "merges.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[1:5] == [f"{line}\tdecision\t1\t" for line in decisions]
    assert {line.partition("\t")[0] for line in lines[5:]} == {"merged"}
    assert files(two) == files(one)
    assert files(two)["graph.ttl"] != files(plain)["graph.ttl"]


def test_another_base_answers_the_same_questions(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(first_papers("trending-in-march.txt", 2), encoding="utf-8")
    out = build_graph([page], tmp_path / "out", base="https://me.example/lab/").folder
    command = [sys.executable, "-m", "kg", "query", "methods-introduced", "-g", str(out), "-f", "csv"]
    moved = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    plain = build_graph([page], tmp_path / "plain").folder
    command[command.index(str(out))] = str(plain)
    assert moved == subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert len(moved.splitlines()) > 1
    assert "kg.example.org" not in (out / "graph.ttl").read_text(encoding="utf-8")
    assert validate_graph(open_graph(out)) == ()


def test_a_base_below_the_default_one_has_the_same_network(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(first_papers("trending-in-march.txt", 1), encoding="utf-8")
    plain = read_network(open_graph(build_graph([page], tmp_path / "plain").folder))
    below = build_graph([page], tmp_path / "below", base="https://kg.example.org/lab/").folder
    moved = read_network(open_graph(below))
    assert (len(moved), moved.number_of_edges()) == (len(plain), plain.number_of_edges())
    assert len(plain) > 5


def test_the_real_pages_give_109_papers(shared: Path, tmp_path: Path) -> None:
    built = build_graph([shared / "seeds"], tmp_path / "out")
    assert built.papers == 109
    assert validate_graph(open_graph(built.folder)) == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="a folder cannot be read-only to root")
def test_a_read_only_place_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(UsageError, match="cannot be written"):
        build_graph([ROOT / "seeds"], tmp_path / "closed" / "out")


def test_turtle_is_read_by_tools_that_are_not_ours(built: Path) -> None:
    """rapper and serdi read as many triples as there are."""
    tools = {"rapper": ["rapper", "-q", "-i", "turtle", "-c"], "serdi": ["serdi", "-o", "ntriples"]}
    present = [tool for tool in tools if shutil.which(tool)]
    if not present:
        pytest.skip("neither rapper nor serdi is here (Debian packages raptor2-utils, serdi)")
    count = len(open_graph(built).store)
    for tool in present:
        if tool == "serdi":
            done = subprocess.run([*tools[tool], str(built / "graph.ttl")], capture_output=True, text=True, check=True)
            assert len(set(done.stdout.splitlines())) == count
        else:
            command = ["rapper", "-i", "turtle", "-c", str(built / "graph.ttl")]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            assert f"returned {count} triples" in done.stderr
