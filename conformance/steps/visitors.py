"""Visitors at the same moment: each is taken for who they are (AC-3, FR-6)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from pytest_bdd import given, parsers, then, when

from conformance.outcomes import Failed
from conformance.steps import actions
from conformance.steps.addresses import users_of_many
from conformance.steps.scene import Scene, Visit
from conformance.target.accounts.supply import Account

_WORKERS = 5
# Each visitor comes twice to each endpoint in a round: sixteen requests, as elsewhere.
_ROUNDS = 3
_TIMES = 2
# A shorter id, such as a number, may be in an answer by chance.
_TELLING_LENGTH = 12


@given(parsers.parse("{count:d} of many registered users, logged in with a link"))
def users_logged_in(scene: Scene, count: int) -> None:
    scene.testbed.need_mailbox()
    scene.testbed.need_protected()
    users_of_many(scene, count)
    with ThreadPoolExecutor(_WORKERS) as workers:
        sessions = workers.map(lambda user: actions.log_in_with_link(scene, user), scene.users)
        scene.sessions_of = dict(zip(scene.users, sessions, strict=True))


@when("all of them visit every protected endpoint at the same moment, again and again")
def visit_together(scene: Scene) -> None:
    for endpoint in scene.testbed.need_protected() * _ROUNDS:
        scene.visits += _visit(scene, endpoint, scene.users * _TIMES)


@then("each of them is accepted, and shown nobody else's data")
def taken_for_themselves(scene: Scene) -> None:
    for visit in scene.visits:
        if not 200 <= visit.answer.status < 300:
            raise Failed(
                f"{visit.endpoint} at the same moment as others",
                expected="2xx with the session",
                found=visit.answer.summary(),
            )
        others = _others_named(scene, visit)
        # An endpoint may well show users to one another: then it does so at any moment.
        if others and others - _others_named(scene, _alone(scene, visit)):
            raise Failed(
                f"{visit.endpoint} with {visit.user.email}'s session, at the same moment as others",
                expected="what it shows to a user who comes alone",
                found=f"what belongs to {', '.join(sorted(others))}",
            )


def _visit(scene: Scene, endpoint: str, users: list[Account]) -> list[Visit]:
    method, path = endpoint.split(" ", 1)
    cookies = [scene.sessions_of[user].header_line for user in users]
    answers = scene.testbed.wire.burst_without_body(method, path, cookies)
    return [Visit(endpoint, user, answer) for user, answer in zip(users, answers, strict=True)]


def _alone(scene: Scene, visit: Visit) -> Visit:
    [again] = _visit(scene, visit.endpoint, [visit.user])
    return again


def _others_named(scene: Scene, visit: Visit) -> set[str]:
    """Return the addresses of the others whose address or id is in the answer."""
    text = visit.answer.text.lower()
    others = [user for user in scene.users if user != visit.user]
    return {
        other.email
        for other in others
        if any(len(sign) >= _TELLING_LENGTH and sign.lower() in text for sign in _signs(other))
    }


def _signs(user: Account) -> list[str]:
    return [user.email, user.id or ""]
