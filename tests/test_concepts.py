from __future__ import annotations

import random
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from kg.concepts import Merge, resolve_concepts
from kg.decisions import Decision, read_decisions
from kg.errors import UsageError
from tests.corpus import PAPERS, extractions


def concept_ids(surface: str, decisions: tuple[Decision, ...] = ()) -> dict[str, str]:
    """Return, by title, the concept that the first mention with a surface form denotes."""
    resolution = resolve_concepts(extractions(), decisions)
    return {
        e.paper.title: resolution.concept_of(e.paper.id, m).id
        for e in extractions()
        for m in reversed(e.mentions)
        if m.surface == surface
    }


def test_every_concept_of_the_corpus() -> None:
    resolution = resolve_concepts(extractions())
    table = {c.id: (c.label, c.aliases, c.broader) for c in resolution.concepts.values() if c.kind == "Method"}
    sampler = ("method/stable-diffusion-sampler",)
    both = ("method/diffusion-sampler", *sampler)
    pretrained = ("method/pretrained-language-model",)
    distillation = ("Knowledge-Distillation", "distillation", "model distillation")
    assert table == {
        "method/ddim": ("DDIM", ("DDIM sampler", "DDIM sampling", "denoising diffusion implicit model"), both),
        "method/knowledge-distillation": (
            "knowledge distillation",
            (*distillation, "teacher-student distillation", "teacher-student learning"),
            ("method/model-compression",),
        ),
        "method/language-model": ("language model", ("LM",), ()),
        "method/large-language-model": ("large language model", ("LLM", "LLMs", "large language models"), pretrained),
        "method/masked-language-model": (
            "masked language model",
            ("masked LM", "masked language modelling", "masked language models"),
            ("method/language-model",),
        ),
        "method/medusa": ("Medusa", (), ("method/speculative-decoding",)),
        "method/pndm": ("PNDM", (), sampler),
        "method/quickdraft": ("QuickDraft", (), ()),
        "method/skipsolve": ("SkipSolve", (), ()),
        "method/speculative-decoding": (
            "speculative decoding",
            ("SD", "Speculative Decoding", "speculative sampling", "speculative-decoding methods"),
            ("method/decoding",),
        ),
        "method/stable-diffusion": (
            "Stable Diffusion",
            ("stable diffusion model",),
            ("method/latent-diffusion-model", "method/text-to-image-diffusion-model"),
        ),
        "method/stable-diffusion-sampler": ("SD sampler", ("SD samplers",), ()),
    }


def test_an_abbreviation_means_what_its_own_paper_says() -> None:
    assert concept_ids("SD") == {PAPERS[0].title: "method/speculative-decoding"}
    assert concept_ids("SD samplers") == {PAPERS[1].title: "method/stable-diffusion-sampler"}


def test_an_abbreviation_that_is_not_defined_means_what_is_known_of_it() -> None:
    assert set(concept_ids("LLMs").values()) == {"method/large-language-model"}
    merges = resolve_concepts(extractions()).merges
    assert Merge("method/large-language-model", "LLMs", "vocabulary", 0.95) in merges
    assert Merge("method/large-language-model", "LLMs", "abbreviation", 0.97, PAPERS[2].id) in merges


def test_benchmarks_and_hardware_are_what_the_vocabularies_know() -> None:
    concepts = resolve_concepts(extractions()).concepts
    assert concept_ids("CIFAR10").popitem()[1] == concept_ids("CIFAR-10").popitem()[1]
    devices = {c.label: c.entry.vendor for c in concepts.values() if c.kind == "Hardware" and c.entry}
    assert devices == {"A100": "NVIDIA"}


def test_the_order_of_the_papers_does_not_matter() -> None:
    shuffled = list(extractions())
    random.Random(3).shuffle(shuffled)
    one, other = resolve_concepts(extractions()), resolve_concepts(shuffled)
    assert (one.concepts, one.denotes, list(one.merges)) == (other.concepts, other.denotes, list(other.merges))


def test_a_user_can_keep_forms_together_and_apart() -> None:
    together = (Decision(True, "Method", "DDIM", "PNDM"),)
    assert concept_ids("DDIM", together) == {PAPERS[1].title: "method/pndm"}
    apart = (Decision(False, "Method", "Knowledge-Distillation", "knowledge distillation"),)
    assert concept_ids("knowledge distillation", apart) == {PAPERS[0].title: "method/knowledge-distillation"}
    assert concept_ids("Knowledge-Distillation", apart) == {
        PAPERS[2].title: "method/knowledge-distillation-not-knowledge-distillation"
    }


def test_decisions_are_read_from_the_shape_that_a_build_writes(tmp_path: Path) -> None:
    file = tmp_path / "merges.tsv"
    file.write_text(
        "decision\tkind\tform\tother\treason\tconfidence\tpaper\n"
        "merged\tMethod\tLLMs\tlarge language model\tabbreviation\t0.97\t\n"
        "# mine\n"
        "together\tmethod\tDDIM\tPNDM\n"
        "apart\tBenchmark\tSST\tSST-2\t\t\t\n"
    )
    assert read_decisions(file) == (
        Decision(True, "Method", "DDIM", "PNDM"),
        Decision(False, "Benchmark", "SST", "SST-2"),
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("joined\tMethod\ta\tb", "a line starts with together or apart, not 'joined'"),
        ("together\tMethod\ta", "a decision has kind, form and other form after it, separated by tabs"),
        ("apart\tMethods\ta\tb", "'Methods' is not a kind; did you mean Method?"),
    ],
)
def test_a_line_that_is_no_decision_is_named(tmp_path: Path, line: str, message: str) -> None:
    file = tmp_path / "merges.tsv"
    file.write_text("# decisions\n" + line + "\n")
    with pytest.raises(UsageError) as error:
        read_decisions(file)
    assert str(error.value) == f"{file}:2: {message}"


