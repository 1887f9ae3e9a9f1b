"""The interface that the rest of the application knows."""

from __future__ import annotations

from typing import Protocol


class EmailSendError(Exception):
    """The provider did not take the mail; the text says why, without addresses."""


class EmailSender(Protocol):
    """Sends transactional mail.

    Both operations take the same time and fail in the same outages; both raise EmailSendError.

    A rehearsal cannot see every outage: a provider may refuse nothing but real messages. So while
    the latest delivery was refused, a rehearsal is a delivery too, to the application's own
    address, and gets the answer that a user's mail would get. The first one that is accepted ends
    this.
    """

    async def send(self, to: str, subject: str, html: str) -> None:
        """Hand one mail to the provider and return once the provider has accepted it."""

    async def rehearse(self, subject: str, html: str) -> None:
        """Do what `send` does, without a mail to anybody else."""

    async def aclose(self) -> None:
        """Let go of connections."""
