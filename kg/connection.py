"""Ray, connected to a cluster that runs, or to one that is started on this machine: quiet, and without telemetry.

What Ray has no option for is set in its private modules, as its own debugger and its own tests do.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from kg.errors import KgError, UsageError

LOCAL = "local"
"""The address of a cluster that is started on this machine, and stopped at the end."""

_REACHED_S = 10.0
_OBJECT_STORE_BYTES = 80 << 20
_LONGEST_FOLDER = 40
_ATTEMPTS = "RAY_gcs_server_port_wait_time_s"
_NOT_NEEDED = ("start_api_server", "start_monitor", "start_log_monitor")


def import_ray() -> Any:
    """Return Ray, which is to send nothing to its makers.

    Raises:
        KgError: it is not installed.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
    except ImportError:
        raise KgError("a cluster needs the package ray; install it: pip install 'kg[ray]'") from None
    return ray


@contextmanager
def connected(ray: Any, address: str, cores: int) -> Iterator[Callable[[], None]]:
    """Connect to a cluster, or start one for so many processes at once, which only this machine can reach.

    Nothing is written to standard output or standard error. What was started is ended with the context. Within it
    Ctrl-C and SIGTERM are only noted, as Ray may crash where it is interrupted: the function that the context gives
    raises what they ask for. A program that is connected already stays so.

    Raises:
        UsageError: the address is none.
        KgError: there is no cluster, or it cannot be started.
    """
    if ray.is_initialized():
        yield _do_nothing
        return
    from ray._private import worker

    options: dict[str, Any] = {"address": address, "log_to_driver": False, "logging_level": logging.CRITICAL}
    with ExitStack() as stack:
        note_signals, raise_noted = stack.enter_context(_noted_signals())
        # else lost processes are told of on standard output
        stack.enter_context(_replaced(worker, "_worker_logs_enabled", False))
        if address == LOCAL:
            options |= _prepare_start(stack, cores)
        else:
            _check_address(address)
            if _ATTEMPTS not in os.environ:
                os.environ[_ATTEMPTS] = "1"  # of 40 s each
                stack.callback(os.environ.pop, _ATTEMPTS, None)
        stack.callback(ray.shutdown)
        try:
            ray.init(**options)
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            where = "does not start on this machine" if address == LOCAL else f"cannot be used at {address}"
            raise KgError(f"Ray {where}: {first_line(error)}") from error
        note_signals()  # Ray has a handler of its own
        raise_noted()
        yield raise_noted


def _do_nothing() -> None:
    """Do nothing."""


@contextmanager
def _noted_signals() -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
    """Note SIGINT and SIGTERM from now on; give functions that begin to do so again, and that raise what was noted."""
    noted: list[int] = []

    def note() -> None:
        if threading.current_thread() is threading.main_thread():
            for number in before:
                signal.signal(number, lambda got, _: noted.append(got))

    def raise_noted() -> None:
        if signal.SIGINT in noted:
            raise KeyboardInterrupt
        if noted:
            sys.exit(128 + noted[0])

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    note()
    try:
        yield note, raise_noted
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in before.items():
                signal.signal(number, handler)
    raise_noted()


@contextmanager
def _replaced(owner: Any, name: str, value: object) -> Iterator[None]:
    """Give an attribute another value for a while."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _prepare_start(stack: ExitStack, cores: int) -> dict[str, Any]:
    """Return the options of a cluster for one build: no port but on the loopback address, no process too many.

    The dashboard's process would ask the machine which cloud it is in, even where it reports nothing.
    """
    from ray._private import node, ray_constants

    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    stack.enter_context(_replaced(ray_constants, "ENABLE_RAY_CLUSTER", False))
    for name in _NOT_NEEDED:
        stack.enter_context(_replaced(node.Node, name, lambda *_, **__: None))
    folder = tempfile.mkdtemp(prefix="kg-ray-")
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return {
        "num_cpus": cores,
        "num_gpus": 0,
        "include_dashboard": False,
        "object_store_memory": _OBJECT_STORE_BYTES,
        "_temp_dir": folder if len(folder) <= _LONGEST_FOLDER else None,  # the path of a socket in it is short
    }


def _check_address(address: str) -> None:
    """Raise an error at once where nothing listens: Ray would try for a while, and Ctrl-C could not stop it."""
    if address == "auto":
        return
    host, _, port = address.rpartition("://")[2].rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_REACHED_S).close()
    except (ValueError, OverflowError):
        raise UsageError(f"{address} is not the address of a Ray cluster; it looks like 10.0.0.1:6379") from None
    except OSError as error:
        raise KgError(f"no Ray cluster at {address} ({error.strerror or error}); is it running?") from None


def first_line(error: Exception) -> str:
    r"""Return the first line of what an error says, or its name if it says nothing.

    >>> first_line(ValueError("\n  no\n  way")), first_line(ValueError())
    ('no', 'ValueError')
    """
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
