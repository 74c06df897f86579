from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, BNode, Graph, URIRef

from kg.ontology import BASE_IRI, KG, KIND_CLASSES, ROLE_PROPERTIES, prefixes, rebase

ROOT = Path(__file__).parent.parent
ONTOLOGY = Graph().parse(ROOT / "ontology" / "kg.ttl")
SHAPES = Graph().parse(ROOT / "ontology" / "shapes.ttl")
NAMESPACE = prefixes()["kg"]
TERMS = {name: iri for name, iri in vars(KG).items() if not name.startswith("_")}


def own(graph: Graph) -> set[str]:
    return {str(t) for triple in graph for t in triple if str(t).startswith(NAMESPACE)}


def test_code_and_ontology_have_the_same_terms() -> None:
    assert own(ONTOLOGY) == set(TERMS.values())
    assert all(iri == NAMESPACE + name for name, iri in TERMS.items())


def test_a_misspelt_term_raises() -> None:
    with pytest.raises(AttributeError):
        KG.introduced  # type: ignore[attr-defined]  # noqa: B018


def test_shapes_use_terms_of_the_ontology_only() -> None:
    assert own(SHAPES) <= set(TERMS.values())


@pytest.mark.parametrize("name", TERMS)
def test_every_term_is_described(name: str) -> None:
    term = URIRef(NAMESPACE + name)
    assert set(ONTOLOGY.objects(term, RDF.type)) & {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty}
    for described_by in (RDFS.label, SKOS.definition, SKOS.example):
        assert len(list(ONTOLOGY.objects(term, described_by))) == 1
    assert not any(isinstance(t, BNode) for triple in ONTOLOGY for t in triple)


def test_every_role_and_kind_has_its_term() -> None:
    assert set(ROLE_PROPERTIES.values()) | set(KIND_CLASSES.values()) <= set(TERMS.values())


def test_the_base_moves_as_a_whole() -> None:
    moved = Graph().parse(
        data=rebase((ROOT / "ontology" / "kg.ttl").read_text(), "http://me.example/"), format="turtle"
    )
    assert not any(BASE_IRI in str(t) for triple in moved for t in triple)
    assert len(moved) == len(ONTOLOGY)
