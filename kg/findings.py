"""What was found in papers as JSON Lines: one line a paper, offsets into title, line feed, abstract."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kg.concepts import Resolution
from kg.mention import Extraction, Mention


def extraction_json(extraction: Extraction, resolution: Resolution) -> Mapping[str, Any]:
    """Return an extraction as plain values, ready for one line of JSON; offsets into title, line feed, abstract."""
    paper = extraction.paper

    def mention(m: Mention) -> dict[str, Any]:
        concept = resolution.concept_of(paper.id, m)
        place = {"text": m.surface, "start": m.start, "end": m.end}
        return {
            "type": m.kind,
            "name": concept.label,
            **place,
            "role": m.role,
            "confidence": round(m.confidence, 4),
            "concept": concept.id,
        }

    return {
        "id": paper.id,
        "title": paper.title,
        "mentions": [mention(m) for m in extraction.mentions],
        "keyphrases": [{"text": k.span.surface, "score": k.score} for k in extraction.keyphrases],
        "results": [
            {
                "value": r.span.surface,
                "number": r.number,
                "unit": r.unit,
                "metric": r.metric and r.metric.surface,
                "subject": r.subject and r.subject.surface,
                "baseline": r.baseline and r.baseline.surface,
                "start": r.span.start,
                "end": r.span.end,
                "confidence": round(r.confidence, 4),
            }
            for r in extraction.results
        ],
        "urls": [u.surface for u in extraction.urls],
    }


def write_json_lines(extractions: Iterable[Extraction], resolution: Resolution) -> Iterator[str]:
    """Yield one line of JSON for each extraction, line feed included."""
    for extraction in extractions:
        yield json.dumps(extraction_json(extraction, resolution), ensure_ascii=False) + "\n"
