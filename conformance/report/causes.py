"""The failures of a report, put together by their cause, the most important first.

Failures have one cause when they are alike: the same step stops them, or the same is found, at the
same endpoint. What the gravest of them is about is what is broken; the other requirements that they
show fall along: they are the consequences.

What makes the link itself fail comes first, since everything else depends on it; then security,
the worst first, then behaviour, then form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from conformance.report.symptom import constant, symptom
from conformance.requirements.facts import Gravity, facts
from conformance.requirements.scenarios import ids_of_rules
from conformance.requirements.specification import sort_key
from conformance.run.result import ScenarioResult

if TYPE_CHECKING:
    from conformance.report.model import Report

# Where a link is not mailed, or does not log in, everything after it fails too.
_ROOTS = ("AC-1", "AC-2")
# From so many scenarios of one cause on, what a single one is about is an exception among them.
_MANY = 6
# How the message begins of a scenario whose `Given` failed; what follows is the failure.
NOT_SET_UP = "the scenario could not be set up: "


@dataclass(frozen=True)
class Cause:
    """A finding: failed scenarios that have one cause.

    `ids` are the requirements that it breaks, the most telling first; `scenarios` show them, the
    first in the fewest requests. `consequences` are the other requirements that fail by it, as the
    scenarios in `fallen` show. `root` says that other causes may disappear with this one.
    """

    ids: tuple[str, ...]
    scenarios: tuple[ScenarioResult, ...]
    root: bool = False
    consequences: tuple[str, ...] = ()
    fallen: tuple[ScenarioResult, ...] = ()

    @property
    def shown_by(self) -> ScenarioResult:
        """The scenario that shows it in the fewest requests."""
        return self.scenarios[0]


def causes(report: Report) -> list[Cause]:
    """Return what failed in a report and was not expected, the most important first."""
    grounds = _grounds(report)
    groups: list[list[ScenarioResult]] = []
    for scenario in sorted(report.failures, key=lambda each: _importance(each, grounds)):
        group = next((each for each in groups if _belongs(scenario, each, grounds)), None)
        if group is None:
            groups.append([scenario])
        else:
            group.append(scenario)
    named = {id_ for group in groups for id_ in subject(_leading(group))}
    return [_cause(group, named, rooted=bool(grounds)) for group in groups]


def _cause(group: Sequence[ScenarioResult], named: set[str], *, rooted: bool) -> Cause:
    """Return a cause; `named` are the ids that any cause breaks."""
    ids = sorted(subject(_leading(group)), key=lambda id_: not (rooted and id_ in _ROOTS))
    shows = [scenario for scenario in group if {*ids} & {*subject(scenario)}]
    along = {id_ for scenario in group for id_ in scenario.ids} - named
    return Cause(
        tuple(ids),
        tuple(sorted(shows, key=_effort)),
        root=rooted and bool({*ids} & {*_ROOTS}),
        consequences=tuple(sorted(along, key=sort_key)),
        fallen=tuple(scenario for scenario in group if scenario not in shows),
    )


def _leading(group: Sequence[ScenarioResult]) -> ScenarioResult:
    """Return the gravest scenario of a group that is no exception in it."""
    times = Counter(id_ for scenario in group for id_ in subject(scenario))
    usual = {id_ for id_, count in times.items() if count > 1 or len(group) < _MANY}
    return next((scenario for scenario in group if usual & {*subject(scenario)}), group[0])


def subject(scenario: ScenarioResult) -> tuple[str, ...]:
    """Return what a scenario is about: its rule's ids, or else its own; the gravest first."""
    ids = ids_of_rules().get((scenario.path, scenario.rule)) or scenario.ids
    return tuple(sorted(ids, key=lambda id_: (gravity(id_), sort_key(id_))))


def _grounds(report: Report) -> frozenset[str]:
    """Return the messages of what kept scenarios from being set up."""
    messages = [constant(scenario.message) for scenario in report.scenarios]
    return frozenset(m.removeprefix(NOT_SET_UP) for m in messages if m.startswith(NOT_SET_UP))


def _belongs(
    scenario: ScenarioResult, group: Sequence[ScenarioResult], grounds: frozenset[str]
) -> bool:
    """Tell whether a scenario fails by the cause of a group."""
    lacks_the_link = constant(scenario.message) in grounds and {*subject(group[0])} & {*_ROOTS}
    return (
        bool(lacks_the_link)
        or _is_its_form(scenario, group)
        or any(_alike(scenario, other) for other in group)
    )


def _is_its_form(scenario: ScenarioResult, group: Sequence[ScenarioResult]) -> bool:
    """Tell whether it is about the form, as a log line, of what a group shows to go wrong."""
    form = all(gravity(id_) is Gravity.FORM for id_ in subject(scenario))
    return form and any({*scenario.ids} & {*other.ids} for other in group)


def _alike(one: ScenarioResult, other: ScenarioResult) -> bool:
    """Tell whether two scenarios failed by one fault, as far as can be seen."""
    shared = bool({*one.ids} & {*other.ids})
    if not shared and not _endpoint(one) == _endpoint(other) != ("", ""):
        return False
    here, there = symptom(one), symptom(other)
    if here.found == there.found:
        return shared or one.expected == other.expected
    return here.step == there.step and bool(here.parts & there.parts)


def _endpoint(scenario: ScenarioResult) -> tuple[str, str]:
    """Return the method and the path of the last request, "" without any."""
    exchanges = scenario.evidence.get("exchanges", [])
    if not exchanges:
        return "", ""
    request = exchanges[-1].get("request", {})
    return request.get("method", ""), urlsplit(request.get("url", "")).path


def gravity(id_: str) -> Gravity:
    """Return how grave a failure of this requirement is."""
    known = facts().get(id_)
    return known.gravity if known else Gravity.FORM


def _importance(scenario: ScenarioResult, grounds: frozenset[str]) -> tuple[Any, ...]:
    ids = subject(scenario)
    roots = [_ROOTS.index(id_) for id_ in ids if grounds and id_ in _ROOTS]
    first = [(gravity(id_), sort_key(id_)) for id_ in ids[:1]]
    return min(roots, default=len(_ROOTS)), first, _effort(scenario)


def _effort(scenario: ScenarioResult) -> tuple[bool, int]:
    exchanges = scenario.evidence.get("exchanges_in_all", 0)
    return not scenario.reproduce, exchanges
