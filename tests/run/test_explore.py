"""`run --explore N`: sequences that are drawn, beside the scenarios that every run has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.mutants.harness_run import reference_description, run_harness

pytestmark = pytest.mark.run


@pytest.mark.parametrize("options", [(), ("--explore", "60", "--seed", "1")])
def test_it_is_a_choice(options: tuple[str, ...], tmp_path: Path) -> None:
    description = reference_description("reference_app.main:create_app", "the reference", {})
    run = run_harness(description, tmp_path, "--only", "EC-5", *options)
    report = json.loads((tmp_path / "report.json").read_text())
    explored = [each for each in report["scenarios"] if each["path"] == "sequences.feature"]

    # Left out, it takes nothing away from a requirement that it bears on.
    assert run.outcomes["EC-5"] == "passed"
    assert [each["outcome"] for each in explored] == (["passed"] if options else [])
    if options:
        [measured] = explored[0]["evidence"]["measurements"]
        assert measured["seed"] == 1
        assert measured["steps"] >= 60
