"""The graph that is at a place now: where it is built anew while it is served, the next request opens the new one."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from kg.errors import KgError
from kg.serving.workers import Workers
from kg.site import Site
from kg.store import find_state, open_graph


@dataclass(eq=False)
class _Opened:
    """A graph as it was at one time: who answers from it, and how many requests are under way."""

    workers: Workers
    router: Router
    requests: int = 0


class Newest:
    """An application that answers each request from the graph that is at the site's place when the request comes.

    Requests under way finish with the graph they began with. A graph that cannot be opened is told once on standard
    error, and the earlier one answers on.

    Args:
        site: the first graph.
        make_workers: gives those who answer from the graph of a site.
        make_router: gives the addresses of a site.
        watching: whether to look for another graph; not where the server itself changes it.
    """

    def __init__(
        self,
        site: Site,
        make_workers: Callable[[Site], Workers],
        make_router: Callable[[Site, Workers], Router],
        *,
        watching: bool,
    ) -> None:
        self._site, self._make_workers, self._make_router = site, make_workers, make_router
        self._watching = watching
        self._state = find_state(site.place)
        self._opening = asyncio.Lock()
        self._all: set[_Opened] = set()

    @contextlib.asynccontextmanager
    async def live(self) -> AsyncIterator[None]:
        """Answer from here until the block ends."""
        try:
            self._now = await self._open(self._site)
            yield
        finally:
            for opened in list(self._all):
                await self._close(opened)

    def refuse(self) -> None:
        """Answer no queries any more: what is running is stopped. May be called from a signal handler."""
        for opened in list(self._all):
            opened.workers.refuse()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if self._watching:
            await self._look()
        opened = self._now
        opened.requests += 1
        try:
            await opened.router(scope, receive, send)
        finally:
            opened.requests -= 1
            await self._close_if_done(opened)

    async def _look(self) -> None:
        """Open the graph anew if another one is there."""
        async with self._opening:
            state = find_state(self._site.place)
            if state is None or state == self._state:
                return
            self._state = state
            try:
                graph = await asyncio.to_thread(open_graph, self._site.place)
                opened = await self._open(replace(self._site, graph=graph))
            except KgError as error:
                print(f"kg: {error}; the graph that was there before answers on", file=sys.stderr)
                return
            before, self._now = self._now, opened
        await self._close_if_done(before)

    async def _open(self, site: Site) -> _Opened:
        workers = self._make_workers(site)
        try:
            await workers.start()
        except BaseException:
            await workers.stop()
            raise
        opened = _Opened(workers, self._make_router(replace(site, graph=workers.graph), workers))
        self._all.add(opened)
        return opened

    async def _close_if_done(self, opened: _Opened) -> None:
        if opened is not self._now and not opened.requests:
            await self._close(opened)

    async def _close(self, opened: _Opened) -> None:
        self._all.discard(opened)
        await opened.workers.stop()
