"""What changed from one report to the next: better, worse, seen otherwise, new, gone.

A requirement that passed and is now failed or not decided is a regression, and so is an error of
the run that was not there. An expected failure is neither better nor worse than anything: somebody
decided about it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from conformance.outcomes import Outcome
from conformance.report.causes import Cause
from conformance.report.findings import findings
from conformance.report.model import Report, Requirement
from conformance.requirements.specification import sort_key
from conformance.run.result import EXPECTED_FAILURE, ScenarioResult

EXPECTED = "failed, expected"
_HELD = (Outcome.PASSED, Outcome.INAPPLICABLE)


class Direction(StrEnum):
    """Which way an outcome went."""

    BETTER = "better"
    WORSE = "worse"
    CHANGED = "changed"


@dataclass(frozen=True)
class Change:
    """One requirement or scenario whose outcome differs; `reason` is why it is so now."""

    name: str
    ids: tuple[str, ...]
    old: str
    new: str
    direction: Direction
    reason: str = ""


@dataclass(frozen=True)
class SeenOtherwise:
    """A requirement of the same outcome whose points of observation and control differ."""

    id: str
    outcome: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """A finding by its id, which is the same in every run, with what it breaks and what was seen.

    `message` is of the newer of the runs that have it.
    """

    id: str
    ids: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class FindingChanges:
    """What became of the findings.

    `gone` are those that the new run looked for and did not find, `left` those that both runs have.
    """

    gone: tuple[Finding, ...]
    left: tuple[Finding, ...]
    new: tuple[Finding, ...]


@dataclass(frozen=True)
class Comparison:
    """Everything that differs between two reports.

    `remarks` are sentences on why the two may not be comparable; `errors` the errors of the new
    run if the old one had none. `new` and `gone` are names of scenarios that only one report has.
    """

    conclusions: tuple[str, str]
    scores: tuple[str, str]
    remarks: tuple[str, ...]
    requirements: tuple[Change, ...]
    scenarios: tuple[Change, ...]
    advisories: tuple[Change, ...]
    seen_otherwise: tuple[SeenOtherwise, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    errors: tuple[str, ...]
    findings: FindingChanges

    @property
    def regressed(self) -> bool:
        """Whether anything got worse; advisories decide nothing."""
        changes = (*self.requirements, *self.scenarios)
        return bool(self.errors) or any(each.direction is Direction.WORSE for each in changes)


def compare(old: Report, new: Report) -> Comparison:
    """Return what differs from `old` to `new`."""
    before, after = _by_place(old.scenarios), _by_place(new.scenarios)
    advised, advises = _by_place(old.advisories), _by_place(new.advisories)
    return Comparison(
        conclusions=(old.conclusion.value, new.conclusion.value),
        scores=(_score(old), _score(new)),
        remarks=tuple(_remarks(old, new)),
        requirements=tuple(_requirement_changes(old, new)),
        scenarios=tuple(_scenario_changes(before, after)),
        advisories=tuple(_scenario_changes(advised, advises)),
        seen_otherwise=tuple(_seen_otherwise(old, new)),
        new=tuple(after[place].name for place in after if place not in before),
        gone=tuple(before[place].name for place in before if place not in after),
        errors=() if old.errors else tuple(str(each) for each in new.errors),
        findings=_finding_changes(old, new),
    )


def _score(report: Report) -> str:
    return f"{report.score.passed} of {report.score.asked}"


def _remarks(old: Report, new: Report) -> Iterator[str]:
    names = old.target.get("name"), new.target.get("name")
    if names[0] != names[1]:
        yield f"the targets differ: {names[0]}, then {names[1]}"
    for what in ("reached", "mail", "database", "clock"):
        ways = old.target.get(what), new.target.get(what)
        if ways[0] != ways[1]:
            yield f"{what}: {ways[0] or 'nothing'}, then {ways[1] or 'nothing'}"
    if set(old.asked) != set(new.asked):
        added = sorted({*new.asked} - {*old.asked}, key=sort_key)
        dropped = sorted({*old.asked} - {*new.asked}, key=sort_key)
        parts = [f"newly {', '.join(added)}"] if added else []
        parts += [f"no longer {', '.join(dropped)}"] if dropped else []
        yield f"other requirements were asked about: {'; '.join(parts)}"
    if old.version != new.version:
        yield f"the harness differs: {old.version}, then {new.version}"
    for report, which in ((old, "old"), (new, "new")):
        if report.partial or report.gate:
            yield f"the {which} run left scenarios out by choice: what it left out is untested"


def _requirement_changes(old: Report, new: Report) -> Iterator[Change]:
    before, after = old.requirements, new.requirements
    for id_ in sorted({*before, *after}, key=sort_key):
        states = _state(before.get(id_)), _state(after.get(id_))
        if states[0] != states[1]:
            reason = after[id_].reason if id_ in after else "the new report does not have it"
            yield Change(id_, (id_,), *states, _direction(*states), reason)


def _state(ended: Requirement | ScenarioResult | None) -> str:
    """Return how it ended, untested when it is not there."""
    if ended is None:
        return Outcome.UNTESTED
    return EXPECTED if ended.kind == EXPECTED_FAILURE else ended.kind


def _direction(old: str, new: str) -> Direction:
    if EXPECTED in (old, new):
        return Direction.BETTER if new == Outcome.PASSED else Direction.CHANGED
    if new == Outcome.FAILED or (old in _HELD and new not in _HELD):
        return Direction.WORSE
    if new == Outcome.PASSED and old not in _HELD:
        return Direction.BETTER
    return Direction.CHANGED


def _scenario_changes(
    before: Mapping[object, ScenarioResult], after: Mapping[object, ScenarioResult]
) -> Iterator[Change]:
    for place in before:
        if place not in after:
            continue
        old, new = _state(before[place]), _state(after[place])
        if old != new:
            scenario = after[place]
            direction = _direction(old, new)
            yield Change(scenario.name, scenario.ids, old, new, direction, scenario.message)


def _finding_changes(old: Report, new: Report) -> FindingChanges:
    before, after = findings(old), findings(new)
    played = {_key(each) for each in new.scenarios}
    gone = {
        id_: cause
        for id_, cause in before.items()
        if id_ not in after and all(_key(each) in played for each in cause.scenarios)
    }
    return FindingChanges(
        gone=tuple(_finding(id_, cause) for id_, cause in gone.items()),
        left=tuple(_finding(id_, cause) for id_, cause in after.items() if id_ in before),
        new=tuple(_finding(id_, cause) for id_, cause in after.items() if id_ not in before),
    )


def _finding(id_: str, cause: Cause) -> Finding:
    return Finding(id_, cause.ids, cause.shown_by.message)


def _by_place(scenarios: Sequence[ScenarioResult]) -> dict[object, ScenarioResult]:
    """Return scenarios by what stays the same when lines move; those alike are numbered."""
    seen: Counter[object] = Counter()
    placed: dict[object, ScenarioResult] = {}
    for scenario in scenarios:
        key = _key(scenario)
        seen[key] += 1
        placed[key, seen[key]] = scenario
    return placed


def _key(scenario: ScenarioResult) -> tuple[str, str, str]:
    return PurePath(scenario.path).name, scenario.rule, scenario.name


def _seen_otherwise(old: Report, new: Report) -> Iterator[SeenOtherwise]:
    before, after = old.requirements, new.requirements
    for id_ in sorted({*before} & {*after}, key=sort_key):
        if before[id_].outcome != after[id_].outcome:
            continue
        had, has = set(before[id_].points), set(after[id_].points)
        if had != has:
            outcome = after[id_].outcome.value
            yield SeenOtherwise(id_, outcome, tuple(sorted(has - had)), tuple(sorted(had - has)))
