"""A mail as the harness sees it, and how one is read from its source (RFC 5322, MIME)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr

from conformance.observation.mail.links import links_of, magic_links_of


@dataclass(frozen=True)
class Message:
    """One mail that the provider accepted.

    `received_at` is `time.monotonic()` in seconds at acceptance; `raw` is the source, kept as
    evidence.
    """

    recipients: tuple[str, ...]
    sender: str
    subject: str
    text: str
    html: str
    received_at: float = field(default_factory=lambda: time.monotonic())
    raw: str = field(default="", repr=False)

    def links(self) -> list[str]:
        """Return every URL in the mail once, those of the HTML part first."""
        return links_of(self.text, self.html)

    def magic_links(self) -> list[str]:
        """Return the links of the form `*/auth/magic-link/verify?token=*` (FR-4, AC-1), each once.

        Further query parameters may stand around the token.
        """
        return magic_links_of(self.text, self.html)


def bare_address(address: str) -> str:
    """Return the mailbox of `Name <a@b>` or `a@b`, in lower case."""
    return (parseaddr(address)[1] or address).strip().lower()


def parse_mail(source: bytes) -> EmailMessage:
    """Read the source of a mail; faults of form do not raise but become its `defects`."""
    return message_from_bytes(source, policy=policy.default)


def message_from_source(
    source: bytes, *, recipients: tuple[str, ...] | None = None, sender: str | None = None
) -> Message:
    """Build a message from its source; recipients and sender come from the headers unless given."""
    mail = parse_mail(source)
    return Message(
        recipients=header_recipients(mail) if recipients is None else recipients,
        sender=bare_address(header(mail, "From")) if sender is None else sender,
        subject=header(mail, "Subject"),
        text=_body(mail, "text/plain"),
        html=_body(mail, "text/html"),
        raw=source.decode("utf-8", errors="replace"),
    )


def header_recipients(mail: EmailMessage) -> tuple[str, ...]:
    """Return the recipients that the headers name, those noted at delivery first."""
    names = ("X-Original-To", "Delivered-To", "To", "Cc", "Bcc")
    values = [str(value) for name in names for value in mail.get_all(name, [])]
    addresses = [address for _, address in getaddresses(values) if address]
    return tuple(dict.fromkeys(addresses))


def header(mail: EmailMessage, name: str) -> str:
    """Return a header decoded, or "" if it is missing or cannot be read."""
    try:
        return str(mail.get(name, ""))
    except (ValueError, IndexError, AttributeError, TypeError):  # malformed beyond the parser
        return ""


def _body(mail: EmailMessage, content_type: str) -> str:
    """Join the decoded inline parts of one content type."""
    parts = [
        _decoded(part)
        for part in mail.walk()
        if part.get_content_type() == content_type
        and part.get_content_disposition() != "attachment"
    ]
    return "\n".join(parts)


def _decoded(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset("utf-8"), errors="replace")
    except LookupError:  # a charset nobody knows
        return payload.decode("utf-8", errors="replace")
