"""The command line: each command parses, calls one public function, and prints.

Data goes to standard output, everything else to standard error. Exit codes: 0 fine, 1 the data has a problem, 2 wrong
usage. Modules are imported inside the commands, so that each loads only what it needs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg.errors import KgError, UsageError
from kg.terminal import (
    cache_folder,
    list_problems,
    list_unused,
    on_terminal,
    parse_parameters,
    print_answer,
    print_text,
    read_query,
    say,
    say_address,
    show_progress,
    standard_input,
    stop_at_once,
    terminal_width,
    write_output,
)

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
FormatOption = Annotated[
    str | None, typer.Option("--format", "-f", help="table, csv, tsv, json, xml, markdown, ttl or nt.")
]
TokenOption = Annotated[
    str | None, typer.Option(envvar="KG_TOKEN", help="What is shown to a server that wants to know who asks.")
]


@app.callback(invoke_without_command=True)
def main(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Turn a pile of papers into a knowledge graph that you can query, look at and export."""
    if version:
        import kg

        print(f"kg {kg.__version__}")
        raise typer.Exit


@app.command()
def build(
    inputs: Inputs,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="The folder to build.")] = Path(
        "kg-out"
    ),
    base_iri: Annotated[str | None, typer.Option(help="Base of all IRIs in the graph.", show_default=False)] = None,
    merges: Merges = None,
    keep_going: KeepGoing = False,
    jobs: Jobs = None,
    cache: CacheOption = None,
    no_cache: NoCache = False,
) -> None:
    """Build the graph of papers: graph.ttl, graph.html and what queries need, all or nothing."""
    from kg.build import build_graph
    from kg.ontology import BASE_IRI

    built = build_graph(
        inputs,
        output,
        base=BASE_IRI if base_iri is None else base_iri,
        merges=merges,
        keep_going=keep_going,
        stdin=standard_input(inputs),
        cache=cache_folder(cache, no_cache),
        jobs=jobs,
        progress=show_progress,
        say=say,
    )
    list_problems(built.problems)
    list_unused(built.unused)
    papers = "1 paper" if built.papers == 1 else f"{built.papers} papers"
    say(f"{papers}, {built.concepts} concepts, {built.triples} triples in {built.folder}")


@app.command()
def extract(
    inputs: Inputs,
    output: OutputOption = "-",
    merges: Merges = None,
    keep_going: KeepGoing = False,
    jobs: Jobs = None,
    cache: CacheOption = None,
    no_cache: NoCache = False,
) -> None:
    """Print what is found in each paper, one JSON line a paper, without building a graph."""
    from kg.concepts import resolve_concepts
    from kg.decisions import read_decisions
    from kg.extractions import extract_all
    from kg.findings import write_json_lines
    from kg.reading.read import read_papers

    decisions, folder = read_decisions(merges) if merges else (), cache_folder(cache, no_cache)
    reading = read_papers(inputs, stdin=standard_input(inputs), keep_going=keep_going)
    extractions = extract_all(reading.papers, cache=folder, jobs=jobs, progress=show_progress, say=say)
    resolution = resolve_concepts(extractions, decisions)
    write_output(output, (line.encode() for line in write_json_lines(extractions, resolution)))
    list_problems(reading.problems)
    list_unused(resolution.unused)


@app.command()
def query(
    question: Annotated[str, typer.Argument(metavar="QUERY", help="The name of a question, a .rq file, -, or SPARQL.")],
    graph: GraphOption = "kg-out",
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="Bind a variable of the query.")
    ] = None,
    format: FormatOption = None,
    output: OutputOption = "-",
    time_limit: Annotated[float, typer.Option(help="Seconds after which the query is stopped; 0 for none.")] = 30.0,
    allow_service: Annotated[bool, typer.Option(help="Let SERVICE ask other servers.")] = False,
    token: TokenOption = None,
) -> None:
    """Ask the graph: a question by its name (see kg queries), or any SPARQL 1.1 query."""
    from kg.asking.query import QueryTimeout
    from kg.asking.questions import ask_question
    from kg.store import open_graph

    limit = time_limit or None
    opened, values = open_graph(graph, token=token, time_limit_s=limit), parse_parameters(parameter or ())
    try:
        answer = ask_question(opened, read_query(question), values, time_limit_s=limit, allow_service=allow_service)
    except QueryTimeout as error:
        stop_at_once(error)
    print_answer(answer, format, output, opened.prefixes)


