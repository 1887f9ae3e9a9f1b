"""Can an observer distinguish addresses? Status, body, headers and time (AC-9, EC-1, EC-2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_bdd import given, parsers, then, when

from conformance.observe.evidence import Exchange
from conformance.observe.mail.mailbox import Sink
from conformance.observe.settings import MailPart
from conformance.outcomes import CantTell, Failed, Method, Point, Untested
from conformance.steps.comparison import Comparison, Group, series_for, take_rounds
from conformance.steps.scene import Scene, seen
from conformance.steps.statistics.equivalence import (
    Look,
    Verdict,
    judge,
    median_difference_interval,
)
from conformance.steps.statistics.headers import MINIMUM_GROUP, systematic_difference
from conformance.steps.statistics.summary import describe

_CONTROL_CONFIDENCE = 0.999


@given("a mail provider that takes a realistic time to accept a message")
def realistic_provider(scene: Scene) -> None:
    # The tag @realistic-mail sets the time; a provider that is not ours is judged at the end.
    if isinstance(scene.testbed.mailbox, Sink):
        scene.evidence.note("the mail provider is the harness: it takes its time to accept")


@when("links are requested for registered users and for addresses nobody registered, in turns")
def compare_unknown(scene: Scene) -> None:
    _compare(scene, "addresses nobody registered")


@when("links are requested for registered users and for suspended ones, in turns")
def compare_suspended(scene: Scene) -> None:
    _compare(scene, "suspended users")


def _compare(scene: Scene, group: Group) -> None:
    begin(scene, Comparison(group, series_for(scene, group)))


def begin(scene: Scene, comparison: Comparison) -> None:
    """Make the rounds of a comparison's first look; raises `Untested` where there can be none."""
    scene.comparison = comparison
    scene.evidence.points.update((Point.WIRE, Method.REPETITION))
    take_rounds(scene, comparison, comparison.plan.looks[0])
    scene.evidence.exchanges += [*comparison.known[:2], *comparison.others[:2]]
    if not comparison.others:
        assert comparison.shortage is not None
        raise comparison.shortage


@then("the answers have the same status")
def same_status(scene: Scene) -> None:
    comparison = seen(scene.comparison, "a comparison")
    known = sorted({answer.status for answer in comparison.known})
    others = sorted({answer.status for answer in comparison.others})
    if 429 in (*known, *others) and known == others:
        scene.testbed.shared["further_limit"] = True
        raise CantTell(
            "fresh addresses are refused with 429: the target has a further limit than FR-7's; "
            "lift it for the run"
        )
    if known != others:
        raise Failed(f"the status for {comparison.group}", expected=known, found=others)


@then("the answers have the same body")
def same_body(scene: Scene) -> None:
    comparison = seen(scene.comparison, "a comparison")
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


@then("no header of the answers distinguishes the two")
def same_headers(scene: Scene) -> None:
    comparison = seen(scene.comparison, "a comparison")
    if len(comparison.others) < MINIMUM_GROUP:
        raise comparison.shortage or CantTell("too few answers to compare their headers")
    differences = systematic_difference(
        [_headers(answer) for answer in comparison.known],
        [_headers(answer) for answer in comparison.others],
    )
    if differences:
        found = "; ".join(f"{difference.name}: {difference.reason}" for difference in differences)
        raise Failed("the headers of the answers", expected="no difference", found=found)


def _headers(answer: Exchange) -> dict[str, str]:
    names = {name.lower() for name, _ in answer.headers}
    return {name: ", ".join(answer.header_values(name)) for name in names}


@then(parsers.parse("the median times of the answers differ by less than {limit:d} milliseconds"))
def same_time(scene: Scene, limit: int) -> None:
    comparison = seen(scene.comparison, "a comparison")
    assert comparison.plan.margin == limit / 1000
    look = _decide(scene, comparison)
    _keep_measurement(scene, comparison, look)
    if look.verdict is Verdict.OUTSIDE:
        raise Failed(
            f"the difference of the median times, registered users against {comparison.group}",
            expected=f"within ±{limit} ms",
            found=f"{_in_words(look)} over {look.pairs} pairs",
        )
    if look.verdict is Verdict.UNDECIDED:
        raise CantTell(
            f"the difference of the medians is {_in_words(look)} after {look.pairs} pairs"
        )
    refuse_an_instant_provider(scene)
    _refuse_a_noisy_control(comparison)


def _decide(scene: Scene, comparison: Comparison) -> Look:
    plan = comparison.plan
    for index, pairs in enumerate(plan.looks):
        take_rounds(scene, comparison, pairs)
        if len(comparison.others) < pairs:
            assert comparison.shortage is not None
            raise Untested(
                Point.ACCOUNTS,
                f"{pairs} pairs needed to decide, {len(comparison.others)} could be taken: "
                f"{comparison.shortage.why}",
            )
        known, others = comparison.known_seconds[:pairs], comparison.other_seconds[:pairs]
        look = judge(plan, index, known, others)
        if look.final:
            return look
    raise AssertionError("the last look is final")


def refuse_an_instant_provider(scene: Scene) -> None:
    """Raise what leaves times undecided that are alike, but not with a provider of the harness."""
    if scene.testbed.mailbox is None:
        raise Untested(
            Point.MAILBOX,
            "only with the harness as the mail provider is its time realistic: an "
            "instant provider hides every leak",
        )
    if not isinstance(scene.testbed.mailbox, Sink):
        raise CantTell(
            "the times are alike, but the mail provider is not the harness: one that answers at "
            "once hides every leak"
        )


def _refuse_a_noisy_control(comparison: Comparison) -> None:
    """Compare registered users among themselves: where those differ, nothing can be concluded."""
    times = comparison.known_seconds
    interval = median_difference_interval(times[::2], times[1::2], _CONTROL_CONFIDENCE)
    if interval.against(comparison.plan.margin) is Verdict.OUTSIDE:
        raise CantTell("registered users among themselves differ: the machine is too noisy")


def _keep_measurement(scene: Scene, comparison: Comparison, look: Look) -> None:
    scene.evidence.points.add(Method.STATISTIC)
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
            "mail_provider_delay_ms": _provider_delay_ms(scene),
            "registered_ms": _milliseconds(comparison.known_seconds),
            "others_ms": _milliseconds(comparison.other_seconds),
            "registered": describe(comparison.known_seconds).__dict__,
            "others": describe(comparison.other_seconds).__dict__,
        }
    )


def _provider_delay_ms(scene: Scene) -> float:
    mailbox = scene.testbed.mailbox
    if isinstance(mailbox, Sink):
        return round(mailbox.median_delay * 1000, 1)
    return (scene.testbed.description.mail or MailPart()).delay_ms


def _milliseconds(seconds: Sequence[float]) -> list[float]:
    return [round(value * 1000, 1) for value in seconds]


def _in_words(look: Look) -> str:
    low, high = look.interval.low * 1000, look.interval.high * 1000
    return f"{look.difference * 1000:.0f} ms (between {low:.0f} and {high:.0f} ms)"
