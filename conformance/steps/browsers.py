"""Browsers: which one asks, which one opens the link, and what they hold (AC-1, AC-2, FR-6)."""

from __future__ import annotations

from pytest_bdd import given, when

from conformance.observe.session import Session, tampered
from conformance.outcomes import Failed, Inapplicable, Untested
from conformance.requirements.magic_link import COOKIE, VERIFY
from conformance.steps import actions
from conformance.steps.scene import Scene

_COMPUTER = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "accept-language": "en-GB,en;q=0.8",
}
_PHONE = {
    "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "accept-language": "fr-FR,fr;q=0.9",
}


@given("a browser that holds a session that cannot be read")
def holds_nonsense(scene: Scene) -> None:
    scene.held = {"cookie": f"{COOKIE}=no-session"}


@given("a browser that holds another user's session")
def holds_session(scene: Scene) -> None:
    scene.held = _session_of_another(scene).header_line


@given("a browser that holds a session that was tampered with")
def holds_forgery(scene: Scene) -> None:
    forgeries = tampered(_session_of_another(scene).cookie.value)
    scene.held = {"cookie": f"{COOKIE}={forgeries[0]}"}


def _session_of_another(scene: Scene) -> Session:
    [other] = scene.take()
    try:
        return actions.log_in_with_link(scene, other)
    except (Failed, Untested) as error:
        # Logging in is judged elsewhere.
        raise Inapplicable(f"nobody could be logged in: {error}") from error


@when("the token is verified in that browser")
def verify_there(scene: Scene) -> None:
    scene.answers = [scene.testbed.wire.post(VERIFY, {"token": scene.token}, scene.held)]


@when("the user requests a link on a computer")
def request_on_a_computer(scene: Scene) -> None:
    scene.answers = [actions.request_link(scene, scene.address, headers=_COMPUTER)]


@when("the link is opened on a phone")
def open_on_a_phone(scene: Scene) -> None:
    token = actions.only_token(scene, scene.user)
    scene.answers = [scene.testbed.wire.post(VERIFY, {"token": token}, _PHONE)]


@when("the user requests a link in that browser")
def request_there(scene: Scene) -> None:
    scene.mailed_before = len(scene.testbed.need_mailbox().messages())
    scene.answers = [actions.request_link(scene, scene.address, headers=scene.held)]
