"""A Mailpit that is already there, read through its API (v1)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from conformance.observe.evidence import Exchange
from conformance.observe.http_client import get
from conformance.observe.mail.mailbox import Mailbox, MailboxError
from conformance.observe.mail.message import Message, message_from_source

if TYPE_CHECKING:
    from conformance.observe.settings import MailPart

PAGE_SIZE = 100
# For all that one look at the mailbox takes.
LOOK_SECONDS = 10.0
_MOST_MAILS = 100_000
_MOST_BYTES = 10_000_000


class Mailpit(Mailbox):
    """Reads the mails that reach a Mailpit from now on; those already there are left out.

    `base_url` is what a browser opens (`http://127.0.0.1:8025`), with `user:password@` if it asks
    for them; `seconds` is how long a look may take. Raises MailboxError when it cannot be reached
    or does not answer like Mailpit.
    """

    kind: ClassVar[str] = "mailpit"
    name: ClassVar[str] = "Mailpit"
    needs: ClassVar[dict[str, str]] = {"url": "http://127.0.0.1:8025"}

    def __init__(self, base_url: str, seconds: float = LOOK_SECONDS) -> None:
        super().__init__()
        self._url = base_url.rstrip("/")
        self._place = self._url.rpartition("@")[2]  # without a password
        self._seconds = seconds
        self._messages: list[Message] = []
        self._deadline = time.monotonic() + seconds
        self._known = {summary["ID"] for summary in self._new_summaries(set())}

    @classmethod
    def opened(cls, part: MailPart, directory: Path) -> Mailpit:
        """Look at the Mailpit that the description names."""
        del directory
        return cls(part.url or "")

    def messages(self) -> list[Message]:
        """Return the messages that came since this was opened, in order of arrival."""
        self._deadline = time.monotonic() + self._seconds
        for summary in reversed(self._new_summaries(self._known)):  # Mailpit's newest is first
            self._messages.append(self._message(summary))
            self._known.add(summary["ID"])
        return list(self._messages)

    def _new_summaries(self, known: set[str]) -> list[dict[str, Any]]:
        """Return the list's entries that are not known, page by page until a page has none."""
        new: dict[str, dict[str, Any]] = {}
        for start in range(0, _MOST_MAILS, PAGE_SIZE):
            page = self._page(start)
            fresh = [s for s in page if s["ID"] not in known and s["ID"] not in new]
            new.update((s["ID"], s) for s in fresh)
            if not fresh or len(page) < PAGE_SIZE:
                return list(new.values())
        raise MailboxError(f"Mailpit at {self._place} lists more than {_MOST_MAILS:,} mails.")

    def _page(self, start: int) -> list[dict[str, Any]]:
        listed = self._get(f"/api/v1/messages?start={start}&limit={PAGE_SIZE}").json()
        page = listed.get("messages") if isinstance(listed, dict) else None
        if not isinstance(page, list) or not all(map(_has_id, page)):
            raise MailboxError(f"What answers at {self._place} is not Mailpit's API.")
        return page

    def _message(self, summary: dict[str, Any]) -> Message:
        source = self._get(f"/api/v1/message/{quote(summary['ID'], safe='')}/raw").body
        entries = [each for kind in ("To", "Cc", "Bcc") for each in _listed(summary.get(kind))]
        addresses = (each.get("Address") for each in entries if isinstance(each, dict))
        recipients = (address for address in addresses if isinstance(address, str))
        return message_from_source(source, recipients=tuple(dict.fromkeys(recipients)))

    def _get(self, path: str) -> Exchange:
        remaining = max(0.0, self._deadline - time.monotonic())
        answer = get(self._url + path, remaining, _MOST_BYTES)
        if answer.error:
            raise MailboxError(f"Mailpit cannot be reached at {self._place}: {answer.error}.")
        if answer.status != 200:
            raise MailboxError(f"Mailpit at {self._place} answers {answer.status} to {path}.")
        return answer


def _has_id(summary: Any) -> bool:
    return isinstance(summary, dict) and isinstance(summary.get("ID"), str)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
