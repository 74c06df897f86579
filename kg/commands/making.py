"""Commands that make something of papers and of annotations: graphs, findings, scores, models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg.commands.options import (
    AddressOption,
    CacheOption,
    EngineOption,
    Inputs,
    Jobs,
    KeepGoing,
    Merges,
    NoCache,
    OutputOption,
)
from kg.terminal import (
    cache_folder,
    cluster_address,
    list_problems,
    list_unused,
    print_text,
    say,
    say_bare,
    show_progress,
    standard_input,
    write_output,
)


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
    engine: EngineOption = "local",
    address: AddressOption = None,
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
        cluster=cluster_address(engine, address),
        progress=show_progress,
        say=say,
    )
    list_problems(built.problems)
    list_unused(built.unused)
    say_bare(built.bare)
    papers = "1 paper" if built.papers == 1 else f"{built.papers} papers"
    say(f"{papers}, {built.concepts} concepts, {built.triples} triples in {built.folder}")


def extract(
    inputs: Inputs,
    output: OutputOption = "-",
    merges: Merges = None,
    keep_going: KeepGoing = False,
    jobs: Jobs = None,
    cache: CacheOption = None,
    no_cache: NoCache = False,
    engine: EngineOption = "local",
    address: AddressOption = None,
) -> None:
    """Print what is found in each paper, one JSON line a paper, without building a graph."""
    from kg.concepts import resolve_concepts
    from kg.decisions import read_decisions
    from kg.extractions import extract_all
    from kg.findings import write_json_lines
    from kg.reading.read import read_papers

    decisions, folder = read_decisions(merges) if merges else (), cache_folder(cache, no_cache)
    cluster = cluster_address(engine, address)
    reading = read_papers(inputs, stdin=standard_input(inputs), keep_going=keep_going)
    extractions = extract_all(reading.papers, cache=folder, jobs=jobs, cluster=cluster, progress=show_progress, say=say)
    resolution = resolve_concepts(extractions, decisions)
    write_output(output, (line.encode() for line in write_json_lines(extractions, resolution)))
    list_problems(reading.problems)
    list_unused(resolution.unused)
    say_bare(sum(not paper.abstract for paper in reading.papers))


def evaluate(
    gold: Annotated[Path, typer.Argument(metavar="GOLD.jsonl", help="Annotations in the format of the guide.")],
    inputs: Annotated[
        list[str] | None, typer.Argument(metavar="[INPUT]...", help="The papers, if not in *.papers.json.")
    ] = None,
    concepts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Gold concepts, if not in *.concepts.jsonl.")
    ] = None,
    errors: Annotated[bool, typer.Option("--errors", help="List what was wrong and what was missed.")] = False,
    jobs: Jobs = None,
    cache: CacheOption = None,
    no_cache: NoCache = False,
) -> None:
    """Measure the extraction on annotated papers: precision, recall, F1, roles, concepts, calibration."""
    from kg.concepts import resolve_concepts
    from kg.evaluation import evaluate as score
    from kg.evaluation import read_gold, read_gold_concepts, read_titles, render_evaluation
    from kg.extractions import extract_all
    from kg.reading.read import read_papers

    annotations, folder = read_gold(gold), cache_folder(cache, no_cache)
    paths = inputs or [str(gold.with_suffix(".papers.json"))]
    papers = read_papers(paths, stdin=standard_input(paths)).papers
    extractions = extract_all(papers, cache=folder, jobs=jobs, progress=show_progress, say=say)
    found = score(
        annotations,
        read_titles(papers),
        extractions,
        resolve_concepts(extractions),
        read_gold_concepts(concepts or gold.with_suffix(".concepts.jsonl"), required=concepts is not None),
    )
    print_text(render_evaluation(found, errors=errors))


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
