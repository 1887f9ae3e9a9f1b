"""Runs the harness against mutants."""

from __future__ import annotations

from pathlib import Path

from tests.mutants.harness_run import reference_description, run_harness
from tests.mutants.model import Mutant
from tests.mutants.verdict import Verdict, judge

APP = "tests.mutants.app:create_app"


CRITERIA = frozenset(f"AC-{number}" for number in range(1, 11))


def run_mutant(mutant: Mutant, directory: Path, *, focused: bool = False) -> Verdict:
    """Run the harness against a mutant; `directory` keeps the report.

    A `focused` run leaves out what shows neither an acceptance criterion nor a declared id: about
    half the time.
    """
    description = reference_description(APP, f"mutant: {mutant.name}", {"MUTANT": mutant.name})
    ids = CRITERIA | mutant.violates | mutant.falls_with
    only = [f"--only={id_}" for id_ in sorted(ids)] if focused else []
    # What is drawn is the same each time, where it takes long to meet the fault.
    steps = [f"--explore={mutant.explore}", "--seed=1"] if mutant.explore else []
    return judge(mutant, run_harness(description, directory / mutant.name, *only, *steps))
