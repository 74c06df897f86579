"""The explorer: one page that shows the graph in a browser, and the addresses under `/api` from which it reads.

The page is the same for every view; its scripts look at the address and draw. It loads nothing but what this server
has: scripts and styles from `/assets`, values from `/api`, answers from `/sparql`.
"""

from __future__ import annotations

import html
import threading
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from kg.asking.catalogue import ROLES, Catalogue
from kg.asking.query import Answer
from kg.asking.questions import list_questions, question_names
from kg.asking.search import SearchIndex, fold
from kg.errors import KgError, UsageError, did_you_mean
from kg.exploring.answers import export_answer, read_parameters, show_answer, show_question
from kg.exploring.cards import read_papers, show_card, show_related
from kg.exploring.comparison import COLUMNS, SORTS, Wanted, compare, export_comparison
from kg.exploring.neighbours import Filter, describe_node, find_around, find_neighbours
from kg.exploring.overview import show_overview
from kg.exploring.terms import list_terms
from kg.site import Site

Ask: TypeAlias = Callable[[str, Mapping[str, str]], Awaitable[Answer]]
"""Answers a question by its name and parameters, within the time limit of the server."""

ASSETS = Path(__file__).resolve().parent / "assets"

POLICY = "; ".join(
    (
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "base-uri 'none'",
        "object-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""The content security policy of the page: no inline script, nothing from elsewhere."""

VIEWS: tuple[str, ...] = ("/compare", "/questions", "/questions/{name}", "/query", "/thing")
"""Addresses of the page beside `/` and those of things, where other formats may be asked for as well."""

_KINDS = ("Paper", *COLUMNS)
_MOST = 200


class _UnknownPathError(KgError):
    """Nothing stands at the address."""


class _Explorer:
    """The answers of one site as it is. What it needs is read once: when it is made, beside the first requests."""

    def __init__(self, site: Site, ask: Ask) -> None:
        self.site = site
        self._ask = ask
        self._lock = threading.Lock()
        threading.Thread(target=self._warm, name="explorer", daemon=True).start()

    def _warm(self) -> None:
        """Read what the first answer needs; what goes wrong here goes wrong, and is told, at the first request."""
        try:
            _ = self.index
        except Exception:
            return

    @cached_property
    def _catalogue(self) -> Catalogue:
        return Catalogue(self.site.graph)

    @cached_property
    def _index(self) -> SearchIndex:
        return SearchIndex(self._catalogue)

    @cached_property
    def _overview(self) -> dict[str, Any]:
        return show_overview(self._catalogue)

    @cached_property
    def _terms(self) -> dict[str, Any]:
        return list_terms(self.site.graph)

    @property
    def catalogue(self) -> Catalogue:
        """All papers and concepts; the first to ask reads them, others wait."""
        with self._lock:
            return self._catalogue

    @property
    def index(self) -> SearchIndex:
        """Their names, ready to be searched."""
        with self._lock:
            return self._index

    def overview(self, request: Request) -> Any:
        with self._lock:
            return {**self._overview, "questions": [show_question(q) for q in list_questions()]}

    def terms(self, request: Request) -> Any:
        with self._lock:
            return self._terms

    def search(self, request: Request) -> Any:
        query, most = request.query_params.get("q", "")[:200], _number(request, "limit", 12, 1, 50)
        kinds = _choices(request, "kind", _KINDS)
        index, catalogue = self.index, self.catalogue
        if kinds:
            found = index.search(query, kinds=kinds, most=most)
        else:
            concepts = _drop_doubles(catalogue, index.search(query, kinds=_KINDS[1:], most=most + 6))
            papers = index.search(query, kinds=_KINDS[:1], most=max(3, most // 2))
            concepts = concepts[: max(most - len(papers), 0)]
            begins = [bool(some) and fold(some[0][1]).startswith(fold(query)) for some in (papers, concepts)]
            found = [*papers, *concepts] if begins[0] and not begins[1] else [*concepts, *papers]
        near = [] if found or not query.strip() else index.suggest(query, kinds=kinds)
        return {"found": [_show_hit(catalogue, hit) for hit in found], "near": [_show_hit(catalogue, n) for n in near]}

    def thing(self, request: Request) -> Any:
        return show_card(self.catalogue, self._find(request, "path"))

    def papers(self, request: Request) -> Any:
        concept, role = self._find(request, "path"), request.query_params.get("role", "")
        return read_papers(
            self.catalogue,
            concept,
            role,
            _number(request, "skip", 0, 0, 10**9),
            _number(request, "limit", 20, 1, _MOST),
        )

    def related(self, request: Request) -> Any:
        number = self._find(request, "path")
        if self.catalogue.kinds[number] != "Paper":
            raise UsageError("related papers are found for a paper; give the path of one")
        return {"related": show_related(self.catalogue, number, _number(request, "limit", 8, 1, 50))}

    def neighbours(self, request: Request) -> Any:
        catalogue = self.catalogue
        centre, allowed = self._find(request, "iri"), self._read_filter(request)
        most = _number(request, "limit", 12, 1, _MOST)
        known = request.query_params.get("without", "")
        without = {int(number) for number in known.split(",") if number.isascii() and number.isdigit()}
        found, more = find_neighbours(catalogue, centre, allowed, most=most, without=without)
        shown = {centre, *found}
        around = find_around(catalogue, shown, allowed, most=_number(request, "around", 0, 0, 50))
        return {
            "centre": describe_node(catalogue, centre),
            "nodes": [describe_node(catalogue, number) for number in (*found, *around)],
            "more": more,
            "roles": ROLES,
        }

    def compare(self, request: Request) -> Any:
        wanted = self._read_wanted(request)
        skip, most = _number(request, "skip", 0, 0, 10**9), _number(request, "limit", 50, 1, _MOST)
        return compare(self.catalogue, wanted, skip=skip, most=most)

    def compare_csv(self, request: Request) -> Any:
        return _csv(export_comparison(self.catalogue, self._read_wanted(request)), "comparison")

    def questions(self, request: Request) -> Any:
        return {"questions": [show_question(question) for question in list_questions()]}

    async def question(self, request: Request) -> Any:
        name, given = _read_name(request), dict(request.query_params)
        answer = await self._ask(name, read_parameters(given))
        return await run_in_threadpool(lambda: show_answer(self.catalogue, name, given, answer))

    async def question_csv(self, request: Request) -> Any:
        name = _read_name(request)
        answer = await self._ask(name, read_parameters(dict(request.query_params)))
        return await run_in_threadpool(lambda: _csv(export_answer(self.catalogue, name, answer), name))

    def _find(self, request: Request, parameter: str) -> int:
        return self._locate(request.query_params.get(parameter, ""))

    def _locate(self, path: str) -> int:
        number = self.catalogue.find(path)
        if number is None:
            raise _UnknownPathError(f"the graph has no paper or concept {path!r}; search for its name")
        return number

    def _read_filter(self, request: Request) -> Filter:
        hardware = request.query_params.get("hardware", "")
        return Filter(
            frozenset(_choices(request, "kind", _KINDS)),
            frozenset(_choices(request, "role", ROLES)),
            _number(request, "since", 0, 0, 9999),
            _number(request, "until", 0, 0, 9999),
            self._locate(hardware) if hardware else None,
        )

    def _read_wanted(self, request: Request) -> Wanted:
        query = request.query_params
        given = [path for value in query.getlist("papers") for path in value.split("&") if path]
        papers = tuple(self._locate(path if "/" in path else f"paper/{path}") for path in given[:_MOST])
        sort = query.get("sort", "").removeprefix("-") or "title"
        if sort not in SORTS:
            raise UsageError(f"papers cannot be sorted by {sort!r}; take one of {', '.join(SORTS)}")
        return Wanted(
            papers=papers or None,
            of=self._locate(query["of"]) if query.get("of") else None,
            text=query.get("q", "")[:200],
            allowed=self._read_filter(request),
            sort=sort,
            descending=query.get("sort", "").startswith("-"),
        )


def _read_name(request: Request) -> str:
    """Return the name of a question that there is."""
    name = str(request.path_params["name"])
    if name not in question_names():
        raise _UnknownPathError(f"there is no question {name!r}{did_you_mean(name, question_names())}")
    return name


def _drop_doubles(catalogue: Catalogue, hits: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return what was found without the keyphrases that another concept among it has as its name."""
    names = {fold(catalogue.labels[number]) for number, _ in hits if catalogue.kinds[number] != "Keyphrase"}
    return [
        hit for hit in hits if catalogue.kinds[hit[0]] != "Keyphrase" or fold(catalogue.labels[hit[0]]) not in names
    ]


def _show_hit(catalogue: Catalogue, hit: tuple[int, str]) -> dict[str, object]:
    number, name = hit
    shown = catalogue.describe(number)
    return shown if name == catalogue.labels[number] else {**shown, "also": name}


def _choices(request: Request, name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values of a parameter that is given several times, or with commas between them."""
    given = [part for value in request.query_params.getlist(name) for part in value.split(",") if part]
    for part in given:
        if part not in known:
            raise UsageError(f"{name} cannot be {part!r}; take some of {', '.join(known)}")
    return tuple(given)


def _number(request: Request, name: str, default: int, least: int, most: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 12:
        raise UsageError(f"{name} is a whole number, not {text!r}")
    return min(max(int(text), least), most)


def _csv(text: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-cache"}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)


def _answer(
    find_explorer: Callable[[], _Explorer], show: Callable[[_Explorer, Request], Any]
) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that answers with JSON, errors included."""

    async def endpoint(request: Request) -> Response:
        try:
            explorer = find_explorer()
            found = await (
                show(explorer, request) if iscoroutinefunction(show) else run_in_threadpool(show, explorer, request)
            )
        except _UnknownPathError as error:
            return JSONResponse({"error": str(error)}, 404)
        except UsageError as error:
            return JSONResponse({"error": str(error)}, 400)
        except KgError as error:
            return JSONResponse({"error": str(error)}, 503)
        headers = {"cache-control": "no-cache", "x-content-type-options": "nosniff"}
        return found if isinstance(found, Response) else JSONResponse(found, headers=headers)

    return endpoint


def routes(site: Site, ask: Ask, count_changes: Callable[[], int] = lambda: 0) -> list[BaseRoute]:
    """Return the addresses of the explorer: `/api/…`, `/assets/…`, and those of its views beside things.

    Args:
        site: the graph and its address.
        ask: answers questions.
        count_changes: how often the graph has changed; what was read of it is read again after a change.
    """
    kept = {count_changes(): _Explorer(site, ask)}

    def find_explorer() -> _Explorer:
        if (now := count_changes()) not in kept:
            kept.clear()
            kept[now] = _Explorer(site, ask)
        return kept[now]

    answers: dict[str, Callable[[_Explorer, Request], Any]] = {
        "overview": _Explorer.overview,
        "search": _Explorer.search,
        "thing": _Explorer.thing,
        "papers": _Explorer.papers,
        "related": _Explorer.related,
        "neighbours": _Explorer.neighbours,
        "compare": _Explorer.compare,
        "compare.csv": _Explorer.compare_csv,
        "questions": _Explorer.questions,
        "questions/{name}.csv": _Explorer.question_csv,
        "questions/{name}": _Explorer.question,
        "terms": _Explorer.terms,
    }

    def view(request: Request) -> Response:
        return page(site, request)

    def icon(request: Request) -> Response:
        return FileResponse(ASSETS / "icon.svg")

    def unknown(request: Request) -> Response:
        return JSONResponse({"error": f"there is no {request.url.path}"}, 404)

    return [
        *(Route(f"/api/{path}", _answer(find_explorer, show), methods=["GET"]) for path, show in answers.items()),
        Route("/api/{rest:path}", unknown),
        Mount("/assets", StaticFiles(directory=ASSETS)),
        Route("/favicon.ico", icon, methods=["GET"]),
        *(Route(path, view, methods=["GET"]) for path in VIEWS),
    ]


def page(site: Site, request: Request) -> Response:
    """Return the page, the same for every view: its scripts look at the address and draw what belongs there."""
    root = urlsplit(site.address).path or "/"
    text = (ASSETS / "page.html").read_text(encoding="utf-8")
    values = {"root": root, "base": site.graph.base}
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", html.escape(value, quote=True))
    headers = {"content-security-policy": POLICY, "cache-control": "no-cache", "x-content-type-options": "nosniff"}
    return Response(text, media_type="text/html; charset=utf-8", headers=headers)
