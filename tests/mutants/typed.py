"""The address that was typed, for faults in places that are told another form of it, or none."""

from __future__ import annotations

from contextvars import ContextVar

from reference_app.magic_link.service import MagicLinkService
from tests.mutants.change import Change

typed: ContextVar[str] = ContextVar("typed", default="")


def remember_what_is_typed(change: Change) -> None:
    """Have `typed` hold the address of the request that is under way."""
    request = MagicLinkService.request

    async def remember_and_request(self: MagicLinkService, email: str) -> None:
        typed.set(email)
        await request(self, email)

    change.replace(MagicLinkService, "request", remember_and_request)
