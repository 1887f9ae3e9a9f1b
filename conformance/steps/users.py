"""Who is there: registered users, suspended ones, addresses that nobody registered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from pytest_bdd import given, parsers, when

from conformance.observe.mail.links import token_of
from conformance.observe.session import session_of
from conformance.outcomes import Inapplicable, Point, Untested
from conformance.steps import actions
from conformance.steps.scene import Scene
from conformance.steps.storage import note_rows
from conformance.target.accounts.supply import Kind, unknown_address

_WORKERS = 5
_KINDS: dict[str, Kind] = {
    "registered": "active",
    "suspended": "suspended",
    "password-less": "passwordless",
}


@given(parsers.re(r"an? (?P<kind>registered|suspended|password-less) user$"))
def a_user(scene: Scene, kind: str) -> None:
    [scene.account] = scene.take(_KINDS[kind])
    scene.address = scene.account.email
    note_rows(scene)


@given("one of many registered users")
def one_of_many(scene: Scene) -> None:
    expect_plenty(scene)
    a_user(scene, "registered")


def expect_plenty(scene: Scene) -> None:
    """End a scenario for which a list's accounts are too dear: others can be seen with fewer."""
    if not scene.testbed.accounts.plentiful:
        raise Inapplicable("a list's accounts are kept for what fewer users can show")


@given(parsers.re(r"a (?P<kind>registered|suspended) user whose account can be changed$"))
def a_changeable_user(scene: Scene, kind: str) -> None:
    _expect_changeable(scene)
    a_user(scene, kind)


@given("a registered user with a link, whose account can be changed")
def a_changeable_user_with_link(scene: Scene) -> None:
    _expect_changeable(scene)
    a_user_with_link(scene)


def _expect_changeable(scene: Scene) -> None:
    if not scene.testbed.accounts.changeable:
        # The accounts of a list are as they are, and no requirement asks for more.
        raise Inapplicable("only accounts that the harness wrote can be changed")


@when("the user is suspended")
def suspend(scene: Scene) -> None:
    scene.testbed.accounts.suspend(scene.user)


@when("the user is active again")
def reinstate(scene: Scene) -> None:
    scene.testbed.accounts.reinstate(scene.user)


@when("the user is deleted")
def delete(scene: Scene) -> None:
    scene.testbed.accounts.delete(scene.user)


@when("somebody registers with the address")
def register(scene: Scene) -> None:
    scene.account = scene.testbed.accounts.make(scene.address)


@given("an address nobody registered")
def an_unknown_address(scene: Scene) -> None:
    scene.address = unknown_address()


@given("an address nobody registered, in mixed case")
def an_unknown_address_in_mixed_case(scene: Scene) -> None:
    scene.address = unknown_address().title()


@given("a registered user, and an address nobody registered")
def a_user_and_a_stranger(scene: Scene) -> None:
    a_user(scene, "registered")
    scene.other_address = unknown_address()


@given("a registered user with a password")
def a_user_with_password(scene: Scene) -> None:
    scene.account = scene.testbed.accounts.with_password()
    scene.address = scene.account.email


@given("a password-less user, and another who has a password")
def users_with_and_without_password(scene: Scene) -> None:
    expect_plenty(scene)
    a_user(scene, "password-less")
    scene.other = scene.testbed.accounts.with_password()


@given("a registered user with a link")
@given("another user with a link")
def a_user_with_link(scene: Scene) -> None:
    _need_what_links_take(scene)
    a_user(scene, "registered")
    scene.link = actions.receive_link(scene, scene.user)
    scene.token = token_of(scene.link) or ""


@given("one of many registered users with a link")
def one_of_many_with_link(scene: Scene) -> None:
    expect_plenty(scene)
    a_user_with_link(scene)


@given("another registered user with a link")
def other_user_with_link(scene: Scene) -> None:
    [scene.other] = scene.take()
    scene.other_token = actions.receive_token(scene, scene.other)


@given("a registered user who can log in with a link and with a password")
def a_user_with_both(scene: Scene) -> None:
    [scene.account] = scene.take()
    scene.address = scene.account.email
    if scene.account.password is None:
        raise Untested(Point.ACCOUNTS, "no account with a known password is described")


@given(parsers.parse("{count:d} registered users with a link each"))
def users_with_links(scene: Scene, count: int) -> None:
    accounts = scene.take("active", count)
    with ThreadPoolExecutor(_WORKERS) as workers:
        tokens = list(workers.map(lambda account: actions.receive_token(scene, account), accounts))
    scene.tokens_of = dict(zip(accounts, tokens, strict=True))


@given("a registered user who logged in with a link")
def a_user_logged_in(scene: Scene) -> None:
    _need_what_links_take(scene)
    a_user(scene, "registered")
    logged_in_with_link(scene)


@given("the user logged in with a link")
@when("the user logs in with a link")
def logged_in_with_link(scene: Scene) -> None:
    scene.token = actions.receive_token(scene, scene.user)
    scene.answers = [actions.verify(scene, scene.token)]
    actions.expect_status(scene.answer, 200, "the status for a fresh token")
    scene.session = session_of(scene.answer)


def _need_what_links_take(scene: Scene) -> None:
    # Asked before an account is taken: of a short list, none is spent on what cannot be seen.
    scene.testbed.need_mailbox()
