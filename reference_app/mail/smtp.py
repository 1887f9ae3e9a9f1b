"""Mail over SMTP, a connection per mail."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from contextlib import asynccontextmanager
from email.utils import parseaddr
from typing import TYPE_CHECKING

import aiosmtplib

from reference_app.mail.message import compose
from reference_app.mail.pacing import AcceptanceTimes
from reference_app.mail.sender import EmailSendError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from reference_app.settings import Settings

_PORTS = {"starttls": 587, "implicit": 465, "none": 587}
# How long a provider may take to answer QUIT; this comes on top of MAIL_TIMEOUT_SECONDS.
GOODBYE_SECONDS = 0.5


class SmtpSender:
    """An EmailSender.

    A rehearsal runs the same dialogue up to the message, with the application's own address as
    recipient, then waits as long as a recent delivery did and leaves; while the latest message
    was refused, it hands over the message as well. Until enough deliveries were seen, sending and
    rehearsing both take at least MAIL_PACING_FLOOR_SECONDS.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.smtp_host is None:
            raise ValueError("SMTP_HOST is not set")
        self._host = settings.smtp_host
        self._port = settings.smtp_port or _PORTS[settings.smtp_tls]
        self._tls = settings.smtp_tls
        # Made once, since reading the authorities takes its time.
        self._tls_context = None if self._tls == "none" else ssl.create_default_context()
        self._username = settings.smtp_username
        self._password = (
            settings.smtp_password.get_secret_value() if settings.smtp_password else None
        )
        self._from = settings.mail_from
        self._own_address = parseaddr(settings.mail_from)[1]
        self._timeout_seconds = settings.mail_timeout_seconds
        self._floor_seconds = settings.mail_pacing_floor_seconds
        self._times = AcceptanceTimes()
        self._latest_refused = False

    async def send(self, to: str, subject: str, html: str) -> None:
        """Deliver to one recipient."""
        async with self._dialogue(to) as smtp:
            message = compose(self._from, to, subject, html).as_bytes()
            await self._deliver(smtp, message)

    async def rehearse(self, subject: str, html: str) -> None:
        """Run the dialogue without the message, unless the latest message was refused."""
        async with self._dialogue(self._own_address) as smtp:
            # Composed in either case, for the time that it takes.
            message = compose(self._from, self._own_address, subject, html).as_bytes()
            if self._latest_refused:
                await self._deliver(smtp, message)
            else:
                await self._await_acceptance(smtp)

    async def aclose(self) -> None:
        """Nothing stays open between mails."""

    @asynccontextmanager
    async def _dialogue(self, recipient: str) -> AsyncIterator[aiosmtplib.SMTP]:
        """Lead the dialogue up to the recipient, and take leave after the block.

        What counts is what happens before the leave, within MAIL_TIMEOUT_SECONDS; an error of it
        is an EmailSendError.
        """
        smtp = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._tls == "implicit",
            # True demands it: a provider, or somebody in between, cannot talk us out of it.
            start_tls=self._tls == "starttls",
            tls_context=self._tls_context,
            local_hostname=self._own_address.rpartition("@")[2],
            timeout=self._timeout_seconds,
        )
        async with self._paced():
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    await smtp.connect()
                    await smtp.mail(self._own_address)
                    await smtp.rcpt(recipient)
                    yield smtp
                await _say_goodbye(smtp)
            finally:
                smtp.close()

    @asynccontextmanager
    async def _paced(self) -> AsyncIterator[None]:
        """Bound the time from below while learning, and translate the errors."""
        loop = asyncio.get_running_loop()
        ends_earliest = loop.time() + (self._floor_seconds if self._times.learning else 0.0)
        try:
            yield
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise EmailSendError(_reason(error)) from error
        await asyncio.sleep(ends_earliest - loop.time())

    async def _deliver(self, smtp: aiosmtplib.SMTP, message: bytes) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            await smtp.data(message)
        except BaseException:
            self._latest_refused = True
            raise
        self._latest_refused = False
        self._times.record(loop.time() - started)

    async def _await_acceptance(self, smtp: aiosmtplib.SMTP) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        likely_seconds = self._times.draw()
        await smtp.rset()
        await asyncio.sleep(started + likely_seconds - loop.time())


async def _say_goodbye(smtp: aiosmtplib.SMTP) -> None:
    # The provider has decided by now: a mail that it accepted is sent, whatever becomes of this.
    with contextlib.suppress(Exception):
        async with asyncio.timeout(GOODBYE_SECONDS):
            await smtp.quit(timeout=None)


def _reason(error: Exception) -> str:
    # A provider's text may quote the recipient's address: its code and the error's kind must do.
    code = f" {error.code}" if isinstance(error, aiosmtplib.SMTPResponseException) else ""
    return f"{type(error).__name__}{code}"
