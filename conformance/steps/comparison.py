"""Requests in rounds, for registered users and for others, that AC-9, EC-1 and EC-2 compare."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal, get_args

from conformance.observe.evidence import Exchange
from conformance.outcomes import Untested
from conformance.steps import actions
from conformance.steps.scene import Scene
from conformance.steps.statistics.equivalence import SequentialPlan
from conformance.target.accounts.supply import Kind, unknown_address

Group = Literal["registered users", "addresses nobody registered", "suspended users"]
_GROUPS: tuple[Group, ...] = get_args(Group)
_KINDS: dict[Group, Kind] = {"registered users": "active", "suspended users": "suspended"}
# A target that evens out the time of its mail provider has to have seen a few sends first.
_WARM_UP_SENDS = 10
_WARM_UP_WORKERS = 5


def fresh_address(scene: Scene, group: Group) -> str:
    """Return an address of a group that no link was requested for within the hour."""
    kind = _KINDS.get(group)
    return unknown_address() if kind is None else scene.take(kind, replenish=True)[0].email


@dataclass
class Series:
    """Requests in rounds: in each, one for every group of addresses, in random order.

    The groups share the registered users' answers. `shortages` says of which group, and why, no
    further addresses can be had. `draw` returns the address of the next request for a group.
    """

    answers: dict[Group, list[Exchange]]
    shortages: dict[Group, Untested] = field(default_factory=dict)
    draw: Callable[[Scene, Group], str] = fresh_address


@dataclass(frozen=True)
class Comparison:
    """One group side by side with registered users, round by round."""

    group: Group
    series: Series
    plan: SequentialPlan = field(default_factory=SequentialPlan)

    @property
    def known(self) -> list[Exchange]:
        """The answers for registered users, as many as there are for the group."""
        return self.series.answers["registered users"][: len(self.others)]

    @property
    def others(self) -> list[Exchange]:
        """The answers for the group."""
        return self.series.answers[self.group]

    @property
    def shortage(self) -> Untested | None:
        """Why there are not more answers."""
        shortages = self.series.shortages
        return shortages.get("registered users") or shortages.get(self.group)

    @property
    def known_seconds(self) -> list[float]:
        """How long the answers for registered users took."""
        return [answer.elapsed for answer in self.known]

    @property
    def other_seconds(self) -> list[float]:
        """How long the answers for the group took."""
        return [answer.elapsed for answer in self.others]


def series_for(scene: Scene, group: Group) -> Series:
    """Return the series for a group; scenarios that look at other sides of its answers share it.

    In workers two groups are compared at the same time, each beside registered users of its own.
    """
    shared = scene.testbed.shared
    groups = _GROUPS if scene.testbed.alone else ("registered users", group)
    key = f"answers to {', '.join(groups)}"
    if key not in shared:
        if "warmed_up" not in shared:
            warm_up(scene)
            shared["warmed_up"] = True
        shared[key] = Series({each: [] for each in groups})
    series: Series = shared[key]
    return series


def warm_up(scene: Scene) -> list[str]:
    """Have the target send a few mails; return whose.

    A fixed list of accounts is too short for that; its first rounds then warm the target up.
    """
    if not scene.testbed.accounts.plentiful:
        return []
    addresses = [account.email for account in scene.take("active", _WARM_UP_SENDS)]
    ask_side_by_side(scene, addresses)
    ask(scene, unknown_address())
    return addresses


def ask_side_by_side(scene: Scene, addresses: Iterable[str]) -> None:
    """Request a link for each address, several at a time."""
    with ThreadPoolExecutor(_WARM_UP_WORKERS) as workers:
        list(workers.map(lambda address: ask(scene, address), addresses))


def take_rounds(scene: Scene, comparison: Comparison, rounds: int) -> None:
    """Make rounds, in random order within each, until there are enough or no more accounts."""
    while len(comparison.others) < rounds:
        addresses = _addresses(scene, comparison.series)
        if comparison.shortage is not None:
            return
        random.shuffle(addresses)
        for group, address in addresses:
            comparison.series.answers[group].append(ask(scene, address))


def _addresses(scene: Scene, series: Series) -> list[tuple[Group, str]]:
    """Return an address for each group; one that has none left is left out from then on."""
    found: list[tuple[Group, str]] = []
    for group in series.answers:
        if group in series.shortages:
            continue
        try:
            found.append((group, series.draw(scene, group)))
        except Untested as shortage:
            series.shortages[group] = shortage
    return found


def ask(scene: Scene, address: str) -> Exchange:
    """Request a link as one of a series; raises `TargetLost` or `NoAnswer` without an answer."""
    answer = actions.ask(scene, address)
    if answer.error:
        # Says whether the target is gone, and fails it otherwise.
        return actions.request_link(scene, address)
    return answer
