"""The stored reports of the kill matrix: those of mutants that were killed, by name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.report.json_report import report_from
from conformance.report.model import Report
from tests.mutants.express.runner import all_express_mutants
from tests.mutants.harness_run import stored_run
from tests.mutants.model import Mutant
from tests.mutants.registry import all_mutants
from tests.mutants.verdict import Catch, judge


@dataclass(frozen=True)
class Stored:
    """A mutant that was killed, and its report. `reference`: it is one of the reference."""

    mutant: Mutant
    report: Report
    reference: bool


def stored_reports(directories: Iterable[Path]) -> list[Stored]:
    """Return the mutants whose reports are anywhere below the directories, by name.

    Of several reports of one mutant the newest counts.
    """
    found = sorted(_reports(directories), key=lambda path: path.stat().st_mtime)
    newest = {path.parent.name: path for path in found}
    reference = all_mutants()
    known = {**reference, **all_express_mutants()}
    return [
        Stored(known[name], _report(path), reference=name in reference)
        for name, path in sorted(newest.items())
        if name in known and judge(known[name], stored_run(path.parent)).catch is Catch.KILLED
    ]


def _report(path: Path) -> Report:
    """Read a report with no more evidence than is looked at: most of its size is evidence."""
    data = json.loads(path.read_text(encoding="utf-8"))
    data["advisories"] = []
    for scenario in data["scenarios"]:
        seen = scenario["evidence"]
        seen["exchanges"] = seen.get("exchanges", [])[-1:]
        scenario["evidence"] = {key: seen.get(key) for key in ("exchanges", "exchanges_in_all")}
    return report_from(data)


def _reports(directories: Iterable[Path]) -> Iterator[Path]:
    for directory in directories:
        yield from directory.rglob("report.json")
