"""Browsers that hold a session already when a link is requested or opened (AC-1, AC-2, FR-6)."""

from __future__ import annotations

from pytest_bdd import given, when

from conformance.observe.session import Session, tampered
from conformance.outcomes import Failed, Inapplicable, Untested
from conformance.requirements.magic_link import COOKIE, VERIFY
from conformance.steps import actions
from conformance.steps.scene import Scene


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


@when("the user requests a link in that browser")
def request_there(scene: Scene) -> None:
    scene.mailed_before = len(scene.testbed.need_mailbox().messages())
    scene.answers = [actions.request_link(scene, scene.address, headers=scene.held)]
