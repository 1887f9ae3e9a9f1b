"""Runs the harness against mutants."""

from __future__ import annotations

from pathlib import Path

from tests.mutants.harness_run import reference_description, run_harness
from tests.mutants.model import Mutant
from tests.mutants.verdict import Verdict, judge

APP = "tests.mutants.app:create_app"


# AC-9 measures times: that takes as long as all the others, and few faults show there.
FOCUS = frozenset(f"AC-{number}" for number in range(1, 11)) - {"AC-9"}


def run_mutant(mutant: Mutant, directory: Path, *, focused: bool = False) -> Verdict:
    """Run the harness against a mutant; `directory` keeps the report.

    A `focused` run leaves out what shows neither a declared id nor an acceptance criterion other
    than AC-9.
    """
    description = reference_description(APP, f"mutant: {mutant.name}", {"MUTANT": mutant.name})
    ids = FOCUS | mutant.violates | mutant.falls_with
    only = [f"--only={id_}" for id_ in sorted(ids)] if focused else []
    # What is drawn is the same each time, where it takes long to meet the fault.
    steps = [f"--explore={mutant.explore}", "--seed=1"] if mutant.explore else []
    return judge(mutant, run_harness(description, directory / mutant.name, *only, *steps))
