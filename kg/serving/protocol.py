"""What the endpoints share: reading requests, who may write, and sending what a worker answered."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from kg.errors import KgError
from kg.serving.formats import NotAcceptable
from kg.serving.workers import Overloaded, TookTooLong, Workers

_WHOLE = 2**20
"""Bytes up to which an answer is sent at once."""


@dataclass(frozen=True)
class Parameters:
    """The parameters of a request: of the address, and of a form."""

    pairs: tuple[tuple[str, str], ...]

    def all(self, name: str) -> tuple[str, ...]:
        """Return the values of a parameter, in order."""
        return tuple(value for key, value in self.pairs if key == name)

    def one(self, name: str) -> str | None:
        """Return the value of a parameter that may be given once, or None.

        Raises:
            HTTPException: 400: it is given more than once.
        """
        values = self.all(name)
        if len(values) > 1:
            raise HTTPException(400, f"{name} is given {len(values)} times; give it once")
        return values[0] if values else None


def read_parameters(*texts: bytes) -> Parameters:
    """Return the parameters of query strings and forms.

    Raises:
        HTTPException: 400: they are not UTF-8, or too many.
    """
    pairs: list[tuple[str, str]] = []
    for text in texts:
        try:
            pairs += parse_qsl(text.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=1000)
        except ValueError as error:
            what = "are not valid UTF-8" if isinstance(error, UnicodeError) else "are too many"
            raise HTTPException(400, f"the parameters {what}") from None
    return Parameters(tuple(pairs))


def read_text(body: bytes) -> str:
    """Return a body as text.

    Raises:
        HTTPException: 400: it is not UTF-8.
    """
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise HTTPException(400, "the body is not valid UTF-8") from None


def read_media_type(request: Request) -> str:
    """Return the media type of the body in lower case, or an empty string.

    Raises:
        HTTPException: 415: its text is said to be in another encoding than UTF-8.
    """
    name, *parameters = (part.strip().lower() for part in request.headers.get("content-type", "").split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "charset" and value.strip(' "') not in ("utf-8", "utf8", "us-ascii"):
            raise HTTPException(415, f"the body is said to be {value.strip()[:40]}; send UTF-8")
    return name


def check_iris(iris: tuple[str, ...]) -> tuple[str, ...]:
    """Return IRIs of graphs as they are.

    Raises:
        HTTPException: 400: one of them is no absolute IRI.
    """
    for iri in iris:
        try:
            ox.NamedNode(iri)
        except ValueError:
            raise HTTPException(400, f"{iri[:200]!r} is not an absolute IRI") from None
    return iris


def check_token(request: Request, token: str | None) -> None:
    """Let a request pass that may change the graph.

    Raises:
        HTTPException: 403: nobody may; 401: its bearer token is missing or wrong.
    """
    if token is None:
        raise HTTPException(
            403, "this server only reads; start kg serve with --writable and --token to change the graph"
        )
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
        headers = {"WWW-Authenticate": 'Bearer realm="kg"'}
        raise HTTPException(401, "give the token of the server: Authorization: Bearer TOKEN", headers)


async def send_answer(request: Request, workers: Workers, **task: Any) -> Response:
    """Return the response to a task that a worker does; the worker is stopped when the client goes away."""
    doing = asyncio.ensure_future(workers.answer(accept=request.headers.get("accept"), **task))
    gone = asyncio.ensure_future(_wait_until_gone(request))
    try:
        await asyncio.wait({doing, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            return Response(status_code=499)
        reply, body = doing.result()
    finally:
        for future in (doing, gone):
            future.cancel()
        with contextlib.suppress(asyncio.CancelledError, KgError):
            await doing
    if reply["status"] != 200:
        body.unlink(missing_ok=True)
        return PlainTextResponse(f"{reply['message']}\n", reply["status"], {"Vary": "Accept"})
    return _send_file(body, reply["type"])


async def _wait_until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _send_file(path: Path, kind: str) -> Response:
    size = path.stat().st_size
    headers = {"Vary": "Accept", "Content-Length": str(size), "Content-Type": kind}
    if size > _WHOLE:
        return StreamingResponse(_read_pieces(path), headers=headers)
    content = path.read_bytes()
    path.unlink()
    return Response(content, headers=headers)


def _read_pieces(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(2**18):
                yield piece
    finally:
        path.unlink(missing_ok=True)


async def tell_problem(request: Request, problem: Exception) -> Response:
    """Return the response to an error: plain text that says what is wrong."""
    if isinstance(problem, HTTPException):
        return _tell(problem.status_code, problem.detail, problem.headers)
    if isinstance(problem, NotAcceptable):
        return _tell(406, str(problem), {"Vary": "Accept"})
    if isinstance(problem, Overloaded):
        return _tell(503, str(problem), {"Retry-After": "2"})
    if isinstance(problem, TookTooLong) or type(problem).__name__ == "QueryTimeout":
        return _tell(503, str(problem))
    return _tell(400 if getattr(problem, "exit_code", 1) == 2 else 500, str(problem))


def _tell(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return PlainTextResponse(f"{message}\n", status, headers)
