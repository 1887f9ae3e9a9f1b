"""Runs the harness against permitted variants."""

from __future__ import annotations

from pathlib import Path

from tests.mutants.harness_run import HarnessRun, reference_description, run_harness
from tests.variants.model import Variant

APP = "tests.variants.app:create_app"
_GOOD = frozenset({"passed", "inapplicable"})


def run_variant(variant: Variant, directory: Path, *, workers: int | None = 1) -> HarnessRun:
    """Run the harness against a variant; `directory` keeps the report."""
    place = directory / variant.name
    place.mkdir(parents=True, exist_ok=True)
    description = reference_description(APP, f"variant: {variant.name}", {"VARIANT": variant.name})
    variant.describe(description, place)
    return run_harness(description, place, workers=workers)


def complaints_about(run: HarnessRun) -> list[str]:
    """Return what a run says against an implementation that conforms: false alarms, all of it."""
    complaints = [f"error of the run: {error}" for error in run.errors]
    complaints += [
        f"{', '.join(sorted(each.ids))} {each.outcome} at {each.failing_step}: {each.message}"
        for each in run.scenarios
        if each.outcome not in _GOOD
    ]
    if run.conclusion != "conformant" and not complaints:
        complaints.append(f"concluded {run.conclusion}")
    return complaints
