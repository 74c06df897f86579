"""kg turns a pile of papers into a knowledge graph that can be trusted and queried.

`kg.build` makes a graph and `kg.open` opens one; both return a `Graph` (`kg.library`) of papers and concepts
(`kg.members`). Nothing is loaded before it is used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.errors import KgError as KgError
    from kg.errors import UsageError as UsageError
    from kg.library import Graph as Graph
    from kg.library import build as build
    from kg.library import open as open
    from kg.members import Concept as Concept
    from kg.members import Paper as Paper
    from kg.notebook import Page as Page
    from kg.rows import Row as Row
    from kg.rows import Table as Table

__version__ = "0.1.0"

_PLACES = {
    "Concept": "kg.members",
    "Graph": "kg.library",
    "KgError": "kg.errors",
    "Page": "kg.notebook",
    "Paper": "kg.members",
    "Row": "kg.rows",
    "Table": "kg.rows",
    "UsageError": "kg.errors",
    "open": "kg.library",
}


if not TYPE_CHECKING:  # which would take any name for one of the package

    def __getattr__(name: str) -> Any:
        """Return what a name of the package stands for, loaded when it is first asked for."""
        if name not in _PLACES:
            raise AttributeError(f"module 'kg' has no attribute {name!r}")
        return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted([*_PLACES, "__version__", "build"])


class _Package(ModuleType):
    """The package, in which `build` is the function.

    `kg.build` is a module as well, and importing a module writes it into its package; a property takes precedence over
    what is written there, before and after.
    """

    @property
    def build(self) -> Any:
        """The function `kg.library.build`."""
        return import_module("kg.library").build

    @build.setter
    def build(self, module: ModuleType) -> None:
        """Take no notice of the module."""


sys.modules[__name__].__class__ = _Package
