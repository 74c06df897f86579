"""What the benchmarks are written with: a step in a process of its own, a table, a page of sections."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks import stores
from tests.benchmarks.measuring import Taken, measure
from tests.benchmarks.reporting import HEAD, Peer, compared, renew


def test_a_step_is_taken_in_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "graph.ttl").write_text("<urn:a> <urn:b> <urn:c>, <urn:d> .\n")
    taken = measure(stores.write_pyoxigraph, tmp_path, cores=1)
    assert isinstance(taken, Taken)
    assert taken.answer > len("<urn:a> <urn:b> <urn:c> , <urn:d> .\n")
    assert 0 < taken.seconds < taken.ready
    assert taken.memory > 5


def test_a_step_that_fails_or_takes_too_long_says_so(tmp_path: Path) -> None:
    assert measure(stores.write_pyoxigraph, tmp_path, limit_s=0.001) == "more than 0 s"
    assert measure(stores.write_pyoxigraph, tmp_path) == "failed: FileNotFoundError"


def test_rows_are_compared_with_the_first_by_their_rates() -> None:
    def peer(name: str, amount: float) -> Peer:
        return Peer(name, stores.write_kg, (), amount, 1)

    found: list[tuple[Peer, Taken | str]] = [
        (peer("kg", 100), Taken(0.5, 10.0, 9.0, 20.4, {"disk": 7})),
        (peer("other", 5), Taken(2.0, 5.0, 5.0, 300.0, {"disk": None})),
        (peer("absent", 5), "not installed: it"),
    ]
    assert compared("papers", found, {"disk in MB": "disk"}).splitlines() == [
        "| by | cores | papers | ready | seconds | processor | papers a second | MB | ratio | disk in MB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        "| kg | 1 | 100 | 0.50 | 10.0 | 9.00 | 10.0 | 20 |  | 7 |",
        "| other | 1 | 5 | 2.00 | 5.00 | 5.00 | 1.00 | 300 | 10.0 |  |",
        "| absent | 1 | not installed: it |  |  |  |  |  |  |  |",
    ]


def test_a_section_is_renewed_and_the_others_stay(tmp_path: Path) -> None:
    page, order = tmp_path / "page.md", ["One", "Two", "Three"]
    renew(page, {"Three": "c\n\nd\n", "One": "a\n"}, order)
    renew(page, {"Three": "e\n", "Two": "b\n"}, order)
    assert page.read_text() == f"{HEAD}## One\n\na\n\n## Two\n\nb\n\n## Three\n\ne\n"
