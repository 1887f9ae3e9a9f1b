"""The kinds of mailboxes, by the name that `[mail] kind` of a description gives them.

A kind says all about itself in its class (see `Mailbox`); here it only has to be listed.
"""

from __future__ import annotations

from conformance.observe.mail.eml_directory import EmlDirectory
from conformance.observe.mail.mailbox import Mailbox
from conformance.observe.mail.mailpit import Mailpit
from conformance.observe.mail.sendgrid_sink import SendGridSink
from conformance.observe.mail.smtp_sink import SmtpSink

KINDS: dict[str, type[Mailbox]] = {
    kind.kind: kind for kind in (SmtpSink, SendGridSink, Mailpit, EmlDirectory)
}
