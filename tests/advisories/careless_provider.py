"""Careless about its mail provider: an outage tells addresses apart, a hung provider never ends."""

from __future__ import annotations

from reference_app.mail.smtp import SmtpSender
from tests.mutants.change import Change
from tests.variants.choices.requests import row_after_the_mail

SPEAKS = frozenset(
    {
        "an outage of the mail provider does not tell addresses apart",
        "a link works before the mail provider has confirmed the mail",
        "a mail provider that never answers does not hold a request open without end",
    }
)


def alter(change: Change) -> None:
    """Wait for the provider without end, send first and store then, send strangers nothing."""
    change.settings(mail_timeout_seconds=60.0)

    async def nothing(self: SmtpSender, subject: str, html: str) -> None:
        pass

    change.replace(SmtpSender, "rehearse", nothing)
    row_after_the_mail(change)
