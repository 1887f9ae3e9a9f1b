"""The harness leaves a sample of the permitted variants alone; the matrix runs all of them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.mutants.harness_run import HarnessRun
from tests.variants.registry import all_variants
from tests.variants.runner import complaints_about, run_variant

pytestmark = pytest.mark.run

SAMPLE = ("database-clock", "older-links-revoked")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[HarnessRun]]]:
    directory = tmp_path_factory.mktemp("variants")
    with ThreadPoolExecutor(len(SAMPLE)) as pool:
        yield {name: pool.submit(run_variant, all_variants()[name], directory) for name in SAMPLE}


@pytest.mark.parametrize("name", SAMPLE)
def test_nothing_is_said_against(name: str, runs: dict[str, Future[HarnessRun]]) -> None:
    assert complaints_about(runs[name].result()) == []
