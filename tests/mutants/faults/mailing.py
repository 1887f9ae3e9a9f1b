"""What goes out by mail, and what happens when it does not (FR-3, NFR-3, EC-7)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from reference_app.errors import EmailSendFailed
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.service import MagicLinkService
from reference_app.mail.sender import EmailSendError
from reference_app.mail.smtp import SmtpSender
from tests.mutants.change import Change
from tests.mutants.model import mutant

if TYPE_CHECKING:
    from reference_app.magic_link.repository import Recipient


def _send_by(change: Change, make: Callable[[Any], Any]) -> None:
    """Replace the service's sending by what `make` makes of it."""
    change.replace(MagicLinkService, "_send", make(MagicLinkService._send))


@mutant(
    fault="Every mail goes out twice.",
    violates="AC-1",
    falls_with="AC-2 AC-6 EC-1 EC-2 FR-1 FR-2 FR-3 FR-6 FR-7",
    step="exactly one mail goes out to the user",
    incident="A retry that does not look at whether the first try succeeded.",
)
def mailed_twice(change: Change) -> None:
    def twice(send: Any) -> Any:
        async def send_twice(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
            await asyncio.gather(send(self, recipient, raw_token), send(self, recipient, raw_token))

        return send_twice

    _send_by(change, twice)


@mutant(
    fault="A blind copy of every mail goes to an archive.",
    violates="AC-1 AC-6",
    falls_with="EC-1 EC-2 FR-1 FR-2 FR-3 NFR-1",
    step="exactly one mail goes out to the user",
    incident="Compliance wanted all outgoing mail; now the archive can log in as anybody.",
)
def copied_to_an_archive(change: Change) -> None:
    send = SmtpSender.send

    async def send_with_copy(self: SmtpSender, to: str, subject: str, html: str) -> None:
        await asyncio.gather(
            send(self, to, subject, html), send(self, "archive@example.com", subject, html)
        )

    change.replace(SmtpSender, "send", send_with_copy)


@mutant(
    fault="No mail ever goes out, and the answer is 202.",
    violates="AC-1 FR-3",
    falls_with="AC-2 AC-3 AC-4 AC-5 AC-6 AC-8 FR-1 FR-2 FR-6 FR-7 NFR-3 NFR-4 EC-1 EC-2 EC-7",
    step="exactly one mail goes out to the user",
    incident="The provider's dry-run switch, still on.",
)
def nothing_is_mailed(change: Change) -> None:
    async def rehearse_only(self: SmtpSender, to: str, subject: str, html: str) -> None:
        await self.rehearse(subject, html)

    change.replace(SmtpSender, "send", rehearse_only)


@mutant(
    fault="Whoever is not registered gets a mail that says so.",
    violates="AC-6 EC-1",
    falls_with="FR-1 FR-2 NFR-4 EC-2",
    step="no mail goes out to the address",
    incident="Friendly, and a way to have the service mail strangers.",
)
def strangers_are_mailed(change: Change) -> None:
    request = MagicLinkService.request

    async def remember_address(self: MagicLinkService, email: str) -> None:
        other = MagicLinkService(self._repository, self._mail, self._app_base_url, self._log)
        other._address = email  # type: ignore[attr-defined]
        await request(other, email)

    async def send(self: MagicLinkService, recipient: Recipient | None, raw_token: str) -> None:
        address = recipient.email if recipient else self._address  # type: ignore[attr-defined]
        html = self._mail_body(raw_token) if recipient else "<p>You have no account with us.</p>"
        await self._mail.send(address, self._texts.subject, html)

    change.replace(MagicLinkService, "request", remember_address)
    change.replace(MagicLinkService, "_send", send)


@mutant(
    fault="The mail is sent after the answer.",
    violates="FR-3 EC-7 NFR-3",
    falls_with="AC-1 FR-6 NFR-4",
    step="the answer takes as long as the mail provider does",
    incident="A background task makes the endpoint fast, and its failures invisible.",
)
def mailed_after_the_answer(change: Change) -> None:
    tasks: set[asyncio.Task[None]] = set()

    def in_the_background(send: Any) -> Any:
        async def send_later(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
            async def later() -> None:
                await asyncio.sleep(0.3)
                await send(self, recipient, raw_token)

            task = asyncio.get_running_loop().create_task(later())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        return send_later

    _send_by(change, in_the_background)


@mutant(
    fault="When the mail cannot be sent, the answer is 202 all the same.",
    violates="EC-7 NFR-3",
    step='the answer is 503 with the error "EMAIL_SEND_FAILED"',
    incident="Catch, log, carry on: the user waits for a mail that nobody sent.",
)
def failed_send_swallowed(change: Change) -> None:
    def swallowed(send: Any) -> Any:
        async def send_or_not(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
            try:
                await send(self, recipient, raw_token)
            except EmailSendError as error:
                self._log.error("magic_link_email_failed", reason=str(error))

        return send_or_not

    _send_by(change, swallowed)


@mutant(
    fault="When the mail cannot be sent, the token's row stays.",
    violates="EC-7 NFR-3",
    step="the database holds no token of the user",
    incident="The answer was tested, the table was not.",
)
def row_kept_after_a_failed_send(change: Change) -> None:
    async def keep(self: MagicLinkRepository, token_hash: str) -> None:
        pass

    change.replace(MagicLinkRepository, "delete_token", keep)


@mutant(
    fault="When the mail cannot be sent, all of the user's tokens are deleted.",
    violates="NFR-3",
    falls_with="EC-7 AC-2 FR-6",
    step="the user's older link still works",
    incident="The failed token is deleted by its user instead of by its hash.",
)
def failed_send_deletes_every_link(change: Change) -> None:
    async def delete_all(self: MagicLinkRepository, token_hash: str) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(
                'DELETE FROM magic_link_tokens WHERE "userId" = '
                '(SELECT "userId" FROM magic_link_tokens WHERE "tokenHash" = %s)',
                (token_hash,),
            )

    change.replace(MagicLinkRepository, "delete_token", delete_all)


@mutant(
    fault="When the mail cannot be sent, the answer is 500.",
    violates="EC-7 NFR-3",
    step='the answer is 503 with the error "EMAIL_SEND_FAILED"',
    incident="Nobody caught it.",
)
def failed_send_answers_500(change: Change) -> None:
    change.replace(EmailSendFailed, "status", 500)


@mutant(
    fault="When the mail cannot be sent, the answer's code is MAIL_ERROR.",
    violates="EC-7 NFR-3",
    step='the answer is 503 with the error "EMAIL_SEND_FAILED"',
    incident="Named anew by whoever wrote that branch.",
)
def failed_send_of_another_code(change: Change) -> None:
    change.replace(EmailSendFailed, "code", "MAIL_ERROR")


@mutant(
    fault="A mail that the provider refuses at its very end counts as sent.",
    violates="EC-7 NFR-3",
    falls_with="NFR-4",
    step='the answer is 503 with the error "EMAIL_SEND_FAILED"',
    incident="Only connection errors are errors; what the provider answers is not read.",
)
def refusal_at_the_end_counts_as_sent(change: Change) -> None:
    deliver = SmtpSender._deliver

    async def deliver_or_not(self: SmtpSender, smtp: Any, message: bytes) -> None:
        try:
            await deliver(self, smtp, message)
        except Exception as error:
            if getattr(error, "code", None) is None:
                raise

    change.replace(SmtpSender, "_deliver", deliver_or_not)
