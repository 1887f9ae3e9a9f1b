"""How long a request and a verification may take (NFR-5)."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.service import MagicLinkService
from tests.mutants.change import Change
from tests.mutants.model import mutant


@mutant(
    fault="Verifying a token takes a quarter of a second.",
    violates="NFR-5",
    step="99 of 100 answers came within 200 milliseconds",
    incident="A password hash for something that needs none.",
)
def verify_is_slow(change: Change) -> None:
    spend = MagicLinkRepository._mark_used

    async def spend_slowly(self: MagicLinkRepository, *given: Any) -> Any:
        await asyncio.sleep(0.25)
        return await spend(self, *given)

    change.replace(MagicLinkRepository, "_mark_used", spend_slowly)


@mutant(
    fault="Every twentieth request for a link takes two and a half seconds more.",
    violates="NFR-5",
    falls_with="AC-9 EC-1 EC-2 FR-2",
    step="99 of 100 answers came within 2000 milliseconds",
    incident="Each of them cleared old rows away, in line with the user who happened to ask.",
)
def every_twentieth_request_is_slow(change: Change) -> None:
    request, numbers = MagicLinkService.request, count(1)

    async def request_and_tidy(self: MagicLinkService, email: str) -> None:
        if next(numbers) % 20 == 0:
            await asyncio.sleep(2.5)
        await request(self, email)

    change.replace(MagicLinkService, "request", request_and_tidy)
