"""The loop of mending: scenarios alone, an end at the first failure, what failed last."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from conformance.requirements.scenarios import read_scenarios
from tests.mutants.harness_run import as_toml, reference_description
from tests.place import Ended, Place

pytestmark = pytest.mark.run
LINK_IS_USED, BOTH_DOORS, MAILED = [
    next(each.selector for each in read_scenarios() if each.name == name)
    for name in (
        "the link is used right away",
        "both doors give the same session",
        "a registered user asks for a link",
    )
]


def described(mutant: str) -> str:
    app = "tests.mutants.app:create_app"
    return as_toml(reference_description(app, "the target", {"MUTANT": mutant}))


def played(ended: Ended) -> dict[str, str]:
    assert ended.report is not None, ended.err
    return {
        f"{PurePath(each['path']).stem}:{each['line']}": each["outcome"]
        for each in ended.report["scenarios"]
    }


def test_a_mended_target_is_told_in_one_short_run() -> None:
    with Place() as place:
        part = ("--only", ",".join((MAILED, LINK_IS_USED, BOTH_DOORS)))
        faulty = described("link-cookie-readable-by-scripts")

        before = place.run_target(faulty, *part)
        assert before.code == 1, before.err
        assert played(before) == {MAILED: "passed", LINK_IS_USED: "failed", BOTH_DOORS: "failed"}

        first = place.run_target(faulty, *part, "--exitfirst")
        assert first.code == 1
        assert [*played(first).values()].count("failed") == 1
        assert len(played(first)) < len(played(before))
        assert "the run ended at the first failure (--exitfirst)" in first.err

        mended = place.run_target(described(""), "--last-failed")
        assert mended.code == 3
        assert [*played(mended).values()] == ["passed"]
        assert "1 scenario had failed before, and now: 1 passed" in mended.out
        assert mended.report is not None
        assert mended.report["partial"]
        assert (place.directory / "conformance-report" / "previous-report.json").exists()


def test_a_gate_run_has_what_decides_and_nothing_else() -> None:
    with Place() as place:
        passed = place.run_target(described(""), "--gate", "--require", "AC-4,AC-5")
        assert passed.code == 0, passed.err
        assert passed.report is not None
        assert (passed.report["gate"], passed.report["partial"]) == (True, False)
        assert all({"AC-4", "AC-5"} & {*each["ids"]} for each in passed.report["scenarios"])
        assert "nothing else was looked at (--gate)" in passed.out
        outcomes = {id_: each["outcome"] for id_, each in passed.report["requirements"].items()}
        assert [id_ for id_, outcome in outcomes.items() if outcome == "passed"] == ["AC-4", "AC-5"]
        assert outcomes["NFR-2"] == "untested"

        failed = place.run_target(
            described("select-then-update"), "--gate", "--require", "AC-4,EC-8"
        )
        assert failed.code == 1
