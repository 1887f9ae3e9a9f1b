"""The comparison's machinery, on the plain reference and a few mutants."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from conformance.target.database.postgres import EmbeddedPostgres
from tests.comparison.implementations import Implementation, chosen, of_mutant, plain_reference
from tests.comparison.measuring import TIMED, Baseline, Measured
from tests.comparison.report import as_json
from tests.comparison.ways import Finding, by_ordinary_tests, by_schemathesis
from tests.mutants.registry import all_mutants

pytestmark = pytest.mark.run

Runs = dict[str, Future[Finding]]


def _mutant(name: str) -> Implementation:
    return of_mutant(all_mutants()[name])


@pytest.fixture(scope="module")
def runs(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    place = tmp_path_factory.mktemp
    with ThreadPoolExecutor(2) as pool:
        yield {
            "schemathesis always-200": pool.submit(
                by_schemathesis, _mutant("always-200"), postgres.url, place("schemathesis"), 5
            ),
            **{
                implementation.name: pool.submit(
                    by_ordinary_tests, implementation, postgres.url, place(implementation.name)
                )
                for implementation in (
                    plain_reference(),
                    _mutant("token-reusable"),
                    _mutant("select-then-update"),
                )
            },
        }
        pool.shutdown(cancel_futures=True)


def test_the_plain_reference_passes_the_ordinary_tests(runs: Runs) -> None:
    assert runs["reference"].result().failures - TIMED == frozenset()


def test_the_ordinary_tests_catch_a_token_that_works_twice(runs: Runs) -> None:
    found = runs["token-reusable"].result().failures
    assert found - TIMED == {"test_ac4_a_token_works_once"}


def test_the_ordinary_tests_do_not_see_a_race(runs: Runs) -> None:
    assert runs["select-then-update"].result().failures - TIMED == frozenset()


def test_schemathesis_sees_another_status(runs: Runs) -> None:
    found = runs["schemathesis always-200"].result().failures
    assert "examples: POST /auth/magic-link/request: status_code_conformance" in found


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(SystemExit, match="no mutant or variant no-such-mutant"):
        chosen(["no-such-mutant"])


def test_the_report_counts_what_each_way_caught() -> None:
    nothing, something = Finding(frozenset(), 2.0), Finding(frozenset({"test_x"}), 4.0)
    report = as_json(
        Baseline({"schemathesis": nothing, "ordinary": nothing}),
        [
            Measured(Implementation("a", "", ()), {"schemathesis": nothing, "ordinary": something}),
            Measured(Implementation("b", "", ()), {"ordinary": nothing}, {"schemathesis": "lost"}),
        ],
        [Measured(Implementation("c", "", ()), {"schemathesis": something, "ordinary": nothing})],
        [],
        100,
    )
    counts = {
        way: (found["caught"], found["mutants"], found["failed_wrongly"], found["variants"])
        for way, found in report["summary"].items()
    }
    assert counts == {
        "schemathesis": (0, 1, 1, 1),
        "ordinary": (1, 2, 0, 1),
    }
    assert report["summary"]["ordinary"]["median_seconds"] == 2.0
