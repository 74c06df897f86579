"""The command line: exact output of commands on the golden graph, and one clear line for each error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORPUS = "tests/data/corpus.ttl"


def kg(*arguments: str, stdin: str = "", cwd: Path = ROOT) -> tuple[int, str, str]:
    """Run the command line and return exit code, standard output and standard error."""
    command = [sys.executable, "-m", "kg", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, cwd=cwd, encoding="utf-8")
    return done.returncode, done.stdout, done.stderr


COMMANDS = ["build", "evaluate", "export", "extract", "mcp", "path", "push", "queries", "query", "related", "serve"]
COMMANDS += ["show", "stats", "train", "validate", "view"]


def test_help_lists_every_command_and_the_exit_codes() -> None:
    code, out, _ = kg("--help")
    listed = [line.split()[0] for line in out.partition("Commands:\n")[2].splitlines() if line.startswith("  ")]
    assert code == 0
    assert sorted(listed[: len(COMMANDS)]) == COMMANDS
    assert "Exit codes: 0 fine, 1 the data has a problem, 2 wrong usage." in out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    code, out, _ = kg(command, "--help")
    assert code == 0
    assert out.startswith(f"Usage: kg {command} [OPTIONS]")


def test_a_question_is_answered_as_csv_in_a_pipe() -> None:
    assert kg("query", "who-evaluates-on-a-benchmark", "-g", CORPUS, "-p", "benchmark=cifar10", "-f", "tsv") == (
        0,
        '?title\t?evaluates_on\n"Distilling Drafts"\t"CIFAR-10"\n'
        '"Sharper Pictures from Stable Diffusion"\t"CIFAR-10"\n',
        "",
    )


def test_sparql_is_read_from_text_from_a_file_and_from_standard_input(tmp_path: Path) -> None:
    sparql = "SELECT ?label { paper:distilling-drafts-f9969abf kg:uses/skos:prefLabel ?label } ORDER BY ?label"
    (tmp_path / "mine.rq").write_text(sparql)
    expected = (0, "label\r\nknowledge distillation\r\nspeculative decoding\r\n", "")
    # text mode reads the line ends of CSV as plain ones
    expected = (0, expected[1].replace("\r\n", "\n"), "")
    assert kg("query", sparql, "-g", CORPUS) == expected
    assert kg("query", str(tmp_path / "mine.rq"), "-g", CORPUS) == expected
    assert kg("query", "-", "-g", CORPUS, stdin=sparql) == expected


def test_construct_gives_turtle_and_ask_an_answer() -> None:
    construct = "CONSTRUCT { ?p kg:runsOn ?h } WHERE { ?p kg:runsOn ?h . ?p kg:introduces method:quickdraft }"
    code, out, _ = kg("query", construct, "-g", CORPUS)
    assert (code, out.splitlines()[-1]) == (
        0,
        "paper:quickdraft-speculative-decoding-with-tiny-drafts-4574c918 kg:runsOn hardware:a100 .",
    )
    assert kg("query", "ASK { ?p kg:runsOn hardware:a100 }", "-g", CORPUS, "-f", "json")[1] == (
        '{"head": {}, "boolean": true}\n'
    )


def test_a_parameter_is_a_value_and_never_part_of_the_query() -> None:
    attack = '"} UNION { ?s ?p ?o } #'
    code, out, err = kg("query", "papers-that-use-a-method", "-g", CORPUS, "-p", f"method={attack}")
    assert code == 2
    assert out == ""
    assert len(err.splitlines()) == 1


ERRORS = [
    (
        ["query", "papers-that-use-a-methd", "-g", CORPUS],
        2,
        "kg: there is no question 'papers-that-use-a-methd'; did you mean papers-that-use-a-method",
    ),
    (["query", "queries.rq", "-g", CORPUS], 2, "kg: queries.rq: cannot be read; give a file with a SPARQL query"),
    (
        ["query", "SELECT * { ?s foo:bar ?o }", "-g", CORPUS],
        2,
        "kg: line 1, column 15: the prefix foo: is not known; did you mean foaf or fabio?",
    ),
    (["query", "INSERT DATA { <a> <b> <c> }", "-g", CORPUS], 2, "kg: "),
    (["query", "SELECT * { SERVICE <http://a.example/> { ?s ?p ?o } }", "-g", CORPUS], 2, "kg: "),
    (
        ["query", "co-used-techniques", "-g", CORPUS, "-p", "method"],
        2,
        "kg: -p method: a parameter is written NAME=VALUE",
    ),
    (["stats", "-g", "nowhere"], 2, "kg: there is no graph at nowhere; make one with kg build"),
    (["show", "QuickDarft", "-g", CORPUS], 2, "kg: "),
    (["export", "-g", CORPUS, "-f", "turtel"], 2, "kg: 'turtel' is not a format; did you mean turtle?"),
    (["view", "-g", CORPUS, "--focus", "a", "--query", "b"], 2, "kg: --focus and --query do not go together"),
    (["mcp", "-g", "nowhere"], 2, "kg: there is no graph at nowhere; make one with kg build"),
    (["serve", "-g", "nowhere"], 2, "kg: there is no graph at nowhere; make one with kg build"),
    (["serve", "-g", CORPUS, "--writable"], 2, "kg: --writable and --token go together: who has the token"),
    (["serve", "-g", CORPUS, "--writable", "--token", "t", "--port", "0"], 2, f"kg: {CORPUS} has no store to write to"),
    (["build", "nowhere.txt"], 2, "kg: nowhere.txt: "),
    (["build", "seeds", "--base-iri", "papers"], 2, "kg: 'papers' is not a base IRI; give one such as"),
    (["evaluate", "nowhere.jsonl"], 2, "kg: nowhere.jsonl: cannot be read"),
    (["extract", "x", "--cache", "a", "--no-cache"], 2, "kg: --cache and --no-cache do not go together"),
]


@pytest.mark.parametrize(("arguments", "code", "line"), ERRORS)
def test_an_error_is_one_line_and_an_exit_code(arguments: list[str], code: int, line: str, tmp_path: Path) -> None:
    found, out, err = kg(*arguments)
    assert (found, out) == (code, "")
    first, *rest = err.splitlines()
    assert first.startswith(line)
    assert rest == [] or rest[-1].strip() == "^", "more than one line only to show the place in a query"
    assert "Traceback" not in err


def test_nothing_is_written_when_an_input_is_bad(tmp_path: Path) -> None:
    (tmp_path / "half.jsonl").write_text('{"title": "A", "abstract": "B."}\n{"title": \n')
    code, out, err = kg("build", "half.jsonl", "-o", "out", cwd=tmp_path)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert err.startswith("kg: half.jsonl:2: ")
    assert [p.name for p in tmp_path.iterdir()] == ["half.jsonl"]


def test_the_good_is_built_and_the_bad_is_listed_with_keep_going(tmp_path: Path) -> None:
    (tmp_path / "half.jsonl").write_text('{"title": "A paper", "abstract": "We train BERT on SQuAD."}\n{"title": \n')
    code, out, err = kg("build", "half.jsonl", "-o", "out", "--keep-going", cwd=tmp_path)
    assert (code, out) == (0, "")
    assert err.splitlines()[0].startswith("kg: half.jsonl:2: ")
    assert err.splitlines()[1].startswith("1 paper, ")
    assert kg("query", "SELECT ?t { ?p a kg:Paper ; dcterms:title ?t }", "-g", "out", cwd=tmp_path)[1] == "t\nA paper\n"


def test_papers_without_an_abstract_are_counted(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("title,abstract\nOne,\nTwo,We train BERT.\nThree,\n")
    line = "kg: 2 papers have no abstract; only the title was read"
    code, _, err = kg("build", "list.csv", "-o", "out", cwd=tmp_path)
    assert (code, err.splitlines()[:-1]) == (0, [line])
    code, out, err = kg("extract", "list.csv", cwd=tmp_path)
    assert (code, len(out.splitlines()), err) == (0, 3, f"{line}\n")
    (tmp_path / "list.csv").write_text("title,abstract\nOne,\n")
    assert kg("extract", "list.csv", cwd=tmp_path)[2] == "kg: 1 paper has no abstract; only the title was read\n"


def test_extract_prints_one_json_line_a_paper() -> None:
    abstract = "We present OwlNet, which runs on 8 A100 GPUs and is 2.5times faster than BERT on GLUE."
    page = f"Fast Owls: A Survey\n\n{abstract}\n"
    code, out, err = kg("extract", "-", stdin=page)
    assert (code, err) == (0, "")
    row = json.loads(out)
    assert list(row) == ["id", "title", "mentions", "keyphrases", "results", "urls"]
    text = f"Fast Owls: A Survey\n{abstract}"
    assert all(text[m["start"] : m["end"]] == m["text"] for m in row["mentions"])
    assert {(m["type"], m["text"], m["role"]) for m in row["mentions"]} >= {
        ("Method", "OwlNet", "introduces"),
        ("Benchmark", "GLUE", "evaluates"),
    }
    assert [(r["value"], r["number"], r["unit"]) for r in row["results"]] == [("2.5times", "2.5", "×")]


def test_evaluate_reads_a_paper_once_and_scores_the_same(tmp_path: Path) -> None:
    papers = [{"id": "p0", "title": "Fast Owls", "abstract": "We present OwlNet, which is 2.5times faster than BERT."}]
    gold = {"id": "p0", "methods": [{"name": "OwlNet", "aliases": [], "role": "introduces"}]}
    (tmp_path / "owls.papers.json").write_text(json.dumps(papers))
    (tmp_path / "owls.jsonl").write_text(json.dumps(gold))
    code, plain, err = kg("evaluate", "owls.jsonl", "--no-cache", "-j", "1", cwd=tmp_path)
    assert (code, plain.splitlines()[2], err) == (
        0,
        "introduces       1.000  1.000  1.000   1/1               1/1",
        "",
    )
    for _ in range(2):
        assert kg("evaluate", "owls.jsonl", "--cache", "cache", cwd=tmp_path) == (0, plain, "")
    assert len(list((tmp_path / "cache").glob("*.sqlite"))) == 1


def test_a_valid_graph_is_said_to_be_valid_and_a_broken_one_is_listed(tmp_path: Path) -> None:
    assert kg("validate", "-g", CORPUS) == (0, "", f"{CORPUS}: valid\n")
    broken = (ROOT / CORPUS).read_text(encoding="utf-8").replace("kg:weight 2.6 .", "kg:weight -2.6 .")
    (tmp_path / "broken.ttl").write_text(broken, encoding="utf-8")
    assert kg("validate", "-g", "broken.ttl", cwd=tmp_path) == (
        1,
        'focus,rule,message\nlink:dd1237182db4ba12,Link-weight,"a link has a weight above 0, not -2.6"\n',
        "kg: broken.ttl: 1 problems; build the graph again, or mend what is listed\n",
    )


def test_view_writes_a_page(tmp_path: Path) -> None:
    code, out, err = kg(
        "view", "-g", CORPUS, "--focus", "QuickDraft", "--depth", "1", "-o", str(tmp_path / "view.html")
    )
    assert (code, out) == (0, "")
    assert err.endswith(f"in {tmp_path / 'view.html'}\n")
    assert (tmp_path / "view.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_whoever_stops_reading_gets_no_traceback() -> None:
    sparql = "SELECT ?o ?p ?s ?x ?y ?z { ?s ?p ?o . ?x ?y ?z } LIMIT 100000"
    command = f"{sys.executable} -m kg query '{sparql}' -g {CORPUS} | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("o,p,s,x,y,z\n", "")