@app.command()
def queries(format: FormatOption = None, output: OutputOption = "-") -> None:
    """List the questions that come with kg, with their parameters."""
    from kg.asking.questions import list_questions, tabulate_questions

    print_answer(tabulate_questions(list_questions()), format, output, {})


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(help="A paper (title, part of it, id, arXiv number) or a concept (any label).")
    ],
    graph: GraphOption = "kg-out",
    json: Annotated[bool, typer.Option("--json", help="Print the card as JSON.")] = False,
    token: TokenOption = None,
) -> None:
    """Show the card of a paper or a concept: roles, results, and the sentences that say so."""
    from kg.asking.card_reader import make_card
    from kg.asking.cards import render_card
    from kg.asking.things import find_thing
    from kg.store import open_graph

    opened = open_graph(graph, token=token)
    card = make_card(opened, find_thing(opened, name))
    print_text(render_card(card, terminal=on_terminal(), width=terminal_width(), as_json=json))


@app.command()
def stats(
    graph: GraphOption = "kg-out", format: FormatOption = None, output: OutputOption = "-", token: TokenOption = None
) -> None:
    """Count what is in a graph."""
    from kg.asking.counts import count_graph
    from kg.store import open_graph

    opened = open_graph(graph, token=token)
    print_answer(count_graph(opened), format, output, opened.prefixes)


@app.command()
def related(
    paper: Annotated[str, typer.Argument(help="A paper: title, part of it, id, or arXiv number.")],
    graph: GraphOption = "kg-out",
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many papers to show.")] = 10,
    token: TokenOption = None,
) -> None:
    """Tell which papers hang together with a paper, and by what."""
    from kg.asking.paths import relate, render_relations
    from kg.store import open_graph

    found = relate(open_graph(graph, token=token), paper, count)
    print_text(render_relations(found, terminal=on_terminal(), width=terminal_width()))


@app.command()
def path(
    start: Annotated[str, typer.Argument(help="A paper or concept.")],
    goal: Annotated[str, typer.Argument(help="Another paper or concept.")],
    graph: GraphOption = "kg-out",
    token: TokenOption = None,
) -> None:
    """Explain how two things hang together, step by step, through the rarest concepts they share."""
    from kg.asking.paths import find_path, render_path
    from kg.store import open_graph

    found = find_path(open_graph(graph, token=token), start, goal)
    print_text(render_path(found, terminal=on_terminal(), width=terminal_width()))


@app.command()
def view(
    graph: GraphOption = "kg-out",
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The page to write.")] = Path(
        "view.html"
    ),
    focus: Annotated[str | None, typer.Option(help="Draw what is around a paper or concept.")] = None,
    depth: Annotated[int, typer.Option(min=1, help="How many steps around the focus.")] = 1,
    query: Annotated[str | None, typer.Option(metavar="FILE.rq", help="Draw what a CONSTRUCT query returns.")] = None,
) -> None:
    """Write one HTML page with the network: it opens anywhere and loads nothing."""
    from kg.folder import write_whole
    from kg.network.network import query_network, read_network
    from kg.network.page import render_page
    from kg.store import open_graph

    opened = open_graph(graph)
    if query is not None and focus is not None:
        raise UsageError("--focus and --query do not go together; give one of them")
    if query is not None:
        from kg.asking.questions import ask_question

        answer = ask_question(opened, read_query(query))
        if not isinstance(answer, tuple):
            raise UsageError(f"{query}: a picture needs a CONSTRUCT query; this one returns no triples")
        network = query_network(answer, graph=opened)
    else:
        network = read_network(opened, focus=focus, depth=depth)
    write_whole(output, [render_page(network).encode()])
    say(f"{network.number_of_nodes()} things, {network.number_of_edges()} lines between them in {output}")


