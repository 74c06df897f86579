"""Papers are read by processes on many machines, which Ray starts and watches (https://docs.ray.io).

Each process (an actor of Ray) loads the models once, and gets parcels of papers until there are none. A process that is
lost, by itself or with its machine, is replaced, and its papers are given out again, one by one: so a paper that ends
every process that reads it is found and named. kg has to be installed on all machines; a process that would find other
things than this one is refused.
"""

from __future__ import annotations

import pickle
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from typing import Any

from kg.cache import Say, extraction_version
from kg.connection import LOCAL, connected, first_line, import_ray
from kg.errors import KgError
from kg.paper import Paper
from kg.workers import LEAST, PARCEL, count_cores

TRIES = 3
"""Processes that may be lost while they read one paper, before the build is given up."""

_PATIENCE_S = 60.0


def extract_on_cluster(
    papers: Sequence[Paper], address: str, jobs: int | None, say: Say
) -> Generator[tuple[int, bytes], None, None]:
    """Yield the number of each paper and the record of what is found in it, as the processes of a cluster finish them.

    Args:
        papers: what is sent of them is title and abstract.
        address: of a running cluster, as `ray.init` takes it; "local" starts one on this machine, and stops it.
        jobs: how many processes read papers at most; None is one a core of the cluster.
        say: takes a line where the cluster lets one wait.

    Raises:
        UsageError: the address is none.
        KgError: Ray is not installed, there is no cluster, its processes have another version of kg or do not start, or
            a paper ends each process that reads it.
    """
    ray = import_ray()
    cores = jobs or count_cores()
    count = -(-len(papers) // LEAST)
    with connected(ray, address, min(cores, count)) as raise_noted:
        if not jobs and address != LOCAL:
            cores = max(1, int(ray.cluster_resources().get("CPU", 0)))
        yield from _Reading(ray, papers, min(cores, count), say).run(raise_noted)


class _Reading:
    """Papers on their way to the processes of a cluster, and their records on the way back."""

    def __init__(self, ray: Any, papers: Sequence[Paper], count: int, say: Say) -> None:
        self._ray, self._papers, self._count, self._say = ray, papers, count, say
        self._version = extraction_version()
        self._actor = ray.remote(num_cpus=1, max_restarts=0, scheduling_strategy="SPREAD")(_reader_class())
        starts = range(0, len(papers), PARCEL)
        self._parcels = deque(range(start, min(start + PARCEL, len(papers))) for start in starts)
        self._tries: Counter[int] = Counter()
        self._lost_starts = 0
        self._asked: dict[Any, tuple[Any, range]] = {}
        self._idle: list[Any] = []

    def run(self, between: Callable[[], None]) -> Generator[tuple[int, bytes], None, None]:
        """Yield the number and the record of each paper; `between` is called at least once a second."""
        left, quiet_since = len(self._papers), time.monotonic()
        try:
            while left:
                self._hand_out()
                done, _ = self._ray.wait(list(self._asked), timeout=1.0)
                between()
                for answer in done:
                    records = self._take(answer)
                    left -= len(records)
                    yield from records
                if done or any(numbers for _, numbers in self._asked.values()):
                    quiet_since = time.monotonic()
                elif time.monotonic() - quiet_since > _PATIENCE_S:
                    self._say(
                        "kg: nothing is read at the moment; perhaps no core of the cluster is free (Ctrl-C stops)"
                    )
                    quiet_since = float("inf")
        finally:
            for actor in [*self._idle, *(actor for actor, _ in self._asked.values())]:
                self._ray.kill(actor)

    def _hand_out(self) -> None:
        """Give parcels to those that wait, and start processes while there are more parcels."""
        while self._parcels and self._idle:
            actor, numbers = self._idle.pop(), self._parcels.popleft()
            texts = [(self._papers[number].title, self._papers[number].abstract) for number in numbers]
            self._asked[actor.read.remote(pickle.dumps(texts))] = actor, numbers
        starting = sum(not numbers for _, numbers in self._asked.values())
        for _ in range(min(self._count - len(self._asked), len(self._parcels) - starting)):
            actor = self._actor.remote()
            self._asked[actor.start.remote(self._version)] = actor, range(0)

    def _take(self, answer: Any) -> list[tuple[int, bytes]]:
        """Return the records that a process gave, none where it has only started or was lost."""
        actor, numbers = self._asked.pop(answer)
        try:
            value = self._ray.get(answer)
        except self._ray.exceptions.RayTaskError as error:
            raise RuntimeError(f"a process that reads papers failed:\n{error}") from None
        except self._ray.exceptions.RayError as error:
            self._ray.kill(actor)
            self._lose(numbers, error)
            return []
        if not numbers:
            self._check(*value)
            self._lost_starts = 0
        self._idle.append(actor)
        return list(zip(numbers, value, strict=True)) if numbers else []

    def _check(self, version: str, machine: str) -> None:
        if version != self._version:
            there = f"is another version ({version}, here {self._version})" if version else "is not installed"
            raise KgError(
                f"kg {there} on {machine} of the cluster; results would be mixed: "
                "install the same kg, Python and libraries on all its machines"
            )

    def _lose(self, numbers: range, error: Exception) -> None:
        """Put the papers of a lost process back, each for itself."""
        if not numbers:
            self._lost_starts += 1
            if self._lost_starts >= TRIES * self._count:
                raise KgError(f"no process stays alive on the cluster; {self._lost_starts} ended: {first_line(error)}")
        self._tries.update(numbers)
        for number in numbers:
            if self._tries[number] >= TRIES:
                raise KgError(
                    f"{TRIES} processes ended while they read the paper {self._papers[number].title!r}; perhaps there "
                    "was not enough memory: start the command again with fewer --jobs, or take the paper out"
                )
        self._parcels.extendleft(range(number, number + 1) for number in reversed(numbers))


def _reader_class() -> type:
    """Return the class of the processes; as it is made here, it travels with its code and needs no kg to arrive."""

    class PaperReader:
        def start(self, wanted: str) -> tuple[str, str]:
            """Load the models, and return the version of kg, empty for none, and the name of the machine."""
            import platform

            try:
                from kg.cache import extraction_version
                from kg.extraction.extract import Models
            except ImportError:
                return "", platform.node()
            version = extraction_version()
            if version == wanted:
                self.models = Models()
                self.models.tagger  # noqa: B018 - is loaded
            return version, platform.node()

        def read(self, parcel: bytes) -> list[bytes]:
            """Return the record of each paper, given as pickled (title, abstract)."""
            from kg.extraction.extract import extract_papers
            from kg.paper import Paper
            from kg.records import write_record

            papers = [Paper(title, abstract) for title, abstract in pickle.loads(parcel)]  # noqa: S301
            return [write_record(extraction) for extraction in extract_papers(papers, self.models)]

    return PaperReader
