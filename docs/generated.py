"""Pages of the site that are made from kg itself when the site is built: nothing on them is written twice.

`make_pages` gives them as Markdown: every command from the command line, the ready questions from `queries/`, the
ontology from `ontology/kg.ttl`, the Python reference from docstrings, and copies of the files that stand elsewhere in
the repository. MkDocs calls the functions `on_…` below (`hooks` in mkdocs.yml).
"""

from __future__ import annotations

import html
import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from terms import classes_page, ontology_page, properties_page  # noqa: E402
from trees import Branch, draw_tree  # noqa: E402

COPIES = {
    "DESIGN.md": "explanation/design.md",
    "CHANGELOG.md": "changelog.md",
    "kg/models/CARD.md": "reference/tagger.md",
    "kg/models/RANKING.md": "reference/ranking.md",
    "README.md": "index.md",
}
"""Files of the repository → the pages that stand for them."""

MODULES = {
    "library": ("What import kg gives", "library members rows"),
    "papers": ("Papers and what is found in them", "paper mention reading.read extraction.extract findings"),
    "concepts": ("Concepts, links, statements", "concepts decisions links statements ontology"),
    "asking": (
        "The graph and asking",
        "build store asking.query asking.questions asking.things asking.paths asking.counts asking.tables",
    ),
    "more": ("Pictures, exports, checks", "network.network network.page export validation evaluation errors"),
}
"""Pages of the Python reference: name → title, modules of kg."""

PICTURES = {
    "extraction": Branch(
        "title and abstract",
        (
            (
                "network",
                Branch("mentions with roles", (("together with vocabularies", Branch("concepts, statements")),)),
            ),
            ("rules, then a classifier", Branch("results")),
            ("grammar, then a ranking", Branch("keyphrases")),
            ("rules", Branch("abbreviations, web addresses")),
        ),
    ),
}
"""Pictures that pages ask for with `{{ picture: NAME }}`."""


def make_pages() -> dict[str, str]:
    """Return the generated pages: path below docs/ → Markdown."""
    pages = {
        "reference/commands.md": commands_page(),
        "reference/questions.md": questions_page(),
        "ontology/index.md": ontology_page(),
        "ontology/classes.md": classes_page(),
        "ontology/properties.md": properties_page(),
    }
    for name, (title, modules) in MODULES.items():
        listed = "\n\n".join(f"::: kg.{module}" for module in modules.split())
        pages[f"reference/python/{name}.md"] = f"# {title}\n\n{listed}\n"
    for source, page in COPIES.items():
        if source != "README.md":
            pages[page] = relink((ROOT / source).read_text(encoding="utf-8"), source, page)
    return pages


def commands_page() -> str:
    """Return the page of all commands, as the command line itself describes them."""
    import typer

    from kg.cli import app

    top = typer.main.get_command(app)
    lines = ["# Commands", "", "`kg --help` and `kg COMMAND --help` say the same.", ""]
    lines += _describe(top, "kg", 1)
    return "\n".join(lines)


def _describe(command: Any, name: str, level: int) -> Iterator[str]:
    context = command.make_context(name, [], resilient_parsing=True)
    if level > 1:
        yield from (f"{'#' * level} {name}", "", _text(command.help or ""), "")
        usage = " ".join(command.collect_usage_pieces(context))
        yield from ("```text", f"{name} {usage}", "```", "")
    shown = [p for p in command.get_params(context) if not getattr(p, "hidden", False) and p.name != "help"]
    if shown:
        rows = [_row(p, context) for p in shown]
        yield from ("| what to write | what it does | default |", "|---|---|---|", *rows, "")
    for below, other in getattr(command, "commands", {}).items():
        yield from _describe(other, f"{name} {below}", level + 1)
    if level == 1 and command.epilog:
        yield from (_text(command.epilog), "")


def _row(parameter: Any, context: Any) -> str:
    """Return a parameter as a row of a table: how it is written, what it is, its default."""
    meant = parameter.make_metavar(context)
    if parameter.param_type_name == "argument":
        written = f"`{meant}`"
    else:
        names = sorted([*parameter.opts, *parameter.secondary_opts], key=len)
        written = ", ".join(f"`{name}`" for name in names) + ("" if parameter.is_flag else f" `{meant}`")
    default = parameter.default
    unset = default is None or default is False or default in ("", ()) or callable(default)
    shown = "" if unset else f"`{default}`"
    return f"| {_cell(written)} | {_cell(_text(parameter.help or ''))} | {_cell(shown)} |"


def questions_page() -> str:
    """Return the page of the questions that ship with kg."""
    from kg.asking.questions import list_questions

    lines = [
        "# Ready questions",
        "",
        "`kg queries` lists them; `kg query NAME` asks one. `-p` sets what a question is about, `-f` the format.",
        "Each is a SPARQL file in `queries/`; copy one to make your own (`kg query mine.rq`).",
        "",
    ]
    for question in list_questions():
        given = "".join(f" -p {p.name}={shlex.quote(p.default)}" for p in question.parameters)
        lines += [f"## {_text(question.title)}", "", _text(question.description), ""]
        lines += ["```sh", f"kg query {question.name}{given}", "```", ""]
        if question.parameters:
            lines += ["| parameter | what to give | default |", "|---|---|---|"]
            lines += [f"| `{p.name}` | {_cell(_text(p.help))} | `{_cell(p.default)}` |" for p in question.parameters]
            lines.append("")
        sparql = "\n".join(f"    {line}".rstrip() for line in question.text.splitlines() if not line.startswith("#"))
        lines += ['??? note "The query"', "", "    ```sparql", sparql.strip("\n"), "    ```", ""]
    return "\n".join(lines)


def relink(text: str, source: str, page: str) -> str:
    """Return a text of the repository with its links as they are on a page of the site.

    A link to a file that the site does not have becomes plain text.

    >>> relink("[a](kg/models/CARD.md), [b](ontology/kg.ttl), ![c](docs/c.png)", "README.md", "explanation/q.md")
    '[a](../reference/tagger.md), b, ![c](../c.png)'
    """

    def replaced(match: re.Match[str]) -> str:
        mark, label, target = match.groups()
        if "://" in target or target.startswith("#"):
            return match[0]
        at = os.path.normpath(Path(source).parent / target)
        on_site = COPIES.get(at) or (at.removeprefix("docs/") if at.startswith("docs/") else "")
        return f"{mark}[{label}]({os.path.relpath(on_site, Path(page).parent)})" if on_site else label

    return re.sub(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", replaced, text)


def section_of(source: str, heading: str) -> str:
    """Return what stands below a heading of the second level in a file of the repository.

    Raises:
        KeyError: the file has no such heading.
    """
    text = (ROOT / source).read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    if not found:
        raise KeyError(f"{source} has no section {heading!r}")
    return found[1].strip("\n")


def include_sections(text: str, page: str) -> str:
    """Return a page with each line `{{ FILE: Heading }}` replaced by that section of a file of the repository."""

    def included(match: re.Match[str]) -> str:
        if match[1] == "picture":
            return draw_tree(PICTURES[match[2]], match[2])
        return relink(section_of(match[1], match[2]), match[1], page)

    return re.sub(r"^\{\{ (\S+): (.+) \}\}$", included, text, flags=re.MULTILINE)


def _text(text: str) -> str:
    return html.escape(" ".join(text.split()), quote=False)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages to those of docs/."""
    from mkdocs.structure.files import File

    for path, text in make_pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Fill in what a page takes from other files."""
    return include_sections(markdown, page.file.src_uri)
