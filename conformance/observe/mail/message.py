"""A mail as the harness sees it, and how one is read from its source (RFC 5322, MIME)."""

from __future__ import annotations

import codecs
import re
import string
from collections.abc import Iterable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message as MimePart
from email.parser import BytesHeaderParser
from email.policy import Compat32
from email.utils import getaddresses
from functools import lru_cache

from conformance.observe.mail.links import links_of, magic_links_of
from conformance.observe.reading import without_lone_surrogates

# Parsing a header takes quadratic time or worse. RFC 5322 allows 998 characters a line.
_HEADER_LIMIT = 5_000
# Each may add a level of nesting, and every line is compared with the boundaries of all levels.
_NESTING = re.compile(rb"content-type:\s*(?:multipart|message)/", re.IGNORECASE)
_MOST_NESTINGS = 20
# Codecs of Python that are not charsets of mail: they raise, or take quadratic time.
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})


_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@dataclass(frozen=True)
class Message:
    """One mail that the provider accepted; `raw` is its source."""

    recipients: tuple[str, ...]
    sender: str
    subject: str
    text: str
    html: str
    raw: str = field(default="", repr=False)

    def links(self) -> list[str]:
        """Return every URL in the mail once, those of the HTML part first."""
        return links_of(self.text, self.html)

    def magic_links(self) -> list[str]:
        """Return the links of the form `*/auth/magic-link/verify?token=*` (FR-4, AC-1), each once.

        Further query parameters may come before or after the token.
        """
        return magic_links_of(self.text, self.html)


class _Bounded(Compat32):
    """The policy that keeps headers as they are; only the beginning of a long one is kept.

    The newer policies parse every header each time that it is looked at: costly by the hundred.
    """

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_HEADER_LIMIT]


_POLICY = _Bounded()


@lru_cache(maxsize=4096)
def bare_address(address: str) -> str:
    """Return the mailbox of `Name <a@b>` or `a@b`, in lower case."""
    found = _addresses([address[:_HEADER_LIMIT]])
    return ascii_lower((found[0] if found else address).strip())


def ascii_lower(address: str) -> str:
    """Return an address with A to Z in lower case; `str.lower` makes a k of the Kelvin sign."""
    return address.translate(_ASCII_LOWER)


def _addresses(values: list[str]) -> list[str]:
    try:
        return [address for _, address in getaddresses(values) if address]
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        # Malformed beyond the parser, such as comments within comments without an end.
        return []


def parse_mail(source: bytes) -> MimePart:
    """Read the source of a mail; faults of form do not raise but become its `defects`.

    If its parts may be nested deeper than any real mail's, only its headers are read.
    """
    if sum(1 for _ in _NESTING.finditer(source)) > _MOST_NESTINGS:
        return BytesHeaderParser(policy=_POLICY).parsebytes(source)
    return message_from_bytes(source, policy=_POLICY)


def message_from_source(
    source: bytes, *, recipients: tuple[str, ...] | None = None, sender: str | None = None
) -> Message:
    """Build a message from its source; recipients and sender come from the headers unless given."""
    mail = parse_mail(source)
    parts = _bodies(mail)
    return Message(
        recipients=header_recipients(mail) if recipients is None else recipients,
        sender=bare_address(str(mail.get("From", ""))) if sender is None else sender,
        subject=_decoded_header(str(mail.get("Subject", ""))),
        text=_joined(parts, "text/plain"),
        html=_joined(parts, "text/html"),
        raw=source.decode("utf-8", errors="replace"),
    )


def header_recipients(mail: MimePart) -> tuple[str, ...]:
    """Return the recipients that the headers name, those noted at delivery first."""
    names = ("X-Original-To", "Delivered-To", "To", "Cc", "Bcc")
    values = [str(value) for name in names for value in mail.get_all(name, [])]
    return tuple(dict.fromkeys(map(without_lone_surrogates, _addresses(values))))


def _decoded_header(value: str) -> str:
    """Return a header with its encoded words decoded, or as it is where that cannot be done."""
    try:
        decoded = str(make_header(decode_header(value)))
    except (MessageError, ValueError, LookupError):
        decoded = value
    return without_lone_surrogates("".join(decoded.splitlines()))


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
    return without_lone_surrogates(payload.decode(_charset(part), errors="replace"))


def _charset(part: MimePart) -> str:
    """Return the part's charset, UTF-8 where it names one that nobody knows."""
    try:
        codec = codecs.lookup(str(part.get_content_charset("utf-8")))
    except (LookupError, ValueError):
        return "utf-8"
    is_charset = codec._is_text_encoding and codec.name not in _NO_CHARSETS
    return codec.name if is_charset else "utf-8"
