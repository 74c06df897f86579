"""An extraction as a compact record of bytes, and back: what a cache holds and what workers send.

A record holds offsets, not texts: what a span says comes from the paper that the record is read with. Numbers come
back as they were, bit for bit.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

from kg.mention import Extraction, Keyphrase, Mention, Result
from kg.paper import Paper, Span

_LEVEL = 1
_LONGEST = 1 << 28
"""Bytes of the longest record that is read back, unpacked: no paper comes near."""


class RecordError(ValueError):
    """Bytes that are no record of the paper they are read with."""


def write_record(extraction: Extraction) -> bytes:
    """Return what was found in a paper as bytes, without the paper."""
    values = [
        [[m.kind, m.start, m.end, m.role, m.confidence, m.rule] for m in extraction.mentions],
        [[k.span.start, k.span.end, k.score] for k in extraction.keyphrases],
        [
            [
                *(r.span.start, r.span.end, r.value, r.number, r.unit),
                *(s and [s.start, s.end] for s in (r.metric, r.subject, r.baseline)),
                *(r.confidence, r.rule),
            ]
            for r in extraction.results
        ],
        [[u.start, u.end] for u in extraction.urls],
        [[short.start, short.end, long.start, long.end] for short, long in extraction.abbreviations],
    ]
    return zlib.compress(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode(), _LEVEL)


def read_record(record: bytes, paper: Paper) -> Extraction:
    """Return the extraction that a record holds, of the paper it was made from.

    Raises:
        RecordError: the bytes are damaged, or are the record of another paper.
    """
    text = paper.text

    def span(start: int, end: int) -> Span:
        return Span(start, end, text[start:end])

    def perhaps(ends: Sequence[int] | None) -> Span | None:
        return None if ends is None else span(*ends)

    try:
        mentions, keyphrases, results, urls, abbreviations = json.loads(_unpack(record))
        return Extraction(
            paper,
            tuple(Mention(kind, a, b, text[a:b], role, sure, rule) for kind, a, b, role, sure, rule in mentions),
            tuple(Keyphrase(span(a, b), score) for a, b, score in keyphrases),
            tuple(
                Result(span(a, b), value, number, unit, perhaps(metric), perhaps(subject), perhaps(base), sure, rule)
                for a, b, value, number, unit, metric, subject, base, sure, rule in results
            ),
            tuple(span(a, b) for a, b in urls),
            tuple((span(a, b), span(c, d)) for a, b, c, d in abbreviations),
        )
    except (ValueError, TypeError, zlib.error) as error:
        raise RecordError(f"not a record of {paper.id}: {error}") from error


def _unpack(record: bytes) -> Any:
    unpacker = zlib.decompressobj()
    unpacked = unpacker.decompress(record, _LONGEST)
    if not unpacker.eof or unpacker.unused_data:
        raise RecordError("the record is cut off, too long, or followed by something else")
    return unpacked
