"""Runs one implementation several times and tells what changed between the runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.harness_run import HarnessRun
from tests.variants.model import Variant
from tests.variants.runner import run_variant

Outcomes = dict[str, str]


@dataclass(frozen=True)
class Series:
    """One implementation's runs: for each the outcome of every scenario, requirement and itself."""

    name: str
    runs: tuple[Outcomes, ...]
    seconds: tuple[float, ...]

    def changes(self) -> list[str]:
        """Return a line for everything whose outcome was not the same in every run."""
        names = dict.fromkeys(name for run in self.runs for name in run)
        lines = []
        for name in names:
            seen = Counter(run.get(name, "absent") for run in self.runs)
            if len(seen) > 1:
                told = ", ".join(f"{outcome} {times} times" for outcome, times in seen.items())
                lines.append(f"{self.name}: {name}: {told}")
        return lines

    def not_conformant(self) -> list[str]:
        """Return a line for each run that came to another conclusion, since all of them conform."""
        return [
            f"{self.name}: run {number} was {run[_CONCLUSION]}"
            for number, run in enumerate(self.runs, start=1)
            if run[_CONCLUSION] != "conformant"
        ]


_CONCLUSION = "the run"


def outcomes_of(run: HarnessRun) -> Outcomes:
    """Return every outcome of a run, errors of the harness included."""
    scenarios = {f"scenario: {each.name}": each.outcome for each in run.scenarios}
    errors = {f"error: {error}": "there" for error in run.errors}
    return {_CONCLUSION: run.conclusion, **run.outcomes, **scenarios, **errors}


def repeat(variant: Variant, times: int, directory: Path) -> Series:
    """Run the harness against a variant again and again; `directory` keeps the reports."""
    runs: Sequence[HarnessRun] = [
        run_variant(variant, directory / str(number), workers=None)
        for number in range(1, times + 1)
    ]
    return Series(
        variant.name,
        tuple(outcomes_of(run) for run in runs),
        tuple(run.seconds for run in runs),
    )
