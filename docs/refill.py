"""Run what README.md and the pages of docs/ show, and write what it prints into them.

    python docs/refill.py [PAGE.md ...]

A page is gone through from top to bottom, as its reader does, in a folder with `seeds`, `queries` and, once
`kg build seeds` was run, `kg-out`:

- In a ```console block, a line that starts with "$ " is a command, which goes on while a quotation mark is open; below
  it stands what it prints.
- A block with a title (```text title="mine.tsv") is a file that the reader writes.
- A ```python block is run where a ```text block follows: that is what it prints.
- A ```pycon block is a session of Python: what follows ">>>" is run, and what it shows stands below. It goes
  on with what the sessions above it have named.

A line "…" stands for lines left out: as many lines above and below it are kept as the page has. A command that only
the reader can run (`make`, `pip`, `kg train`: see `is_run`) is left as it is.
"""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CUT = "…"
"""A line that stands for lines left out."""

BUILD = ("kg build seeds", "kg build seeds -o kg-out")
"""The commands that make the graph which all pages ask; it is built once."""
TOOLS = frozenset("kg python cat cut grep head ls printf sort tail uniq wc".split())
"""What the commands that are run may start with."""
LEFT_TO_THE_READER = frozenset(["train", "serve", "mcp"])
"""Commands of kg that are not run: they take hours, or do not end."""
SECONDS = 900.0
"""After which a command is given up: far more than any takes, even on a machine that is busy."""

_BLOCK = re.compile(r"^```(?P<info>[^`\n]*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r'\btitle="([^"/][^"]*)"')


@dataclass(frozen=True)
class Place:
    """A folder as the reader has it.

    Attributes:
        folder: where the commands run.
        said: what `kg build seeds` printed.
    """

    folder: Path
    said: str

    @classmethod
    def make(cls, folder: Path, built: Path, said: str) -> Place:
        """Return a new folder with links to corpus, questions and a built graph, and the commands kg and python."""
        programs = folder / ".bin"
        programs.mkdir(parents=True)
        for name, module in (("kg", "-m kg"), ("python", "")):
            (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n', encoding="utf-8")
            (programs / name).chmod(0o755)
        for name, target in (("seeds", ROOT / "seeds"), ("queries", ROOT / "queries"), ("kg-out", built.resolve())):
            (folder / name).symlink_to(target)
        return cls(folder, said)

    def run(self, command: Sequence[str], program: str | None = None) -> list[str]:
        """Return the lines that a command prints, standard error included; `program` is its standard input.

        Raises:
            RuntimeError: it ends with another exit code than 0.
        """
        found = os.pathsep.join([str(self.folder / ".bin"), os.environ["PATH"]])
        modules = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, "PATH": found, "PYTHONPATH": modules, "COLUMNS": "100", "LC_ALL": "C.UTF-8"},
            input=program or "",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=SECONDS,
        )
        if done.returncode:
            raise RuntimeError(f"{shlex.join(command)}: exit code {done.returncode}\n{done.stdout}")
        return [line.rstrip() for line in done.stdout.splitlines()]

    def answer(self, command: str) -> list[str]:
        """Return the lines that a command of a console block prints.

        Raises:
            ValueError: the command would build over the graph that all pages share.
        """
        if command in BUILD:
            return self.said.splitlines()
        if command.startswith("kg build") and not re.search(r" -o (?!kg-out\b)", command):
            raise ValueError(f"{command}: would build over kg-out; add -o FOLDER")
        return self.run(["bash", "-c", command])


def is_run(command: str) -> bool:
    """Return whether a command of a console block is run.

    >>> is_run("kg stats | head -3"), is_run("make demo"), is_run("kg train gold -o mine")
    (True, False, False)
    """
    first, second, *_ = [*command.split(), ""]
    return first in TOOLS and not (first == "kg" and second in LEFT_TO_THE_READER)


