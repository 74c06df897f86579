"""The questions that ship with kg: SPARQL files with a title and parameters, in `queries/`.

A file starts with comments: `# title: …`, `# description: …`, and for each parameter
`# parameter method (concept ?wide) = "speculative decoding": label or alias of a method`. The default stands in the
query as well, in a block `VALUES ?method { … }`, so that each file is a query of its own; a given value replaces it.

What a text names is looked up first, and the variable behind the kind (`?wide`) is restricted to what was found. The
query finds the same without that, but an engine that cannot tell how few things have a name begins at the wrong end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias, TypedDict, get_args

import pyoxigraph as ox

from kg.asking.parameters import ParameterKind, Term, make_term
from kg.asking.query import MAX_ROWS, Answer, Table, ask
from kg.asking.things import CONCEPT_KINDS, UnknownNameError, find_thing, match_concepts, match_papers
from kg.errors import UsageError, did_you_mean
from kg.ontology import rebase
from kg.resources import resource_folder
from kg.store import OpenGraph

QuestionKind: TypeAlias = Literal["text", "iri", "number", "paper", "concept", "method", "benchmark", "task"]
QUESTION_KINDS: tuple[QuestionKind, ...] = get_args(QuestionKind)

_HEADER = re.compile(r"# (title|description): (.+)")
_PARAMETER = re.compile(r"# parameter (\w+) \((\w+)(?: \?(\w+))?\) = (\"[^\"]*\"|\S+): (.+)")


class _Limits(TypedDict):
    time_limit_s: float | None
    row_limit: int | None
    allow_service: bool


@dataclass(frozen=True)
class Parameter:
    """What a question can be asked about.

    Attributes:
        name: the variable of the query, without question mark.
        kind: "text", "iri", "number", or what a text names: "paper" (by title, part of a title, whole
            words first, identifier), "concept" or one kind of concept (by label or alias, in any case); IRIs and
            prefixed names name these as well.
        default: the value where none is given.
        help: what to give, in a few words.
        node: the variable of the thing that the text names; empty for other kinds.
    """

    name: str
    kind: QuestionKind
    default: str
    help: str
    node: str = ""


@dataclass(frozen=True)
class Question:
    """A query with a name, a title, a description (one sentence or more) and parameters, in the file's order."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    text: str


def read_question(name: str, text: str) -> Question:
    r"""Return the question that a file holds.

    >>> read_question("q", '# title: T\n# description: D.\n# parameter n (number) = 2: how many\n\nASK {}').parameters
    (Parameter(name='n', kind='number', default='2', help='how many', node=''),)

    Raises:
        ValueError: the header is not as it has to be.
    """
    fields: dict[str, str] = {}
    parameters = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        header, parameter = _HEADER.fullmatch(line), _PARAMETER.fullmatch(line)
        if header:
            fields[header[1]] = header[2]
        elif parameter:
            kind = next((kind for kind in QUESTION_KINDS if kind == parameter[2]), None)
            if kind is None:
                raise ValueError(f"{name}: no kind of parameter is {parameter[2]!r}")
            default, node = parameter[4].strip('"'), parameter[3] or ""
            parameters.append(Parameter(parameter[1], kind, default, parameter[5], node))
        else:
            raise ValueError(f"{name}: {line!r} is not a title, a description or a parameter")
    if set(fields) != {"title", "description"}:
        raise ValueError(f"{name}: a question has a title and a description")
    return Question(name, fields["title"], fields["description"], tuple(parameters), text)


@cache
def list_questions() -> tuple[Question, ...]:
    """Return the questions that ship with kg, by name."""
    files = sorted(resource_folder("queries").glob("*.rq"))
    return tuple(read_question(file.stem, file.read_text(encoding="utf-8")) for file in files)


def question_names() -> tuple[str, ...]:
    """Return the names of the questions without reading them, sorted."""
    return tuple(sorted(file.stem for file in resource_folder("queries").glob("*.rq")))


