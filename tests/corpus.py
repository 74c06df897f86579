"""A corpus of four invented papers whose extractions are written out by hand: what the unit tests resolve and build."""

from __future__ import annotations

from kg.extraction.abbreviations import find_abbreviations
from kg.extraction.addresses import find_addresses
from kg.mention import Extraction, Keyphrase, Mention, Result
from kg.paper import Paper, Span

PAPERS = (
    Paper(
        "QuickDraft: Speculative Decoding with Tiny Drafts",
        "Speculative decoding (SD) hides latency. We present QuickDraft, which pairs SD with knowledge distillation. "
        "On GSM8K, using 8 A100 GPUs, it decodes 2.5times faster than Medusa. Code: https://github.com/example/quickdraft.",
        ("june.txt",),
    ),
    Paper(
        "Sharper Pictures from Stable Diffusion",
        "Stable Diffusion (SD) paints slowly. Our solver SkipSolve needs 10 steps on an NVIDIA A100 and beats SD "
        "samplers such as DDIM and PNDM by 0.4 FID on CIFAR10.",
        ("june.txt", "march.txt"),
    ),
    Paper(
        "Distilling Drafts",
        "Knowledge-Distillation of large language models (LLMs) is studied for speculative-decoding methods. "
        "We measure throughput on CIFAR-10 captions.",
        ("march.txt",),
    ),
    Paper(
        "A Survey of LLMs", "We review LLMs and masked language models, and language model training.", ("march.txt",)
    ),
)


def at(text: str, surface: str, occurrence: int = 0) -> Span:
    """Return the span of an occurrence of a surface form."""
    start = -1
    for _ in range(occurrence + 1):
        start = text.index(surface, start + 1)
    return Span.of(text, start, start + len(surface))


def mention(paper: Paper, kind: str, surface: str, role: str, occurrence: int = 0, confidence: float = 0.9) -> Mention:
    """Return a mention of a surface form in a paper."""
    span = at(paper.text, surface, occurrence)
    return Mention(kind, span.start, span.end, span.surface, role, confidence, "tagger")


def _extraction(
    number: int, *found: tuple[str, str, str], phrases: tuple[str, ...], results: tuple[Result, ...] = ()
) -> Extraction:
    """Return an extraction with one mention (kind, surface, role) each, and keyphrases of falling score."""
    paper = PAPERS[number]
    mentions = sorted((mention(paper, *f) for f in found), key=lambda m: (m.start, m.end, m.kind))
    keyphrases = tuple(Keyphrase(at(paper.text, p), round(0.7 - 0.1 * i, 4)) for i, p in enumerate(phrases))
    text = paper.text
    return Extraction(paper, tuple(mentions), keyphrases, results, find_addresses(text), find_abbreviations(text))


def extractions() -> tuple[Extraction, ...]:
    """Return the four extractions, in the order of `PAPERS`."""
    quick, sharp = PAPERS[0].text, PAPERS[1].text
    return (
        _extraction(
            0,
            ("Method", "QuickDraft", "introduces"),
            ("Method", "Speculative Decoding", "uses"),
            ("Method", "SD", "uses"),
            ("Method", "knowledge distillation", "uses"),
            ("Method", "Medusa", "compares"),
            ("Benchmark", "GSM8K", "evaluates"),
            ("Hardware", "A100 GPUs", "runs"),
            phrases=("Speculative Decoding", "Tiny Drafts"),
            results=(
                Result(
                    at(quick, "2.5times"),
                    "2.5×",
                    "2.5",
                    "×",
                    at(quick, "faster"),
                    at(quick, "QuickDraft", 1),
                    at(quick, "Medusa"),
                    0.8,
                    "results",
                ),
            ),
        ),
        _extraction(
            1,
            ("Method", "Stable Diffusion", "uses"),
            ("Method", "SD samplers", "compares"),
            ("Method", "DDIM", "compares"),
            ("Method", "PNDM", "compares"),
            ("Method", "SkipSolve", "introduces"),
            ("Hardware", "NVIDIA A100", "runs"),
            ("Metric", "FID", "measures"),
            ("Benchmark", "CIFAR10", "evaluates"),
            phrases=("Stable Diffusion",),
            results=(
                Result(
                    at(sharp, "0.4"), "0.4", "0.4", "", at(sharp, "FID"), at(sharp, "SkipSolve"), None, 0.7, "results"
                ),
            ),
        ),
        _extraction(
            2,
            ("Method", "Knowledge-Distillation", "uses"),
            ("Method", "large language models", "mentions"),
            ("Method", "LLMs", "mentions"),
            ("Method", "speculative-decoding methods", "uses"),
            ("Benchmark", "CIFAR-10", "evaluates"),
            ("Metric", "throughput", "measures"),
            phrases=("speculative-decoding methods",),
        ),
        _extraction(
            3,
            ("Method", "LLMs", "uses"),
            ("Method", "masked language models", "mentions"),
            (
                "Method",
                "language model",
                "mentions",
            ),
            phrases=("masked language models",),
        ),
    )