def cut_as(printed: Sequence[str], shown: Sequence[str]) -> list[str]:
    """Return printed lines with as many left out as in what was shown before.

    >>> cut_as(["1", "2", "3", "4"], ["a", "…", "z"]), cut_as(["1", "2"], ["a", "…", "z"])
    (['1', '…', '4'], ['1', '2'])
    """
    if CUT not in shown:
        return list(printed)
    head = list(shown).index(CUT)
    tail = len(shown) - head - 1
    if len(printed) <= head + tail:
        return list(printed)
    return [*printed[:head], CUT, *printed[len(printed) - tail :]]


_SESSION = """
import contextlib, io, json, sys
names, shown = {}, []
for source in json.loads(%r):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(source, "<page>", "single"), names)
    shown.append(out.getvalue())
print(json.dumps(shown))
"""


def _refill_session(body: str, place: Place, said: list[str]) -> str:
    """Return a session of Python with what its statements show now; `said` is what was run before, and grows."""
    examples = doctest.DocTestParser().get_examples(body)
    before = len(said)
    said += [example.source for example in examples]
    answers = json.loads("\n".join(place.run(["python", "-"], _SESSION % json.dumps(said))))[before:]
    out = []
    for example, answer in zip(examples, answers, strict=True):
        first, *others = example.source.splitlines()
        out += [f">>> {first}", *(f"... {line}" for line in others), *(line.rstrip() for line in answer.splitlines())]
    return "".join(f"{line}\n" for line in out)


def refill(text: str, place: Place) -> str:
    """Return the text of a page with what its commands and programs print now."""
    out: list[str] = []
    end = 0
    program: str | None = None
    said: list[str] = []
    for block in _BLOCK.finditer(text):
        language, body, between = block["info"].split(" ")[0], block["body"], text[end : block.start()]
        out += [between, f"```{block['info']}\n"]
        if title := _TITLE.search(block["info"]):
            path = place.folder / title[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
        elif language == "console":
            body = _refill_console(body, place)
        elif language == "pycon":
            body = _refill_session(body, place, said)
        elif language == "text" and program is not None and not between.strip():
            printed = place.run(["python", "-"], program)
            body = "".join(f"{line}\n" for line in cut_as(printed, body.splitlines()))
        program = body if language == "python" else None
        out += [body, "```"]
        end = block.end()
    return "".join([*out, text[end:]])


def _refill_console(body: str, place: Place) -> str:
    head, *parts = re.split(r"^\$ ", body, flags=re.MULTILINE)
    out = [head]
    for part in parts:
        command, lines = _split(part.splitlines())
        if is_run(command):
            lines = cut_as(place.answer(command), lines)
        out.append("".join(f"{line}\n" for line in [f"$ {command}", *lines]))
    return "".join(out)


def _split(lines: list[str]) -> tuple[str, list[str]]:
    """Return a command, with the lines on which it goes on, and the lines below it."""
    for end in range(1, len(lines) + 1):
        try:
            shlex.split("\n".join(lines[:end]))
        except ValueError:  # no closing quotation mark yet
            continue
        return "\n".join(lines[:end]), lines[end:]
    raise ValueError(f"{lines[0]}: a quotation mark is not closed")


def list_pages() -> list[Path]:
    """Return README.md and the pages below docs/."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def build_seeds(folder: Path) -> str:
    """Build the graph of the corpus into `kg-out` in a folder; return what that prints."""
    command = [sys.executable, "-m", "kg", "build", str(ROOT / "seeds"), "-o", "kg-out"]
    modules = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": modules}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=SECONDS)
    if done.returncode:
        raise RuntimeError(f"kg build seeds: exit code {done.returncode}\n{done.stderr}")
    return done.stderr


def main(pages: Sequence[Path]) -> None:
    """Refill pages in place and say which of them changed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        said = build_seeds(folder)
        for number, page in enumerate(pages):
            text = page.read_text(encoding="utf-8")
            try:
                filled = refill(text, Place.make(folder / str(number), folder / "kg-out", said))
            except (RuntimeError, ValueError) as error:
                sys.exit(f"{page}: {error}")
            page.write_text(filled, encoding="utf-8")
            print(f"{os.path.relpath(page)}: {'as it was' if filled == text else 'changed'}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or list_pages())
