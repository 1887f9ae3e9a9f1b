"""`magic-link-conformance serve`: the reference, to try the login by hand."""

from __future__ import annotations

import queue
import secrets
import shutil
import socket
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from conformance.cli.serve_inbox import InboxPage
from conformance.observe.connection import connect
from conformance.observe.mail.message import Message
from conformance.observe.mail.smtp_sink import SmtpSink
from conformance.outcomes import TargetLost, UsageError
from conformance.report.safe_text import printable
from conformance.target.accounts.passwords import SCHEMES
from conformance.target.database.postgres import EmbeddedPostgres, create_database
from conformance.target.launch.in_process import InProcessTarget
from conformance.target.launch.ports import free_port
from conformance.target.launch.process import undisturbed

_HOST = "127.0.0.1"
_DEMO_EMAIL = "ada@example.com"
_LOOK_SECONDS = 1.0


class _Provider(SmtpSink):
    """A mail provider without delay that announces each mail as it arrives."""

    def __init__(self) -> None:
        self.arrived: queue.SimpleQueue[Message] = queue.SimpleQueue()
        super().__init__()
        self.set_delay(0.0)

    def accept(self, message: Message) -> None:
        """Keep a message that was accepted and announce it."""
        super().accept(message)
        self.arrived.put(message)


@dataclass(frozen=True)
class _Served:
    application: InProcessTarget
    provider: _Provider
    inbox: InboxPage
    password: str


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--mail-port", type=click.IntRange(0, 65535), default=8025, show_default=True)
def command(port: int, mail_port: int) -> None:
    """Serve the reference with a database and a mailbox, to try the login by hand.

    Everything listens on 127.0.0.1 only. Port 0 takes a free one.
    """
    stack = ExitStack()
    try:
        served = _start(stack, _free("--port", port), _free("--mail-port", mail_port))
        _introduce(served)
        _show_mail(served)
    except KeyboardInterrupt:
        click.echo("Stopped.")
    finally:
        with undisturbed():
            stack.close()


def _free(option: str, port: int) -> int:
    """Return the port, or a free one for 0."""
    if port == 0:
        return free_port()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise UsageError(
                f"`{option}`: {_HOST}:{port} cannot be listened on ({error.strerror}): "
                "give another port, or 0 for a free one"
            ) from error
    return port


def _start(stack: ExitStack, port: int, mail_port: int) -> _Served:
    """Start everything; `stack` stops it."""
    if port == mail_port:
        raise UsageError(f"`--port` and `--mail-port` are both {port}: give two ports")
    scratch = Path(tempfile.mkdtemp(prefix="mlc-serve-"))
    stack.callback(shutil.rmtree, scratch, ignore_errors=True)
    server = EmbeddedPostgres()
    stack.callback(server.close)
    database_url = create_database(server.url, "demo")
    provider = _Provider()
    stack.callback(provider.close)
    inbox = InboxPage(provider, mail_port)
    stack.callback(inbox.close)
    environment = {
        "ENVIRONMENT": "development",
        "DATABASE_URL": database_url,
        "MIGRATE_ON_START": "true",
        "APP_BASE_URL": f"http://{_HOST}:{port}",
        "JWT_SECRET": secrets.token_hex(32),
        # A browser keeps no `Secure` cookie from plain http.
        "COOKIE_SECURE": "false",
        "MAIL_PROVIDER": "smtp",
        "MAIL_FROM": "login@example.com",
        "SMTP_HOST": provider.host,
        "SMTP_PORT": str(provider.port),
        "SMTP_TLS": "none",
        # The console is for the links.
        "LOG_FILE": str(scratch / "app.log"),
    }
    application = InProcessTarget("reference_app.main:create_app", environment, port)
    stack.callback(application.stop)
    application.start()
    return _Served(application, provider, inbox, _add_demo_user(database_url))


def _add_demo_user(database_url: str) -> str:
    """Register the demo user and return the password."""
    password = secrets.token_urlsafe(9)
    with connect(database_url) as connection:
        connection.execute(
            'INSERT INTO users (email, "passwordHash") VALUES (%s, %s)',
            (_DEMO_EMAIL, SCHEMES["argon2"](password)),
        )
    return password


def _introduce(served: _Served) -> None:
    click.echo(
        f"Log in at {served.application.base_url}/ as {_DEMO_EMAIL}, with a link or a password.\n"
        f"Mail arrives here and at {served.inbox.url}/\n"
        f"The password is {served.password}\n"
        "Ctrl-C stops everything and removes it."
    )


def _show_mail(served: _Served) -> None:
    """Print mails as they arrive, for as long as the application serves."""
    while not served.application.ended():
        try:
            message = served.provider.arrived.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            continue
        click.echo(f"\n{datetime.now():%H:%M:%S}  To: {printable(', '.join(message.recipients))}")
        for link in message.magic_links():
            click.echo(f"          {printable(link)}")
    raise TargetLost(served.application.ended())
