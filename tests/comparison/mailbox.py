"""An SMTP server that keeps every mail in memory and accepts it at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import Any

from tests.serving import smtp_server

_LINK = re.compile(r"https?://\S+?/auth/magic-link/verify\?token=(\w+)")


class Mailbox:
    """The mails that were accepted, as pairs of recipient and text."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []
        self.port = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        body = message.get_body(("html", "plain"))
        text = body.get_content() if body is not None else ""
        self.mails += [(recipient, text) for recipient in envelope.rcpt_tos]
        return "250 OK"

    def mails_to(self, email: str) -> list[str]:
        """Return the texts of the mails to an address, oldest first."""
        return [text for recipient, text in self.mails if recipient == email]

    def token_for(self, email: str) -> str:
        """Return the token of the link in the last mail to an address."""
        match = _LINK.search(self.mails_to(email)[-1])
        assert match, "the mail holds no link"
        return match[1]


@contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    """Run a mailbox on a free port of 127.0.0.1."""
    mailbox = Mailbox()
    with smtp_server(mailbox) as mailbox.port:
        yield mailbox
