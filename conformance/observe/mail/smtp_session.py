"""One SMTP connection of the sink: aiosmtpd's dialogue with the sink's delays and faults."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import MISSING, SMTP, Envelope, Session

from conformance.observe.mail.faults import ActiveFault, Effect
from conformance.observe.mail.message import message_from_source
from conformance.observe.mail.smtp_faults import SMTP_FAULTS, Step

if TYPE_CHECKING:
    from conformance.observe.mail.smtp_sink import SmtpSink

MAX_MESSAGE_BYTES = 10 * 1024 * 1024

# The library warns on each AUTH and prints stack traces of failed handshakes; neither is news here.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


class FaultyGreeting(asyncio.Protocol):
    """A connection that never gets as far as a greeting: refused, dropped or left hanging."""

    def __init__(self, sink: SmtpSink, active: ActiveFault) -> None:
        self._sink = sink
        self._active = active
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Fail at once, or hang until the fault is over."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._active.hits += 1
        self._sink.begin_attempt()
        fault = SMTP_FAULTS[self._active.fault]
        if fault.effect is Effect.REFUSE:
            transport.write(fault.reply.encode() + b"\r\n")
            transport.close()
        elif fault.effect is Effect.DROP:
            transport.abort()
        else:
            self._waiting = asyncio.ensure_future(self._cut_when_released())

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Stop waiting."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._sink.forget(self)

    def cut(self) -> None:
        """Close the connection at once, without a word."""
        if self._transport is not None:
            self._transport.abort()

    async def _cut_when_released(self) -> None:
        await self._active.released.wait()
        self.cut()


class SmtpConnection(SMTP):
    """A dialogue that accepts every credential and every message, unless a fault is active."""

    line_length_limit = MAX_MESSAGE_BYTES  # HTML mails come with lines of any length

    def __init__(self, sink: SmtpSink, tls: ssl.SSLContext | None) -> None:
        self._sink = sink
        self._attempt_counted = False
        super().__init__(
            _Hooks(),
            data_size_limit=MAX_MESSAGE_BYTES,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="mail sink",
            tls_context=tls,
            auth_require_tls=False,
            auth_callback=lambda *_: True,
            loop=asyncio.get_running_loop(),
        )

    def connection_lost(self, error: Exception | None) -> None:
        """Stop the dialogue."""
        super().connection_lost(error)
        self._sink.forget(self)

    def is_idle(self) -> bool:
        """Return whether no transaction is under way."""
        return self.envelope is None or self.envelope.mail_from is None

    def hang_up(self) -> None:
        """Close the connection in order, as a provider does that goes down for a while."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.close()

    def cut(self) -> None:
        """Close the connection at once, without a word."""
        transport = self._original_transport or self.transport
        if isinstance(transport, asyncio.Transport):
            transport.abort()

    def count_attempt(self) -> None:
        """Count a send, once for all refusals that a connection meets before MAIL FROM."""
        if not self._attempt_counted:
            self._sink.begin_attempt()
        self._attempt_counted = True

    def begin_transaction(self) -> None:
        """Count the send that MAIL FROM begins, unless a refusal before it was counted already."""
        self.count_attempt()
        self._attempt_counted = False

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Take the message, or fail before the client may send it."""
        refusal = await self.fault_reply(Step.DATA)
        if refusal is None:
            await super().smtp_DATA(arg)
        else:
            await self.push(refusal)

    async def fault_reply(self, step: Step) -> str | None:
        """Carry out the active fault if it belongs to this step; None if there is none."""
        active = self._sink.active_fault(step)
        if active is None:
            return None
        active.hits += 1
        if step < Step.MAIL_FROM:
            self.count_attempt()
        return await self._fail(active)

    async def accept(self, envelope: Envelope) -> str:
        """Take the message after its time, or fail in the way that was chosen when it came."""
        message = message_from_source(
            envelope.original_content or b"",
            recipients=tuple(envelope.rcpt_tos),
            sender=envelope.mail_from or "",
        )
        active = self._sink.active_fault(Step.END_OF_DATA)
        met = active if active is not None and active.meets([message]) else None
        if met is not None:
            met.hits += 1
            met.refused.append(message)
        await asyncio.sleep(self._sink.acceptance_delay())
        if met is not None:
            return await self._fail(met)
        self._sink.accept(message)
        return "250 2.0.0 Accepted"

    async def _fail(self, active: ActiveFault) -> str:
        fault = SMTP_FAULTS[active.fault]
        if fault.effect is Effect.HANG:
            await active.released.wait()
        if fault.effect is not Effect.REFUSE:
            self.cut()
            raise asyncio.CancelledError  # ends the dialogue as a lost connection does
        return fault.reply


class _Hooks:
    """aiosmtpd's handler: one hook for each command; MISSING asks for the usual answer."""

    async def handle_HELO(  # noqa: N802
        self, server: SmtpConnection, session: Session, _envelope: Envelope, hostname: str
    ) -> str:
        refusal = await server.fault_reply(Step.EHLO)
        if refusal is None:
            session.host_name = hostname
        return refusal or f"250 {server.hostname}"

    async def handle_EHLO(  # noqa: N802
        self,
        server: SmtpConnection,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        refusal = await server.fault_reply(Step.EHLO)
        if refusal is not None:
            return [refusal]
        session.host_name = hostname
        return responses

    async def handle_AUTH(self, server: SmtpConnection, *_: object) -> Any:  # noqa: N802
        return await server.fault_reply(Step.AUTH) or MISSING

    async def handle_MAIL(self, server: SmtpConnection, *_: object) -> Any:  # noqa: N802
        server.begin_transaction()
        return await server.fault_reply(Step.MAIL_FROM) or MISSING

    async def handle_RCPT(self, server: SmtpConnection, *_: object) -> Any:  # noqa: N802
        return await server.fault_reply(Step.RCPT_TO) or MISSING

    async def handle_DATA(  # noqa: N802
        self, server: SmtpConnection, _session: Session, envelope: Envelope
    ) -> str:
        return await server.accept(envelope)

    async def handle_QUIT(self, server: SmtpConnection, *_: object) -> Any:  # noqa: N802
        return await server.fault_reply(Step.QUIT) or MISSING
