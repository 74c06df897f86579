"""Puts KeyBERT into the wheel, unchanged and without the dependencies that kg does not need.

KeyBERT declares sentence-transformers, and with it torch, though it runs without; a dependency on it would install
gigabytes. The wheel therefore carries the released package under `kg/_vendor`, licence and metadata included, where
`kg.extraction.keyphrases` finds it if no other KeyBERT is installed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

KEYBERT = "keybert==0.9.0"


class KeyBertHook(BuildHookInterface):
    """Installs KeyBERT into a temporary folder and has the builder include it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add KeyBERT's files to the wheel; an editable install takes KeyBERT from the lock file instead."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
        subprocess.run([*install, "--target", self._folder.name, KEYBERT], check=True)
        for path in sorted(Path(self._folder.name).rglob("*")):
            if path.is_file():
                build_data["force_include"][str(path)] = f"kg/_vendor/{path.relative_to(self._folder.name)}"
