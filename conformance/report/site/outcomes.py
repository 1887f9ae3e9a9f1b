"""What a report says of each requirement, scenario and row; of the run as a whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from conformance.observe.evidence import masked
from conformance.outcomes import Outcome
from conformance.report.reading import Report
from conformance.report.site.features import ShownScenario
from conformance.requirements.scenarios import fill_in

# Beside the outcomes: a failure that was expected, a fault of the harness, and a
# scenario of which the report says nothing.
EXPECTED_FAILURE, ERROR, NOT_RUN = "expected_failure", "error", "not_run"
_WORST_FIRST = (
    ERROR,
    Outcome.FAILED,
    EXPECTED_FAILURE,
    Outcome.CANT_TELL,
    NOT_RUN,
    Outcome.UNTESTED,
    Outcome.PASSED,
    Outcome.INAPPLICABLE,
)
COUNTED = (
    Outcome.PASSED,
    Outcome.FAILED,
    EXPECTED_FAILURE,
    Outcome.CANT_TELL,
    Outcome.UNTESTED,
    Outcome.INAPPLICABLE,
)


@dataclass(frozen=True)
class RequirementOutcome:
    """`kind` is an outcome or `expected_failure`; `reason` says why it did not pass."""

    kind: str
    reason: str


@dataclass(frozen=True)
class ScenarioOutcome:
    """`kind` is the worst of its rows'; a plain scenario has one row.

    Kinds are the outcomes, `expected_failure`, `error` and `not_run`. `message` is of the
    worst row.
    """

    kind: str
    rows: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Run:
    """A run as the head of each page tells it; `when` is in UTC, `counts` of requirements."""

    when: str
    target: str
    conclusion: str
    score: str
    partial: bool
    counts: tuple[tuple[str, int], ...]
    version: str
    unknown: int


class Outcomes:
    """A report, joined with the features by file, rule and name: lines may have moved since."""

    def __init__(self, report: Report, scenarios: Iterable[ShownScenario]) -> None:
        told = [*report["scenarios"], *report["advisories"]]
        self._faults = frozenset(str(each["where"]) for each in report["errors"])
        self._requirements = {
            id_: RequirementOutcome(
                EXPECTED_FAILURE if each["failed_as_expected"] else each["outcome"], each["reason"]
            )
            for id_, each in report["requirements"].items()
        }
        self._left: dict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
        for each in told:
            self._left[_place(each["path"], each["rule"], each["name"])].append(each)
        self._scenarios = {each.place: self._joined(each) for each in scenarios}
        self.run = _run(report, unknown=sum(len(each) for each in self._left.values()))

    def of_requirement(self, id_: str) -> RequirementOutcome:
        """Return a requirement's outcome; `untested` when the report does not know it."""
        unknown = RequirementOutcome(Outcome.UNTESTED, "the report does not know it")
        return self._requirements.get(id_, unknown)

    def of_scenario(self, scenario: ShownScenario) -> ScenarioOutcome:
        """Return a scenario's outcome."""
        return self._scenarios[scenario.place]

    def _joined(self, scenario: ShownScenario) -> ScenarioOutcome:
        written = scenario.written
        rows, messages = list[str](), dict[str, str]()
        for row in written.rows:
            name = fill_in(written.name, row)
            left = self._left[_place(written.path, written.rule, name)]
            found = left.pop(0) if left else None
            kind = _kind(found) if found else ERROR if name in self._faults else NOT_RUN
            rows.append(kind)
            messages.setdefault(kind, found["message"] if found else "")
        kind = min(rows, key=_WORST_FIRST.index)
        return ScenarioOutcome(kind, tuple(rows), messages[kind])


def _place(path: str, rule: str, name: str) -> tuple[str, str, str]:
    """Return what a scenario is known by; reports are masked, and so the names in them."""
    return PurePath(path).name, str(masked(rule)), str(masked(name))


def _kind(found: Mapping[str, Any]) -> str:
    expected = found["outcome"] == Outcome.FAILED and found["expected_failure"] is not None
    return EXPECTED_FAILURE if expected else str(found["outcome"])


def _run(report: Report, unknown: int) -> Run:
    target, score = report["target"], report["score"]
    counts = Counter(
        EXPECTED_FAILURE if each["failed_as_expected"] else each["outcome"]
        for each in report["requirements"].values()
    )
    return Run(
        when=report["started_at"][:16].replace("T", " ") + " UTC",
        target=str(target.get("name") or target.get("base_url") or "a target without a name"),
        conclusion=report["conclusion"],
        score=f"{score['passed']} of {score['asked']} asked requirements passed",
        partial=report["partial"],
        counts=tuple((kind, counts[kind]) for kind in COUNTED if counts[kind]),
        version=report["version"],
        unknown=unknown,
    )
