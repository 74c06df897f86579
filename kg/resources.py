"""Where the files that travel with kg are: ontology, queries and models, in a checkout or an installed package."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def resource_folder(folder: str) -> Path:
    """Return the folder `ontology`, `queries` or `models`, as a wheel carries it or as a checkout has it.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    for place in (_PACKAGE / folder, _PACKAGE.parent / folder):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"the folder {folder!r} of kg is missing; install kg again")


def resource(folder: str, name: str) -> Path:
    """Return the path of one file in a resource folder (the file need not exist)."""
    return resource_folder(folder) / name
