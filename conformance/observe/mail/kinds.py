"""The kinds of mailboxes, by the name that `[mail] kind` of a description gives them.

Everything about a kind is in its class (see `Mailbox`); a new one only has to be listed here.
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
