"""What goes out by mail (AC-1, AC-6, FR-3, FR-4)."""

from __future__ import annotations

from pytest_bdd import parsers, then

from conformance.observation.mail import token_of
from conformance.outcomes import Failed
from conformance.steps import actions
from conformance.steps.scene import Scene


@then("exactly one mail goes out to the user")
def one_mail(scene: Scene) -> None:
    mailbox = scene.testbed.need_mailbox()
    mailbox.wait_for(scene.address, 1, actions.MAIL_SECONDS)
    arrived = mailbox.settle(scene.address, actions.QUIET_SECONDS)
    for message in arrived:
        actions.keep_mail(scene, message)
    everything = actions.mailed(mailbox, scene.address)[scene.mailed_before :]
    if len(arrived) != 1:
        raise Failed("mails to the user", expected=1, found=len(arrived))
    if len(everything) != 1:
        others = [", ".join(m.recipients) for m in everything if m not in arrived]
        raise Failed("mails that go out", expected="1, to the user", found=f"also to {others}")


@then("no mail goes out to the address")
@then("no mail goes out to the user")
@then("no further mail goes out to the user")
def no_mail(scene: Scene) -> None:
    mailbox = scene.testbed.need_mailbox()
    mailbox.settle(scene.address, actions.QUIET_SECONDS)
    sent = actions.mailed(mailbox, scene.address)[scene.mailed_before :]
    for message in sent:
        actions.keep_mail(scene, message)
    if sent:
        to = ", ".join(address for message in sent for address in message.recipients)
        raise Failed("mails that go out", expected="none", found=f"{len(sent)}, to {to}")


@then(parsers.parse('the mail holds a link to "{path}" with a token'))
def mail_holds_link(scene: Scene, path: str) -> None:
    message = scene.testbed.need_mailbox().messages_to(scene.address)[-1]
    scene.link = actions.link_in(scene, message)
    before_query = scene.link.partition("?")[0]
    scene.token = token_of(scene.link) or ""
    if not before_query.endswith(path) or not scene.token:
        raise Failed("the link", expected=f"…{path}?token=…", found=before_query)
