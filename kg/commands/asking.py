"""Commands that ask a graph and print the answer."""

from __future__ import annotations

from typing import Annotated

import typer

from kg.commands.options import FormatOption, GraphOption, OutputOption, TokenOption
from kg.terminal import (
    on_terminal,
    parse_parameters,
    print_answer,
    print_text,
    read_query,
    stop_at_once,
    terminal_width,
)


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


def queries(format: FormatOption = None, output: OutputOption = "-") -> None:
    """List the questions that come with kg, with their parameters."""
    from kg.asking.questions import list_questions, tabulate_questions

    print_answer(tabulate_questions(list_questions()), format, output, {})


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


def stats(
    graph: GraphOption = "kg-out", format: FormatOption = None, output: OutputOption = "-", token: TokenOption = None
) -> None:
    """Count what is in a graph."""
    from kg.asking.counts import count_graph
    from kg.store import open_graph

    opened = open_graph(graph, token=token)
    print_answer(count_graph(opened), format, output, opened.prefixes)


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
