"""The closed namespaces of the graph: a term that the ontology does not have raises at once.

Terms are IRIs as plain strings; nothing here imports an RDF library. A test holds `KG` against `ontology/kg.ttl`.
"""

from __future__ import annotations

from kg.mention import KINDS, Kind, Role

BASE_IRI = "https://kg.example.org/"
"""The base of all IRIs that kg makes, terms of the ontology included; `rebase` changes it as a whole."""

_KG = BASE_IRI + "ontology#"


class KG:
    """Terms of the ontology of kg."""

    Paper = _KG + "Paper"
    Source = _KG + "Source"
    Concept = _KG + "Concept"
    Method = _KG + "Method"
    Benchmark = _KG + "Benchmark"
    Hardware = _KG + "Hardware"
    Task = _KG + "Task"
    Metric = _KG + "Metric"
    Keyphrase = _KG + "Keyphrase"
    Statement = _KG + "Statement"
    UncertainStatement = _KG + "UncertainStatement"
    Evidence = _KG + "Evidence"
    Span = _KG + "Span"
    Result = _KG + "Result"
    Link = _KG + "Link"
    Merge = _KG + "Merge"
    involves = _KG + "involves"
    introduces = _KG + "introduces"
    uses = _KG + "uses"
    comparesWith = _KG + "comparesWith"  # noqa: N815
    mentions = _KG + "mentions"
    evaluatesOn = _KG + "evaluatesOn"  # noqa: N815
    trainsOn = _KG + "trainsOn"  # noqa: N815
    runsOn = _KG + "runsOn"  # noqa: N815
    addresses = _KG + "addresses"
    measures = _KG + "measures"
    hasKeyphrase = _KG + "hasKeyphrase"  # noqa: N815
    reports = _KG + "reports"
    linksTo = _KG + "linksTo"  # noqa: N815
    hasEvidence = _KG + "hasEvidence"  # noqa: N815
    inSentence = _KG + "inSentence"  # noqa: N815
    onMetric = _KG + "onMetric"  # noqa: N815
    ofMethod = _KG + "ofMethod"  # noqa: N815
    overBaseline = _KG + "overBaseline"  # noqa: N815
    onBenchmark = _KG + "onBenchmark"  # noqa: N815
    onHardware = _KG + "onHardware"  # noqa: N815
    connects = _KG + "connects"
    shares = _KG + "shares"
    into = _KG + "into"
    inPaper = _KG + "inPaper"  # noqa: N815
    confidence = _KG + "confidence"
    score = _KG + "score"
    count = _KG + "count"
    rule = _KG + "rule"
    value = _KG + "value"
    number = _KG + "number"
    unit = _KG + "unit"
    metricText = _KG + "metricText"  # noqa: N815
    subjectText = _KG + "subjectText"  # noqa: N815
    baselineText = _KG + "baselineText"  # noqa: N815
    weight = _KG + "weight"
    form = _KG + "form"
    reason = _KG + "reason"
    vendor = _KG + "vendor"
    architecture = _KG + "architecture"
    memoryGB = _KG + "memoryGB"  # noqa: N815
    releaseYear = _KG + "releaseYear"  # noqa: N815
    benchmarkKind = _KG + "benchmarkKind"  # noqa: N815
    benchmarkDomain = _KG + "benchmarkDomain"  # noqa: N815
    methodKind = _KG + "methodKind"  # noqa: N815
    deviceClass = _KG + "deviceClass"  # noqa: N815
    needsContext = _KG + "needsContext"  # noqa: N815
    arxivId = _KG + "arxivId"  # noqa: N815
    doi = _KG + "doi"


ROLE_PROPERTIES: dict[Role, str] = {
    "introduces": KG.introduces,
    "uses": KG.uses,
    "compares": KG.comparesWith,
    "mentions": KG.mentions,
    "evaluates": KG.evaluatesOn,
    "trains": KG.trainsOn,
    "runs": KG.runsOn,
    "addresses": KG.addresses,
    "measures": KG.measures,
}
"""The property that states each role, read from paper to concept."""

KIND_CLASSES: dict[Kind, str] = {kind: getattr(KG, kind) for kind in KINDS}
"""The class of the concepts of each kind."""

_WELL_KNOWN = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "fabio": "http://purl.org/spar/fabio/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_OWN = (
    *("paper", "source", "method", "benchmark", "hardware", "task", "metric", "keyphrase"),
    *("statement", "evidence", "span", "result", "link", "merge"),
)


def prefixes(base: str = BASE_IRI) -> dict[str, str]:
    """Return every prefix that kg knows, with its namespace, sorted by prefix.

    >>> prefixes("http://me.example/")["method"]
    'http://me.example/method/'
    """
    own = {name: f"{base}{name}/" for name in _OWN}
    return dict(sorted({**_WELL_KNOWN, **own, "kg": f"{base}ontology#"}.items()))


def rebase(text: str, base: str) -> str:
    """Return `text` (Turtle or SPARQL that ships with kg) with the default base IRI replaced by `base`."""
    return text if base == BASE_IRI else text.replace(BASE_IRI, base)
