"""Arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Inputs = Annotated[list[str], typer.Argument(metavar="INPUT...", help="Files, folders, or - for standard input.")]
GraphOption = Annotated[
    str,
    typer.Option(
        "--graph", "-g", metavar="GRAPH", help="A built folder, any RDF file, or an address.", show_default=True
    ),
]
OutputOption = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="Where to write; - is standard output.")
]
KeepGoing = Annotated[bool, typer.Option("--keep-going", help="Take what can be read and list what cannot.")]
Merges = Annotated[
    Path | None,
    typer.Option("--merges", metavar="FILE", help="Your decisions on what is one concept (see merges.tsv)."),
]
CacheOption = Annotated[
    Path | None, typer.Option("--cache", metavar="DIR", help="Where kg remembers papers it has read.")
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Read every paper anew and remember none.")]
Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, metavar="N", help="How many papers to read at once; all cores.")
]
EngineOption = Annotated[
    str, typer.Option("--engine", metavar="ENGINE", help="What starts the processes that read papers: local or ray.")
]
AddressOption = Annotated[
    str | None,
    typer.Option("--address", metavar="ADDRESS", help="The Ray cluster to use, or auto; else one on this machine."),
]
FormatOption = Annotated[
    str | None, typer.Option("--format", "-f", help="table, csv, tsv, json, xml, markdown, ttl or nt.")
]
TokenOption = Annotated[
    str | None, typer.Option(envvar="KG_TOKEN", help="What is shown to a server that wants to know who asks.")
]
