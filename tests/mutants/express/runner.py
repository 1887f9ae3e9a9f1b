"""Runs the harness against faulty copies of the Express target, through its description."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

from tests.mutants.express.model import ExpressMutant
from tests.mutants.express.requests import REQUESTS
from tests.mutants.express.tokens import TOKENS
from tests.mutants.harness_run import run_harness
from tests.mutants.runner import FOCUS
from tests.mutants.verdict import Verdict, judge
from tests.targets.installing import installed_express


def all_express_mutants() -> dict[str, ExpressMutant]:
    """Return every mutant of the Express target, by name."""
    return {mutant.name: mutant for mutant in (*REQUESTS, *TOKENS)}


def faulty_copy(mutant: ExpressMutant, original: Path, place: Path) -> Path:
    """Copy the target to `place`, which is replaced, and edit the copy; return `place`."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(original, place, ignore=shutil.ignore_patterns("node_modules"))
    (place / "node_modules").symlink_to(original / "node_modules", target_is_directory=True)
    for edit in mutant.edits:
        edit.apply(place)
    return place


def run_express_mutant(mutant: ExpressMutant, directory: Path, *, focused: bool = False) -> Verdict:
    """Run the harness against a mutant; `directory` keeps the faulty copy and the report.

    For `focused` see `run_mutant`.
    """
    place = faulty_copy(mutant, installed_express(), directory / mutant.name)
    description = tomllib.loads((place / "target.toml").read_text(encoding="utf-8"))
    description["name"] = f"mutant: {mutant.name}"
    ids = FOCUS | mutant.violates | mutant.falls_with
    only = [f"--only={id_}" for id_ in sorted(ids)] if focused else []
    return judge(mutant, run_harness(description, place, *only))