def test_an_abbreviation_that_only_another_paper_defines_is_read_as_there() -> None:
    from kg.extraction.abbreviations import find_abbreviations
    from kg.mention import Extraction
    from kg.paper import Paper
    from tests.corpus import mention

    one = Paper("Owls", "Quantal Wing Line Search (QWLS) is new.")
    two = Paper("More Owls", "We use QWLS.")
    resolution = resolve_concepts(
        [
            Extraction(
                one, (mention(one, "Method", "QWLS", "introduces"),), abbreviations=find_abbreviations(one.text)
            ),
            Extraction(two, (mention(two, "Method", "QWLS", "uses"),)),
        ]
    )
    assert set(resolution.denotes.values()) == {"method/quantal-wing-line-search"}
    assert [(m.reason, m.paper) for m in resolution.merges] == []
    assert resolution.concepts["method/quantal-wing-line-search"].label == "QWLS"


def test_a_decision_that_meets_nothing_is_handed_back() -> None:
    typing_error = Decision(True, "Method", "DDIM", "PNMD")
    assert resolve_concepts(extractions(), (typing_error,)).unused == (typing_error,)
    assert resolve_concepts(extractions(), (Decision(True, "Method", "DDIM", "PNDM"),)).unused == ()


@pytest.mark.parametrize(
    ("title", "narrow", "wide"),
    [
        ("We study 2:4 sparsity such as pruning today.", "2:4 sparsity", "pruning"),
        ("We try BERT such as language models here.", "BERT", "language models"),
    ],
)
def test_what_a_paper_says_never_closes_a_circle_with_the_vocabulary(title: str, narrow: str, wide: str) -> None:
    from kg.mention import Extraction
    from kg.paper import Paper
    from kg.vocabulary import with_broader
    from tests.corpus import mention

    paper = Paper("Circles", title)
    found = Extraction(paper, (mention(paper, "Method", narrow, "uses"), mention(paper, "Method", wide, "uses")))
    concepts = resolve_concepts([found]).concepts
    edges = {i: set(c.broader) for i, c in concepts.items()}
    for concept in concepts.values():
        for entry in with_broader(concept.entry) if concept.entry else ():
            name = entry.iri.split("org/")[1]
            edges.setdefault(name, set()).update(iri.split("org/")[1] for iri in entry.broader)
    list(TopologicalSorter(edges).static_order())


@pytest.mark.parametrize(
    ("one", "other"), [("PEARLS", "PEARL"), ("ANNS", "ANN"), ("Kubernetes", "Kubernet"), ("Llama 2", "Llama 3")]
)
def test_names_that_differ_stay_apart(one: str, other: str) -> None:
    from kg.mention import Extraction
    from kg.paper import Paper
    from tests.corpus import mention

    paper = Paper("Names", f"{one} and {other}.")
    found = Extraction(paper, (mention(paper, "Method", one, "uses"), mention(paper, "Method", f"{other}.", "uses")))
    assert len(set(resolve_concepts([found]).denotes.values())) == 2


def test_an_abbreviation_with_signs_is_written_out() -> None:
    from kg.extraction.abbreviations import find_abbreviations
    from kg.mention import Extraction
    from kg.paper import Paper
    from tests.corpus import mention

    paper = Paper("Signs", "Gamma net plus (GNP+) is new. GNP+ is fast.")
    mentions = (mention(paper, "Method", "Gamma net plus", "introduces"), mention(paper, "Method", "GNP+", "uses", 1))
    found = Extraction(paper, mentions, abbreviations=find_abbreviations(paper.text))
    assert len(set(resolve_concepts([found]).denotes.values())) == 1


def denoted(title: str, abstract: str, *names: tuple[str, int]) -> list[str]:
    """Return the concepts of methods, each given as its surface form and which of its occurrences it is."""
    from kg.mention import Extraction
    from kg.paper import Paper
    from tests.corpus import mention

    paper = Paper(title, abstract)
    mentions = tuple(mention(paper, "Method", name, "uses", number) for name, number in names)
    resolution = resolve_concepts([Extraction(paper, mentions)])
    return [resolution.concept_of(paper.id, m).id for m in mentions]


@pytest.mark.parametrize(
    ("abstract", "names", "concepts"),
    [
        (
            "Hard negative sampling beats random sampling, as good negatives are rare.",
            ["Hard negative sampling", "random sampling"],
            ["method/hard-negative-mining", "method/random-negative-sampling"],
        ),
        (
            "Data pruning is no better than random sampling of the data.",
            ["Data pruning", "random sampling"],
            ["method/data-pruning", "method/random-sampling"],
        ),
        (
            "Speculative decoding beats naive decoding.",
            ["Speculative decoding", "naive decoding"],
            ["method/speculative-decoding", "method/naive-decoding"],
        ),
        (
            "Token pruning and layer pruning beat random pruning; tokens and layers differ.",
            ["Token pruning", "layer pruning", "random pruning"],
            ["method/token-pruning", "method/layer-pruning", "method/random-pruning"],
        ),
        (
            "A transformer runs faster in ours than in the Transformers library.",
            ["transformer", "Transformers"],
            ["method/transformer", "method/transformer-library"],
        ),
        (
            "A transformer runs faster in ours than in the vLLM library.",
            ["transformer", "vLLM library"],
            ["method/transformer", "method/vllm"],
        ),
    ],
)
def test_same_words_for_different_things(abstract: str, names: list[str], concepts: list[str]) -> None:
    assert denoted("Apart", abstract, *((name, 0) for name in names)) == concepts
