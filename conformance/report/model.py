"""A run as every report has it: typed, masked, free of what JSON cannot hold.

`report_of` makes it from a run, `json_report.read_report` from a file; whatever is printed or
written is made from it alone. The members are those of `report.schema.json`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict

from conformance.observe.evidence import masked
from conformance.outcomes import Conclusion, ExitCode, Outcome, worst
from conformance.report.causes import causes
from conformance.report.diagnosis import Likeness, diagnose
from conformance.requirements.specification import sort_key
from conformance.run.result import (
    EXPECTED_FAILURE,
    HarnessError,
    RequirementResult,
    RunResult,
    ScenarioResult,
    requirement_result,
)

SCHEMA_VERSION = "2.4"
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _in_order(requirements: dict[str, Requirement]) -> dict[str, Requirement]:
    return {id_: requirements[id_] for id_ in sorted(requirements, key=sort_key)}


Seconds = Annotated[float, AfterValidator(lambda seconds: round(seconds, 3))]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Requirement(_Part):
    """A requirement; `scenarios` are indices into the report's."""

    outcome: Outcome
    sentence: str
    asked: bool
    reason: str
    failed_as_expected: bool
    points: tuple[str, ...]
    scenarios: tuple[int, ...]

    @property
    def kind(self) -> str:
        """How it ended: one of `KINDS`."""
        return EXPECTED_FAILURE if self.failed_as_expected else self.outcome.value

    @property
    def listed(self) -> bool:
        """Whether a short table has it: what was asked about, and whatever failed."""
        return self.asked or self.outcome is Outcome.FAILED


class Score(_Part):
    """How many of the asked requirements passed, and by how many causes the others failed.

    `causes` is None in a report of a version before 2.3.
    """

    passed: int
    asked: int
    causes: int | None = None

    @property
    def share(self) -> float:
        """The share that passed, from 0 to 1; 0 where nothing was asked about."""
        return self.passed / self.asked if self.asked else 0.0

    def __str__(self) -> str:
        noun = "requirement" if self.asked == 1 else "requirements"
        return f"{self.passed} of {self.asked} asked {noun} passed"


class Report(_Part):
    """A whole run; `requirements` are in the order of reports."""

    schema_version: str
    version: str
    conclusion: Conclusion
    exit_code: ExitCode
    asked: tuple[str, ...]
    partial: bool
    score: Score
    target: dict[str, Any]
    started_at: str
    seconds: Seconds
    requirements: Annotated[dict[str, Requirement], AfterValidator(_in_order)]
    scenarios: tuple[ScenarioResult, ...]
    advisories: tuple[ScenarioResult, ...]
    errors: tuple[HarnessError, ...]
    stale_expected_failures: tuple[str, ...]
    diagnosis: tuple[Likeness, ...] = ()
    durations: dict[str, Seconds] = {}
    slice: str | None = None
    broken_off: str | None = None
    gate: bool = False

    @property
    def target_name(self) -> str:
        """The name of the target, or else its address."""
        return str(self.target.get("name") or self.target.get("base_url") or "the target")

    @property
    def begun(self) -> str:
        """When the run began, to the minute, in UTC."""
        return f"{self.started_at[:16].replace('T', ' ')} UTC"

    @cached_property
    def failures(self) -> tuple[ScenarioResult, ...]:
        """The scenarios that failed and were not expected to."""
        return tuple(each for each in self.scenarios if each.kind == Outcome.FAILED)

    def ids(self, *kinds: str) -> list[str]:
        """Return the requirements that ended so, in the order of reports."""
        return [id_ for id_, each in self.requirements.items() if each.kind in kinds]

    def counted(self, id_: str) -> Outcome:
        """Return a requirement's outcome as the conclusion has it: expected failures passed."""
        if (found := self.requirements.get(id_)) is None:
            return Outcome.UNTESTED
        if not found.failed_as_expected:
            return found.outcome
        scenarios = (self.scenarios[index] for index in found.scenarios)
        return worst(
            Outcome.PASSED if each.kind == EXPECTED_FAILURE else each.outcome for each in scenarios
        )


def report_of(result: RunResult) -> Report:
    """Return the report of a run, masked."""
    index = {id(scenario): number for number, scenario in enumerate(result.scenarios)}
    known = {each.id for each in result.requirements}
    requirements = [
        *result.requirements,
        *(requirement_result(id_, "", True, ()) for id_ in result.asked if id_ not in known),
    ]
    passed = {each.id for each in requirements if each.outcome is Outcome.PASSED}
    data = {
        **vars(result),
        "schema_version": SCHEMA_VERSION,
        "conclusion": result.conclusion,
        "exit_code": result.exit_code,
        "score": {
            "passed": len(passed.intersection(result.asked)),
            "asked": len(result.asked),
        },
        "requirements": {each.id: _requirement(each, index) for each in requirements},
        "scenarios": [asdict(each) for each in result.scenarios],
        "advisories": [asdict(each) for each in result.advisories],
        "errors": [asdict(each) for each in result.errors],
        # A part of the scenarios fits too many faults.
        "diagnosis": []
        if result.partial or result.broken_off or result.gate
        else [asdict(each) for each in diagnose(result.scenarios)],
    }
    shown = masked(plain(data))
    for each in requirements:
        # The spec's own words hold no secret, though the form of the link looks like one.
        shown["requirements"][each.id]["sentence"] = each.sentence
    report = Report.model_validate(shown)
    score = report.score.model_copy(update={"causes": len(causes(report))})
    return report.model_copy(update={"score": score})


def _requirement(requirement: RequirementResult, index: Mapping[int, int]) -> dict[str, Any]:
    return {
        **vars(requirement),
        "failed_as_expected": requirement.failed_as_expected,
        "points": requirement.points,
        "scenarios": [index[id(scenario)] for scenario in requirement.scenarios],
    }


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: no NaN, no lone surrogates, no foreign types."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_text(key): plain(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted(_text(item) for item in value)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return [plain(item) for item in value]
    return _utc(value) if isinstance(value, datetime) else _text(value)


def _text(value: object) -> str:
    shown = value.decode("utf-8", "replace") if isinstance(value, (bytes, bytearray)) else value
    return _SURROGATE.sub("\ufffd", str(shown))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
