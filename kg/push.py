"""A graph sent to a server, in parts, so that an interrupted push goes on where it stopped, and counted at the end."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import pyoxigraph as ox

from kg.asking.parameters import read_iri
from kg.endpoint import Endpoint
from kg.errors import KgError, UsageError
from kg.export import export_graph
from kg.folder import write_whole
from kg.remote import Remote
from kg.store import OpenGraph

Protocol = Literal["graph-store", "update"]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
_GRAPH_STORE = re.compile(r"/(?:data|service|[^/]*(?:graph|crud)[^/]*(?:/[^/]*)?)/?$")
_BLANK = re.compile(rb"(?:^| )_:")


@dataclass(frozen=True)
class Pushed:
    """What a push did.

    Attributes:
        triples: triples of the graph, all of which the server has now.
        sent: those of them that this push sent; fewer where it went on from an earlier one.
        others: triples that the server has in the same graph beyond these.
    """

    triples: int
    sent: int
    others: int


def guess_protocol(address: str) -> Protocol:
    """Return how a server is written to, as its address says.

    >>> [guess_protocol("http://h:1" + path) for path in ("/rdf-graph-store", "/sparql-graph-crud-auth", "/ds/data")]
    ['graph-store', 'graph-store', 'graph-store']
    >>> [guess_protocol("http://h:1" + path) for path in ("/sparql", "/ds/update", "/repositories/kg/statements", "/")]
    ['update', 'update', 'update', 'update']
    """
    return "graph-store" if _GRAPH_STORE.search(Endpoint(address).address) else "update"


def push_graph(
    graph: OpenGraph,
    address: str,
    *,
    name: str | None = None,
    token: str | None = None,
    chunk: int = 1000,
    replace: bool = False,
    protocol: Protocol | None = None,
    query_address: str | None = None,
    time_limit_s: float | None = 300.0,
    state: Path | None = None,
    progress: Callable[[Sequence[bytes], str], Iterable[bytes]] = lambda parts, _: parts,
) -> Pushed:
    """Send a graph to a server, and count there what has arrived, property by property.

    What the server has in the graph already stays, unless it is to be replaced. A triple that is sent twice is there
    once, so that a push can always be run again.

    Args:
        graph: the graph to send.
        address: a Graph Store endpoint or an update endpoint, with `user:password@` where the server wants it.
        name: the IRI of the named graph to send it to; None is the server's default graph.
        token: what is shown to the server, as `Authorization: Bearer`.
        chunk: triples a request; 0 sends all in one, which a graph with blank nodes needs.
        replace: empty the graph on the server first.
        protocol: how the server is written to; None lets the address say.
        query_address: the SPARQL endpoint that counts; None tries the address itself and `sparql`, `query` beside it.
        time_limit_s: seconds that the server may be silent; None for no limit.
        state: the file that says how far a push came; it is removed at the end. None keeps no account.
        progress: shows the way through the parts.

    Raises:
        UsageError: the graph has blank nodes and would be sent in parts, or the server refuses what is sent.
        KgError: the server cannot be reached, wants to know who asks, fails, or has too few triples at the end.
    """
    if name is not None and read_iri(f"<{name}>", {}) is None:
        raise UsageError(f"{name} is not an IRI; a graph is called something like https://example.org/papers")
    lines = list(export_graph(graph, "ntriples"))
    if chunk and len(lines) > chunk and any(_BLANK.search(line.partition(b'"')[0]) for line in lines):
        raise UsageError("the graph has blank nodes, which cannot be sent in parts; send it at once with --chunk 0")
    size = chunk or max(len(lines), 1)
    parts = [b"".join(lines[start : start + size]) for start in range(0, len(lines), size)]
    endpoint = Endpoint(address, token, time_limit_s)
    writes = protocol or guess_protocol(address)
    account = _Account(state, _key(endpoint.address, name, size, replace, parts))
    done = account.read(len(parts))
    for number, part in enumerate(progress(parts[done:], "sending triples"), done):
        _send(endpoint, writes, part, name, first=replace and number == 0)
        account.write(number + 1)
    expected = Counter(str(triple.predicate) for triple in _parse(lines))
    account.remove()  # what a server has lost since then is sent again by the next push
    others = _check(_count(endpoint, writes, name, token, time_limit_s, query_address), expected, endpoint.address)
    return Pushed(len(lines), len(lines[done * size :]), others)


def _parse(lines: Sequence[bytes]) -> Iterable[ox.Quad]:
    return ox.parse(b"".join(lines), ox.RdfFormat.N_TRIPLES)


def _key(*what: object) -> str:
    digest = hashlib.sha256()
    for item in what:
        for piece in item if isinstance(item, list) else (repr(item).encode(),):
            digest.update(hashlib.sha256(piece).digest())
    return digest.hexdigest()


@dataclass
class _Account:
    """The file that says how far a push came, as long as the server, the graph and the size of parts are the same."""

    path: Path | None
    key: str

    def read(self, most: int) -> int:
        """Return how many parts were sent; 0 where nothing is known."""
        try:
            known = json.loads(self.path.read_bytes()) if self.path else {}
            sent = known["sent"] if known.get("push") == self.key else 0
        except (OSError, ValueError, AttributeError, KeyError):
            return 0
        return sent if isinstance(sent, int) and 0 <= sent <= most else 0

    def write(self, sent: int) -> None:
        """Say how many parts were sent; where the place cannot be written, the next push begins anew."""
        if self.path:
            try:
                write_whole(self.path, [json.dumps({"push": self.key, "sent": sent}).encode() + b"\n"])
            except UsageError:
                self.path = None

    def remove(self) -> None:
        """Forget the push."""
        if self.path:
            self.path.unlink(missing_ok=True)


def _send(endpoint: Endpoint, protocol: Protocol, part: bytes, name: str | None, first: bool) -> None:
    """Send a part; `first` empties the graph before."""
    if protocol == "graph-store":
        which = {"default": ""} if name is None else {"graph": name}
        endpoint.send("PUT" if first else "POST", part, {"Content-Type": "application/n-triples"}, which)
        return
    graph = "DEFAULT" if name is None else f"GRAPH <{name}>"
    data = part if name is None else f"{graph} {{\n".encode() + part + b"}"
    clear = f"CLEAR SILENT {graph} ;\n".encode() if first else b""
    body = clear + b"INSERT DATA {\n" + data + b"}\n"
    endpoint.send("POST", body, {"Content-Type": "application/sparql-update"}, dict(endpoint.parameters))


def _count(
    endpoint: Endpoint,
    protocol: Protocol,
    name: str | None,
    token: str | None,
    time_limit_s: float | None,
    address: str | None,
) -> Counter[str]:
    """Return how many triples the server has in the graph, by property."""
    pattern = "?s ?p ?o" if name is None else f"GRAPH <{name}> {{ ?s ?p ?o }}"
    tried = [address] if address else [endpoint.beside("sparql"), endpoint.beside("query")]
    if not address and protocol == "update":
        tried.insert(0, endpoint.address)
    for place in dict.fromkeys(tried):
        try:
            found = Remote(place, token, time_limit_s).query(f"SELECT ?p (COUNT(*) AS ?n) {{ {pattern} }} GROUP BY ?p")
        except KgError as error:
            reason = error
            continue
        assert isinstance(found, ox.QuerySolutions)  # noqa: S101
        return Counter({str(row["p"]): int(row["n"].value) for row in found})
    raise KgError(f"all was sent, but could not be counted; say with --query-endpoint where to ask ({reason})")


def _check(there: Counter[str], expected: Counter[str], address: str) -> int:
    """Return how many triples are there beyond those expected."""
    missing = expected - there
    if missing:
        worst, number = missing.most_common(1)[0]
        raise KgError(
            f"{address} has {missing.total():,} triples too few in the graph, {number:,} of them with {worst}; "
            "push again, with smaller parts (--chunk) if it stays so"
        )
    return (there - expected).total()
