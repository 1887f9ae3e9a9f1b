"""What goes out by mail (AC-1, AC-6, FR-3, FR-4)."""

from __future__ import annotations

from pytest_bdd import parsers, then

from conformance.observe.mail.links import token_of
from conformance.observe.mail.message import Message, bare_address
from conformance.outcomes import Failed
from conformance.steps import actions
from conformance.steps.scene import Scene


@then("exactly one mail goes out to the user")
def one_mail(scene: Scene) -> None:
    arrived = _arrived(scene, 1)
    if len(arrived) != 1:
        raise Failed("mails to the user", expected=1, found=len(arrived))
    _expect_no_strays(scene)


@then("nothing more is mailed to the user")
def nothing_more(scene: Scene) -> None:
    _arrived(scene, 0)
    since = scene.testbed.need_mailbox().messages()[scene.mailed_before :]
    mails = sum(scene.address in map(bare_address, message.recipients) for message in since)
    if mails:
        raise Failed("mails to the user since then", expected="none", found=mails)


@then("no mail goes out to the address")
@then("no mail goes out to the user")
def no_mail(scene: Scene) -> None:
    arrived = _arrived(scene, 0)
    if arrived:
        raise Failed("mails to the address", expected="none", found=len(arrived))
    _expect_no_strays(scene)


@then("no further mail goes out to the user")
def no_further_mail(scene: Scene) -> None:
    # What was there before the last request, or is still under way for those that were accepted.
    before = scene.testbed.need_mailbox().messages()[: scene.mailed_before]
    there = sum(scene.address in map(bare_address, message.recipients) for message in before)
    expected = max(there, actions.accepted(scene, scene.address))
    arrived = _arrived(scene, expected)
    if len(arrived) > expected:
        raise Failed("mails to the user", expected=expected, found=len(arrived))


def _arrived(scene: Scene, expected: int) -> list[Message]:
    """Return the mail to the address, once as many as expected are there and it is quiet."""
    mailbox = scene.testbed.need_mailbox()
    if expected:
        actions.await_mail(scene, scene.address, expected)
    arrived = mailbox.settle(scene.address, actions.QUIET_SECONDS)
    for message in arrived:
        actions.keep_mail(scene, message)
    return arrived


def _expect_no_strays(scene: Scene) -> None:
    strays = actions.strays(scene)
    if strays:
        to = ", ".join(address for message in strays for address in message.recipients)
        raise Failed("mail to somebody else", expected="none", found=f"{len(strays)}, to {to}")


@then(parsers.parse('the mail holds a link to "{path}" with a token'))
def mail_holds_link(scene: Scene, path: str) -> None:
    message = scene.testbed.need_mailbox().messages_to(scene.address)[-1]
    scene.link = actions.link_in(scene, message)
    before_query = scene.link.partition("?")[0]
    scene.token = token_of(scene.link) or ""
    if not before_query.endswith(path) or not scene.token:
        raise Failed("the link", expected=f"…{path}?token=…", found=before_query)
