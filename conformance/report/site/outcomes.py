"""What a report says of each requirement, scenario and row; of the run as a whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from conformance.observe.evidence import masked
from conformance.outcomes import Outcome
from conformance.report.model import Report, Requirement
from conformance.report.site.features import ShownScenario
from conformance.requirements.scenarios import fill_in
from conformance.run.result import EXPECTED_FAILURE, KINDS, ScenarioResult

# Beside the kinds of `model`: a fault of the harness, and a scenario that the report does not have.
ERROR, NOT_RUN = "error", "not_run"
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


_UNKNOWN = Requirement(
    outcome=Outcome.UNTESTED,
    sentence="",
    asked=False,
    reason="the report does not have it",
    failed_as_expected=False,
    points=(),
    scenarios=(),
)


@dataclass(frozen=True)
class ScenarioOutcome:
    """`kind` is the worst of its rows'; a plain scenario has one row.

    Kinds are the outcomes, `expected_failure`, `error` and `not_run`. `message` is of the
    worst row.
    """

    kind: str
    rows: tuple[str, ...]
    message: str


class Outcomes:
    """A report, joined with the features by file, rule and name: lines may have moved since."""

    def __init__(self, report: Report, scenarios: Iterable[ShownScenario]) -> None:
        self.report = report
        self._faults = frozenset(each.where for each in report.errors)
        self._left: dict[tuple[str, str, str], list[ScenarioResult]] = defaultdict(list)
        for each in (*report.scenarios, *report.advisories):
            self._left[_place(each.path, each.rule, each.name)].append(each)
        self._scenarios = {each.place: self._joined(each) for each in scenarios}
        # How many results of the report belong to no scenario of these features.
        self.unknown = sum(len(each) for each in self._left.values())

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many requirements ended how, of the kinds that there are."""
        counts = Counter(each.kind for each in self.report.requirements.values())
        return [(kind, counts[kind]) for kind in KINDS if counts[kind]]

    def of_requirement(self, id_: str) -> Requirement:
        """Return a requirement, `untested` when the report does not have it."""
        return self.report.requirements.get(id_, _UNKNOWN)

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
            kind = found.kind if found else ERROR if name in self._faults else NOT_RUN
            rows.append(kind)
            messages.setdefault(kind, found.message if found else "")
        kind = min(rows, key=_WORST_FIRST.index)
        return ScenarioOutcome(kind, tuple(rows), messages[kind])


def _place(path: str, rule: str, name: str) -> tuple[str, str, str]:
    """Return what a scenario is known by; reports are masked, and so the names in them."""
    return PurePath(path).name, str(masked(rule)), str(masked(name))
