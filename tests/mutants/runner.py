"""Runs the harness against mutants."""

from __future__ import annotations

from pathlib import Path

from tests.mutants.harness_run import reference_description, run_harness
from tests.mutants.model import Mutant
from tests.mutants.verdict import Verdict, judge

APP = "tests.mutants.app:create_app"


def run_mutant(mutant: Mutant, directory: Path) -> Verdict:
    """Run the harness against a mutant; `directory` keeps the report."""
    description = reference_description(APP, f"mutant: {mutant.name}", {"MUTANT": mutant.name})
    return judge(mutant, run_harness(description, directory / mutant.name))
