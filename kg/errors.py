"""The errors that a user can mend: one line that says what happened, where, and what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class KgError(Exception):
    """A problem with the input or the data; the command line prints it as one line.

    Attributes:
        exit_code: 1 where the data has a problem, 2 where the command was used wrongly.
    """

    exit_code = 1


class UsageError(KgError):
    """A wrong argument, an unreadable input, an unknown name: the call has to be changed."""

    exit_code = 2


def nearest(name: str, names: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Return up to `count` of `names` most like `name`, best first, ignoring case.

    >>> nearest("paper-that-use", ["papers-that-use", "speed-ups", "hardware"])
    ('papers-that-use',)
    """
    folded: dict[str, str] = {}
    for known in sorted(names):
        folded.setdefault(known.casefold(), known)
    return tuple(folded[n] for n in difflib.get_close_matches(name.casefold(), folded, n=count, cutoff=0.5))


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a clause that offers the nearest names, or an empty string where none is near.

    >>> did_you_mean("speedups", ["speed-ups", "hardware"])
    '; did you mean speed-ups?'
    """
    close = nearest(name, names)
    return f"; did you mean {' or '.join(close)}?" if close else ""
