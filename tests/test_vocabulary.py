"""The vocabulary files keep the rules of the project; names and mentions are found as papers write them."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from pyoxigraph import BlankNode, Quad, RdfFormat, parse

from kg.errors import UsageError
from kg.forms import form_key, slug
from kg.resources import resource
from kg.vocabulary import Entry, Vocabulary, VocabularyName, load_vocabulary, name_key

NAMES: tuple[VocabularyName, ...] = ("benchmarks", "hardware", "methods")
SKOS = "http://www.w3.org/2004/02/skos/core#"
KG = "https://kg.example.org/ontology#"
DCTERMS = "http://purl.org/dc/terms/"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def quads(name: VocabularyName) -> list[Quad]:
    return list(parse(path=str(resource("ontology", f"{name}.ttl")), format=RdfFormat.TURTLE))


def text_of(term: object) -> str:
    return str(getattr(term, "value", term))


def concepts(name: VocabularyName) -> dict[str, Counter[str]]:
    """The predicates of each concept, with how often each stands."""
    triples = [(text_of(q.subject), q.predicate.value, text_of(q.object)) for q in quads(name)]
    found: dict[str, Counter[str]] = {s: Counter() for s, p, o in triples if (p, o) == (RDF_TYPE, SKOS + "Concept")}
    for subject, predicate, _ in triples:
        if subject in found:
            found[subject][predicate] += 1
    return found


@pytest.mark.parametrize("name", NAMES)
def test_file_has_no_blank_nodes_and_no_floats(name: VocabularyName) -> None:
    triples = quads(name)
    assert [q for q in triples if isinstance(q.subject, BlankNode) or isinstance(q.object, BlankNode)] == []
    datatypes = {q.object.datatype.value.rsplit("#")[-1] for q in triples if hasattr(q.object, "datatype")}
    assert datatypes <= {"string", "decimal", "gYear", "boolean"}


@pytest.mark.parametrize("name", NAMES)
def test_every_concept_has_one_label_a_scheme_and_a_source(name: VocabularyName) -> None:
    lacking = {
        iri: predicates
        for iri, predicates in concepts(name).items()
        if predicates[SKOS + "prefLabel"] != 1
        or predicates[SKOS + "inScheme"] != 1
        or not predicates[DCTERMS + "source"]
    }
    assert lacking == {}


@pytest.mark.parametrize("name", NAMES)
def test_the_file_uses_only_these_terms(name: VocabularyName) -> None:
    own = {
        "hardware": {"vendor", "architecture", "memoryGB", "releaseYear", "deviceClass", "needsContext"},
        "benchmarks": {"benchmarkKind", "benchmarkDomain", "needsContext"},
        "methods": {"methodKind"},
    }[name]
    used = {q.predicate.value for q in quads(name)}
    assert used == {
        *(KG + term for term in own),
        *(SKOS + term for term in ("prefLabel", "altLabel", "broader", "inScheme")),
        *(DCTERMS + term for term in ("source", "title", "license")),
        RDF_TYPE,
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_source_has_a_licence(name: VocabularyName) -> None:
    triples = quads(name)
    sources = {q.object for q in triples if q.predicate.value == DCTERMS + "source"}
    assert sources == {q.subject for q in triples if q.predicate.value == DCTERMS + "license"}


@pytest.mark.parametrize("name", NAMES)
def test_no_two_concepts_share_a_name(name: VocabularyName) -> None:
    key_of = form_key if name == "methods" else name_key
    owners: dict[str, set[str]] = {}
    for entry in load_vocabulary(name).entries:
        for written in entry.names:
            owners.setdefault(key_of(written), set()).add(entry.label)
    assert {key: labels for key, labels in owners.items() if len(labels) > 1} == {}


@pytest.mark.parametrize("name", NAMES)
def test_broader_concepts_exist_and_never_come_back(name: VocabularyName) -> None:
    vocabulary = load_vocabulary(name)
    for entry in vocabulary.entries:
        todo, above = list(entry.broader), set[str]()
        while todo:
            iri = todo.pop()
            assert iri != entry.iri, entry.label
            if iri not in above:
                above.add(iri)
                todo += vocabulary[iri].broader


def methods_above(iri: str) -> set[str]:
    """All that a method is a kind of, without itself."""
    vocabulary = load_vocabulary("methods")
    todo, above = list(vocabulary[iri].broader), set[str]()
    while todo:
        above.add(todo[-1])
        todo += vocabulary[todo.pop()].broader
    return above


@pytest.mark.parametrize("name", NAMES)
def test_slugs_differ_without_hyphens_too(name: VocabularyName) -> None:
    keys = Counter(entry.iri.rsplit("/", 1)[1].replace("-", "") for entry in load_vocabulary(name).entries)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_is_found_by_its_label(name: VocabularyName) -> None:
    vocabulary = load_vocabulary(name)
    assert [e.label for e in vocabulary.entries if vocabulary.find(e.label) != e] == []


def test_the_iri_of_a_method_is_that_of_its_name_in_papers() -> None:
    base = "https://kg.example.org/method/"
    methods = load_vocabulary("methods").entries
    assert {entry.label: entry.iri for entry in methods} == {e.label: base + slug(e.label) for e in methods}


def test_aliases_of_methods_say_something_new() -> None:
    for entry in load_vocabulary("methods").entries:
        keys = Counter(form_key(name) for name in entry.names)
        assert [key for key, count in keys.items() if count > 1] == [], entry.label


def test_every_alias_of_a_method_finds_it() -> None:
    vocabulary = load_vocabulary("methods")
    assert [e.label for e in vocabulary.entries if {vocabulary.find(name) for name in e.names} != {e}] == []


def test_no_broader_method_follows_from_another() -> None:
    for entry in load_vocabulary("methods").entries:
        assert [above for iri in entry.broader for above in methods_above(iri) if above in entry.broader] == []


def test_an_unknown_vocabulary_is_an_error() -> None:
    with pytest.raises(UsageError, match="there are benchmarks, hardware and methods"):
        load_vocabulary("papers")


def test_a_device_has_its_values() -> None:
    base = "https://kg.example.org/hardware/"
    entry = load_vocabulary("hardware")[f"{base}a100-80gb"]
    assert (entry.label, entry.kind, entry.broader) == ("A100 80GB", "GPU", (f"{base}a100",))
    assert (entry.vendor, entry.architecture, entry.memory_gb, entry.year) == (
        "NVIDIA",
        "Ampere",
        (Decimal("80"),),
        2020,
    )
    family = load_vocabulary("hardware")[f"{base}a100"]
    assert (family.memory_gb, family.broader) == ((Decimal("40"), Decimal("80")), (f"{base}nvidia-gpu",))


def test_a_benchmark_has_its_values() -> None:
    base = "https://kg.example.org/benchmark/"
    entry = load_vocabulary("benchmarks")[f"{base}swe-bench-lite"]
    assert entry == Entry(
        iri=f"{base}swe-bench-lite",
        label="SWE-bench Lite",
        aliases=("SWE-Bench Lite", "SWE-bench-Lite"),
        kind="benchmark",
        broader=(f"{base}swe-bench",),
        domain="code and software engineering",
    )


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("A100", "A100"),
        ("nvidia a100 gpus", "A100"),
        ("NVIDIA A100-SXM4-40GB", "A100 40GB"),
        ("A100-80G", "A100 80GB"),
        ("V100s", "V100"),
        ("V100S", "V100S"),
        ("GeForce RTX 3090", "RTX 3090"),
        ("rtx3090", "RTX 3090"),
        ("Nvidia GeForce GTX 1080Ti", "GTX 1080 Ti"),
        ("A6000", "RTX A6000"),
        ("RTX 6000 Ada", "RTX 6000 Ada Generation"),
        ("Titan Xp", "TITAN Xp"),
        ("AMD Instinct MI250X", "MI250X"),
        ("TPU-v3", "TPU v3"),
        ("Ascend 910B NPU", None),
        ("Ascend910B", "Ascend 910B"),
        ("edge-devices", "edge device"),
        ("Raspberry Pi 4B", "Raspberry Pi 4"),
        ("Jetson Orin Nano", "Jetson Orin Nano"),
        ("Summit", "Summit"),
        ("toaster", None),
    ],
)
def test_find_hardware(name: str, label: str | None) -> None:
    entry = load_vocabulary("hardware").find(name)
    assert (entry.label if entry else None) == label


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("MS-MARCO", "MS MARCO"),
        ("MSMARCO", "MS MARCO"),
        ("CIFAR10 dataset", "CIFAR-10"),
        ("Fashion MNIST", "Fashion-MNIST"),
        ("HumanEval+", "HumanEval+"),
        ("humaneval", "HumanEval"),
        ("SWE-bench Verified", "SWE-bench Verified"),
        ("NASBench101", "NAS-Bench-101"),
        ("MMLU-Pro", "MMLU-Pro"),
        ("tau-bench", "τ-bench"),
        ("LAMBADA", "LAMBADA"),
        ("our data set", None),
    ],
)
def test_find_benchmark(name: str, label: str | None) -> None:
    entry = load_vocabulary("benchmarks").find(name)
    assert (entry.label if entry else None) == label


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("low-rank adaptation", "LoRA"),
        ("the LoRA method", "LoRA"),
        ("Large Language Models", "large language model"),
        ("LLMs", "large language model"),
        ("dual-encoders", "bi-encoder"),
        ("two-tower model", "bi-encoder"),
        ("CoT", "chain-of-thought prompting"),
        ("inference-time scaling", "test-time scaling"),
        ("Fine Tuning", "fine-tuning"),
        ("generalised linear models", "generalized linear model"),
        ("diffusion probabilistic models", "diffusion model"),
        ("denoising diffusion probabilistic models", "DDPM"),
        ("Hard-negative mining", "hard negative mining"),
        ("attention mechanism", "attention"),
        ("Transformers", "transformer"),
        ("Hugging Face Transformers library", "Hugging Face Transformers"),
        ("LLaMA-2", "Llama 2"),
        ("Llama3", "Llama 3"),
        ("LLaMA", "Llama"),
        ("GPT4", "GPT-4"),
        ("DPM-Solver++", "DPM-Solver++"),
        ("K-Means", "k-means"),
        ("SD", None),
        ("SAM", None),
        ("DP", None),
        ("our method", None),
        ("", None),
    ],
)
def test_find_method(name: str, label: str | None) -> None:
    entry = load_vocabulary("methods").find(name)
    assert (entry.label if entry else None) == label


@pytest.mark.parametrize(
    ("narrow", "broad"),
    [
        ("DDIM", ["diffusion sampler"]),
        ("LoRA", ["parameter-efficient fine-tuning", "fine-tuning", "transfer learning"]),
        ("BERT", ["masked language model", "pretrained language model", "language model", "transformer"]),
        ("hard negative mining", ["negative sampling"]),
        ("Llama 2", ["Llama", "large language model", "language model"]),
        ("Stable Diffusion XL", ["Stable Diffusion", "latent diffusion model", "diffusion model", "generative model"]),
    ],
)
def test_a_method_is_a_kind_of(narrow: str, broad: list[str]) -> None:
    vocabulary = load_vocabulary("methods")
    entry = vocabulary.find(narrow)
    assert entry
    assert set(broad) <= {vocabulary[iri].label for iri in methods_above(entry.iri)}


def test_a_method_has_its_values() -> None:
    base = "https://kg.example.org/method/"
    assert load_vocabulary("methods")[f"{base}ddim"] == Entry(
        iri=f"{base}ddim",
        label="DDIM",
        aliases=("DDIM sampler", "DDIM sampling", "denoising diffusion implicit model"),
        kind="technique",
        broader=(f"{base}diffusion-sampler",),
    )
    assert {entry.kind for entry in load_vocabulary("methods").entries} == {"technique", "model", "system"}


def mentions(name: VocabularyName, text: str) -> list[tuple[str, str]]:
    return [(text[start:end], entry.label) for start, end, entry in load_vocabulary(name).find_mentions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "We train on eight NVIDIA A100-80GB GPUs and on 8x V100s.",
            [("NVIDIA A100-80GB", "A100 80GB"), ("GPUs", "GPU"), ("V100s", "V100")],
        ),
        ("On a GeForce RTX 2080Ti it runs at 30 fps.", [("GeForce RTX 2080Ti", "RTX 2080 Ti")]),
        ("Edge devices such as the Jetson Nano.", [("Edge devices", "edge device"), ("Jetson Nano", "Jetson Nano")]),
        ("Scaling on the Summit supercomputer.", [("Summit supercomputer", "Summit")]),
        ("The summit of Frontier research is near the aurora.", []),
        (
            "We ran on Frontier and Aurora with 1024 GPUs.",
            [("Frontier", "Frontier"), ("Aurora", "Aurora"), ("GPUs", "GPU")],
        ),
        ("A T4 cell assay on L4 larvae.", []),
        ("Served from one T4 GPU.", [("T4", "T4"), ("GPU", "GPU")]),
        ("Rotation measures of the galaxy clusters A400 and A500.", []),
        ("Trained on two A6000s, each a GPU of 48 GB.", [("A6000s", "RTX A6000"), ("GPU", "GPU")]),
        ("Rendered by the RTX A400 in two minutes.", [("RTX A400", "RTX A400")]),
        ("A 100 percent gain, a clear M 1 result.", []),
        ("The server of the club drew a cluster of points.", []),
        ("Particles in an accelerator ring.", []),
    ],
)
def test_hardware_mentions(text: str, expected: list[tuple[str, str]]) -> None:
    assert mentions("hardware", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Results on CIFAR10, ImageNet-1k and MS-COCO.",
            [("CIFAR10", "CIFAR-10"), ("ImageNet-1k", "ImageNet"), ("MS-COCO", "COCO")],
        ),
        ("Evaluated on GSM8K and MATH.", [("GSM8K", "GSM8K"), ("MATH", "MATH")]),
        ("Evaluation of glue, natural questions, image quality and multiple squads in math.", []),
        ("The GLUE and SQuAD 2.0 benchmarks.", [("GLUE", "GLUE"), ("SQuAD 2.0", "SQuAD 2.0")]),
        ("SWE-bench Lite is part of SWE-bench.", [("SWE-bench Lite", "SWE-bench Lite"), ("SWE-bench", "SWE-bench")]),
        ("The Auto-SLURP and BIRD-CRITIC benchmarks.", []),
        ("A drop in accuracy makes the race harder.", []),
        ("With ImageNet a model learns faster.", [("ImageNet", "ImageNet")]),
        ("The datasets DROP and RACE.", [("DROP", "DROP"), ("RACE", "RACE")]),
    ],
)
def test_benchmark_mentions(text: str, expected: list[tuple[str, str]]) -> None:
    assert mentions("benchmarks", text) == expected


def test_a_vocabulary_can_be_made_by_hand() -> None:
    entry = Entry("https://kg.example.org/hardware/z1", "Zeta Z1000", ("Z1000",), "GPU")
    vocabulary = Vocabulary("hardware", (entry,))
    assert vocabulary.find_mentions("two zeta-Z1000s") == [(4, 15, entry)]
