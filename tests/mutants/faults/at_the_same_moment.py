"""Requests of different users that share what is one's own (AC-1, AC-2, FR-3, FR-6)."""

from __future__ import annotations

import asyncio
from typing import Any

from reference_app.magic_link.service import MagicLinkService
from tests.mutants.change import Change
from tests.mutants.model import mutant

_RENDERING_SECONDS = 0.02


@mutant(
    fault="The recipient is kept in a variable that all requests share.",
    violates="FR-3",
    falls_with="AC-1 AC-2 FR-6 FR-7 NFR-1 NFR-5 EC-1 EC-8",
    step="each of them gets one mail with a link of their own",
    incident="A variable of the module, set by one request and read by another.",
)
def recipient_in_a_shared_variable(change: Change) -> None:
    send, shared = MagicLinkService._send, dict[str, Any]()

    async def send_to_the_last(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
        if recipient is None:
            await send(self, recipient, raw_token)
            return
        shared["recipient"] = recipient
        await asyncio.sleep(_RENDERING_SECONDS)
        await send(self, shared["recipient"], raw_token)

    change.replace(MagicLinkService, "_send", send_to_the_last)


@mutant(
    fault="The token is kept in a variable that all requests share.",
    violates="AC-2 FR-6",
    falls_with="AC-1 FR-3 FR-7 NFR-1 NFR-5 EC-8",
    step="each link logs its own user in",
    incident="The template was an object of the service's own, filled before it was rendered.",
)
def token_in_a_shared_variable(change: Change) -> None:
    send, shared = MagicLinkService._send, dict[str, str]()

    async def send_the_last(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
        if recipient is None:
            await send(self, recipient, raw_token)
            return
        shared["token"] = raw_token
        await asyncio.sleep(_RENDERING_SECONDS)
        await send(self, recipient, shared["token"])

    change.replace(MagicLinkService, "_send", send_the_last)
