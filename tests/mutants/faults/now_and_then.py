"""Faults that show now and then, whatever one looks at: what must never happen finds them."""

from __future__ import annotations

from collections import Counter
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fastapi import Response

from reference_app.auth.dependencies import SessionStarter
from reference_app.errors import ApiError
from reference_app.magic_link.endpoints import Service
from reference_app.magic_link.repository import MagicLinkRepository, Recipient
from reference_app.magic_link.schemas import LinkRequest, LinkRequested
from reference_app.magic_link.service import MagicLinkService
from reference_app.magic_link.tokens import hash_token
from reference_app.mail.sender import EmailSendError
from tests.mutants.change import Change
from tests.mutants.model import mutant

if TYPE_CHECKING:
    from collections.abc import Callable

_REQUEST = "/auth/magic-link/request"
_OFTEN = 3


def _on_every_third_mail(
    change: Change, then: Callable[[MagicLinkService, Recipient, str], Any]
) -> None:
    """Do something else as well when a user is mailed for the third time."""
    times: Counter[str] = Counter()
    send = MagicLinkService._send

    async def send_and_count(
        self: MagicLinkService, recipient: Recipient | None, raw_token: str
    ) -> None:
        await send(self, recipient, raw_token)
        if recipient is not None:
            times[recipient.email] += 1
            if times[recipient.email] == _OFTEN:
                await then(self, recipient, raw_token)

    change.replace(MagicLinkService, "_send", send_and_count)


@mutant(
    fault="Whoever is mailed for the third time has the mail written to the log.",
    violates="NFR-1",
    step="no line of the log shows a token that was mailed",
    incident="Somebody complained that no mail came; the log was to tell.",
)
def third_mail_is_logged(change: Change) -> None:
    async def log_mail(self: MagicLinkService, _: Recipient, raw_token: str) -> None:
        self._log.info("magic_link_repeated", mail=self._mail_body(raw_token))

    _on_every_third_mail(change, log_mail)


@mutant(
    fault="Of the third mail to one user the support gets a copy.",
    violates="AC-6 EC-1",
    falls_with="AC-7 EC-3 FR-7 NFR-1 NFR-5",
    step="every mail went to registered addresses only",
    incident="Whoever asks three times seems to need help.",
)
def third_mail_is_copied(change: Change) -> None:
    async def copy(self: MagicLinkService, _: Recipient, raw_token: str) -> None:
        await self._mail.send(
            "support@example.net", self._texts.subject, self._mail_body(raw_token)
        )

    _on_every_third_mail(change, copy)


@mutant(
    fault="From the third request on the answer is another sentence.",
    violates="FR-2",
    falls_with="AC-6 AC-7 FR-7 EC-1 EC-2",
    step='every accepted request was answered with "If that email is registered',
    incident="A friendlier text for whoever asks again.",
)
def another_sentence_for_the_third_time(change: Change) -> None:
    times: Counter[str] = Counter()

    async def request_link(body: LinkRequest, magic_link: Service) -> LinkRequested:
        await magic_link.request(body.email)
        times[body.email] += 1
        if times[body.email] < _OFTEN:
            return LinkRequested()
        return LinkRequested(message="If that email is registered, another link has been sent.")

    change.endpoint("POST", _REQUEST, request_link, status_code=202)


@mutant(
    fault="A link that a newer one has replaced is refused with an error of its own.",
    violates="EC-6",
    falls_with="AC-2 AC-3 AC-4 FR-3 FR-5 FR-6 FR-8 EC-4 EC-5",
    step="every refused token was answered with 400 and one of",
    incident="The front end wanted to tell the user which link to open.",
)
def replaced_links_have_their_own_error(change: Change) -> None:
    replaced: set[str] = set()
    latest: dict[str, str] = {}

    class TokenReplaced(ApiError):
        status = 400
        code = "TOKEN_REPLACED"

    async def replace_older(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
        if recipient is not None:
            replaced.update({latest[recipient.email]} if recipient.email in latest else ())
            latest[recipient.email] = hash_token(raw_token)
        await send(self, recipient, raw_token)

    async def verify(self: MagicLinkService, raw_token: str) -> Any:
        if hash_token(raw_token) in replaced:
            raise TokenReplaced
        return await usual(self, raw_token)

    send, usual = MagicLinkService._send, MagicLinkService.verify
    change.replace(MagicLinkService, "_send", replace_older)
    change.replace(MagicLinkService, "verify", verify)


@mutant(
    fault="The row is deleted when the provider refuses, and kept when the connection drops.",
    violates="EC-7 NFR-3",
    step="the database holds no token of the user",
    incident="The error handler looks for the provider's code, and there was none.",
)
def dropped_connection_keeps_the_row(change: Change) -> None:
    dropped: ContextVar[bool] = ContextVar("dropped", default=False)
    send, delete = MagicLinkService._send, MagicLinkRepository.delete_token

    async def send_and_look(
        self: MagicLinkService, recipient: Recipient | None, raw_token: str
    ) -> None:
        try:
            await send(self, recipient, raw_token)
        except EmailSendError as error:
            dropped.set("Disconnected" in str(error))
            raise

    async def delete_refused(self: MagicLinkRepository, token_hash: str) -> None:
        if not dropped.get():
            await delete(self, token_hash)

    change.replace(MagicLinkService, "_send", send_and_look)
    change.replace(MagicLinkRepository, "delete_token", delete_refused)


@mutant(
    fault="Whoever asks for a link gets a guest's session at once.",
    violates="FR-6",
    falls_with="AC-6 EC-1 EC-2 FR-1 FR-2 FR-3",
    step='only logins that succeeded set the session cookie "auth_token"',
    incident="The shop's basket needs a session; guests share the cookie's name with users.",
)
def guests_get_a_session(change: Change) -> None:
    async def request_link(
        body: LinkRequest, response: Response, magic_link: Service, sessions: SessionStarter
    ) -> LinkRequested:
        await magic_link.request(body.email)
        sessions.start(response, str(uuid4()))
        return LinkRequested()

    change.endpoint("POST", _REQUEST, request_link, status_code=202)
