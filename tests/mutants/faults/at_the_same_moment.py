"""Requests at the same moment that share what is one's own (AC-1 to AC-3, FR-3, FR-6, NFR-3)."""

from __future__ import annotations

import asyncio
from typing import Any

from reference_app.auth.repository import User
from reference_app.auth.service import AuthService
from reference_app.errors import Unauthenticated
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.service import MagicLinkService
from reference_app.mail.sender import EmailSendError
from tests.mutants.change import Change
from tests.mutants.model import mutant

_RENDERING_SECONDS = 0.02


@mutant(
    fault="The recipient is kept in a variable that all requests share.",
    violates="FR-3",
    falls_with="AC-1 AC-2 FR-6 FR-7 NFR-1 NFR-5 EC-1 EC-8",
    step="each of them gets one mail with a link of their own",
    incident="A variable of the module, set by one request and read by another.",
)
def recipient_in_a_shared_variable(change: Change) -> None:
    send, shared = MagicLinkService._send, dict[str, Any]()

    async def send_to_the_last(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
        if recipient is None:
            await send(self, recipient, raw_token)
            return
        shared["recipient"] = recipient
        await asyncio.sleep(_RENDERING_SECONDS)
        await send(self, shared["recipient"], raw_token)

    change.replace(MagicLinkService, "_send", send_to_the_last)


@mutant(
    fault="The token is kept in a variable that all requests share.",
    violates="AC-2 FR-6",
    falls_with="AC-1 FR-3 FR-7 NFR-1 NFR-3 NFR-5 EC-7 EC-8",
    step="each link logs its own user in",
    incident="The template was an object of the service's own, filled before it was rendered.",
)
def token_in_a_shared_variable(change: Change) -> None:
    send, shared = MagicLinkService._send, dict[str, str]()

    async def send_the_last(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
        if recipient is None:
            await send(self, recipient, raw_token)
            return
        shared["token"] = raw_token
        await asyncio.sleep(_RENDERING_SECONDS)
        await send(self, recipient, shared["token"])

    change.replace(MagicLinkService, "_send", send_the_last)


@mutant(
    fault="The token whose row a failed send deletes is kept in a variable that all share.",
    violates="EC-7 NFR-3",
    falls_with="FR-6",
    step="the database holds no token of those whose mail was refused",
    incident="The clean-up was a callback of the mail library's, which knows no request.",
)
def deletes_the_latest_token(change: Change) -> None:
    accept, delete = MagicLinkRepository.accept_request, MagicLinkRepository.delete_token
    shared = dict[str, str]()

    async def accept_and_share(
        self: MagicLinkRepository, address: str, token_hash: str, now: Any
    ) -> Any:
        shared["hash"] = token_hash
        return await accept(self, address, token_hash, now)

    async def delete_the_shared(self: MagicLinkRepository, _: str) -> None:
        await delete(self, shared["hash"])

    change.replace(MagicLinkRepository, "accept_request", accept_and_share)
    change.replace(MagicLinkRepository, "delete_token", delete_the_shared)


@mutant(
    fault="Whether the mail failed is kept in a variable that all requests share.",
    violates="EC-7 NFR-3",
    falls_with="FR-6",
    step="each answer says whether that user's mail was sent",
    incident="A field of the mailer that holds its latest error.",
)
def latest_error_is_shared(change: Change) -> None:
    send, shared = MagicLinkService._send, dict[str, EmailSendError | None]()

    async def send_and_look(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
        shared["error"] = None
        try:
            await send(self, recipient, raw_token)
        except EmailSendError as error:
            shared["error"] = error
        await asyncio.sleep(_RENDERING_SECONDS)
        if shared["error"] is not None:
            raise shared["error"]

    change.replace(MagicLinkService, "_send", send_and_look)


@mutant(
    fault="The session of a visitor is kept in a variable that all requests share.",
    violates="AC-3 FR-6",
    step="each of them is accepted, and shown nobody else's data",
    incident="The current user as a global, from the days of a process for each request.",
)
def visitor_in_a_shared_variable(change: Change) -> None:
    authenticate, shared = AuthService.authenticate, dict[str, str | None]()

    async def authenticate_the_last(self: AuthService, session_token: str | None) -> User:
        shared["token"] = session_token
        # As long as the other services that are asked in between.
        await asyncio.sleep(0)
        return await authenticate(self, shared["token"])

    change.replace(AuthService, "authenticate", authenticate_the_last)


@mutant(
    fault="Signatures are checked by an object that all requests share and that can do one.",
    violates="AC-3 FR-6",
    step="each of them is accepted, and shown nobody else's data",
    incident="A Mac of Java's, made once because that is dear; it is not for several threads.",
)
def signatures_share_a_buffer(change: Change) -> None:
    authenticate, under_way = AuthService.authenticate, list[object]()

    async def authenticate_alone(self: AuthService, session_token: str | None) -> User:
        under_way.append(object())
        await asyncio.sleep(0)
        disturbed = len(under_way) > 1
        under_way.pop()
        if disturbed:
            raise Unauthenticated
        return await authenticate(self, session_token)

    change.replace(AuthService, "authenticate", authenticate_alone)


@mutant(
    fault="Requests of one user at the same moment share one mail.",
    violates="AC-1 FR-3",
    step="as many mails go out to the user as requests were accepted",
    incident="A single flight in front of the provider, keyed by the recipient.",
)
def mails_under_way_are_shared(change: Change) -> None:
    send, under_way = MagicLinkService._send, dict[str, asyncio.Task[None]]()

    async def send_or_join(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
        if recipient is None:
            await send(self, recipient, raw_token)
            return
        mail = under_way.get(recipient.email)
        if mail is None:
            mail = asyncio.create_task(send(self, recipient, raw_token))
            under_way[recipient.email] = mail
            mail.add_done_callback(lambda _: under_way.pop(recipient.email))
        await asyncio.shield(mail)

    change.replace(MagicLinkService, "_send", send_or_join)
