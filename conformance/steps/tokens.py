"""Verifying tokens: in time, late, twice (AC-2, AC-4, AC-5, FR-5, FR-8)."""

from __future__ import annotations

from datetime import timedelta

from pytest_bdd import parsers, then, when

from conformance.control.clock import Clock
from conformance.steps import actions
from conformance.steps.scene import Scene


@when("the token is verified")
@when("the token is verified again")
def verify(scene: Scene) -> None:
    scene.answers = [actions.verify(scene, scene.token)]


@when(parsers.parse("the token is verified {minutes:d} minutes later"))
def verify_later(scene: Scene, minutes: int) -> None:
    later = timedelta(minutes=minutes)
    scene.advance(later, "tokens")
    verify(scene)
    clock = scene.testbed.need_clock()
    if clock.second_opinion is not None:
        expired = minutes >= 15
        other = clock.second_opinion
        scene.recheck = lambda: _refused_after(scene, other, later) == expired


def _refused_after(scene: Scene, clock: Clock, later: timedelta) -> bool:
    """Tell whether a new token is refused after `later` has passed by another clock."""
    [account] = scene.take()
    token = actions.receive_token(scene, account)
    clock.advance(later)
    return actions.verify(scene, token).status == 400


@then("a new link of another user still works")
def control_token(scene: Scene) -> None:
    [other] = scene.take()
    answer = actions.verify(scene, actions.receive_token(scene, other))
    actions.expect_status(answer, 200, "the status for another user's new token")
