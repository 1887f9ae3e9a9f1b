"""How a service sends its mail, to each kind of sink."""

from __future__ import annotations

import smtplib
from typing import Any

import httpx2

from conformance.observe.mail.sendgrid_sink import SendGridSink
from conformance.observe.mail.smtp_sink import SmtpSink

LINK = "https://app.example.com/auth/magic-link/verify?token=ab12"
MAIL = f"From: App <app@example.com>\r\nTo: u@example.com\r\nSubject: Log in\r\n\r\n{LINK}\r\n"
KEY = "SG.test.key"
CLIENT_TIMEOUT = 5.0


def connect(sink: SmtpSink) -> smtplib.SMTP:
    return smtplib.SMTP(sink.host, sink.port, timeout=CLIENT_TIMEOUT)


def send_by_smtp(sink: SmtpSink, to: str = "u@example.com", mail: str | bytes = MAIL) -> None:
    with connect(sink) as client:
        client.login("user", "password")
        refused = client.sendmail("app@example.com", [to], mail)
        assert refused == {}


def send_by_api(sink: SendGridSink, to: str = "u@example.com") -> None:
    answer = httpx2.post(
        f"{sink.base_url}/v3/mail/send",
        json=call(personalizations=[{"to": [{"email": to}]}]),
        headers={"Authorization": f"Bearer {KEY}"},
        timeout=CLIENT_TIMEOUT,
        trust_env=False,
    )
    assert answer.status_code == 202


def call(**changes: Any) -> dict[str, Any]:
    """Return a valid call of SendGrid's API with some members replaced; None leaves one out."""
    body = {
        "personalizations": [{"to": [{"email": "u@example.com"}]}],
        "from": {"email": "app@example.com", "name": "App"},
        "subject": "Log in",
        "content": [
            {"type": "text/plain", "value": f"Log in: {LINK}"},
            {"type": "text/html", "value": f'<a href="{LINK}">Log in</a>'},
        ],
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}
