r"""Web addresses in a text, verbatim, without the punctuation and the markup around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.paper import Span

CODE_HOSTS = (
    "github.com", "github.io", "gitlab.com", "gitlab.io", "gitee.com", "bitbucket.org", "codeberg.org",
    "sourceforge.net", "sr.ht", "huggingface.co", "hf.co", "modelscope.cn", "zenodo.org", "figshare.com", "osf.io",
    "kaggle.com", "pypi.org", "colab.research.google.com", "4open.science", "codeocean.com", "openi.org.cn",
    "hub.docker.com",
)  # fmt: skip
"""Hosts of code, models and data; a host below one of them counts as well."""

_ADDRESS = re.compile(
    r"https?://(?:(?!&(?:gt|lt|quot);)[^\s<>\"'`{}|^\[\]\\$“”‘’«»。，；：（）]|\\(?=[_%#&~]))++", re.IGNORECASE
)
_NEXT = re.compile(r"https?://", re.IGNORECASE)
_HOST = re.compile(
    r"https?://(?:[^/?#@\s]{1,100}@)?"
    r"(?P<host>(?:[\w-]{1,63}\.){1,20}[a-z0-9-]{2,63}|localhost|\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?(?=[/?#]|$)",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?*\\…"


def find_addresses(text: str) -> tuple[Span, ...]:
    r"""Return the web addresses (http and https) of a text, in text order; offsets refer to `text`.

    An address stands as it is written. It ends before white space, quotation marks, braces and other markup; marks that
    end a sentence, and a bracket that is closed but was not opened in it, stay outside. Without a host it is none.

    >>> [a.surface for a in find_addresses(r"Code (https://a.org/x_y/~z), \url{http://b.io/q?r=1}, https://c.de/{url}.")]
    ['https://a.org/x_y/~z', 'http://b.io/q?r=1', 'https://c.de/']
    """
    return tuple(Span.of(text, start, end) for start, end in _addresses(text))


def is_code_address(url: str) -> bool:
    """Return whether an address leads to code, a model or data, judged by its host alone.

    >>> [is_code_address(u) for u in ("https://github.com/a/b", "https://a.github.io/b", "https://notgithub.com/a")]
    [True, True, False]
    """
    match = _HOST.match(url)
    host = match["host"].lower() if match else ""
    return any(host == known or host.endswith("." + known) for known in CODE_HOSTS) or host.startswith("gitlab.")


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield half-open ranges, each cleaned; several that are written without a space between them are told apart."""
    for match in _ADDRESS.finditer(text):
        starts = [m.start() for m in _NEXT.finditer(text, match.start(), match.end())]
        cuts = [s for s in starts if s == match.start() or text[s - 1] in ",;()"]
        for start, end in zip(cuts, [*cuts[1:], match.end()], strict=True):
            end = _clean_end(text, start, end)
            if _HOST.match(text[start:end]):
                yield start, end


def _clean_end(text: str, start: int, end: int) -> int:
    """Return where an address ends, once closing brackets without an opening one and marks at its end are left out."""
    depth = 0
    for i in range(start, end):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth < 0:
            end = i
            break
    while end > start and (text[end - 1] in _TRAILING or (text[end - 1] == "(" and depth > 0)):
        end -= 1
    return end
