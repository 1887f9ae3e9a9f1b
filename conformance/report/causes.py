"""The failures of a report, put together by their cause, the most important first.

What makes the link itself fail comes first, since everything else depends on it; then security,
the worst first, then behaviour, then form. Last comes what failed only because something that it
depends on did.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.report.model import Report
from conformance.requirements.facts import Gravity, facts
from conformance.requirements.specification import sort_key
from conformance.run.result import ScenarioResult

# Where a link is not mailed, or does not log in, everything after it fails too.
_ROOTS = ("AC-1", "AC-2")


# How the message begins of a scenario whose `Given` failed; what follows is the failure.
NOT_SET_UP = "the scenario could not be set up: "
# What differs from one request to the next although the fault is the same.
_CHANGING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\b[\w.+-]+@[\w.-]+|127\.0\.0\.1:\d+|\d{4}-\d\d-\d\d[T ][\d:.]+|\b\d{10}\b"
)


@dataclass(frozen=True)
class Cause:
    """Failed scenarios that fail in the same way.

    `ids` are the requirements that they show, the most telling first. `root` says that other causes
    may disappear with this one; `fallen`, that the scenarios failed at something that others only
    use, such as the mail to a second user. `consequences` are the requirements that fail by this
    cause alone, in the order of reports.
    """

    ids: tuple[str, ...]
    scenarios: tuple[ScenarioResult, ...]
    root: bool = False
    fallen: bool = False
    consequences: tuple[str, ...] = ()

    @property
    def shown_by(self) -> ScenarioResult:
        """The scenario that shows it in the fewest requests."""
        return min(self.scenarios, key=_effort)


def causes(report: Report) -> list[Cause]:
    """Return what failed in a report and was not expected, the most important first."""
    grounds = _grounds(report)
    groups: list[tuple[str, list[ScenarioResult]]] = []
    for scenario in report.failures:
        _group_of(scenario, groups, grounds).append(scenario)
    rooted = any(message not in grounds and _breaks_the_link(group) for message, group in groups)
    found = [
        _cause(group, broken=bool(grounds), fallen=rooted and message in grounds)
        for message, group in groups
    ]
    return sorted(found, key=_importance)


def _cause(scenarios: Sequence[ScenarioResult], *, broken: bool, fallen: bool) -> Cause:
    """Return a cause; `broken` says that scenarios could not be set up."""
    root = broken and not fallen and _breaks_the_link(scenarios)
    return Cause(_ids(scenarios, root=root), tuple(scenarios), root, fallen)


def _breaks_the_link(scenarios: Sequence[ScenarioResult]) -> bool:
    return any(id_ in _ROOTS for scenario in scenarios for id_ in scenario.ids)


def _grounds(report: Report) -> frozenset[str]:
    """Return the messages of what kept scenarios from being set up."""
    messages = [_alike(scenario.message) for scenario in report.scenarios]
    return frozenset(m.removeprefix(NOT_SET_UP) for m in messages if m.startswith(NOT_SET_UP))


def _group_of(
    scenario: ScenarioResult,
    groups: list[tuple[str, list[ScenarioResult]]],
    grounds: frozenset[str],
) -> list[ScenarioResult]:
    """Return the group with the same message and a requirement in common, else a new one."""
    message, ids = _alike(scenario.message), set(scenario.ids)
    for other, group in groups:
        shares = message in grounds or any(ids & set(each.ids) for each in group)
        if message == other and shares:
            return group
    groups.append((message, []))
    return groups[-1][1]


def _alike(message: str) -> str:
    return _CHANGING.sub("…", message)


def _ids(scenarios: Sequence[ScenarioResult], *, root: bool) -> tuple[str, ...]:
    """Return what the scenarios show: first what makes it a root, then those of `shown_by`."""
    shown = min(scenarios, key=_effort).ids
    every = {id_ for scenario in scenarios for id_ in scenario.ids}

    def order(id_: str) -> tuple[Any, ...]:
        return not (root and id_ in _ROOTS), id_ not in shown, gravity(id_), sort_key(id_)

    return tuple(sorted(every, key=order))


def gravity(id_: str) -> Gravity:
    """Return how grave a failure of this requirement is."""
    known = facts().get(id_)
    return known.gravity if known else Gravity.FORM


def _importance(cause: Cause) -> tuple[Any, ...]:
    roots = [_ROOTS.index(id_) for id_ in cause.ids if cause.root and id_ in _ROOTS]
    first = cause.ids[0] if cause.ids else ""
    return cause.fallen, min(roots, default=len(_ROOTS)), gravity(first), sort_key(first)


def _effort(scenario: ScenarioResult) -> tuple[bool, int]:
    exchanges = scenario.evidence.get("exchanges_in_all", 0)
    return not scenario.reproduce, exchanges
