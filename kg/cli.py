"""The command line: each command parses, calls one public function, and prints.

Data goes to standard output, everything else to standard error. Exit codes: 0 fine, 1 the data has a problem, 2 wrong
usage. Modules are imported inside the commands, so that each loads only what it needs.
"""

from __future__ import annotations

from typing import Annotated

import typer

from kg.commands import asking, making, sharing

app = typer.Typer(
    name="kg",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Turn a pile of papers into a knowledge graph that you can query, look at and export.",
    epilog="Exit codes: 0 fine, 1 the data has a problem, 2 wrong usage.",
)


@app.callback(invoke_without_command=True)
def main(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Turn a pile of papers into a knowledge graph that you can query, look at and export."""
    if version:
        import kg

        print(f"kg {kg.__version__}")
        raise typer.Exit


for command in (
    making.build,
    making.extract,
    asking.query,
    asking.queries,
    asking.show,
    asking.stats,
    asking.related,
    asking.path,
    sharing.view,
    sharing.serve,
    sharing.export,
    sharing.push,
    sharing.mcp,
    sharing.validate,
    making.evaluate,
    making.train,
):
    app.command()(command)
