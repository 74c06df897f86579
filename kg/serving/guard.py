"""What every request passes before anything else sees it, and the headers that every response gets."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1")
_PORT = re.compile(r":\d*$")
_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""What a page may load: only what this server sends. Nothing in a paper's text can then load or run anything."""


def is_loopback(host: str) -> bool:
    """Return whether a host name or address means this machine only.

    >>> [is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "127.0.0.1.example.org")]
    [True, True, True, False, False]
    """
    return _LOOPBACK.fullmatch(host.lower()) is not None


class Guard:
    """Refuses foreign hosts and bodies that are too long, and adds security headers.

    A page of a stranger can make its own name point to 127.0.0.1 (DNS rebinding) and would then read this server as its
    own; so a server for this machine only answers only to this machine's names.
    """

    def __init__(self, app: ASGIApp, *, address: str, body_limit: int) -> None:
        self._app = app
        self._local_only = is_loopback(urlsplit(address).hostname or "")
        self._body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message))
            await send(message)

        headers = Headers(scope=scope)
        host = _PORT.sub("", headers.get("host", "")).strip("[]")
        if self._local_only and not is_loopback(host):
            problem = f"{host[:200] or 'no host'} is not this server; to serve others, start kg serve with --host"
            await PlainTextResponse(f"{problem}\n", 421)(scope, receive, send_with_headers)
            return
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._body_limit:
            await PlainTextResponse(f"{self._too_long}\n", 413)(scope, receive, send_with_headers)
            return
        read = 0

        async def receive_so_much() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._body_limit:
                raise HTTPException(413, self._too_long)
            return message

        await self._app(scope, receive_so_much, send_with_headers)

    @property
    def _too_long(self) -> str:
        return f"the request is longer than {self._body_limit / 2**20:g} MiB"


def _add_headers(headers: MutableHeaders) -> None:
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    if headers.get("content-type", "").startswith("text/html"):
        headers.setdefault("Content-Security-Policy", _POLICY)
        headers.setdefault("X-Frame-Options", "DENY")
