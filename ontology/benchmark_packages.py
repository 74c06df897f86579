"""Benchmarks and data sets, from the names in packages that run them; nothing of the packages is executed."""

from __future__ import annotations

import ast
import re
import zipfile
from collections.abc import Iterator

from concepts import PACKAGES, Concept, benchmark


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