@app.command()
def serve(
    graph: GraphOption = "kg-out",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8000,
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0 opens the server to the network.")] = "127.0.0.1",
    time_limit: Annotated[float, typer.Option(help="Seconds after which a query is stopped; 0 for none.")] = 30.0,
    writable: Annotated[
        bool, typer.Option("--writable", help="Let those who have the token change the graph.")
    ] = False,
    token: Annotated[
        str | None, typer.Option(envvar="KG_TOKEN", help="What a client has to show to change the graph.")
    ] = None,
) -> None:
    """Serve the graph over HTTP: SPARQL, linked data and a page, for this machine only unless --host says else."""
    from kg.serving.server import serve as serve_graph

    if writable != bool(token):
        raise UsageError("--writable and --token go together: who has the token may change the graph")
    if graph.startswith(("http://", "https://")):
        raise UsageError(f"kg serve serves a graph that is here; get it with kg export -g {graph} -o graph.ttl")
    serve_graph(graph, host=host, port=port, time_limit_s=time_limit or None, token=token, say=say_address)


@app.command()
def export(
    graph: GraphOption = "kg-out",
    format: Annotated[
        str | None,
        typer.Option("--format", "-f", help="turtle, ntriples, nquads, trig, jsonld, rdfxml, graphml, gexf or csv."),
    ] = None,
    output: OutputOption = "-",
    shards: Annotated[
        int | None, typer.Option(min=1, help="Write so many files into the folder -o: ntriples or nquads.")
    ] = None,
    gzip: Annotated[bool, typer.Option("--gzip", help="Compress the shards.")] = False,
    token: TokenOption = None,
) -> None:
    """Write the graph in another format; the ending of FILE says which, unless -f does."""
    from kg.export import export_graph, format_of
    from kg.store import open_graph

    if shards is not None:
        from kg.shards import write_shards

        paths = write_shards(open_graph(graph, token=token), format_of(format or "nquads", None), output, shards, gzip)
        say(f"{len(paths)} files in {output}")
        return
    if gzip:
        raise UsageError("--gzip goes with --shards; compress one file with gzip")
    to = format_of(format, output)
    write_output(output, export_graph(open_graph(graph, token=token), to))


@app.command()
def push(
    address: Annotated[str, typer.Argument(metavar="ENDPOINT", help="A Graph Store endpoint or an update endpoint.")],
    graph: GraphOption = "kg-out",
    graph_iri: Annotated[
        str | None, typer.Option(metavar="IRI", help="The named graph to send it to; else the default graph.")
    ] = None,
    token: TokenOption = None,
    chunk: Annotated[int, typer.Option(min=0, help="Triples a request; 0 sends all at once.")] = 1000,
    replace: Annotated[bool, typer.Option("--replace", help="Empty the graph on the server first.")] = False,
    protocol: Annotated[
        str | None, typer.Option(help="graph-store or update, where the address does not say it.")
    ] = None,
    query_endpoint: Annotated[
        str | None, typer.Option(metavar="URL", help="Where to count what arrived, if not beside ENDPOINT.")
    ] = None,
    time_limit: Annotated[float, typer.Option(help="Seconds that the server may be silent; 0 for no limit.")] = 300.0,
) -> None:
    """Send the graph to a SPARQL server, in parts; an interrupted push goes on where it stopped."""
    from kg.push import PROTOCOLS, push_graph
    from kg.store import open_graph

    known = next((known for known in PROTOCOLS if known == protocol), None)
    if protocol is not None and known is None:
        raise UsageError(f"--protocol {protocol}: there are {' and '.join(PROTOCOLS)}")
    place = Path(graph)
    done = push_graph(
        open_graph(graph, token=token),
        address,
        name=graph_iri,
        token=token,
        chunk=chunk,
        replace=replace,
        protocol=known,
        query_address=query_endpoint,
        time_limit_s=time_limit or None,
        state=place.with_name(f"{place.resolve().name}.push.json") if place.exists() else None,
        progress=show_progress,
    )
    before = f" ({done.triples - done.sent} of them by an earlier push)" if done.sent < done.triples else ""
    others = f", and {done.others} others" if done.others else ""
    say(f"{done.triples} triples sent{before}; counted there by property, all arrived{others}")


