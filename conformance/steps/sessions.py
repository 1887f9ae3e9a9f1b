"""Sessions: whose they are, and where they are accepted (AC-2, AC-3, AC-10, FR-6)."""

from __future__ import annotations

from pytest_bdd import then, when

from conformance.evidence import Exchange
from conformance.observation.session import COOKIE, Session, tampered
from conformance.outcomes import Failed, Untested
from conformance.steps import actions
from conformance.steps.scene import Scene


@when("the user logs in with the password")
def log_in(scene: Scene) -> None:
    scene.answers = [actions.log_in_with_password(scene, scene.user)]


@when("the user logs in with a wrong password")
def log_in_wrongly(scene: Scene) -> None:
    wrong = f"not {scene.user.password}"
    scene.answers = [actions.log_in_with_password(scene, scene.user, wrong)]


@then("the session belongs to the user")
def session_belongs_to_user(scene: Scene) -> None:
    session = _session(scene)
    user_id = scene.user.id or scene.remembered.get("user_id")
    if user_id is None:
        raise Untested("accounts", "the user's id is not described")
    if not session.names_user(user_id):
        raise Failed(
            "the JWT's payload", expected=f"a claim with the value {user_id}", found=session.claims
        )
    if scene.testbed.signature.available:
        scene.testbed.signature.check(session)
    else:
        scene.evidence.note("no key is described ([session]): signatures were not judged")


@when("the user visits every protected endpoint")
def visit(scene: Scene) -> None:
    scene.answers = _visits(scene, _session(scene).header_line)


@then("each of them accepts the session")
def accepted(scene: Scene) -> None:
    for answer in scene.answers:
        if not 200 <= answer.status < 300:
            raise Failed(_visited(answer), expected="2xx with the session", found=answer.summary())


@then("each of them refuses a visitor without a session")
def refused_without(scene: Scene) -> None:
    _expect_refused(_visits(scene, {}), "without a session")


@then("each of them refuses a session that was tampered with")
def refused_tampered(scene: Scene) -> None:
    forged = {"cookie": f"{COOKIE}={tampered(_session(scene).cookie.value)}"}
    _expect_refused(_visits(scene, forged), "with a session that was tampered with")


def _visits(scene: Scene, headers: dict[str, str]) -> list[Exchange]:
    endpoints = scene.testbed.description.protected
    if not endpoints:
        raise Untested("protected endpoints", "none are described (the key `protected`)")
    answers = []
    for endpoint in endpoints:
        method, path = endpoint.split(" ", 1)
        answers.append(scene.testbed.wire.send(method, path, b"", headers))
    return answers


def _expect_refused(answers: list[Exchange], how: str) -> None:
    for answer in answers:
        # A redirect to a login page refuses as well as 401 and 403 do.
        if not 300 <= answer.status < 500:
            raise Failed(_visited(answer), expected=f"a refusal {how}", found=answer.summary())


def _visited(answer: Exchange) -> str:
    return f"{answer.method} {answer.url}"


def _session(scene: Scene) -> Session:
    if scene.session is None:
        raise AssertionError("the scenario speaks of a session before there is one")
    return scene.session
