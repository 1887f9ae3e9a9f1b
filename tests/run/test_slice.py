"""`run --slice request`: a service of which only the first endpoint is built."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.requirements.facts import facts, ids_of_slice
from conformance.requirements.specification import load_specification
from tests.mutants.harness_run import HarnessRun, reference_description, run_harness

pytestmark = pytest.mark.run
APP = "tests.run.first_endpoint:create_app"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("slice")


@pytest.fixture(scope="module")
def run(directory: Path) -> HarnessRun:
    description = reference_description(APP, "the first endpoint", {})
    return run_harness(
        description, directory, "--slice", "request", "--min-score", "1", workers=None
    )


def test_what_is_there_is_judged(run: HarnessRun) -> None:
    judged = ids_of_slice("request")
    assert {id_: run.outcomes[id_] for id_ in judged} == dict.fromkeys(judged, "passed")


def test_what_needs_the_rest_does_not_apply(run: HarnessRun) -> None:
    beyond = {*facts()} - {*ids_of_slice("request")}
    assert {"AC-4", "FR-5", "EC-8"} < beyond
    assert {id_: run.outcomes[id_] for id_ in beyond} == dict.fromkeys(beyond, "inapplicable")


def test_it_is_never_conformant(run: HarnessRun, directory: Path) -> None:
    gate = {*load_specification().gate} & {*ids_of_slice("request")}
    report = json.loads((directory / "report.json").read_text())
    assert (report["conclusion"], report["exit_code"]) == ("incomplete", 3)
    assert report["slice"] == "request"
    assert report["score"] == {"passed": len(gate), "asked": len(gate), "causes": 0}
    assert "incomplete (slice request) 5/5" in (directory / "badge.svg").read_text()
    output = (directory / "output.txt").read_text()
    assert "only the slice request was looked at" in output
    assert "--min-score 1: exit code 0" in output
