"""Which mailbox a target description asks for."""

from __future__ import annotations

from conformance.observe.mail.kinds import KINDS
from conformance.observe.mail.mailbox import Mailbox, MailboxError
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
        return KINDS[part.kind].opened(part, description.directory)
    except MailboxError as error:
        raise UsageError(f"[mail]: {error.why}") from error


def _part_by_placeholders(description: TargetDescription) -> MailPart | None:
    text = description.model_dump_json()
    used = (name for name, kind in KINDS.items() if kind.placeholders and f"{{{name}_" in text)
    return next((MailPart(kind=name) for name in used), None)
