"""Jena (from Debian's `libapache-jena-java`) and Virtuoso (from `virtuoso-opensource-7-bin`), as peers of kg.

Debian packages Jena's libraries with their command line, but not its server Fuseki.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring import Missing, count_cores, find_program, run_quietly

JARS = Path("/usr/share/java")
GRAPH = "https://kg.example.org/"
_NEEDED = (
    *("slf4j-api", "slf4j-nop", "jcl-over-slf4j", "commons-cli", "commons-codec", "commons-compress", "commons-csv"),
    *("commons-io", "commons-lang3", "dexx.collection", "gson", "guava", "httpclient", "httpcore", "jackson-core"),
    *("jackson-databind", "jackson-annotations", "jsonld-java", "protobuf", "thrift", "titanium-json-ld"),
    "jakarta.json-api",
)
_MISPLACED = "org/apache/jena/ext/"
_BUFFERS = 170_000
"""Pages of 8 KB that Virtuoso may keep in memory, as its documentation advises for 2 GB."""


def jena_command(program: str, *arguments: str | Path) -> list[str | Path]:
    """Return the command that runs one of Jena's programs, such as `riotcmd.riot`.

    Raises:
        Missing: Java or Jena is not there.
    """
    core = JARS / "jena-core.jar"
    if not core.is_file():
        raise Missing("Debian's libapache-jena-java")
    jars = [path for path in sorted(JARS.glob("jena-*.jar")) if not re.search(r"-\d", path.name)]
    jars += [JARS / f"{name}.jar" for name in _NEEDED]
    path = ":".join(map(str, [_put_messages(core), *jars]))
    return [find_program("java"), "-cp", path, program, *arguments]


def _put_messages(core: Path) -> Path:
    """Return a folder with the messages of Xerces where its classes look for them: Debian's jar has them elsewhere."""
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"kg-bench-jena-{os.getuid()}"
    with zipfile.ZipFile(core) as jar:
        for name in jar.namelist():
            if name.startswith(_MISPLACED) and name.endswith(".properties"):
                target = folder / name.removeprefix(_MISPLACED)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(jar.read(name))
    return folder


def server_versions() -> list[str]:
    """Return the names and versions of Java, Jena and Virtuoso, those that are there."""
    found = [f"Jena {path.stem.removeprefix('jena-arq-')}" for path in JARS.glob("jena-arq-[0-9]*.jar")]
    for name, command, pattern in (
        ("OpenJDK", ["java", "-version"], r'version "([\d.]+)'),
        ("Virtuoso", ["virtuoso-t", "-?"], r"Version ([\d.]+)"),
    ):
        with suppress(OSError):
            done = subprocess.run(command, capture_output=True, text=True)
            if said := re.search(pattern, done.stdout + done.stderr):
                found.append(f"{name} {said[1]}")
    return found


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Virtuoso:
    """A server of one folder, which may hold a database; it ends with the process group that started it."""

    def __init__(self, folder: Path) -> None:
        program, self._isql = find_program("virtuoso-t"), find_program("isql-vt", "isql")
        folder.mkdir(parents=True, exist_ok=True)
        self._port, self._web = free_port(), free_port()
        settings = folder / "virtuoso.ini"
        (folder / "virtuoso.lck").unlink(missing_ok=True)
        sections: dict[str, dict[str, object]] = {
            "Database": {
                "DatabaseFile": folder / "virtuoso.db",
                "TransactionFile": folder / "virtuoso.trx",
                "ErrorLogFile": folder / "virtuoso.log",
                "LockFile": folder / "virtuoso.lck",
                "xa_persistent_file": folder / "virtuoso.pxa",
            },
            "TempDatabase": {"DatabaseFile": folder / "temp.db", "TransactionFile": folder / "temp.trx"},
            "Parameters": {
                "ServerPort": f"127.0.0.1:{self._port}",
                "NumberOfBuffers": _BUFFERS,
                "MaxDirtyBuffers": _BUFFERS * 3 // 4,
                "ThreadsPerQuery": count_cores(),
                "DirsAllowed": folder.parent,
            },
            "HTTPServer": {"ServerPort": f"127.0.0.1:{self._web}", "ServerThreads": 4},
            "SPARQL": {"ResultSetMaxRows": 1_000_000, "MaxQueryCostEstimationTime": 0},
        }
        lines = [
            f"[{name}]\n" + "".join(f"{k} = {v}\n" for k, v in values.items()) for name, values in sections.items()
        ]
        settings.write_text("\n".join(lines), encoding="utf-8")
        log = (folder / "out.log").open("w")
        command: list[str | Path] = [program, "+foreground", "+configfile", settings, "+wait"]
        self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + 120
        while time.monotonic() < end and self._process.poll() is None:
            with suppress(RuntimeError):
                self.run("select 1;")
                return
            time.sleep(0.2)
        raise RuntimeError("Virtuoso did not start")

    def run(self, sql: str) -> str:
        """Run SQL and return what is printed."""
        done = run_quietly([self._isql, f"127.0.0.1:{self._port}", "dba", "dba", "ERRORS=stdout", f"exec={sql}"])
        if "Error" in done:
            raise RuntimeError(done.strip()[-300:])
        return done

    def load(self, folder: Path, names: str) -> None:
        """Load the files of a folder whose names are like `names`, with one loader a core, and write all to disk."""
        self.run(f"ld_dir('{folder}', '{names}', '{GRAPH}');")
        connection = [self._isql, f"127.0.0.1:{self._port}", "dba", "dba"]
        loaders = [
            subprocess.Popen([*connection, "exec=rdf_loader_run();"], stdout=subprocess.DEVNULL)
            for _ in range(count_cores())
        ]
        if any(loader.wait() for loader in loaders):
            raise RuntimeError("a loader of Virtuoso failed")
        self.run("checkpoint;")
        failed = self.run("select ll_file, ll_error from DB.DBA.load_list where ll_error is not null;")
        if "\n0 Rows" not in failed:
            raise RuntimeError(f"Virtuoso could not load: {failed.strip()[-300:]}")

    def ask(self, query: str, limit_s: float) -> int:
        """Return how many rows a query has.

        Raises:
            TimeoutError: it takes too long.
            RuntimeError: the server refuses it.
        """
        form = {"query": query, "default-graph-uri": GRAPH, "format": "application/sparql-results+json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self._web}/sparql", urllib.parse.urlencode(form).encode())
        try:
            with urllib.request.urlopen(request, timeout=limit_s) as answer:
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode(errors="replace").splitlines()[0][:200]) from None
        return len(found["results"]["bindings"]) if "results" in found else 1
