"""Every advisory has something to say, and says nothing where there is nothing to be said."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance.outcomes import ExitCode
from conformance.requirements.scenarios import fill_in, read_scenarios
from tests.advisories import careless, careless_provider
from tests.mutants.harness_run import ROOT, as_toml, reference_description

pytestmark = pytest.mark.run

APP = "tests.advisories.app:create_app"
SECONDS = 180.0


@dataclass(frozen=True)
class Spoken:
    """A run of the advisories alone: its exit code and its report."""

    code: int
    report: dict[str, Any]

    def named(self, outcome: str) -> set[str]:
        return {each["name"] for each in self.report["advisories"] if each["outcome"] == outcome}


def advisories() -> set[str]:
    """The names of the advisories as they run, one for each row of an outline."""
    return {
        fill_in(scenario.name, row)
        for scenario in read_scenarios()
        if scenario.advisory
        for row in scenario.rows
    }


def listen(carelessness: str, directory: Path) -> Spoken:
    """Run the advisories against the reference as it is altered."""
    description = reference_description(APP, carelessness, {"CARELESSNESS": carelessness})
    target = directory / "target.toml"
    target.write_text(as_toml(description), encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.advisories.only", "run", "--quiet"),
            "--advisories",
            *("--target", str(target), "--report-dir", str(directory)),
        ],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    report = directory / "report.json"
    assert report.exists(), done.stdout + done.stderr
    return Spoken(done.returncode, json.loads(report.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def careless_run(tmp_path_factory: pytest.TempPathFactory) -> Spoken:
    return listen("everywhere", tmp_path_factory.mktemp("careless"))


def test_carelessness_is_told(careless_run: Spoken) -> None:
    assert careless_run.report["errors"] == []
    assert careless_run.named("failed") == careless.SPEAKS


def test_what_advisories_find_decides_nothing(careless_run: Spoken) -> None:
    # Nothing else ran, so nothing is decided; had the failures counted, it would say so.
    assert careless_run.report["conclusion"] == "incomplete"
    assert careless_run.code == ExitCode.INCOMPLETE
    assert careless_run.report["scenarios"] == []


def test_carelessness_with_the_mail_provider_is_told(tmp_path: Path) -> None:
    spoken = listen("with the provider", tmp_path)
    assert spoken.report["errors"] == []
    assert spoken.named("failed") >= careless_provider.SPEAKS


def test_care_is_not_complained_about(tmp_path: Path) -> None:
    spoken = listen("none", tmp_path)
    assert spoken.report["errors"] == []
    assert spoken.named("passed") == advisories()


def test_every_advisory_was_heard() -> None:
    assert advisories() == careless.SPEAKS | careless_provider.SPEAKS
