"""Papers are read by processes on many machines, which Ray starts and watches (https://docs.ray.io).

Each process (an actor of Ray) loads the models once, and gets parcels of papers until there are none. A process that is
lost, by itself or with its machine, is replaced, and its papers are given out again, one by one: so a paper that ends
every process that reads it is found and named. kg has to be installed on all machines; a process that would find other
things than this one is refused.
"""

from __future__ import annotations

import logging
import os
import pickle
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kg.cache import Say, extraction_version
from kg.errors import KgError, UsageError
from kg.paper import Paper
from kg.workers import LEAST, PARCEL, count_cores

LOCAL = "local"
"""The address of a cluster that is started on this machine, for one build."""

TRIES = 3
"""Processes that may be lost while they read one paper, before the build is given up."""

_PATIENCE_S = 60.0
_REACHED_S = 10.0
_OBJECT_STORE_BYTES = 80 << 20
_LONGEST_FOLDER = 40


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
    ray = _import_ray()
    _check_address(address)
    cores = jobs or count_cores()
    count = -(-len(papers) // LEAST)
    with _connection(ray, address, min(cores, count)):
        if not jobs and address != LOCAL:
            cores = max(1, int(ray.cluster_resources().get("CPU", 0)))
        yield from _Reading(ray, papers, min(cores, count), say).run()


def _import_ray() -> Any:
    """Return Ray, which is to send nothing to its makers."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_gcs_server_port_wait_time_s", "1")  # how often it tries to connect, 40 s each time
    try:
        import ray
    except ImportError:
        raise KgError("a cluster needs the package ray; install it: pip install 'kg[ray]'") from None
    return ray


def _check_address(address: str) -> None:
    """Raise an error at once where nothing listens: Ray would try for a while, and Ctrl-C could not stop it."""
    if address in (LOCAL, "auto"):
        return
    host, _, port = address.rpartition("://")[2].rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_REACHED_S).close()
    except (ValueError, OverflowError):
        raise UsageError(f"{address} is not the address of a Ray cluster; it looks like 10.0.0.1:6379") from None
    except OSError as error:
        raise KgError(f"no Ray cluster at {address} ({error.strerror or error}); is it running?") from None


@contextmanager
def _connection(ray: Any, address: str, cores: int) -> Iterator[None]:
    """Connect to a cluster, or start one that only this machine can reach; end what was begun.

    A program that is connected already stays so.
    """
    if ray.is_initialized():
        yield
        return
    from ray._private import ray_constants, worker

    options: dict[str, Any] = {"address": address, "log_to_driver": False, "logging_level": logging.CRITICAL}
    folder, reachable = None, ray_constants.ENABLE_RAY_CLUSTER
    worker._worker_logs_enabled = False  # it would tell of lost processes on standard output
    if address == LOCAL:
        folder = tempfile.mkdtemp(prefix="kg-ray-")
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        ray_constants.ENABLE_RAY_CLUSTER = False  # all ports on the loopback address
        options |= {"num_cpus": cores, "num_gpus": 0, "include_dashboard": False}
        options |= {"object_store_memory": _OBJECT_STORE_BYTES}
        options |= {"_temp_dir": folder if len(folder) <= _LONGEST_FOLDER else None}  # a socket's path is short
    before, told = signal.getsignal(signal.SIGTERM), list[int]()

    def stop(number: int, _: object) -> None:
        told.append(128 + number)
        sys.exit(told[0])

    try:
        try:
            ray.init(**options)
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            where = "does not start on this machine" if address == LOCAL else f"cannot be used at {address}"
            raise KgError(f"Ray {where}: {_first_line(error)}") from error
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, stop)
        yield
    finally:
        ray.shutdown()
        ray_constants.ENABLE_RAY_CLUSTER, worker._worker_logs_enabled = reachable, True
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        if told:
            sys.exit(told[0])  # Ray makes an exit code of its own of it


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

    def run(self) -> Generator[tuple[int, bytes], None, None]:
        """Yield the number and the record of each paper."""
        left, waited = len(self._papers), False
        try:
            while left:
                self._hand_out()
                done, _ = self._ray.wait(list(self._asked), timeout=_PATIENCE_S)
                if not done and not waited and not any(numbers for _, numbers in self._asked.values()):
                    self._say("kg: no process of the cluster reads papers at the moment; perhaps it has no free core (Ctrl-C ends this)")
                    waited = True
                for answer in done:
                    records = self._take(answer)
                    left -= len(records)
                    yield from records
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
                raise KgError(f"no process stays alive on the cluster; {self._lost_starts} ended: {_first_line(error)}")
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


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
