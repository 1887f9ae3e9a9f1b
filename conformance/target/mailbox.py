"""Which mailbox a target description asks for."""

from __future__ import annotations

from conformance.observe.mail.eml_directory import EmlDirectory
from conformance.observe.mail.mailbox import Mailbox, MailboxError
from conformance.observe.mail.mailpit import Mailpit
from conformance.observe.mail.sendgrid_sink import SendGridSink
from conformance.observe.mail.smtp_sink import SmtpSink
from conformance.observe.settings import MailPart
from conformance.outcomes import UsageError
from conformance.target.description import TargetDescription

# Jitter is what makes the delay real; more of it costs AC-9 samples and shows nothing further.
DELAY_JITTER = 0.1


def open_mailbox(description: TargetDescription) -> Mailbox | None:
    """Open the described mailbox, or the sink whose placeholders are used; None without either.

    Raises `UsageError`.
    """
    part = description.mail or _part_by_placeholders(description)
    if part is None:
        return None
    try:
        return _open(part, description)
    except MailboxError as error:
        raise UsageError(f"[mail]: {error.why}") from error


def _part_by_placeholders(description: TargetDescription) -> MailPart | None:
    text = description.model_dump_json()
    if "{smtp_" in text:
        return MailPart(kind="smtp")
    return MailPart(kind="sendgrid") if "{sendgrid_" in text else None


def _open(part: MailPart, description: TargetDescription) -> Mailbox:
    if part.kind == "mailpit":
        assert part.url is not None
        return Mailpit(part.url)
    if part.kind == "directory":
        assert part.path is not None
        return EmlDirectory(description.directory / part.path)
    if part.kind == "smtp":
        return SmtpSink(part.port, starttls=part.starttls)
    return SendGridSink(part.key, part.port)


def mail_placeholders(mailbox: Mailbox | None, part: MailPart | None) -> dict[str, str]:
    """Return the placeholders by which a description tells its target where mail goes."""
    if isinstance(mailbox, SmtpSink):
        return {"smtp_host": mailbox.host, "smtp_port": str(mailbox.port)}
    if isinstance(mailbox, SendGridSink):
        key = (part or MailPart()).key
        return {"sendgrid_url": mailbox.base_url, "sendgrid_key": key}
    return {}
