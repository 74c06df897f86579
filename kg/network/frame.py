"""The one HTML file around a drawn network: it holds all it needs and may load nothing.

A content security policy allows no address and no script but those whose hashes it names. Texts of papers are data:
they travel as escaped JSON and become text nodes, never markup.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Sequence
from pathlib import Path

ASSETS = Path(__file__).resolve().parent / "assets"


def frame_page(title: str, facts: object, scripts: Sequence[str]) -> str:
    """Return the HTML file with a heading, facts that scripts read as JSON, and the scripts, run in their order."""
    policy = "; ".join(
        (
            "default-src 'none'",
            "script-src " + " ".join(f"'sha256-{_sha256(script)}'" for script in scripts),
            "style-src 'unsafe-inline'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    parts = {
        "title": html.escape(title),
        "policy": policy,
        "style": (ASSETS / "page.css").read_text(encoding="utf-8"),
        "facts": write_json(facts),
        "scripts": "\n".join(f"<script>{script}</script>" for script in scripts),
    }
    pieces = (ASSETS / "page.html").read_text(encoding="utf-8").split("{{")
    return pieces[0] + "".join(parts[name] + rest for name, _, rest in (piece.partition("}}") for piece in pieces[1:]))


def join_scripts(*names: str) -> str:
    """Return some scripts of `assets/` as one, which leaves no names behind."""
    parts = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in names)
    return f'(() => {{\n"use strict";\n{parts}\n}})();'


def write_json(value: object) -> str:
    r"""Return JSON that no HTML parser and no script parser takes for anything else.

    >>> write_json("</script> & <!-- \u2028")
    '"\\u003c/script\\u003e \\u0026 \\u003c!-- \\u2028"'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def name_key(node: str) -> str:
    """Return the end of an IRI, which names the node in the address of the page.

    >>> name_key("https://kg.example.org/method/optimal-transport")
    'method/optimal-transport'
    """
    return "/".join(node.replace("#", "/").split("/")[-2:])


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
