"""The interface that the rest of the application knows."""

from __future__ import annotations

from typing import Protocol


class EmailSendError(Exception):
    """The provider did not take the mail; the text says why, without addresses."""


class EmailSender(Protocol):
    """Sends transactional mail.

    Both operations take the same time and fail in the same outages. Both raise EmailSendError.
    """

    async def send(self, to: str, subject: str, html: str) -> None:
        """Hand one mail to the provider and return once the provider has accepted it."""

    async def rehearse(self, subject: str, html: str) -> None:
        """Do what `send` does, short of delivering anything to anybody."""

    async def aclose(self) -> None:
        """Let go of connections."""
