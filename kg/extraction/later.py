"""Modules of other libraries that are loaded when something in them is first used, not when they are imported."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    """Stands for a module, and hands on what is asked of it.

    Args:
        name: of the module.
        functions: names of functions in it; each is one that loads the module when it is called.
    """

    def __init__(self, name: str, functions: Sequence[str]) -> None:
        super().__init__(name)
        self._functions = functions

    def __getattr__(self, name: str) -> Any:
        """Return what the module has under a name."""
        if name == "__path__" and sys.modules.get(self.__name__) is self:
            raise AttributeError(name)  # or `from … import …` would load a package before it asks for the name
        if name in self._functions:
            return lambda *args, **named: getattr(self._load(), name)(*args, **named)
        return getattr(self._load(), name)

    def _load(self) -> ModuleType:
        self.step_aside()
        return import_module(self.__name__)

    def stand(self) -> None:
        """Take the place of the module, whose parent is loaded."""
        parent, _, child = self.__name__.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, self)
        sys.modules[self.__name__] = self

    def step_aside(self) -> None:
        """Leave the place of the module, so that it is imported in the ordinary way from now on."""
        parent, _, child = self.__name__.rpartition(".")
        if parent and vars(sys.modules[parent]).get(child) is self:
            delattr(sys.modules[parent], child)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]


@contextmanager
def put_off(modules: Mapping[str, Sequence[str]]) -> Iterator[None]:
    """Let what is imported in the body have modules that are loaded when something in them is used.

    Whoever imports one of them after the body gets the module itself; what was imported in the body keeps one that
    hands on. In the body nothing can be imported from their submodules, unless they were used before.

    Args:
        modules: by name, each with the functions that the body imports from it by name: any other name loads the
            module at once. Modules that are loaded already, or not installed, are passed over.
    """
    standing = [_Later(name, names) for name, names in modules.items() if name not in sys.modules and find_spec(name)]
    for later in standing:
        later.stand()
    try:
        yield
    finally:
        for later in standing:
            later.step_aside()
