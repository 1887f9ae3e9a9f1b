"""What an earlier run tells the next one: what failed in it, and what it drew."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from conformance.outcomes import UsageError, worst
from conformance.report.files import PREVIOUS, REPORT
from conformance.report.json_report import read_report
from conformance.report.model import Report
from conformance.report.wording import counted
from conformance.requirements.selection import known_part, scenarios_of_part
from conformance.requirements.tags import WHOLE_RUN


@dataclass(frozen=True)
class EarlierRun:
    """The scenarios that `failed`, by selector, and the seed; None when the report has none."""

    failed: tuple[str, ...]
    seed: int | None

    @property
    def part(self) -> tuple[str, ...]:
        """What `--last-failed` runs; empty, for everything, where a part would show nothing.

        That is so where nothing failed, and where only what judges a whole run did.
        """
        of_a_part = any(WHOLE_RUN not in each.tags for each in scenarios_of_part(self.failed))
        return self.failed if of_a_part else ()


def earlier_run(report_dir: Path) -> EarlierRun:
    """Read the report of the last run that wrote one. Raises `UsageError` when there is none."""
    place = next((p for p in (report_dir / REPORT, report_dir / PREVIOUS) if p.exists()), None)
    if place is None:
        raise UsageError(
            f"{report_dir}: no report of an earlier run is there, so nothing is known to have "
            "failed: run once without --last-failed and --failed-first"
        )
    report = read_report(place)
    seed = report.target.get("seed")
    try:
        failed = known_part([each.selector for each in report.failures])
    except UsageError as error:
        raise UsageError(f"{place}: the features have changed since: {error}") from error
    return EarlierRun(failed, seed if isinstance(seed, int) else None)


def since_then(report: Report, failed: tuple[str, ...]) -> str:
    """Return one line: how the scenarios that had failed ended this time."""
    ended = Counter(_ended(report, selector) for selector in failed)
    times = ", ".join(f"{count} {how}" for how, count in ended.most_common())
    return f"{counted(len(failed), 'scenario', 'scenarios')} had failed before, and now: {times}"


def _ended(report: Report, selector: str) -> str:
    rows = [each.outcome for each in report.scenarios if each.selector == selector]
    return worst(rows).value if rows else "not run"
