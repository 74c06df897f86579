"""One HTTP request to a server that the user named, and what went wrong with it in one line."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit
from urllib.request import (
    BaseHandler,
    HTTPBasicAuthHandler,
    HTTPDigestAuthHandler,
    HTTPPasswordMgrWithDefaultRealm,
    Request,
    build_opener,
)

from kg.errors import KgError, UsageError

_SHOWN = 300
"""Characters of a server's own words that an error repeats."""


@dataclass(frozen=True)
class Reply:
    """What a server answered with a status below 300: its headers and its body."""

    headers: Message
    body: bytes


class Endpoint:
    """An address that takes requests.

    Attributes:
        address: the address without user, password, parameters and fragment.
        parameters: the parameters that stand in the address, such as `default-graph-uri`.
    """

    def __init__(self, address: str, token: str | None = None, time_limit_s: float | None = 60.0) -> None:
        """Read an address, in which `user:password@` may stand; the token is sent as `Authorization: Bearer`.

        Raises:
            UsageError: it is not the address of a server.
        """
        try:
            parts = urlsplit(address)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or not re.fullmatch(r"https?://[^\s\x00-\x1f]+", address):
            raise UsageError(f"{address} is not the address of a server; it looks like https://example.org/sparql")
        where = parts.netloc.rpartition("@")[2]
        self.address = urlunsplit((parts.scheme, where, parts.path or "/", "", ""))
        self.parameters = tuple(parse_qsl(parts.query, keep_blank_values=True))
        self._token, self._time_limit_s = token, time_limit_s
        handlers: list[BaseHandler] = []
        if parts.username:
            passwords = HTTPPasswordMgrWithDefaultRealm()
            passwords.add_password(None, self.address, unquote(parts.username), unquote(parts.password or ""))
            handlers = [HTTPDigestAuthHandler(passwords), HTTPBasicAuthHandler(passwords)]
        self._opener = build_opener(*handlers)

    def beside(self, name: str) -> str:
        """Return the address that has another last part."""
        return self.address.rpartition("/")[0] + "/" + name

    def send(
        self, method: str, body: bytes | None, headers: Mapping[str, str], parameters: Mapping[str, str] | None = None
    ) -> Reply:
        """Return the reply to a request; parameters go into the address.

        Raises:
            UsageError: the server refuses the request as wrong, or there is nothing at the address.
            KgError: it cannot be reached, refuses who asks, fails, or is silent for longer than the time limit.
        """
        query = urlencode(parameters or {}).replace("default=", "default")
        request = Request(self.address + (f"?{query}" if query else ""), body, dict(headers), method=method)  # noqa: S310
        if self._token:
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        try:
            with self._opener.open(request, timeout=self._time_limit_s) as reply:
                return Reply(reply.headers, reply.read())
        except HTTPError as error:
            raise self._refused(error) from None
        except (URLError, HTTPException, OSError, ValueError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            if isinstance(reason, TimeoutError):
                limit = f"{self._time_limit_s:g} s"
                raise KgError(f"{self.address} did not answer within {limit}; give it more time, or ask less") from None
            if isinstance(reason, socket.gaierror):
                raise KgError(f"{self.address} cannot be reached: no machine has this name") from None
            why = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
            raise KgError(f"{self.address} cannot be reached ({why}); is the server running?") from None

    def post_form(self, accept: str, **fields: str) -> Reply:
        """Return the reply to a form, with the parameters of the address in it; errors as `send` raises them."""
        body = urlencode([*self.parameters, *fields.items()]).encode()
        return self.send("POST", body, {"Content-Type": "application/x-www-form-urlencoded", "Accept": accept})

    def _refused(self, error: HTTPError) -> KgError:
        try:
            words = _plain(error.read(64_000))
        except (OSError, HTTPException):
            words = ""
        said = f": {words}" if words else ""
        if error.code in (401, 403):
            return KgError(
                f"{self.address} refuses the request ({error.code}); give --token, set KG_TOKEN, or write "
                "https://user:password@… if the server wants these"
            )
        if error.code == 404:
            return UsageError(f"{self.address} is not there (404){said}")
        if error.code < 500:
            return UsageError(f"{self.address} refuses the request ({error.code}){said}")
        return KgError(f"{self.address} failed ({error.code}){said}")


def _plain(body: bytes) -> str:
    r"""Return the beginning of what a server says, in one line and without markup.

    >>> _plain(b"<html><title>Bad</title><p>a  query\n needs braces</p></html>")
    'Bad a query needs braces'
    """
    text = re.sub(
        r"(?s)<(style|script)\b.*?</\1>|</?[a-zA-Z!][^<>\s]*(?:\s[^<>]*)?>", " ", body.decode("utf-8", "replace")
    )
    line = " ".join(text.split()).partition(" SPARQL query: ")[0]  # Virtuoso repeats the query
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
