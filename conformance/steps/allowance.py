"""Nobody shares an allowance with others: FR-7 gives one to each address (reading 22)."""

from __future__ import annotations

import random
import string
from concurrent.futures import ThreadPoolExecutor

from pytest_bdd import given, parsers, then, when

from conformance.observe.wire import Wire
from conformance.outcomes import Failed, Inapplicable, Untested
from conformance.requirements.magic_link import REQUEST
from conformance.steps import actions
from conformance.steps.instances import another_instance
from conformance.steps.scene import Scene

# Side by side, to save time: a service that was just started may answer each of them slowly.
_WORKERS = 4


@given("a registered user who has not asked yet, if one is left")
def user_if_left(scene: Scene) -> None:
    try:
        [scene.account] = scene.take()
    except Untested as error:
        # A list of a single account is spent on what only a user can show.
        raise Inapplicable(str(error)) from error
    scene.address = scene.account.email


@when(parsers.parse("links are requested for {count:d} others of {domain}, and then for the user"))
def request_in_a_crowd(scene: Scene, count: int, domain: str) -> None:
    own = scene.address.partition("@")[2]
    others = [
        f"{_letters()}@{own if domain == 'the same domain' else f'{_letters()}.com'}"
        for _ in range(count)
    ]
    wire = _fresh_start(scene)
    with ThreadPoolExecutor(_WORKERS) as workers:
        answers = workers.map(lambda each: wire.post(REQUEST, {"email": each}), others)
        scene.answers = [*answers]
    scene.answers.append(wire.post(REQUEST, {"email": scene.address}))


@then("nobody is refused for what others have requested")
def nobody_refused(scene: Scene) -> None:
    refused = [n for n, answer in enumerate(scene.answers, 1) if answer.status == 429]
    if refused and not scene.starts_afresh:
        actions.suspect_further_limit(scene, scene.answers[refused[0] - 1], "a fresh address")
    if refused:
        raise Failed(
            "requests within an hour, each for an address and from a client of its own",
            expected=f"{len(scene.answers)} accepted",
            found=f"number {refused[0]} refused with 429",
        )
    actions.expect_status(scene.answer, 202, "the status for the user's request")


def _fresh_start(scene: Scene) -> Wire:
    """Return a service that has counted nothing within the hour, as far as one can be had."""
    testbed = scene.testbed
    if testbed.instances is None or not scene.let_the_hour_pass():
        scene.starts_afresh = not testbed.requested
        return testbed.wire
    # What an instance counts in its memory, a new one has not counted.
    wire = another_instance(scene)
    scene.starts_afresh = wire.has_many_clients
    return wire


def _letters() -> str:
    return "".join(random.choices(string.ascii_lowercase, k=14))
