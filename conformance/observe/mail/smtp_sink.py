"""The SMTP sink: a mail provider that speaks SMTP (RFC 5321) on loopback."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from conformance.observe.mail.certificate import self_signed
from conformance.observe.mail.faults import ActiveFault, Fault
from conformance.observe.mail.mailbox import LOOPBACK, Sink, listen_error
from conformance.observe.mail.smtp_faults import SMTP_FAULTS, Step
from conformance.observe.mail.smtp_session import FaultyGreeting, SmtpConnection

if TYPE_CHECKING:
    from conformance.observe.settings import MailPart


class SmtpSink(Sink):
    """Accepts every mail, with or without AUTH PLAIN or LOGIN (any credentials).

    An attempt is a transaction that reached MAIL FROM, or a connection that a fault ended before.
    With `starttls`, TLS is offered, never demanded; `certificate` is then the PEM to trust.
    `port` 0 takes a free one. Raises SinkError when the port is taken.
    """

    kind: ClassVar[str] = "smtp"
    name: ClassVar[str] = "SMTP sink"
    placeholders: ClassVar[dict[str, str]] = {"smtp_host": "host", "smtp_port": "port"}
    variables: ClassVar[dict[str, str]] = {
        "SMTP_HOST": "{smtp_host}",
        "SMTP_PORT": "{smtp_port}",
    }
    faults: ClassVar[frozenset[Fault]] = frozenset(SMTP_FAULTS)

    def __init__(self, port: int = 0, *, starttls: bool = False) -> None:
        super().__init__()
        self.certificate: str | None = None
        self._tls: ssl.SSLContext | None = None
        self._placeholder: socket.socket | None = None
        self._connections: set[SmtpConnection | FaultyGreeting] = set()
        try:
            if starttls:
                self.certificate, self._tls = self_signed(LOOPBACK)
            self._server = self._thread.run(self._listen(port))
        except BaseException:
            self._thread.close()
            raise
        self.port = self._server.sockets[0].getsockname()[1]

    @classmethod
    def opened(cls, part: MailPart, directory: Path) -> SmtpSink:
        """Start the sink, with STARTTLS if the description wants it."""
        del directory
        return cls(part.port, starttls=part.starttls)

    # What a connection asks of its sink, on the sink's own loop.

    def active_fault(self, step: Step) -> ActiveFault | None:
        """Return the active fault if it sets in at this step."""
        active = self._active
        return active if active and SMTP_FAULTS[active.fault].step is step else None

    def forget(self, connection: SmtpConnection | FaultyGreeting) -> None:
        """Take note that a connection is closed."""
        self._connections.discard(connection)

    async def _listen(self, port: int) -> asyncio.Server:
        try:
            return await asyncio.get_running_loop().create_server(self._connection, LOOPBACK, port)
        except OSError as error:
            raise listen_error(self.name, port, error) from error

    def _connection(self) -> SmtpConnection | FaultyGreeting:
        active = self.active_fault(Step.GREETING)
        connection = FaultyGreeting(self, active) if active else SmtpConnection(self, self._tls)
        self._connections.add(connection)
        return connection

    async def _enter_fault(self, active: ActiveFault) -> None:
        """Start to fail; a fault before MAIL FROM has to be met by pooled connections too."""
        await super()._enter_fault(active)
        if SMTP_FAULTS[active.fault].step < Step.MAIL_FROM:
            for connection in list(self._connections):
                if isinstance(connection, SmtpConnection) and connection.is_idle():
                    connection.hang_up()
        if SMTP_FAULTS[active.fault].step is Step.CONNECT:
            active.hits = 1
            self._server.close()
            # Bound, so that nobody else takes the port, and not listening.
            self._placeholder = socket.socket()
            self._placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._placeholder.bind((LOOPBACK, self.port))

    async def _release(self, active: ActiveFault) -> None:
        """Let go what hangs, and listen again."""
        await super()._release(active)
        if self._placeholder is not None:
            self._placeholder.close()
            self._placeholder = None
            self._server = await self._listen(self.port)

    async def _shut_down(self) -> None:
        self._server.close()
        if self._placeholder is not None:
            self._placeholder.close()
        for connection in list(self._connections):
            connection.cut()
