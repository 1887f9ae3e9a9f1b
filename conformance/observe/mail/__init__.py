"""The target's mail: sinks that are its provider, and mailboxes that are already there."""

from __future__ import annotations

from conformance.observe.mail.eml_directory import EmlDirectory
from conformance.observe.mail.faults import ActiveFault, Fault
from conformance.observe.mail.links import is_magic_link, query_of, token_of
from conformance.observe.mail.mailbox import (
    DEFAULT_DELAY_SECONDS,
    Mailbox,
    MailboxError,
    Sink,
    SinkError,
)
from conformance.observe.mail.mailpit import Mailpit
from conformance.observe.mail.message import Message, ascii_lower, bare_address
from conformance.observe.mail.sendgrid_sink import SendGridSink
from conformance.observe.mail.smtp_sink import SmtpSink

__all__ = [
    "DEFAULT_DELAY_SECONDS",
    "ActiveFault",
    "EmlDirectory",
    "Fault",
    "Mailbox",
    "MailboxError",
    "Mailpit",
    "Message",
    "SendGridSink",
    "Sink",
    "SinkError",
    "SmtpSink",
    "ascii_lower",
    "bare_address",
    "is_magic_link",
    "query_of",
    "token_of",
]
