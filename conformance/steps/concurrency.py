"""The same moment: many requests that the target has in hand together (EC-8, FR-6, FR-7)."""

from __future__ import annotations

from pytest_bdd import parsers, then, when

from conformance.observe.evidence import Exchange
from conformance.observe.session import session_cookies, session_of
from conformance.outcomes import Failed
from conformance.requirements.magic_link import REQUEST, VERIFY
from conformance.steps import actions
from conformance.steps.instances import another_instance
from conformance.steps.scene import Scene


@when(parsers.parse("each token is verified {times:d} times at the same moment"))
def verify_at_once(scene: Scene, times: int) -> None:
    _verify_at_once(scene, times, ())


@when(parsers.parse("each token is verified {times:d} times at the same moment on two instances"))
def verify_at_once_on_two(scene: Scene, times: int) -> None:
    _verify_at_once(scene, times, (another_instance(scene).base_url,))


def _verify_at_once(scene: Scene, times: int, also: tuple[str, ...]) -> None:
    scene.rounds = [
        scene.testbed.wire.burst(VERIFY, [{"token": token}] * times, also)
        for token in scene.tokens_of.values()
    ]


@then(parsers.parse('each token was accepted once and refused {refused:d} times with "{code}"'))
def accepted_once(scene: Scene, refused: int, code: str) -> None:
    assert all(len(answers) == refused + 1 for answers in scene.rounds)
    for answers in scene.rounds:
        accepted = [answer for answer in answers if answer.status == 200]
        if len(accepted) != 1:
            raise Failed("answers 200 to one token", expected=1, found=_statuses(answers))
        for answer in answers:
            if answer.status != 200:
                actions.expect_error(answer, 400, code)


@then("each token gave one session")
def one_session(scene: Scene) -> None:
    for answers in scene.rounds:
        sessions = [answer for answer in answers if session_cookies(answer)]
        if len(sessions) != 1:
            raise Failed("sessions for one token", expected=1, found=len(sessions))


@when("all their tokens are verified at the same moment")
def verify_all_at_once(scene: Scene) -> None:
    payloads = [{"token": token} for token in scene.tokens_of.values()]
    scene.answers = scene.testbed.wire.burst(VERIFY, payloads)


@then("each of them is logged in as the right user")
def right_users(scene: Scene) -> None:
    for account, answer in zip(scene.tokens_of, scene.answers, strict=True):
        actions.expect_status(answer, 200)
        session = session_of(answer)
        body = answer.json()
        named = body.get("userId") if isinstance(body, dict) else None
        user_id = account.id or named
        if str(named).lower() != str(user_id).lower():
            raise Failed("the user in the answer", expected=user_id, found=named)
        if not session.names_user(str(user_id)):
            raise Failed(
                "the user in the session", expected=user_id, found="claims that name somebody else"
            )


@when(parsers.parse("the user requests a link {count:d} times at the same moment"))
@when(parsers.parse("a link is requested for the address {count:d} times at the same moment"))
def request_at_once(scene: Scene, count: int) -> None:
    _request_at_once(scene, count, ())


@when(parsers.parse("the user requests a link {count:d} times at the same moment on two instances"))
def request_at_once_on_two(scene: Scene, count: int) -> None:
    _request_at_once(scene, count, (another_instance(scene).base_url,))


def _request_at_once(scene: Scene, count: int, also: tuple[str, ...]) -> None:
    payloads = [{"email": scene.address}] * count
    scene.answers = scene.testbed.wire.burst(REQUEST, payloads, also)


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


@then("as many mails go out to the user as requests were accepted")
def as_many_mails(scene: Scene) -> None:
    mailbox = scene.testbed.need_mailbox()
    accepted = len(_accepted(scene.answers))
    actions.await_mail(scene, scene.address, accepted)
    arrived = len(mailbox.settle(scene.address, actions.QUIET_SECONDS))
    if arrived != accepted:
        raise Failed("mails to the user", expected=accepted, found=arrived)


def _accepted(answers: list[Exchange]) -> list[Exchange]:
    return [answer for answer in answers if answer.status == 202]


def _statuses(answers: list[Exchange]) -> str:
    counts: dict[str, int] = {}
    for answer in answers:
        told = str(answer.status or answer.error)
        counts[told] = counts.get(told, 0) + 1
    return ", ".join(f"{count} of {status}" for status, count in sorted(counts.items()))