@app.command()
def mcp(
    graph: GraphOption = "kg-out",
    http: Annotated[
        int | None, typer.Option("--http", metavar="PORT", min=0, max=65535, help="Serve over HTTP; 0 is a free port.")
    ] = None,
    time_limit: Annotated[float, typer.Option(min=0.1, help="Seconds after which a query is stopped.")] = 20.0,
) -> None:
    """Serve the graph to an assistant, over the Model Context Protocol (needs the extra: pip install 'kg[mcp]')."""
    from kg.assistants.mcp import serve_http, serve_stdio

    if http is None:
        serve_stdio(graph, time_limit_s=time_limit)
    else:
        serve_http(graph, http, lambda address: say(f"{graph} is at {address}"), time_limit_s=time_limit)


@app.command()
def validate(graph: GraphOption = "kg-out", format: FormatOption = None, output: OutputOption = "-") -> None:
    """Check a graph against the shapes and the ontology; exit code 1 if there are problems."""
    from kg.store import open_graph
    from kg.validation import tabulate, validate_graph

    violations = validate_graph(open_graph(graph))
    if violations:
        print_answer(tabulate(violations), format, output, {})
        raise KgError(f"{graph}: {len(violations)} problems; build the graph again, or mend what is listed")
    say(f"{graph}: valid")


@app.command()
def evaluate(
    gold: Annotated[Path, typer.Argument(metavar="GOLD.jsonl", help="Annotations in the format of the guide.")],
    inputs: Annotated[
        list[str] | None, typer.Argument(metavar="[INPUT]...", help="The papers, if not in *.papers.json.")
    ] = None,
    concepts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Gold concepts, if not in *.concepts.jsonl.")
    ] = None,
    errors: Annotated[bool, typer.Option("--errors", help="List what was wrong and what was missed.")] = False,
) -> None:
    """Measure the extraction on annotated papers: precision, recall, F1, roles, concepts, calibration."""
    from kg.concepts import resolve_concepts
    from kg.evaluation import evaluate as score
    from kg.evaluation import read_gold, read_gold_concepts, read_titles, render_evaluation
    from kg.extraction.extract import extract_papers
    from kg.reading.read import read_papers

    annotations = read_gold(gold)
    paths = inputs or [str(gold.with_suffix(".papers.json"))]
    papers = read_papers(paths, stdin=standard_input(paths)).papers
    extractions = tuple(extract_papers(show_progress(papers, "reading papers")))
    found = score(
        annotations,
        read_titles(papers),
        extractions,
        resolve_concepts(extractions),
        read_gold_concepts(concepts or gold.with_suffix(".concepts.jsonl"), required=concepts is not None),
    )
    print_text(render_evaluation(found, errors=errors))


@app.command()
def train(
    gold: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Annotations: *.jsonl with *.papers.json beside them.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Where the model is written.")] = Path(
        "model"
    ),
    unlabelled: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Papers without annotations to learn from as well.")
    ] = None,
    teacher: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="A larger encoder (all-mpnet-base-v2), to annotate those papers better."),
    ] = None,
) -> None:
    """Train the reader of mentions on your own annotations (needs the extra: pip install 'kg[train]')."""
    from kg.training.train import train_tagger

    train_tagger(gold, output, unlabelled=tuple(unlabelled or ()), teacher=teacher)
