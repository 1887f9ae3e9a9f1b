"""The matrix as data: a row per mutant and per variant, and the file that keeps them.

The file (JSON): `{"mutants": [row], "variants": [row]}`, where a row is a `Row` as a dictionary.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from conformance.report.symptom import symptom
from tests.mutants.harness_run import HarnessRun
from tests.mutants.model import Mutant
from tests.mutants.verdict import Catch, Verdict
from tests.variants.model import Variant
from tests.variants.runner import complaints_about


@dataclass(frozen=True)
class FailedScenario:
    """A scenario that failed, by its name, and its symptom: see `Symptom`."""

    name: str
    ids: tuple[str, ...]
    step: str
    found: str
    size: float | None


@dataclass(frozen=True)
class Row:
    """One line of the matrix.

    `kind` is mutant or variant, `about` the fault or the choice in a sentence. `verdict` is a
    `Catch`, passed, failed or error; `good` says whether it is as it should be. `judged` are the
    scenarios that the run judged, by name, with their ids. `first_run` is what a first run was
    complained of, where the row is that of a second one.
    """

    name: str
    kind: str
    about: str
    verdict: str
    good: bool
    target: str = "reference"
    incident: str = ""
    violates: tuple[str, ...] = ()
    falls_with: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()
    failures: tuple[FailedScenario, ...] = ()
    seconds: float = 0.0
    judged: dict[str, list[str]] = field(default_factory=dict)
    first_run: tuple[str, ...] = ()


def mutant_row(verdict: Verdict, target: str = "reference") -> Row:
    """Return the row of a mutant that was run."""
    mutant, run = verdict.mutant, verdict.run
    return Row(
        name=mutant.name,
        kind="mutant",
        about=mutant.fault,
        verdict=verdict.catch,
        good=verdict.catch is Catch.KILLED,
        target=target,
        incident=mutant.incident,
        violates=tuple(sorted(mutant.violates)),
        falls_with=tuple(sorted(mutant.falls_with)),
        complaints=verdict.complaints,
        **_found(run),
    )


def variant_row(variant: Variant, run: HarnessRun) -> Row:
    """Return the row of a variant that was run."""
    complaints = complaints_about(run)
    verdict = "failed" if complaints else "passed"
    return Row(
        name=variant.name,
        kind="variant",
        about=variant.choice,
        verdict=verdict,
        good=not complaints,
        complaints=tuple(complaints),
        **_found(run),
    )


def broken_row(entry: Mutant | Variant, error: str) -> Row:
    """Return the row of a run that came to no result."""
    kind, about = (
        ("mutant", entry.fault) if isinstance(entry, Mutant) else ("variant", entry.choice)
    )
    return Row(entry.name, kind, about, "error", good=False, complaints=(error,))


def _found(run: HarnessRun) -> dict[str, Any]:
    return {
        "failed": tuple(sorted(run.failed)),
        "failures": tuple(
            FailedScenario(each.name, tuple(sorted(each.ids)), **asdict(symptom(each)))
            for each in run.failures()
        ),
        "seconds": round(run.seconds, 1),
        "judged": {each.name: sorted(each.ids) for each in run.scenarios},
    }


def write_results(rows: Sequence[Row], path: Path) -> None:
    """Write the file that the module describes; rows of other names that are there already stay."""
    kept = {row["name"]: row for row in _read(path)} | {row.name: asdict(row) for row in rows}
    found = {
        f"{kind}s": [row for _, row in sorted(kept.items()) if row["kind"] == kind]
        for kind in ("mutant", "variant")
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _read(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    found = json.loads(path.read_text(encoding="utf-8"))
    return [*found["mutants"], *found["variants"]]


def never_failed(rows: Iterable[Row]) -> list[str]:
    """Return the scenarios that no mutant failed: nothing has shown yet that they can."""
    rows = list(rows)
    judged = {name for row in rows for name in row.judged}
    failed = {each.name for row in rows if row.kind == "mutant" for each in row.failures}
    return sorted(judged - failed)
