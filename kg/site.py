"""What every part of the server knows: the graph it serves, and the address at which it stands."""

from __future__ import annotations

from dataclasses import dataclass

from kg.store import OpenGraph


@dataclass(frozen=True)
class Site:
    """One graph at one address.

    Attributes:
        graph: opened read-only; safe to read from several threads.
        place: the folder or file it was opened from, for processes that open it again.
        address: where people reach it, with `/` at its end, such as `http://127.0.0.1:8000/`.
    """

    graph: OpenGraph
    place: str
    address: str

    def local(self, iri: str) -> str:
        """Return the address on this server of an IRI under the graph's base, or the IRI as it is.

        >>> import pyoxigraph
        >>> site = Site(OpenGraph(pyoxigraph.Store(), "https://e.org/", {}), "kg-out", "http://127.0.0.1:8000/")
        >>> site.local("https://e.org/method/lora"), site.local("https://other.org/x")
        ('http://127.0.0.1:8000/method/lora', 'https://other.org/x')
        """
        base = self.graph.base
        return self.address + iri[len(base) :] if iri.startswith(base) else iri

    def iri(self, path: str) -> str:
        """Return the IRI that a path of this server stands for, such as that of `method/lora` (no leading slash)."""
        return self.graph.base + path
