"""What people do in the scenarios: request a link, open it, log in; and what is expected of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from conformance.observe.evidence import Exchange
from conformance.observe.logs import LogLine
from conformance.observe.mail.links import token_of
from conformance.observe.mail.mailbox import Sink
from conformance.observe.mail.message import Message, bare_address
from conformance.observe.session import Session, session_of
from conformance.outcomes import CantTell, Failed
from conformance.requirements.magic_link import LOGIN, REQUEST, VERIFY
from conformance.steps.scene import Scene
from conformance.target.accounts.supply import Account, unknown_address

LinePredicate = Callable[[LogLine], bool]
MAIL_SECONDS = 5.0
# After so many full waits in a row that brought nothing, the next ones are short until mail comes.
_WAITS_IN_VAIN = 3
_SHORT_WAIT_SECONDS = 0.5
# How long it stays quiet before a further mail is taken not to come. FR-3 has the mail go out
# within the request, so it is there when the answer is.
QUIET_SECONDS = 0.2
_SHOWN_LINKS = 5


def request_link(scene: Scene, address: str, **options: Any) -> Exchange:
    """Request a link for an address and return the answer."""
    scene.testbed.requested.add(address.lower())
    return scene.testbed.wire.post(REQUEST, {"email": address}, **options)


def request_at_once(scene: Scene, accounts: Sequence[Account]) -> list[Exchange]:
    """Request a link for each user at the same moment and return the answers, in that order."""
    scene.testbed.requested.update(account.email.lower() for account in accounts)
    payloads = [{"email": account.email} for account in accounts]
    return scene.testbed.wire.burst(REQUEST, payloads)


def ask(scene: Scene, address: str) -> Exchange:
    """Request a link as one of a long series: the exchange does not become evidence."""
    scene.testbed.requested.add(address.lower())
    scene.testbed.uncounted.add(address.lower())
    return scene.testbed.wire.try_post(REQUEST, {"email": address}, keep=False)


def expect_status(answer: Exchange, status: int, what: str = "the answer's status") -> None:
    """Raise `Failed` unless the answer has this status."""
    if answer.status != status:
        raise Failed(what, expected=status, found=answer.summary())


def expect_accepted(scene: Scene, answer: Exchange, what: str) -> None:
    """Expect 202 for an address that has requests left."""
    suspect_further_limit(scene, answer, what)
    expect_status(answer, 202, f"the status for {what}")


def suspect_further_limit(scene: Scene, answer: Exchange, what: str) -> None:
    """Raise `CantTell` where a refusal is not about the address that has requests left.

    The control is a fresh address of the same domain: where it is refused as well, there is a
    further limit (reading 22), and each of the next scenarios begins an hour later.
    """
    if answer.status != 429:
        return
    domain = str(asked_for(answer)).rpartition("@")[2]
    control = unknown_address().partition("@")[0] + f"@{domain}"
    if request_link(scene, control).status == 429:
        scene.testbed.shared["further_limit"] = True
        raise CantTell(
            f"{what} was refused with 429, and so was an address that nobody ever asked for: the "
            "target has a further limit than FR-7's (by client, or over all); lift it for the run"
        )


def expect_error(answer: Exchange, status: int, code: str, what: str = "the answer") -> None:
    """Expect a status and the body `{"error": code}`; further members are allowed in errors."""
    found = answer.members.get("error")
    if answer.status != status or found != code:
        raise Failed(what, expected=f'{status} {{"error": "{code}"}}', found=answer.summary())


def receive_link(scene: Scene, account: Account) -> str:
    """Request a link for a user and return the link that arrives by mail."""
    mailbox = scene.testbed.need_mailbox()
    before = len(mailbox.messages_to(account.email))
    scene.asked_at = time.monotonic()
    expect_accepted(scene, request_link(scene, account.email), "a registered user's request")
    arrived = await_mail(scene, account.email, before + 1)
    if len(arrived) <= before:
        raise Failed(
            "the mail to a registered user",
            expected=f"one within {MAIL_SECONDS:.0f} s",
            found=f"none in the {mailbox.name}",
        )
    return link_in(scene, arrived[-1])


def await_mail(scene: Scene, address: str, count: int) -> list[Message]:
    """Return the mail to an address once there are `count`, or what is there after a while."""
    mailbox, shared = scene.testbed.need_mailbox(), scene.testbed.shared
    in_vain = shared.get("waits_in_vain", 0)
    arrived = mailbox.wait_for(
        address, count, _SHORT_WAIT_SECONDS if in_vain >= _WAITS_IN_VAIN else MAIL_SECONDS
    )
    shared["waits_in_vain"] = 0 if len(arrived) >= count else in_vain + 1
    return arrived


def link_in(scene: Scene, message: Message) -> str:
    """Return the magic link in a mail."""
    keep_mail(scene, message)
    links = message.magic_links()
    if not links:
        raise Failed(
            "the link in the mail",
            expected="a URL that matches */auth/magic-link/verify?token=*",
            found=f"the URLs {', '.join(message.links()[:_SHOWN_LINKS]) or 'none'}",
        )
    return links[0]


def keep_mail(scene: Scene, message: Message) -> None:
    """Make a mail part of the evidence."""
    scene.evidence.mails.append(
        {
            "to": list(message.recipients),
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
        }
    )


def receive_token(scene: Scene, account: Account) -> str:
    """Request a link for a user and return the token that arrives by mail."""
    token = token_of(receive_link(scene, account))
    if not token:
        raise Failed("the link's token", expected="a value", found="nothing")
    return token


def only_mail(scene: Scene, account: Account) -> Message:
    """Return the one mail to a user; more or fewer mails break AC-1."""
    await_mail(scene, account.email, 1)
    arrived = scene.testbed.need_mailbox().settle(account.email, QUIET_SECONDS)
    if len(arrived) != 1:
        raise Failed(f"mails to {account.email}", expected=1, found=len(arrived))
    return arrived[0]


def only_token(scene: Scene, account: Account) -> str:
    """Return the token of the one mail to a user."""
    return token_of(link_in(scene, only_mail(scene, account))) or ""


def verify(scene: Scene, token: Any) -> Exchange:
    """Present a token and return the answer."""
    return scene.testbed.wire.post(VERIFY, {"token": token})


def log_in_with_link(scene: Scene, account: Account) -> Session:
    """Log a user in with a fresh link and return the session."""
    answer = verify(scene, receive_token(scene, account))
    expect_status(answer, 200, "the status for a fresh token")
    return session_of(answer)


def log_in_with_password(scene: Scene, account: Account, password: str | None = None) -> Exchange:
    """Log a user in with a password (by default the right one) and return the answer."""
    given = password or account.password
    return scene.testbed.wire.post(LOGIN, {"email": account.email, "password": given})


def accepted(scene: Scene, address: str) -> int:
    """Return how often a request for an address was answered with 202 in this scenario."""
    return sum(
        exchange.status == 202 and asked_for(exchange) == address
        for exchange in scene.evidence.exchanges
    )


def asked_for(exchange: Exchange) -> str | None:
    """Return the address that a request was for."""
    return exchange.sent.get("email")


def strays(scene: Scene) -> list[Message]:
    """Return mail since the last request to people for whom nobody requested anything.

    The service's own sender is not one of them (reading 45). Only where the harness is the
    provider: in another mailbox it may be somebody else's.
    """
    mailbox = scene.testbed.need_mailbox()
    if not isinstance(mailbox, Sink):
        return []
    known = scene.testbed.requested
    return [
        message
        for message in mailbox.messages()[scene.mailed_before :]
        if not (known | {bare_address(message.sender)}).intersection(
            map(bare_address, message.recipients)
        )
    ]


def log_barrier(scene: Scene) -> None:
    """Return when the log has a line about a later request, or when it takes too long.

    Lines may be written a moment after the answer; they come in order.
    """
    logs = scene.testbed.need_logs()
    mark = logs.mark()
    request_link(scene, unknown_address())
    logs.wait_for(mark, lambda line: bool(line.text), timeout=1.0)
