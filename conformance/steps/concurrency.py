"""The same moment: many requests that the target has in hand together (EC-8, FR-6, FR-7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from math import ceil, log
from typing import Any

from pytest_bdd import parsers, then, when

from conformance.observe.database import Database
from conformance.observe.evidence import Exchange
from conformance.observe.session import session_cookies, session_of
from conformance.outcomes import Failed, Untested
from conformance.requirements.magic_link import REQUEST, VERIFY
from conformance.steps import actions
from conformance.steps.instances import another_instance
from conformance.steps.scene import Burst, Scene
from conformance.target.accounts.supply import unknown_address
from conformance.target.database.holding import Hold, hold_tables, hold_token

# A held burst shows a missing guard each time; what cannot be held is repeated, until a race that
# shows in one burst of five is missed with a chance below 1 %.
_HELD_BURSTS = 2
_MOST_IN_VAIN = 3
_MOST_SECONDS = 20.0
_RACE_SHARE = 0.2
_MOST_BURSTS = ceil(log(0.01) / log(1 - _RACE_SHARE))
# The other scenarios need accounts of the list, too.
_MOST_BURSTS_OF_A_LIST = 3

_AT_ONCE = r"(?P<times>\d+) times at the same moment(?P<where>| on two instances)$"


@when(parsers.re(rf"each token is verified {_AT_ONCE}"), converters={"times": int})
def verify_at_once(scene: Scene, times: int, where: str) -> None:
    also = _others(scene, where)
    scene.bursts = [
        Burst(scene.testbed.wire.burst(VERIFY, [{"token": token}] * times, also))
        for token in scene.tokens_of.values()
    ]


def _others(scene: Scene, where: str) -> list[str]:
    """Return the base URLs of further instances that take turns with the first."""
    return [another_instance(scene).base_url] if where else []


@when(
    parsers.parse(
        "{times:d} requests with one token are held up before it is marked as used, "
        "for one user after another"
    )
)
def verify_held(scene: Scene, times: int) -> None:
    most = _MOST_BURSTS if scene.testbed.accounts.plentiful else _MOST_BURSTS_OF_A_LIST
    while _needs_another_burst(scene.bursts, _HELD_BURSTS) and len(scene.bursts) < most:
        try:
            [account] = scene.take(replenish=True)
        except Untested:
            if not scene.bursts:
                raise
            break
        token = actions.receive_token(scene, account)
        hold = _holding(scene, partial(hold_token, token=token))
        scene.bursts.append(_held_burst(scene, VERIFY, [{"token": token}] * times, hold))
    _note_bursts(scene, _HELD_BURSTS)


def _needs_another_burst(bursts: Sequence[Burst], held: int) -> bool:
    spent = sum(max(answer.elapsed for answer in burst.answers) for burst in bursts)
    is_sure = sum(burst.waited > 1 for burst in bursts) >= held
    return not is_sure and len(bursts) < _MOST_BURSTS and spent < _MOST_SECONDS


def _holding(
    scene: Scene, hold: Callable[[Database], AbstractContextManager[Hold]]
) -> AbstractContextManager[Hold | None]:
    database = scene.testbed.database
    # A service that works on one request at a time is not held up again and again.
    in_vain = sum(burst.waited <= 1 for burst in scene.bursts)
    return hold(database) if database is not None and in_vain < _MOST_IN_VAIN else nullcontext()


def _held_burst(
    scene: Scene, path: str, payloads: list[Any], holding: AbstractContextManager[Hold | None]
) -> Burst:
    with holding as hold:
        if hold is None:
            return Burst(scene.testbed.wire.burst(path, payloads))
        answers = scene.testbed.wire.burst(
            path, payloads, (), lambda answered: hold.until_all_wait(len(payloads), answered)
        )
        return Burst(answers, hold.waited, hold.early)


def _note_bursts(scene: Scene, wanted: int) -> None:
    """Note how sure it is that a missing guard would have shown."""
    held = [burst.waited for burst in scene.bursts if burst.waited > 1]
    count = len(scene.bursts)
    if len(held) >= wanted:
        risk = f"{min(held)} or more requests waited in each at what they write first"
    else:
        missed = (1 - _RACE_SHARE) ** count
        risk = f"a race that shows in {_RACE_SHARE:.0%} of bursts is missed with {missed:.1%}"
    scene.evidence.note(f"{count} bursts, {len(held)} of them held up by a lock: {risk}")


@then(parsers.parse('each token was accepted once and refused {refused:d} times with "{code}"'))
def accepted_once(scene: Scene, refused: int, code: str) -> None:
    for burst in scene.bursts:
        answers = burst.answers
        assert len(answers) == refused + 1
        accepted = [answer for answer in answers if answer.status == 200]
        # What gave up while the harness held the token had no part in the race.
        if len(accepted) > 1 or not (accepted or burst.early):
            raise Failed("answers 200 to one token", expected=1, found=_statuses(answers))
        for answer in answers:
            if answer.status != 200 and not burst.early:
                actions.expect_error(answer, 400, code)


@then("each token gave one session")
def one_session(scene: Scene) -> None:
    for burst in scene.bursts:
        sessions = sum(bool(session_cookies(answer)) for answer in burst.answers)
        if sessions > 1 or not (sessions or burst.early):
            raise Failed("sessions for one token", expected=1, found=sessions)


@when("all their tokens are verified at the same moment")
def verify_all_at_once(scene: Scene) -> None:
    payloads = [{"token": token} for token in scene.tokens_of.values()]
    scene.answers = scene.testbed.wire.burst(VERIFY, payloads)


@then("each of them is logged in as the right user")
def right_users(scene: Scene) -> None:
    for account, answer in zip(scene.tokens_of, scene.answers, strict=True):
        actions.expect_status(answer, 200)
        session = session_of(answer)
        named = answer.members.get("userId")
        user_id = account.id or named
        if str(named).lower() != str(user_id).lower():
            raise Failed("the user in the answer", expected=user_id, found=named)
        if not session.names_user(str(user_id)):
            raise Failed(
                "the user in the session", expected=user_id, found="claims that name somebody else"
            )


@when(parsers.re(rf"the user requests a link {_AT_ONCE}"), converters={"times": int})
@when(parsers.re(rf"a link is requested for the address {_AT_ONCE}"), converters={"times": int})
def request_at_once(scene: Scene, times: int, where: str) -> None:
    payloads = [{"email": scene.address}] * times
    scene.answers = scene.testbed.wire.burst(REQUEST, payloads, _others(scene, where))


@when(
    parsers.parse(
        "{count:d} requests for an address are held up before any is counted, "
        "for users and strangers in turn"
    )
)
def request_held(scene: Scene, count: int) -> None:
    while _needs_another_burst(scene.bursts, 2 * _HELD_BURSTS):
        is_users_turn = len(scene.bursts) % 2 == 0
        address = _fresh_user(scene) if is_users_turn else unknown_address()
        scene.testbed.requested.add(address.lower())
        hold = _holding(scene, hold_tables)
        scene.bursts.append(_held_burst(scene, REQUEST, [{"email": address}] * count, hold))
    _note_bursts(scene, 2 * _HELD_BURSTS)


def _fresh_user(scene: Scene) -> str:
    """Return a user's address, or a stranger's where there are no users left."""
    try:
        [account] = scene.take(replenish=True)
    except Untested:
        scene.evidence.note("there were not enough accounts: more bursts are for strangers")
        return unknown_address()
    return account.email


@then(parsers.parse("at most {most:d} of them are accepted each time"))
def at_most_accepted_each_time(scene: Scene, most: int) -> None:
    for burst in scene.bursts:
        accepted = len(_accepted(burst.answers))
        if accepted > most:
            raise Failed("requests accepted at once", expected=f"at most {most}", found=accepted)


@then(parsers.parse("at most {most:d} of them are accepted and the others are refused with 429"))
def at_most_accepted(scene: Scene, most: int) -> None:
    accepted = _accepted(scene.answers)
    others = {answer.status for answer in scene.answers} - {202, 429}
    if others:
        raise Failed("the answers", expected="202 and 429", found=_statuses(scene.answers))
    if len(accepted) > most:
        raise Failed("requests accepted at once", expected=f"at most {most}", found=len(accepted))
    if len(accepted) < most:
        scene.evidence.note(f"of requests at the same moment only {len(accepted)} are accepted")


@when("the mails to the user have come")
def mails_come(scene: Scene) -> None:
    """Wait for them; how many there must be is judged elsewhere."""
    _mails_that_came(scene, len(_accepted(scene.answers)))


@then("as many mails go out to the user as requests were accepted")
def as_many_mails(scene: Scene) -> None:
    for answer in scene.answers:
        actions.suspect_further_limit(scene, answer, "a registered user's request")
    accepted = len(_accepted(scene.answers))
    if not accepted:
        raise Failed("the answers", expected="202 once at least", found=_statuses(scene.answers))
    arrived = _mails_that_came(scene, accepted)
    if arrived != accepted:
        raise Failed("mails to the user", expected=accepted, found=arrived)


def _mails_that_came(scene: Scene, expected: int) -> int:
    actions.await_mail(scene, scene.address, expected)
    return len(scene.testbed.need_mailbox().settle(scene.address, actions.QUIET_SECONDS))


def _accepted(answers: list[Exchange]) -> list[Exchange]:
    return [answer for answer in answers if answer.status == 202]


def _statuses(answers: list[Exchange]) -> str:
    counts: dict[str, int] = {}
    for answer in answers:
        status = str(answer.status or answer.error)
        counts[status] = counts.get(status, 0) + 1
    return ", ".join(f"{count} times {status}" for status, count in sorted(counts.items()))
