"""Who has an account? (FR-2, EC-1, EC-2, AC-9)"""

from __future__ import annotations

import asyncio
import random
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse

from reference_app.errors import ApiError
from reference_app.magic_link import repository
from reference_app.magic_link.endpoints import Service
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.schemas import LinkRequest, LinkRequested
from reference_app.magic_link.service import MagicLinkService
from reference_app.mail.smtp import SmtpSender
from tests.mutants.change import Change
from tests.mutants.model import mutant

_REQUEST = "/auth/magic-link/request"
_TIME = "the median times of the answers differ by less than 50 milliseconds"
_MESSAGE = "the answer is 202 with the message"


def _stop_at_strangers(change: Change, answer: type[Exception]) -> None:
    """After all the work, raise `answer` for whoever gets no mail."""
    send = MagicLinkService._send

    async def send_or_raise(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
        await send(self, recipient, raw_token)
        if recipient is None:
            raise answer

    change.replace(MagicLinkService, "_send", send_or_raise)


class _Stranger(Exception):
    pass


async def _other_message(body: LinkRequest, magic_link: Service) -> Any:
    try:
        await magic_link.request(body.email)
    except _Stranger:
        return LinkRequested(message="We sent a link, should you have an account with us.")
    return LinkRequested()


@mutant(
    fault="The message for an unknown address is worded otherwise.",
    violates="AC-6 AC-9 EC-1",
    falls_with="EC-2 FR-1 FR-2",
    step=_MESSAGE,
    incident="Two branches, two texts, one reviewer.",
)
def other_message_for_strangers(change: Change) -> None:
    _stop_at_strangers(change, _Stranger)
    change.endpoint("POST", _REQUEST, _other_message, status_code=202)


async def _other_status(body: LinkRequest, response: Response, magic_link: Service) -> Any:
    try:
        await magic_link.request(body.email)
    except _Stranger:
        response.status_code = 200
    return LinkRequested()


@mutant(
    fault="An unknown address is answered with 200 instead of 202.",
    violates="AC-6 AC-9 EC-1",
    falls_with="AC-7 EC-2 EC-3 FR-1 FR-2 FR-7",
    step=_MESSAGE,
    incident="Nothing was accepted for sending, so it is not a 202; said to be more correct.",
)
def other_status_for_strangers(change: Change) -> None:
    _stop_at_strangers(change, _Stranger)
    change.endpoint("POST", _REQUEST, _other_status, status_code=202)


async def _further_member(body: LinkRequest, magic_link: Service) -> Any:
    message = LinkRequested().message
    try:
        await magic_link.request(body.email)
    except _Stranger:
        return JSONResponse({"message": message}, 202)
    return JSONResponse({"message": message, "expiresIn": 900}, 202)


@mutant(
    fault="For a registered user the answer also says for how long the link lives.",
    violates="AC-9",
    falls_with="EC-1 EC-2 FR-2",
    step="the answers have the same body",
    incident="Useful to the front end, and there is no link to speak of in the other branch.",
)
def further_member_for_users(change: Change) -> None:
    _stop_at_strangers(change, _Stranger)
    change.endpoint("POST", _REQUEST, _further_member)


async def _further_header(body: LinkRequest, response: Response, magic_link: Service) -> Any:
    try:
        await magic_link.request(body.email)
        response.headers["x-mail-id"] = f"{random.getrandbits(64):016x}"
    except _Stranger:
        pass
    return LinkRequested()


@mutant(
    fault="A header with the mail's id comes with answers for registered users only.",
    violates="EC-1",
    falls_with="EC-2 AC-9",
    step="no header of the answers distinguishes the two",
    incident="Tracing, added by a middleware that sees which mails went out.",
)
def further_header_for_users(change: Change) -> None:
    _stop_at_strangers(change, _Stranger)
    change.endpoint("POST", _REQUEST, _further_header, status_code=202)


@mutant(
    fault="For an unknown address a random time is waited instead of doing the same work.",
    violates="AC-9",
    falls_with="EC-1 EC-2 FR-2",
    step=_TIME,
    incident="Noise hides a difference from the eye, never from a median.",
)
def random_delay_for_strangers(change: Change) -> None:
    async def rehearse(self: SmtpSender, subject: str, html: str) -> None:
        await asyncio.sleep(random.uniform(0.01, 0.09))

    change.replace(SmtpSender, "rehearse", rehearse)


@mutant(
    fault="For an unknown address half a second is waited, whatever a mail takes.",
    violates="AC-9",
    falls_with="EC-1 EC-2 FR-2",
    step=_TIME,
    incident="A constant that fitted the provider on the day it was measured.",
)
def constant_delay_for_strangers(change: Change) -> None:
    async def rehearse(self: SmtpSender, subject: str, html: str) -> None:
        await asyncio.sleep(0.5)

    change.replace(SmtpSender, "rehearse", rehearse)


@mutant(
    fault="For a registered user another 90 ms go into preparing the mail.",
    violates="AC-9",
    falls_with="EC-1 EC-2 FR-2",
    step=_TIME,
    incident="The template is rendered in the branch that needs it.",
)
def users_take_longer(change: Change) -> None:
    send = MagicLinkService._send

    async def render_and_send(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
        if recipient is not None:
            await asyncio.sleep(0.09)
        await send(self, recipient, raw_token)

    change.replace(MagicLinkService, "_send", render_and_send)


@mutant(
    fault="Every request is answered with 200.",
    violates="AC-1 AC-6 AC-7 FR-2",
    falls_with="FR-1 FR-3 FR-4 FR-6 FR-7 NFR-3 EC-1 EC-2 EC-3 EC-7",
    step=_MESSAGE,
    incident="The framework's default status.",
)
def always_200(change: Change) -> None:
    async def request(body: LinkRequest, magic_link: Service) -> Any:
        await magic_link.request(body.email)
        return LinkRequested()

    request.__annotations__ = {"body": LinkRequest, "magic_link": Service}
    change.endpoint("POST", _REQUEST, request)


@mutant(
    fault="A suspended user gets a link by mail.",
    violates="EC-2",
    step="no mail goes out to the address",
    incident="The status is looked at when the link is opened, not when it is asked for.",
)
def suspended_users_are_mailed(change: Change) -> None:
    change.rewrite(repository, "_STORE", " AND status = 'active'", "")


class _Suspended(ApiError):
    status = 403
    code = "ACCOUNT_SUSPENDED"


async def _is_suspended(pool: Any, address: str) -> bool:
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT 1 FROM users WHERE lower(email) = lower(%s) AND status = 'suspended'",
            (address,),
        )
        return await cursor.fetchone() is not None


@mutant(
    fault="A suspended user is answered with 403.",
    violates="EC-2",
    falls_with="FR-7 EC-3",
    step="the answer is 202 with the message",
    incident="Support wanted people to know why no mail comes; now everybody can know it.",
)
def suspended_users_get_403(change: Change) -> None:
    accept_request = MagicLinkRepository.accept_request

    async def accept(self: MagicLinkRepository, address: str, *given: Any) -> Any:
        recipient = await accept_request(self, address, *given)
        if await _is_suspended(self._pool, address):
            raise _Suspended
        return recipient

    change.replace(MagicLinkRepository, "accept_request", accept)


@mutant(
    fault="For a suspended user the work of sending a mail is skipped.",
    violates="EC-2",
    step="the median times of the answers differ by less than 50 milliseconds",
    incident="Unknown addresses were evened out, suspended ones were forgotten.",
)
def suspended_users_sooner(change: Change) -> None:
    request = MagicLinkService.request
    accept_request = MagicLinkRepository.accept_request

    class _Silence(Exception):
        pass

    async def accept(self: MagicLinkRepository, address: str, *given: Any) -> Any:
        recipient = await accept_request(self, address, *given)
        if await _is_suspended(self._pool, address):
            raise _Silence
        return recipient

    async def request_quickly(self: MagicLinkService, email: str) -> None:
        try:
            await request(self, email)
        except _Silence:
            return

    change.replace(MagicLinkRepository, "accept_request", accept)
    change.replace(MagicLinkService, "request", request_quickly)
