"""Verifying tokens: in time, late, twice (AC-2, AC-4, AC-5, FR-5, FR-8)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from pytest_bdd import given, parsers, then, when

from conformance.observe.wire import JSON_IN_UTF8
from conformance.outcomes import CantTell, Inapplicable
from conformance.requirements.magic_link import TOKEN_LIFETIME, VERIFY
from conformance.steps import actions
from conformance.steps.scene import Scene
from conformance.target.clock.kinds import Clock


@given("a clock that can be set far ahead")
def far_ahead(scene: Scene) -> None:
    if scene.testbed.need_clock().how == "waited":
        raise Inapplicable("nobody waits for a day: the time is not moved here")


@when("the token is verified")
@when("the token is verified again")
def verify(scene: Scene) -> None:
    scene.answers = [actions.verify(scene, scene.token)]


@when("the token is verified with JSON that says that it is UTF-8")
def verify_in_utf8(scene: Scene) -> None:
    scene.answers = [scene.testbed.wire.post(VERIFY, {"token": scene.token}, JSON_IN_UTF8)]


@when(parsers.parse("the token is verified {minutes:d} minutes later"))
def verify_minutes_later(scene: Scene, minutes: int) -> None:
    _verify_later(scene, timedelta(minutes=minutes))


@when(parsers.parse("the token is verified {minutes:d} minutes and {seconds:d} seconds later"))
def verify_seconds_later(scene: Scene, minutes: int, seconds: int) -> None:
    _verify_later(scene, timedelta(minutes=minutes, seconds=seconds))


@when("the token is verified 15 minutes later but for a few seconds")
def verify_just_in_time(scene: Scene) -> None:
    _verify_later(scene, scene.nearly(TOKEN_LIFETIME, scene.asked_at))


@when(
    parsers.parse("another user logs in {minutes:d} minutes later, and then the token is verified")
)
def verify_after_another(scene: Scene, minutes: int) -> None:
    def another_logs_in() -> None:
        [another] = scene.take()
        actions.log_in_with_link(scene, another)

    _verify_later(scene, timedelta(minutes=minutes), another_logs_in)


def _verify_later(
    scene: Scene, later: timedelta, meanwhile: Callable[[], None] | None = None
) -> None:
    scene.advance(later, "tokens")
    if meanwhile is not None:
        meanwhile()
    spent = timedelta(seconds=time.monotonic() - scene.asked_at)
    if later < TOKEN_LIFETIME <= later + spent and scene.testbed.need_clock().how != "waited":
        raise CantTell(f"{spent.seconds} s had passed before the time was moved: the token is old")
    verify(scene)
    other = scene.testbed.need_clock().second_opinion
    expired = later >= TOKEN_LIFETIME
    # Only an answer that the other clock may explain: how a refusal is worded has nothing to do
    # with the time, nor has it that a used token is refused.
    was_used = scene.session is not None
    if other is not None and not was_used and (scene.answer.status == 200) == expired:
        scene.recheck = lambda: _refused_after(scene, other, later) == expired


def _refused_after(scene: Scene, clock: Clock, later: timedelta) -> bool:
    """Return whether a new token is refused after `later` has passed by another clock."""
    [account] = scene.take()
    token = actions.receive_token(scene, account)
    clock.advance(later)
    return actions.verify(scene, token).status == 400


@then("a new link of another user still works")
def control_token(scene: Scene) -> None:
    [other] = scene.take()
    answer = actions.verify(scene, actions.receive_token(scene, other))
    actions.expect_status(answer, 200, "the status for another user's new token")


@then("the other user's link still works")
def other_link_works(scene: Scene) -> None:
    answer = actions.verify(scene, scene.other_token)
    actions.expect_status(answer, 200, "the status for the other user's link")


@then("the user's own token still works")
def own_token_works(scene: Scene) -> None:
    answer = actions.verify(scene, scene.token)
    actions.expect_status(answer, 200, "the status for the user's own token")


@then("the user's older link still works, if older links survive a new one that is sent")
def older_link_works(scene: Scene) -> None:
    [another] = scene.take()
    older = actions.receive_token(scene, another)
    actions.receive_token(scene, another)
    if actions.verify(scene, older).status != 200:
        scene.evidence.note("a new link makes older ones invalid here (reading 5)")
        return
    answer = actions.verify(scene, scene.token)
    actions.expect_status(answer, 200, "the status for the user's older link")
