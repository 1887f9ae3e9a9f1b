"""SendGrid's v3 mail/send call: its validation and the messages that it describes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from conformance.observe.mail.message import Message
from conformance.observe.reading import read_json

# SendGrid's own limits of a call.
_MOST_PERSONALIZATIONS = 1_000
_SUBSTITUTION_BYTES = 10_000
# How long substitutions may make a content: each may contain the placeholder of the next.
_LONGEST_CONTENT = 10_000_000
_HELP = "https://docs.sendgrid.com/api-reference/mail-send/errors"


@dataclass(frozen=True)
class CallError:
    """One entry of SendGrid's `errors` list."""

    message: str
    field: str | None = None

    def as_json(self) -> dict[str, str | None]:
        """Return the entry as SendGrid writes it."""
        return {"message": self.message, "field": self.field, "help": _HELP if self.field else None}


def read_call(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object of a call, or None if the body is not one."""
    call = read_json(body)
    return call if isinstance(call, dict) else None


def is_sandboxed(call: dict[str, Any] | None) -> bool:
    """Return whether the call asks to be validated only."""
    settings = _object(_object(call).get("mail_settings"))
    return _object(settings.get("sandbox_mode")).get("enable") is True


def errors_of(call: dict[str, Any] | None) -> list[CallError]:
    """Return what SendGrid would find wrong with a call."""
    if call is None:
        return [CallError("Bad Request")]
    return [*_personalization_errors(call), *_sender_errors(call), *_content_errors(call)]


def messages_of(call: dict[str, Any]) -> list[Message]:
    """Return the mails that a valid call describes: one for each personalization."""
    raw = json.dumps(call, ensure_ascii=False, indent=2)
    return [_message(call, entry, raw) for entry in call["personalizations"]]


def _personalization_errors(call: dict[str, Any]) -> list[CallError]:
    entries = call.get("personalizations")
    if not isinstance(entries, list) or not entries:
        message = "The personalizations field is required and must have at least one entry."
        return [CallError(message, "personalizations")]
    if len(entries) > _MOST_PERSONALIZATIONS:
        message = f"There may be at most {_MOST_PERSONALIZATIONS} personalizations."
        return [CallError(message, "personalizations")]
    return [
        CallError("The to array is required and each entry needs a valid email address.", field)
        for number, entry in enumerate(entries)
        for field in [f"personalizations.{number}.to"]
        if not _are_addresses(_object(entry).get("to"))
    ]


def _sender_errors(call: dict[str, Any]) -> list[CallError]:
    errors = []
    if not _is_address(call.get("from")):
        errors.append(
            CallError("The from object is required and needs a valid email address.", "from.email")
        )
    subjects = [call.get("subject"), *(_object(e).get("subject") for e in _entries(call))]
    if not call.get("template_id") and not any(isinstance(s, str) and s for s in subjects):
        errors.append(CallError("The subject is required unless a template has one.", "subject"))
    return errors


def _content_errors(call: dict[str, Any]) -> list[CallError]:
    content = call.get("content")
    if not content and call.get("template_id"):
        return []
    if not isinstance(content, list) or not content:
        message = "Without a valid template_id at least one content block is required."
        return [CallError(message, "content")]
    message = "The content value must be a string of at least one character."
    return [
        CallError(message, f"content.{number}.value")
        for number, block in enumerate(content)
        if not isinstance(_object(block).get("value"), str) or not block["value"]
    ]


def _message(call: dict[str, Any], entry: dict[str, Any], raw: str) -> Message:
    recipients = [
        item["email"]
        for kind in ("to", "cc", "bcc")
        for item in _list(entry.get(kind))
        if _is_address(item)
    ]
    return Message(
        recipients=tuple(recipients),
        sender=call["from"]["email"],
        subject=str(entry.get("subject") or call.get("subject") or ""),
        text=_content(call, entry, "text/plain") or _template_data(call, entry),
        html=_content(call, entry, "text/html"),
        raw=raw,
    )


def _content(call: dict[str, Any], entry: dict[str, Any], content_type: str) -> str:
    blocks = [
        block["value"]
        for block in call.get("content") or []
        if str(block.get("type", "")).partition(";")[0].strip().lower() == content_type
    ]
    content = "\n".join(blocks)
    for placeholder, value in _substitutions(entry):
        grown = len(content) + content.count(placeholder) * len(value)
        if placeholder and grown <= _LONGEST_CONTENT:
            content = content.replace(placeholder, value)
    return content


def _substitutions(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """Return placeholders and their values; none where there are more than SendGrid takes."""
    found = [(name, str(value)) for name, value in _object(entry.get("substitutions")).items()]
    size = sum(len(name) + len(value) for name, value in found)
    return found if size <= _SUBSTITUTION_BYTES else []


def _template_data(call: dict[str, Any], entry: dict[str, Any]) -> str:
    """Return what fills a template kept at SendGrid: the link is in there, if anywhere."""
    if not call.get("template_id"):
        return ""
    data = entry.get("dynamic_template_data") or entry.get("substitutions") or {}
    return json.dumps(data, ensure_ascii=False)


def _entries(call: dict[str, Any]) -> list[Any]:
    return _list(call.get("personalizations"))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_address(value: Any) -> bool:
    email = _object(value).get("email")
    return isinstance(email, str) and "@" in email.strip("@")


def _are_addresses(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_address, value))