def tabulate_questions(questions: Iterable[Question]) -> Table:
    """Return questions as a table: name, title, and parameters with their defaults."""
    rows = []
    for question in questions:
        parameters = "; ".join(f"{p.name}={p.default}" for p in question.parameters)
        rows.append(tuple(ox.Literal(text) for text in (question.name, question.title, parameters)))
    return Table(("question", "title", "parameters"), tuple(rows))


def find_question(name: str) -> Question:
    """Return the question of that name.

    Raises:
        UsageError: there is none, with the nearest names.
    """
    names = question_names()
    if name not in names:
        hint = did_you_mean(name, names) or "; kg queries lists them"
        raise UsageError(f"there is no question {name!r}{hint}")
    return read_question(name, (resource_folder("queries") / f"{name}.rq").read_text(encoding="utf-8"))


def ask_question(
    graph: OpenGraph,
    question: str | Question,
    parameters: Mapping[str, str | Term] | None = None,
    *,
    time_limit_s: float | None = 30.0,
    row_limit: int | None = MAX_ROWS,
    allow_service: bool = False,
) -> Answer:
    """Return the answer of a question, with the defaults for the parameters that are not given, or of any query.

    Args:
        graph: the graph to ask.
        question: a question, its name, or the text of a query, with or without the header of a question.
        parameters: values by name, as text or as terms.
        time_limit_s: as `kg.asking.query.ask` takes it.
        row_limit: as `kg.asking.query.ask` takes it.
        allow_service: as `kg.asking.query.ask` takes it.

    Raises:
        UsageError: there is no such question, the query cannot be parsed, or a parameter is unknown, is not of its
            kind, or names nothing in the graph.
        QueryTimeout: it takes too long.
    """
    limits: _Limits = {"time_limit_s": time_limit_s, "row_limit": row_limit, "allow_service": allow_service}
    if isinstance(question, str):
        found = _read(question)
        if found is None:
            return ask(graph, question, parameters, **limits)
        question = found
    given = {name: _spell(value) for name, value in (parameters or {}).items()}
    declared = {parameter.name: parameter for parameter in question.parameters}
    for name in given:
        if name not in declared:
            known = f"; it has {', '.join(declared)}" if declared else "; it has none"
            raise UsageError(f"{question.name} has no parameter {name}{did_you_mean(name, declared) or known}")
    terms: dict[str, Term | tuple[Term, ...]] = {}
    for parameter in question.parameters:
        if parameter.node:
            text, nodes = _look_up(graph, parameter, given.get(parameter.name))
            terms |= {parameter.name: text, parameter.node: nodes}
        elif parameter.name in given:
            kind: ParameterKind = parameter.kind  # type: ignore[assignment]
            terms[parameter.name] = make_term(parameter.name, given[parameter.name], kind, graph.prefixes)
    return ask(graph, rebase(question.text, graph.base), terms, **limits)


def _read(text: str) -> Question | None:
    """Return the question that a name or a file's text stands for, or None where the text is a plain query."""
    if re.fullmatch(r"[\w-]+", text):
        return find_question(text)
    try:
        return read_question("the query", text)
    except ValueError:
        return None


def _spell(value: str | Term) -> str:
    """Return a value as a person would write it."""
    if isinstance(value, ox.NamedNode):
        return f"<{value.value}>"
    return value.value if isinstance(value, ox.Literal) else str(value)


def _look_up(graph: OpenGraph, parameter: Parameter, given: str | None) -> tuple[Term, tuple[Term, ...]]:
    """Return a text that the query can compare, and the things that it names."""
    value = parameter.default if given is None else given
    kinds = CONCEPT_KINDS if parameter.kind == "concept" else (parameter.kind.capitalize(),)
    text = make_term(parameter.name, value, "text", graph.prefixes)
    named = tuple(match_papers(graph, value) if parameter.kind == "paper" else match_concepts(graph, value, kinds))
    if named:
        return text, named
    try:
        thing = find_thing(graph, value, kinds)
    except UnknownNameError as error:
        which = "" if given is not None else f" (the default); choose with -p {parameter.name}=NAME"
        raise UsageError(f"{error}{which}") from None
    return ox.Literal(thing.iri.rpartition("/")[2] if thing.kind == "Paper" else thing.label), (thing.node,)
