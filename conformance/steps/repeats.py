"""AC-9 for an address that is asked for again, and for the first ones after a start."""

from __future__ import annotations

import random

from pytest_bdd import given, parsers, then, when

from conformance.observe.evidence import Exchange
from conformance.observe.mail.mailbox import Sink
from conformance.observe.settings import MailPart
from conformance.outcomes import CantTell, Failed, Inapplicable, Method, Untested
from conformance.requirements.magic_link import REQUEST_LIMIT
from conformance.steps import actions
from conformance.steps.comparison import (
    Comparison,
    Group,
    Series,
    ask,
    ask_side_by_side,
    fresh_address,
    warm_up,
)
from conformance.steps.enumeration import begin, refuse_an_instant_provider
from conformance.steps.instances import another_instance, speaking_to
from conformance.steps.scene import Scene, Start, seen
from conformance.steps.statistics.equivalence import SequentialPlan
from conformance.target.accounts.supply import unknown_address

_USERS: Group = "registered users"
_STRANGERS: Group = "addresses nobody registered"
_AGAIN = REQUEST_LIMIT - 1
# Three addresses of a kind, each asked for again four times, decide what is plain.
_PLAN = SequentialPlan(looks=(12, 18, 27, 40, 60, 90))
# In seconds. Beyond what evens out a usual provider; the shorter ones are likelier, to save time.
_QUICKEST_PACE, _SLOWEST_PACE, _PACE_JITTER = 0.35, 0.8, 0.015
_STRANGERS_AT_FIRST = 5
# That a stranger's answer is by chance the quickest of its start, each time: (1/5)³, below 1 %.
_USERS_OF_A_START = 4
_MARGIN_SECONDS = 0.050


@given("the service is started anew, with a mail provider of another pace")
def another_pace(scene: Scene) -> None:
    if scene.testbed.instances is None:
        # What has learnt its provider's pace would be surprised by another one.
        scene.evidence.note("the service cannot be started anew: the provider keeps its pace")
        return
    scene.stack.enter_context(speaking_to(scene, another_instance(scene)))
    part = scene.testbed.description.mail or MailPart()
    if isinstance(scene.testbed.mailbox, Sink) and "delay_ms" not in part.model_fields_set:
        pace = random.triangular(_QUICKEST_PACE, _SLOWEST_PACE, _QUICKEST_PACE)
        scene.testbed.mailbox.set_delay(pace, _PACE_JITTER / pace)


@when(
    "links are requested again and again for registered users and for addresses nobody registered, "
    "in turns"
)
def compare_again(scene: Scene) -> None:
    users = warm_up(scene)
    strangers = [unknown_address() for _ in range(_STRANGERS_AT_FIRST)]
    ask_side_by_side(scene, strangers)
    again = _AskedBefore({_USERS: users, _STRANGERS: strangers})
    series = Series({_USERS: [], _STRANGERS: []}, draw=again)
    begin(scene, Comparison(_STRANGERS, series, _PLAN))


class _AskedBefore:
    """Hands out each address for its second to its fifth request."""

    def __init__(self, asked: dict[Group, list[str]]) -> None:
        self._left = {
            group: [address for address in addresses for _ in range(_AGAIN)]
            for group, addresses in asked.items()
        }

    def __call__(self, scene: Scene, group: Group) -> str:
        left = self._left[group]
        if not left:
            address = fresh_address(scene, group)
            ask(scene, address)
            left += [address] * _AGAIN
        return left.pop()


@when(
    parsers.parse(
        "the service is started {times:d} times, and the first link of each time is requested for "
        "an address nobody registered"
    )
)
def first_after_starts(scene: Scene, times: int) -> None:
    instances = scene.testbed.instances
    if instances is None:
        raise Inapplicable("only a target that the harness starts shows its first answers")
    try:
        accounts = scene.take("active", times * _USERS_OF_A_START)
    except Untested as error:
        # A short list is spent on what cannot be seen otherwise.
        raise Inapplicable(str(error)) from error
    scene.evidence.points.add(Method.REPETITION)
    for turn in range(times):
        users = accounts[turn::times]
        with (
            instances.beside() as instance,
            speaking_to(scene, scene.testbed.wire_to(instance.base_url)),
        ):
            first = actions.request_link(scene, unknown_address())
            others = [actions.request_link(scene, account.email) for account in users]
        scene.starts.append(Start(first, others))


@then("these first answers do not come sooner than answers to users by more than 50 milliseconds")
def first_not_sooner(scene: Scene) -> None:
    starts = seen(scene.starts or None, "a start")
    if any(answer.status != 202 for start in starts for answer in (start.first, *start.others)):
        raise CantTell("not every request was accepted")
    gaps = [_quickest(start.others) - start.first.elapsed for start in starts]
    scene.evidence.measurements.append(
        {"what": "how much sooner the first answer of a start came", "seconds": gaps}
    )
    if min(gaps) > _MARGIN_SECONDS:
        raise Failed(
            f"the first answer after each of {len(gaps)} starts, for an address nobody registered",
            expected="within 50 ms of the quickest answer to a user",
            found=f"sooner by {min(gaps) * 1000:.0f} ms or more",
        )
    refuse_an_instant_provider(scene)


def _quickest(answers: list[Exchange]) -> float:
    return min(answer.elapsed for answer in answers)
