"""Sessions: whose they are, and where they are accepted (AC-2, AC-3, AC-10, FR-6)."""

from __future__ import annotations

from datetime import timedelta

from pytest_bdd import parsers, then, when

from conformance.observe.evidence import Exchange
from conformance.observe.mail.links import token_of
from conformance.observe.session import (
    LIFETIME_TOLERANCE_SECONDS,
    Session,
    session_of,
    tampered,
)
from conformance.outcomes import CantTell, Failed
from conformance.requirements.magic_link import COOKIE, LOGIN
from conformance.steps import actions
from conformance.steps.scene import Scene, seen
from conformance.target.accounts.supply import Account, unknown_address


@when("the user logs in with the password")
def log_in(scene: Scene) -> None:
    scene.answers = [actions.log_in_with_password(scene, scene.user)]


@when("the user logs in with a wrong password")
def log_in_wrongly(scene: Scene) -> None:
    wrong = f"not {scene.user.password}"
    scene.answers = [actions.log_in_with_password(scene, scene.user, wrong)]


@when("the user logs in with a wrong password 6 times")
def log_in_wrongly_and_often(scene: Scene) -> None:
    for _ in range(6):
        log_in_wrongly(scene)


@when("the user logs in with the password 6 times")
def log_in_often(scene: Scene) -> None:
    scene.answers = [actions.log_in_with_password(scene, scene.user) for _ in range(6)]
    if scene.answers[0].status != 200:
        raise CantTell(f"password login answered {scene.answers[0].summary()}")


@when("somebody logs in with an address nobody registered and any password")
def log_in_unknown(scene: Scene) -> None:
    stranger = Account(unknown_address(), None, "any password")
    scene.answers = [actions.log_in_with_password(scene, stranger)]


@when("somebody logs in with a registered address and an empty password")
def log_in_with_empty_password(scene: Scene) -> None:
    account = scene.testbed.accounts.with_password()
    payload = {"email": account.email, "password": ""}
    scene.answers = [scene.testbed.wire.post(LOGIN, payload)]


@when("the user tries to log in with any password")
def log_in_without_password(scene: Scene) -> None:
    scene.answers = [
        scene.testbed.wire.post(LOGIN, {"email": scene.address, "password": password})
        for password in ("any password", "", "null", "None", None)
    ]


@when("the user logs in both ways")
def log_in_both_ways(scene: Scene) -> None:
    scene.by_password = _session_by_password(scene, scene.user)
    scene.by_link = actions.log_in_with_link(scene, scene.user)


@when("the first logs in with a link and the other with the password")
def log_in_one_each(scene: Scene) -> None:
    scene.by_link = actions.log_in_with_link(scene, scene.user)
    scene.by_password = _session_by_password(scene, seen(scene.other, "another user"))


def _session_by_password(scene: Scene, account: Account) -> Session:
    answer = actions.log_in_with_password(scene, account)
    if answer.status != 200:
        raise CantTell(f"password login, which it is compared with, answered {answer.summary()}")
    return session_of(answer)


@when(parsers.parse("the user logs in both ways, with a link that is {minutes:d} minutes old"))
def log_in_both_ways_late(scene: Scene, minutes: int) -> None:
    token = actions.receive_token(scene, scene.user)
    scene.advance(timedelta(minutes=minutes), "tokens")
    answer = actions.verify(scene, token)
    if answer.status != 200:
        raise CantTell(f"a link that is {minutes} minutes old was answered {answer.summary()}")
    log_in_both_ways(scene)
    scene.by_link = session_of(answer)


@when("the user logs in both ways with what is there")
def log_in_with_what_is_there(scene: Scene) -> None:
    messages = actions.await_mail(scene, scene.address, 5)
    token = token_of(actions.link_in(scene, messages[-1])) if messages else None
    actions.expect_status(actions.verify(scene, token), 200, "the status for the newest token")
    actions.expect_status(actions.log_in_with_password(scene, scene.user), 200, "password login")


@then("both sessions have the same algorithm and the same claims")
def same_claims(scene: Scene) -> None:
    link, password = _both(scene)
    if link.algorithm != password.algorithm:
        raise Failed("the JWT's algorithm", expected=password.algorithm, found=link.algorithm)
    if set(link.claims) != set(password.claims):
        raise Failed(
            "the JWT's claims", expected=sorted(password.claims), found=sorted(link.claims)
        )
    for claim in {"iss", "aud", "sub"} & set(link.claims):
        if link.claims[claim] != password.claims[claim]:
            expected, found = password.claims[claim], link.claims[claim]
            raise Failed(f"the claim {claim}", expected=expected, found=found)


@then("both sessions live equally long")
def same_lifetime(scene: Scene) -> None:
    link, password = _both(scene)
    _expect_alike("the JWT's lifetime", password.lifetime, link.lifetime)
    _expect_alike("the cookie's lifetime", password.cookie.lifetime, link.cookie.lifetime)
    # By the harness's clock, since `iat` may be any time. Answers take their time to arrive.
    _expect_alike(
        "how long the JWT is still good", password.remaining, link.remaining, scene.slowest
    )


def _expect_alike(
    what: str, expected: float | None, found: float | None, further: float = 0.0
) -> None:
    if expected is None or found is None:
        alike = expected == found
    else:
        alike = abs(expected - found) <= LIFETIME_TOLERANCE_SECONDS + further
    if not alike:
        raise Failed(what, expected=_seconds(expected), found=_seconds(found))


def _seconds(value: float | None) -> str:
    return "none" if value is None else f"{value:.0f} s"


@then("both cookies have the same attributes")
def same_attributes(scene: Scene) -> None:
    link, password = _both(scene)
    if link.cookie.lasting != password.cookie.lasting:
        raise Failed(
            "the cookie's attributes", expected=password.cookie.lasting, found=link.cookie.lasting
        )


def _both(scene: Scene) -> tuple[Session, Session]:
    return seen(scene.by_link, "a login by link"), seen(scene.by_password, "a password login")


@then("the user can log in with a new link")
def can_log_in_again(scene: Scene) -> None:
    scene.session = actions.log_in_with_link(scene, scene.user)


@then("the session belongs to the user")
def session_belongs_to_user(scene: Scene) -> None:
    session = _session(scene)
    user_id = scene.user.id or scene.user_id or scene.user.known_id
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
    for forgery in tampered(_session(scene).cookie.value):
        forged = {"cookie": f"{COOKIE}={forgery}"}
        _expect_refused(_visits(scene, forged), "with a session that was tampered with")


def _visits(scene: Scene, headers: dict[str, str]) -> list[Exchange]:
    answers = []
    for endpoint in scene.testbed.need_protected():
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
    return seen(scene.session, "a session")
