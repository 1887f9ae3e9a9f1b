"""The reference as processes of their own, as an operator starts it."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.serving import Served, served

PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.02
_SETTINGS = {
    "APP_BASE_URL": "app.example.com",
    "JWT_SECRET": "0123456789abcdef" * 2,
    "MAIL_FROM": "login@example.com",
}


class Launched(Served):
    """A process of the reference, or several behind one port."""

    def ask_to_stop(self) -> None:
        """Send SIGTERM, as a service manager does."""
        self.process.send_signal(signal.SIGTERM)

    def log_lines(self) -> list[dict[str, Any]]:
        """Return what it has logged so far."""
        return [json.loads(line) for line in self.output.read_text().splitlines()]


def smtp_settings(port: int) -> dict[str, str]:
    """Return the settings for mail over SMTP to a port of this machine."""
    return {
        "MAIL_PROVIDER": "smtp",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_TLS": "none",
    }


def sendgrid_settings(url: str) -> dict[str, str]:
    """Return the settings for mail through a stand-in for SendGrid."""
    return {
        "MAIL_PROVIDER": "sendgrid",
        "SENDGRID_API_KEY": "key",
        "SENDGRID_BASE_URL": url,
    }


@contextmanager
def launched(
    database_url: str, output: Path, mail: dict[str, str], **settings: object
) -> Iterator[Launched]:
    """Start `python -m reference_app serve`, wait until it is ready, end it afterwards.

    `settings` are the reference's, in lower case.
    """
    environment = {
        **_SETTINGS,
        **mail,
        "DATABASE_URL": database_url,
        **{name.upper(): str(value) for name, value in settings.items()},
    }
    command = [sys.executable, "-m", "reference_app", "serve"]
    with served(command, environment, output) as server:
        yield Launched(server.url, server.process, server.output)


def await_that(condition: Callable[[], bool]) -> None:
    """Return when the condition holds; raise when it does not in a minute."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(_POLL_SECONDS)


def await_status(reference: Launched, path: str, status: int) -> None:
    """Return when a GET of the path is answered with the status; raise when the process ends."""
    with httpx2.Client(base_url=reference.url, timeout=10, trust_env=False) as client:

        def answered() -> bool:
            assert reference.process.poll() is None, reference.output.read_text()
            try:
                return client.get(path).status_code == status
            except httpx2.TransportError:
                return False

        await_that(answered)
