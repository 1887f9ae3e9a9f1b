"""Can an observer tell addresses apart? Status, body, headers and time (AC-9, EC-1, EC-2)."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_bdd import given, parsers, then, when

from conformance.control.accounts import Kind, unknown_address
from conformance.evidence import Exchange
from conformance.observation.mail import Sink
from conformance.opening import DELAY_JITTER
from conformance.outcomes import CantTell, Failed, Untested
from conformance.statistics.equivalence import (
    Look,
    SequentialPlan,
    Verdict,
    judge,
    median_difference_interval,
)
from conformance.statistics.summary import describe
from conformance.steps import actions
from conformance.steps.scene import Scene

# A target that evens out the time of its mail provider has to have seen a few sends first.
_WARM_UP_SENDS = 10
_REALISTIC_SECONDS = 0.150
_CONTROL_CONFIDENCE = 0.999


@dataclass
class Comparison:
    """Two kinds of addresses side by side: what was answered, and how fast, pair by pair.

    `shortage` says why no further pairs can be had. `group` names the kind that is compared with
    registered users.
    """

    group: str
    plan: SequentialPlan = field(default_factory=SequentialPlan)
    known: list[Exchange] = field(default_factory=list)
    others: list[Exchange] = field(default_factory=list)
    shortage: Untested | None = None

    @property
    def known_seconds(self) -> list[float]:
        """How long the answers for registered users took."""
        return [answer.elapsed for answer in self.known]

    @property
    def other_seconds(self) -> list[float]:
        """How long the answers for the others took."""
        return [answer.elapsed for answer in self.others]


@given("a mail provider that takes a realistic time to accept a message")
def realistic_provider(scene: Scene) -> None:
    if isinstance(scene.testbed.mailbox, Sink):
        scene.testbed.mailbox.set_delay(_REALISTIC_SECONDS, DELAY_JITTER)


@when("links are requested for registered users and for addresses nobody registered, in turns")
def compare_unknown(scene: Scene) -> None:
    _compare(scene, "addresses nobody registered", lambda: [unknown_address()])


@when("links are requested for registered users and for suspended ones, in turns")
def compare_suspended(scene: Scene) -> None:
    _compare(scene, "suspended users", lambda: _addresses(scene, "suspended"))


def _addresses(scene: Scene, kind: Kind) -> list[str]:
    return [account.email for account in scene.take(kind)]


def _compare(scene: Scene, group: str, other: Callable[[], list[str]]) -> None:
    comparison = Comparison(group)
    scene.remembered["comparison"] = comparison
    scene.remembered["more"] = lambda pairs: _take_pairs(scene, comparison, other, pairs)
    _warm_up(scene, other)
    _take_pairs(scene, comparison, other, comparison.plan.looks[0])
    scene.evidence.exchanges += [*comparison.known[:2], *comparison.others[:2]]
    if not comparison.known or not comparison.others:
        assert comparison.shortage is not None
        raise comparison.shortage


def _warm_up(scene: Scene, other: Callable[[], list[str]]) -> None:
    # A fixed list of accounts is too short for that; its first pairs then warm the target up.
    if not scene.testbed.accounts.plentiful:
        return
    for address in [*(a for _ in range(_WARM_UP_SENDS) for a in _addresses(scene, "active"))]:
        _ask(scene, address)
    _ask(scene, *other())


def _take_pairs(
    scene: Scene, comparison: Comparison, other: Callable[[], list[str]], pairs: int
) -> None:
    """Take pairs, in random order within each, until there are `pairs` or no more accounts."""
    while len(comparison.known) < pairs:
        try:
            [known], [another] = _addresses(scene, "active"), other()
        except Untested as shortage:
            comparison.shortage = shortage
            return
        sides = [(comparison.known, known), (comparison.others, another)]
        random.shuffle(sides)
        for answers, address in sides:
            answers.append(_ask(scene, address))


def _ask(scene: Scene, address: str) -> Exchange:
    body = b'{"email": "%s"}' % address.encode()
    headers = {"content-type": "application/json"}
    answer = scene.testbed.wire.attempt("POST", actions.REQUEST, body, headers, keep=False)
    if answer.error:
        # Says whether the target is gone, and fails it otherwise.
        return scene.testbed.wire.send("POST", actions.REQUEST, body, headers)
    return answer


@then("the answers have the same status")
def same_status(scene: Scene) -> None:
    comparison = _comparison(scene)
    known = sorted({answer.status for answer in comparison.known})
    others = sorted({answer.status for answer in comparison.others})
    if 429 in (*known, *others) and known == others:
        raise CantTell(
            "fresh addresses are refused with 429: the target has a further limit than FR-7's; "
            "lift it for the run"
        )
    if known != others:
        raise Failed(f"the status for {comparison.group}", expected=known, found=others)


@then("the answers have the same body")
def same_body(scene: Scene) -> None:
    comparison = _comparison(scene)
    known = {_shape(answer) for answer in comparison.known}
    others = {_shape(answer) for answer in comparison.others}
    if known == others:
        return
    if len(known) > 1 and len(others) > 1:
        # Bodies that vary by themselves (a time, a request id) are compared by their members.
        known = {_members(answer) for answer in comparison.known}
        others = {_members(answer) for answer in comparison.others}
    if known != others:
        raise Failed(f"the body for {comparison.group}", expected=min(known), found=min(others))


def _shape(answer: Exchange) -> str:
    body = answer.json()
    return answer.text if body is None else repr(_sorted(body))


def _members(answer: Exchange) -> str:
    body = answer.json()
    return repr(sorted(body)) if isinstance(body, dict) else answer.text


def _sorted(value: Any) -> Any:
    return sorted(value.items(), key=str) if isinstance(value, dict) else value


@then(parsers.parse("the median times of the answers differ by less than {limit:d} milliseconds"))
def same_time(scene: Scene, limit: int) -> None:
    comparison = _comparison(scene)
    assert comparison.plan.margin == limit / 1000
    look = _decide(scene, comparison)
    _keep_measurement(scene, comparison, look)
    if look.verdict is Verdict.OUTSIDE:
        raise Failed(
            f"the difference of the median times, registered users against {comparison.group}",
            expected=f"within ±{limit} ms",
            found=f"{_told(look)} over {look.pairs} pairs",
        )
    if look.verdict is Verdict.UNDECIDED:
        raise CantTell(f"the difference of the medians is {_told(look)} after {look.pairs} pairs")
    _refuse_an_instant_provider(scene)
    _refuse_a_noisy_control(comparison)


def _decide(scene: Scene, comparison: Comparison) -> Look:
    plan = comparison.plan
    for index, pairs in enumerate(plan.looks):
        scene.remembered["more"](pairs)
        if len(comparison.known) < pairs:
            assert comparison.shortage is not None
            raise Untested(
                "accounts",
                f"{pairs} pairs needed to decide, {len(comparison.known)} could be taken: "
                f"{comparison.shortage.why}",
            )
        look = judge(plan, index, comparison.known_seconds, comparison.other_seconds)
        if look.final:
            return look
    raise AssertionError("the last look is final")


def _refuse_an_instant_provider(scene: Scene) -> None:
    if scene.testbed.mailbox is None:
        raise Untested(
            "mailbox",
            "only with the harness as the mail provider is its time realistic: an "
            "instant provider hides every leak",
        )
    if not isinstance(scene.testbed.mailbox, Sink):
        raise CantTell(
            "the times are alike, but the mail provider is not the harness: one that answers at "
            "once hides every leak"
        )


def _refuse_a_noisy_control(comparison: Comparison) -> None:
    """Compare registered users among themselves: where those differ, nothing can be told."""
    times = comparison.known_seconds
    interval = median_difference_interval(times[::2], times[1::2], _CONTROL_CONFIDENCE)
    if interval.against(comparison.plan.margin) is Verdict.OUTSIDE:
        raise CantTell("registered users among themselves differ: the machine is too noisy")


def _keep_measurement(scene: Scene, comparison: Comparison, look: Look) -> None:
    scene.evidence.points.add("statistic")
    scene.evidence.measurements.append(
        {
            "what": f"seconds to answer, registered users against {comparison.group}",
            "pairs": look.pairs,
            "difference_of_medians_ms": round(look.difference * 1000, 1),
            "interval_ms": [
                round(look.interval.low * 1000, 1),
                round(look.interval.high * 1000, 1),
            ],
            "confidence": look.interval.confidence,
            "verdict": look.verdict,
            "mail_provider_delay_ms": _REALISTIC_SECONDS * 1000,
            "registered_ms": _milliseconds(comparison.known_seconds),
            "others_ms": _milliseconds(comparison.other_seconds),
            "registered": describe(comparison.known_seconds).__dict__,
            "others": describe(comparison.other_seconds).__dict__,
        }
    )


def _milliseconds(seconds: Sequence[float]) -> list[float]:
    return [round(value * 1000, 1) for value in seconds]


def _told(look: Look) -> str:
    low, high = look.interval.low * 1000, look.interval.high * 1000
    return f"{look.difference * 1000:.0f} ms (between {low:.0f} and {high:.0f} ms)"


def _comparison(scene: Scene) -> Comparison:
    comparison = scene.remembered["comparison"]
    assert isinstance(comparison, Comparison)
    return comparison
