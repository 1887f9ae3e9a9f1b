"""Sends that fail before the message, late, or out of reach; and mail that goes out again."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any

import aiosmtplib

from reference_app import main
from reference_app.logs import make_logger
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.service import MagicLinkService
from reference_app.mail import smtp
from reference_app.mail.sender import EmailSendError
from reference_app.mail.smtp import SmtpSender
from tests.mutants.change import Change
from tests.mutants.faults.log_lines import Relevelled
from tests.mutants.model import mutant

_PATIENCE_SECONDS = 1.2
_AGAIN_SECONDS = 1.0


@mutant(
    fault="When the provider refuses before it has seen the message, the row stays.",
    violates="NFR-3 EC-7",
    step="no failed send has left a token in the database",
    incident="The clean-up stands behind the call that hands the message over.",
)
def early_refusal_keeps_the_row(change: Change) -> None:
    delete, request = MagicLinkRepository.delete_token, MagicLinkService.request
    deliver, refused = SmtpSender._deliver, set[asyncio.Task[Any] | None]()

    async def note_and_deliver(self: SmtpSender, smtp: Any, message: bytes) -> None:
        refused.add(asyncio.current_task())
        await deliver(self, smtp, message)

    async def request_and_forget(self: MagicLinkService, email: str) -> None:
        try:
            await request(self, email)
        finally:
            refused.discard(asyncio.current_task())

    async def delete_if_refused(self: MagicLinkRepository, token_hash: str) -> None:
        if asyncio.current_task() in refused:
            await delete(self, token_hash)

    change.replace(SmtpSender, "_deliver", note_and_deliver)
    change.replace(MagicLinkService, "request", request_and_forget)
    change.replace(MagicLinkRepository, "delete_token", delete_if_refused)


@mutant(
    fault="A provider that has not decided after a little more than a second counts as willing.",
    violates="NFR-3 EC-7",
    falls_with="NFR-4",
    step='each failed send is answered with 503 and the error "EMAIL_SEND_FAILED"',
    incident="Nobody should wait for long; the rest was to be done in the background.",
)
def late_refusal_counts_as_sent(change: Change) -> None:
    send = SmtpSender.send

    async def send_for_a_while(self: SmtpSender, to: str, subject: str, html: str) -> None:
        sending = asyncio.ensure_future(send(self, to, subject, html))
        done, _ = await asyncio.wait({sending}, timeout=_PATIENCE_SECONDS)
        if done:
            await sending

    change.replace(SmtpSender, "send", send_for_a_while)


@mutant(
    fault="A provider that refuses the connection is logged at WARN, another at ERROR.",
    violates="NFR-4 EC-7",
    step="each failed send is logged at level ERROR",
    incident="Connections come back by themselves, it was said.",
)
def refused_connection_at_warn(change: Change) -> None:
    def level_of(_: str, usual: str, fields: dict[str, Any]) -> str:
        return "warning" if "Connect" in str(fields.get("reason")) else usual

    change.replace(main, "make_logger", lambda *given: Relevelled(make_logger(*given), level_of))


@mutant(
    fault="Where no provider listens the answer says so, and the row stays.",
    violates="NFR-3 EC-7",
    step="no failed send has left a token in the database",
    incident="The clean-up was for the library's errors, and this one is the system's.",
)
def row_left_when_nothing_listens(change: Change) -> None:
    send, delete = SmtpSender.send, MagicLinkService._delete
    refused = ContextVar("refused", default=False)

    async def send_and_see(self: SmtpSender, to: str, subject: str, html: str) -> None:
        try:
            await send(self, to, subject, html)
        except EmailSendError as error:
            cause = error.__cause__
            refused.set(isinstance(cause and cause.__cause__, ConnectionRefusedError))
            raise

    async def delete_unless_refused(self: MagicLinkService, token_hash: str) -> None:
        if not refused.get():
            await delete(self, token_hash)

    change.replace(SmtpSender, "send", send_and_see)
    change.replace(MagicLinkService, "_delete", delete_unless_refused)


@mutant(
    fault="Every mail goes out once more, a little later.",
    violates="AC-1 FR-3",
    step="no user got more mails than requests were accepted",
    falls_with="AC-2 AC-6 AC-7 EC-1 FR-6 FR-7",
    incident="A job sends again what it finds unused, and a mail is never used that soon.",
)
def mailed_again_later(change: Change) -> None:
    send, later = SmtpSender.send, set[asyncio.Task[None]]()

    async def send_again(self: SmtpSender, to: str, subject: str, html: str) -> None:
        await asyncio.sleep(_AGAIN_SECONDS)
        try:
            await send(self, to, subject, html)
        except EmailSendError:
            return

    async def send_now_and_later(self: SmtpSender, to: str, subject: str, html: str) -> None:
        await send(self, to, subject, html)
        later.add(task := asyncio.create_task(send_again(self, to, subject, html)))
        task.add_done_callback(later.discard)

    change.replace(SmtpSender, "send", send_now_and_later)


@mutant(
    fault="A provider that accepts a mail and does not answer the goodbye has not sent it.",
    violates="FR-3 NFR-3",
    step="the mail is there when the answer is",
    incident="One time limit for the whole dialogue: the mail arrives, and its link is worthless.",
)
def unanswered_goodbye_counts_as_failed(change: Change) -> None:
    async def wait_for_goodbye(connection: aiosmtplib.SMTP) -> None:
        await connection.quit(timeout=_PATIENCE_SECONDS)

    change.replace(smtp, "_say_goodbye", wait_for_goodbye)


@mutant(
    fault="A provider that accepts a mail and hangs up without a goodbye has not sent it.",
    violates="FR-3 NFR-3",
    step="the mail is there when the answer is",
    incident="A lost connection is an error, whatever was said before; some libraries raise one.",
)
def lost_goodbye_counts_as_failed(change: Change) -> None:
    async def expect_a_word(connection: aiosmtplib.SMTP) -> None:
        try:
            goodbye = await connection.quit(timeout=_PATIENCE_SECONDS)
        except aiosmtplib.SMTPTimeoutError:
            return
        # The library's word for a connection that is lost by then.
        if not goodbye.message:
            raise aiosmtplib.SMTPServerDisconnected("no goodbye")

    change.replace(smtp, "_say_goodbye", expect_a_word)
