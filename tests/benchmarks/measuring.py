"""One step by one peer, in a process of its own: how long it takes, and how much memory.

A step is a function that prepares (imports, loads, opens) and returns the work that is timed. It raises `Missing`, or
an ImportError, where its peer is not installed.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
Step = Callable[..., Callable[[], object]]

_INTERVAL_S = 0.25
_CHILD = "from tests.benchmarks.measuring import take; take()"
_TICKS = os.sysconf("SC_CLK_TCK")


class Missing(Exception):  # noqa: N818 - not a mistake
    """A peer is not installed here."""


@dataclass(frozen=True)
class Taken:
    """What a step took.

    Attributes:
        ready: seconds by the clock from the start of its process until the work began.
        seconds: of the work, by the clock.
        cpu: seconds of processor time of the work, of all its threads and processes.
        memory: MB at most, preparation included: the sum of the peaks of its processes.
        answer: what the work returned.
    """

    ready: float
    seconds: float
    cpu: float
    memory: float
    answer: Any


def count_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def measure(step: Step, *arguments: object, cores: int | None = None, limit_s: float = 3600) -> Taken | str:
    """Return what a step takes, or in a few words why it was not measured.

    Args:
        step: a function of a module.
        arguments: what JSON can hold, and paths.
        cores: how many cores it may use; all if it is not given.
        limit_s: seconds after which it is ended.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONPATH": str(ROOT)}
    task = [step.__module__, step.__name__, json.dumps(arguments, default=str), str(cores or count_cores())]
    command = [sys.executable, "-W", "ignore", "-c", _CHILD, *task, repr(time.time())]
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            command, env=environment, cwd=ROOT, start_new_session=True, stdout=output, stderr=errors
        )
        try:
            code = process.wait(limit_s)
        except subprocess.TimeoutExpired:
            return f"more than {limit_s:.0f} s"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        output.seek(0)
        errors.seek(0)
        if code:
            said = errors.read().strip()
            print(said, file=sys.stderr)
            return f"failed: {said.rpartition(chr(10))[2].partition(':')[0]}"
        found = json.loads(output.read().splitlines()[-1])
    return found if isinstance(found, str) else Taken(**found)


def family(process: int) -> Iterator[int]:
    """Yield a process and all that it started that are alive."""
    yield process
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))


def processor_seconds(process: int) -> float:
    """Return the processor time of a process and its family so far, of those as well that have ended."""
    ticks = 0
    for member in family(process):
        with suppress(OSError):
            after_name = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, after_name[11:15]))
    return ticks / _TICKS


def peak_mb(process: int | str = "self") -> float:
    """Return the most memory that a process has had, in MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def forget_peak() -> None:
    """Let the peak of this process begin anew, where the system allows it."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


class _Memory(threading.Thread):
    """Looks now and then at the peaks of this process and its family."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._peaks: dict[int, float] = {}

    def run(self) -> None:
        while True:
            self.look()
            time.sleep(_INTERVAL_S)

    def look(self) -> float:
        """Return the sum of the peaks so far."""
        for member in family(os.getpid()):
            with suppress(OSError):
                self._peaks[member] = max(peak_mb(member), self._peaks.get(member, 0.0))
        return sum(self._peaks.values())


def take() -> None:
    """Take the step that the command line names, print what it took, and end with all that it started."""
    module, name, arguments, cores, started = sys.argv[1:]
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(cores)])
    memory = _Memory()
    memory.start()
    try:
        work = getattr(importlib.import_module(module), name)(*json.loads(arguments))
        cpu, start = processor_seconds(os.getpid()), time.time()
        answer = work()
        seconds, cpu = time.time() - start, processor_seconds(os.getpid()) - cpu
        taken: object = asdict(Taken(start - float(started), seconds, cpu, memory.look(), answer))
    except (Missing, ImportError) as error:
        taken = f"not installed: {error}"
    print(json.dumps(taken))
    sys.stdout.flush()
    for member in [*family(os.getpid())][1:]:
        with suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)
    with suppress(ChildProcessError):
        while os.wait():
            pass
    os._exit(0)


def find_program(*names: str) -> str:
    """Return the first program of these that is there.

    Raises:
        Missing: none is.
    """
    from shutil import which

    for name in names:
        if found := which(name):
            return found
    raise Missing(names[0])


def run_quietly(command: Sequence[str | Path], limit_s: float = 3600) -> str:
    """Return what a program prints, on its standard output and then its standard error.

    Raises:
        RuntimeError: it failed, with what it said last.
        subprocess.TimeoutExpired: it takes too long.
    """
    done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s)
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip()[-300:])
    return done.stdout + done.stderr
