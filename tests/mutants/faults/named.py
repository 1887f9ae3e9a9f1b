"""The blatant ones: what a first review should find, and often does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from reference_app.auth import sessions
from reference_app.auth.sessions import Sessions
from reference_app.errors import ApiError
from reference_app.magic_link import repository, service
from reference_app.magic_link.service import MagicLinkService
from reference_app.mail.smtp import SmtpSender
from tests.mutants.change import Change
from tests.mutants.model import mutant

if TYPE_CHECKING:
    from fastapi import Response

    from reference_app.magic_link.repository import Recipient


@mutant(
    fault="The raw token is stored instead of its hash.",
    violates="AC-8 NFR-1",
    falls_with="AC-2 FR-3 FR-5 FR-6 FR-8",
    step="the stored token is the SHA-256 hash of the one in the mail",
    incident="The column is called a hash and nobody looked; seen in an open auth library.",
)
def raw_token_stored(change: Change) -> None:
    change.replace(service, "hash_token", lambda raw: raw.replace("\x00", ""))


@mutant(
    fault="A token that was used is accepted again until it expires.",
    violates="AC-4 EC-5",
    falls_with="NFR-4 EC-6 EC-8 FR-6",
    step='the answer is 400 with the error "TOKEN_USED"',
    incident="Only the expiry is checked; seen in a payment platform's magic links.",
)
def token_reusable(change: Change) -> None:
    change.rewrite(repository, "_SPEND", ' AND "usedAt" IS NULL', "")


@mutant(
    fault="The expiry is stored and never compared with the time.",
    violates="AC-5 EC-4 FR-8",
    falls_with="NFR-4",
    step='the answer is 400 with the error "TOKEN_EXPIRED"',
    incident="The comparison was lost when the query was rewritten.",
)
def expiry_not_enforced(change: Change) -> None:
    change.rewrite(repository, "_SPEND", ' AND "expiresAt" > %(now)s', "")


class _UnknownEmail(ApiError):
    status: ClassVar[int] = 404
    code: ClassVar[str] = "USER_NOT_FOUND"


@mutant(
    fault="An address that nobody registered is answered with 404.",
    violates="AC-6 AC-9 EC-1",
    falls_with="AC-7 FR-1 FR-2 FR-7 EC-2 EC-3",
    step="the answer is 202 with the message",
    incident="The obvious way to write it, and the oldest way to list a service's users.",
)
def unknown_email_404(change: Change) -> None:
    send = MagicLinkService._send

    async def send_or_404(
        self: MagicLinkService, recipient: Recipient | None, raw_token: str
    ) -> None:
        if recipient is None:
            raise _UnknownEmail
        await send(self, recipient, raw_token)

    change.replace(MagicLinkService, "_send", send_or_404)


@mutant(
    fault="The sixth request within the hour is still accepted.",
    violates="AC-7 FR-7 EC-3",
    falls_with="EC-2 NFR-4 EC-1",
    step='the answer is 429 with the error "RATE_LIMIT_EXCEEDED"',
    incident="Off by one: the limit is compared with <= instead of <.",
)
def sixth_request_accepted(change: Change) -> None:
    change.rewrite(repository, "_COUNT_IN", ") < %(limit)s", ") <= %(limit)s")


@mutant(
    fault="For an unknown address the work of sending a mail is skipped.",
    violates="AC-9",
    falls_with="EC-1 EC-2 FR-2",
    step="the median times of the answers differ by less than 50 milliseconds",
    incident="The early return that most implementations have: the answer is the same, but sooner.",
)
def unknown_email_sooner(change: Change) -> None:
    async def nothing(self: SmtpSender, subject: str, html: str) -> None:
        pass

    change.replace(SmtpSender, "rehearse", nothing)


class _RenamedCookie(Sessions):
    def start(self, response: Response, user_id: str) -> None:
        super().start(response, user_id)
        cookie = response.headers["set-cookie"]
        response.headers["set-cookie"] = cookie.replace(sessions.COOKIE_NAME, "session", 1)


@mutant(
    fault="Password login sets its session in a cookie of another name.",
    violates="AC-10",
    falls_with="FR-6",
    step='the answer sets the session cookie "auth_token"',
    incident="Both logins were moved to a common session module, and one name was forgotten.",
)
def login_cookie_renamed(change: Change) -> None:
    change.sessions(_RenamedCookie, "/auth/login")
