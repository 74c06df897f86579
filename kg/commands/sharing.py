"""Commands that take a graph to other people and programs: pages, servers, files, checks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg.commands.options import FormatOption, GraphOption, OutputOption, TokenOption
from kg.errors import KgError, UsageError
from kg.terminal import print_answer, read_query, say, say_address, show_progress, write_output


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

    if writable and not token:
        raise UsageError("--writable and --token go together: who has the token may change the graph")
    if graph.startswith(("http://", "https://")):
        raise UsageError(f"kg serve serves a graph that is here; get it with kg export -g {graph} -o graph.ttl")
    given = token if writable else None  # KG_TOKEN may be there for other servers
    serve_graph(graph, host=host, port=port, time_limit_s=time_limit or None, token=given, say=say_address)


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


def validate(graph: GraphOption = "kg-out", format: FormatOption = None, output: OutputOption = "-") -> None:
    """Check a graph against the shapes and the ontology; exit code 1 if there are problems."""
    from kg.store import open_graph
    from kg.validation import tabulate, validate_graph

    violations = validate_graph(open_graph(graph))
    if violations:
        print_answer(tabulate(violations), format, output, {})
        raise KgError(f"{graph}: {len(violations)} problems; build the graph again, or mend what is listed")
    say(f"{graph}: valid")
