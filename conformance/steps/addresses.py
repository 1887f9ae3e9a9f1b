"""Addresses as real tables hold them, and neighbours of theirs (AC-6, FR-3, FR-7)."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from conformance.observe.mail.mailbox import Sink
from conformance.observe.mail.message import Message, ascii_lower, bare_address
from conformance.outcomes import Failed, Inapplicable, Untested
from conformance.requirements.magic_link import REQUEST
from conformance.steps import actions, population
from conformance.steps.answers import answer_with_user_id
from conformance.steps.scene import Scene
from conformance.steps.users import expect_plenty
from conformance.target.accounts.supply import Account, unknown_address

_FEW = 3


@given(parsers.parse("a user who is registered under an address with {feature}"))
def user_with(scene: Scene, feature: str) -> None:
    _register(scene, population.FEATURES[feature]())


@given(parsers.parse("a user, and another address that resembles the user's: {difference}"))
def user_with_neighbour(scene: Scene, difference: str) -> None:
    _register(scene, population.plain())
    scene.other_address = _differing(scene.user, difference)
    _leave_uncounted(scene)


@given(parsers.parse("two users whose addresses differ: {difference}"))
def two_users(scene: Scene, difference: str) -> None:
    long = "long" in difference
    _register(scene, population.long() if long else population.plain())
    other = scene.testbed.accounts.make(_differing(scene.user, difference))
    # One that a service may not take, or take for the plain one, asks first.
    scene.users = sorted([scene.user, other], key=lambda user: user.email.isascii())
    scene.account = scene.users[0]
    scene.testbed.uncounted.update(user.email.lower() for user in scene.users)


@given(parsers.parse("{count:d} registered users"))
def users(scene: Scene, count: int) -> None:
    scene.users = scene.take(count=count)


@given(parsers.parse("{count:d} of many registered users"))
def users_of_many(scene: Scene, count: int) -> None:
    expect_plenty(scene)
    users(scene, count)


@given(parsers.parse("up to {count:d} registered users"))
def several_users(scene: Scene, count: int) -> None:
    plentiful = scene.testbed.accounts.plentiful
    try:
        scene.users = scene.take(count=count if plentiful else _FEW)
    except Untested as error:
        # A short list is spent on what a single user can show.
        raise Inapplicable(str(error)) from error


@when("a link is requested for the other address")
def request_for_the_other(scene: Scene) -> None:
    _count_mail(scene)
    scene.answers = [actions.request_link(scene, scene.other_address)]


@when("a link is requested for a list of the user's address and another")
def request_for_a_list(scene: Scene) -> None:
    _count_mail(scene)
    payload = {"email": [scene.address, unknown_address()]}
    _leave_uncounted(scene)
    scene.answers = [scene.testbed.wire.post(REQUEST, payload)]


@when("each of them requests a link")
def each_requests(scene: Scene) -> None:
    _count_mail(scene)
    scene.answers = [actions.request_link(scene, each.email) for each in scene.users]


@when("each of them requests a link at the same moment")
def each_requests_at_once(scene: Scene) -> None:
    scene.answers = actions.request_at_once(scene, scene.users)


@when(parsers.parse("the first of them requests a link {count:d} times"))
def first_requests(scene: Scene, count: int) -> None:
    scene.answers = [actions.request_link(scene, scene.user.email) for _ in range(count)]


@then("exactly one mail goes out, to the address as it is stored")
def one_mail_to_the_stored(scene: Scene) -> None:
    _lay_aside_if_refused(scene)
    actions.suspect_further_limit(scene, scene.answer, "a registered user's request")
    scene.token = actions.only_token(scene, scene.user)


@then("its link logs the user in")
def logs_in(scene: Scene) -> None:
    _expect_login(scene, scene.user, scene.token)


@then("nobody gets a mail at an address that is not registered")
def nobody_unregistered(scene: Scene) -> None:
    for message in _mail_since(scene):
        strangers = [each for each in message.recipients if not _is_allowed(scene, message, each)]
        if strangers:
            actions.keep_mail(scene, message)
            raise Failed(
                "the recipients of a mail", expected="registered addresses only", found=strangers
            )


@then("nobody gets a mail at all")
def nobody(scene: Scene) -> None:
    for message in _mail_since(scene):
        others = {bare_address(each) for each in message.recipients} - {
            bare_address(message.sender)
        }
        if others:
            actions.keep_mail(scene, message)
            raise Failed("the recipients of a mail", expected="none", found=message.recipients)


@then("each of them gets one mail with a link of their own")
def each_gets_a_mail(scene: Scene) -> None:
    _lay_aside_if_refused(scene)
    for account, answer in zip(scene.users, scene.answers, strict=True):
        actions.suspect_further_limit(scene, answer, "a registered user's request")
        scene.tokens_of[account] = actions.only_token(scene, account)


@then("each link logs its own user in")
def each_logs_in(scene: Scene) -> None:
    logged_in = []
    for account, token in scene.tokens_of.items():
        _expect_login(scene, account, token)
        logged_in.append(scene.user_id)
    if len(set(logged_in)) < len(logged_in):
        raise Failed("the users who are logged in", expected="as many as links", found="fewer")


@then("the second of them can still request a link")
def second_can_request(scene: Scene) -> None:
    _lay_aside_if_refused(scene)
    [first, second] = scene.users
    _lay_aside_if_taken_for_another(scene, first)
    answer = actions.request_link(scene, second.email)
    actions.expect_accepted(scene, answer, "another user's first request")


def _register(scene: Scene, address: str) -> None:
    if population.needs_own_mailbox(address) and not isinstance(scene.testbed.mailbox, Sink):
        raise Inapplicable("mail to a real provider's domain is for the harness's own mailbox only")
    scene.account = scene.testbed.accounts.make(address)
    scene.address = scene.account.email


def _leave_uncounted(scene: Scene) -> None:
    """Note that a mail to the user may answer a request for another spelling (reading 11)."""
    scene.testbed.uncounted.add(scene.address.lower())


def _differing(account: Account, difference: str) -> str:
    differing = population.DIFFERENCES[difference](account.email)
    return differing.replace("{stranger}", unknown_address())


def _count_mail(scene: Scene) -> None:
    scene.mailed_before = len(scene.testbed.need_mailbox().messages())


def _lay_aside_if_refused(scene: Scene) -> None:
    """End a scenario whose address the service does not take: no sentence says that it must."""
    for answer in scene.answers:
        if 400 <= answer.status < 500 and answer.status != 429:
            sent = answer.sent["email"]
            raise Inapplicable(f"the service refuses the address {sent} with {answer.status}")


def _lay_aside_if_taken_for_another(scene: Scene, user: Account) -> None:
    """End a scenario about a user whom the service takes for another one by an odd sign.

    A service that folds such signs where it registers users has no two of them (reading 45).
    """
    if user.email.isascii() or all(answer.status != 202 for answer in scene.answers):
        return
    if not actions.await_mail(scene, user.email, 1):
        raise Inapplicable(f"the service takes {user.email} for another address")


def _mail_since(scene: Scene) -> list[Message]:
    """Return the mail since the request; in another's mailbox, only what has to do with it."""
    mailbox = scene.testbed.need_mailbox()
    mailbox.settle(scene.address, actions.QUIET_SECONDS)
    since = mailbox.messages()[scene.mailed_before :]
    if isinstance(mailbox, Sink):
        return since
    sent = scene.answer.sent["email"]
    return [m for m in since if any(each.lower() in str(sent).lower() for each in m.recipients)]


def _expect_login(scene: Scene, account: Account, token: str) -> None:
    scene.account, scene.answers = account, [actions.verify(scene, token)]
    answer_with_user_id(scene)


def _is_allowed(scene: Scene, message: Message, recipient: str) -> bool:
    """Tell whether a recipient is registered, or the service's own sender (reading 45)."""
    # Case is open (reading 11). The user of another scenario may be mailed late.
    allowed = scene.testbed.accounts.addresses | {bare_address(message.sender)}
    return ascii_lower(recipient.strip().strip("<>")) in allowed
