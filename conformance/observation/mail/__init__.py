"""The target's mail: sinks that are its provider, and mailboxes that are already there."""

from __future__ import annotations

from conformance.observation.mail.eml_directory import EmlDirectory
from conformance.observation.mail.faults import ActiveFault, Fault
from conformance.observation.mail.links import is_magic_link, token_of
from conformance.observation.mail.mailbox import (
    DEFAULT_DELAY_SECONDS,
    Mailbox,
    MailboxError,
    Sink,
    SinkError,
)
from conformance.observation.mail.mailpit import Mailpit
from conformance.observation.mail.message import Message, bare_address
from conformance.observation.mail.sendgrid_sink import SendGridSink
from conformance.observation.mail.smtp_sink import SmtpSink

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
    "bare_address",
    "is_magic_link",
    "token_of",
]
