"""A Mailpit that is already there, read through its API (v1)."""

from __future__ import annotations

from typing import Any, ClassVar

import httpx2

from conformance.observe.mail.mailbox import Mailbox, MailboxError
from conformance.observe.mail.message import Message, message_from_source

PAGE_SIZE = 100
TIMEOUT_SECONDS = 5.0


class Mailpit(Mailbox):
    """Reads the mails that reach a Mailpit from now on; those already there are left out.

    `base_url` is what a browser opens (`http://127.0.0.1:8025`), with `user:password@` if it asks
    for them. Raises MailboxError when it cannot be reached or does not answer like Mailpit.
    """

    name: ClassVar[str] = "Mailpit"

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._url = base_url.rstrip("/")
        self._client = httpx2.Client(timeout=TIMEOUT_SECONDS, trust_env=False)
        self._messages: list[Message] = []
        try:
            self._known = {str(summary["ID"]) for summary in self._new_summaries(set())}
        except BaseException:
            self._client.close()
            raise

    def messages(self) -> list[Message]:
        """Return the messages that came since this was opened, in order of arrival."""
        new = self._new_summaries(self._known)
        for summary in reversed(new):  # Mailpit lists the newest first
            self._messages.append(self._message(summary))
            self._known.add(str(summary["ID"]))
        return list(self._messages)

    def close(self) -> None:
        """Close the connection to Mailpit."""
        self._client.close()

    def _new_summaries(self, known: set[str]) -> list[dict[str, Any]]:
        """Return the list's entries that are not known, page by page until a page has none."""
        new: dict[str, dict[str, Any]] = {}
        start = 0
        while True:
            page = self._page(start)
            fresh = [s for s in page if s["ID"] not in known and s["ID"] not in new]
            new.update((s["ID"], s) for s in fresh)
            if not fresh or len(page) < PAGE_SIZE:
                return list(new.values())
            start += PAGE_SIZE

    def _page(self, start: int) -> list[dict[str, Any]]:
        answer = self._get(f"/api/v1/messages?start={start}&limit={PAGE_SIZE}")
        try:
            page: list[dict[str, Any]] = answer.json()["messages"]
            if all(isinstance(summary["ID"], str) for summary in page):
                return page
        except (ValueError, KeyError, TypeError):
            pass
        raise MailboxError(f"What answers at {self._url} is not Mailpit's API.")

    def _message(self, summary: dict[str, Any]) -> Message:
        source = self._get(f"/api/v1/message/{summary['ID']}/raw").content
        entries = [entry for kind in ("To", "Cc", "Bcc") for entry in summary.get(kind) or []]
        recipients = tuple(dict.fromkeys(str(entry["Address"]) for entry in entries))
        return message_from_source(source, recipients=recipients)

    def _get(self, path: str) -> httpx2.Response:
        try:
            answer = self._client.get(self._url + path)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise MailboxError(f"Mailpit cannot be reached at {self._url}: {error}.") from error
        if answer.status_code != httpx2.codes.OK:
            raise MailboxError(f"Mailpit at {self._url} answers {answer.status_code} to {path}.")
        return answer
