"""A mail as the harness sees it, and how one is read from its source (RFC 5322, MIME)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import Message as MimePart
from email.utils import getaddresses, parseaddr
from functools import lru_cache

from conformance.observe.mail.links import links_of, magic_links_of


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


@lru_cache(maxsize=4096)
def bare_address(address: str) -> str:
    """Return the mailbox of `Name <a@b>` or `a@b`, in lower case."""
    return (parseaddr(address)[1] or address).strip().lower()


def parse_mail(source: bytes) -> MimePart:
    """Read the source of a mail; faults of form do not raise but become its `defects`."""
    # The newer policies parse every header each time that it is looked at: costly by the hundred.
    return message_from_bytes(source, policy=policy.compat32)


def message_from_source(
    source: bytes, *, recipients: tuple[str, ...] | None = None, sender: str | None = None
) -> Message:
    """Build a message from its source; recipients and sender come from the headers unless given."""
    mail = parse_mail(source)
    parts = _bodies(mail)
    return Message(
        recipients=header_recipients(mail) if recipients is None else recipients,
        sender=bare_address(header(mail, "From")) if sender is None else sender,
        subject=header(mail, "Subject"),
        text=_joined(parts, "text/plain"),
        html=_joined(parts, "text/html"),
        raw=source.decode("utf-8", errors="replace"),
    )


def header_recipients(mail: MimePart) -> tuple[str, ...]:
    """Return the recipients that the headers name, those noted at delivery first."""
    names = ("X-Original-To", "Delivered-To", "To", "Cc", "Bcc")
    values = [str(value) for name in names for value in mail.get_all(name, [])]
    addresses = [address for _, address in getaddresses(values) if address]
    return tuple(dict.fromkeys(addresses))


def header(mail: MimePart, name: str) -> str:
    """Return a header decoded, or "" if it is missing or cannot be read."""
    try:
        return str(policy.default.header_fetch_parse(name, str(mail.get(name, ""))))
    except (ValueError, IndexError, AttributeError, TypeError):  # malformed beyond the parser
        return ""


def _bodies(mail: MimePart) -> list[tuple[str, str]]:
    """Return the inline text parts, each as content type and decoded text."""
    parts = ((part.get_content_type(), part) for part in mail.walk())
    return [
        (content_type, _decoded(part))
        for content_type, part in parts
        if content_type in ("text/plain", "text/html")
        and part.get_content_disposition() != "attachment"
    ]


def _joined(parts: Iterable[tuple[str, str]], content_type: str) -> str:
    return "\n".join(text for found, text in parts if found == content_type)


def _decoded(part: MimePart) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(str(part.get_content_charset("utf-8")), errors="replace")
    except LookupError:  # a charset nobody knows
        return payload.decode("utf-8", errors="replace")
