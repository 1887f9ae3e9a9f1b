"""What is known of a user is remembered for a minute (AC-1, AC-2, AC-6, EC-2, FR-3, FR-6)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from reference_app.auth.repository import UserRepository
from reference_app.errors import TokenInvalid
from reference_app.magic_link.repository import MagicLinkRepository, Recipient
from reference_app.magic_link.tokens import LIFETIME
from tests.mutants.change import Change
from tests.mutants.faults.sequences import query
from tests.mutants.model import mutant

_SECONDS = 60.0
_INSERT = (
    'INSERT INTO magic_link_tokens ("userId", "tokenHash", "expiresAt", "createdAt")'
    " SELECT id, %s, %s, %s FROM users WHERE id = %s"
)


class _Cache:
    """Values that are forgotten after a minute."""

    def __init__(self) -> None:
        self._entries: dict[Any, tuple[float, Any]] = {}

    def __contains__(self, key: Any) -> bool:
        return key in self._entries and time.monotonic() < self._entries[key][0]

    def __getitem__(self, key: Any) -> Any:
        return self._entries[key][1]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._entries[key] = (time.monotonic() + _SECONDS, value)


def _cache_the_look_up(change: Change, worth_it: Callable[[Recipient | None], bool]) -> None:
    """Look an address up once a minute if what was found is `worth_it`."""
    store, cache = MagicLinkRepository._store_token, _Cache()

    async def store_for_the_cached(
        self: MagicLinkRepository, connection: Any, address: str, token_hash: str, now: Any
    ) -> Any:
        if address not in cache:
            found = await store(self, connection, address, token_hash, now)
            if worth_it(found):
                cache[address] = found
            return found
        known = cache[address]
        if known is not None:
            values = (token_hash, now + LIFETIME, now, known.user_id)
            await connection.execute(_INSERT, values)
        return known

    change.replace(MagicLinkRepository, "_store_token", store_for_the_cached)


@mutant(
    fault="An active user who was looked up is taken for active for a minute.",
    violates="AC-6 EC-1 EC-2",
    step="nothing more is mailed to the user",
    incident="Requests come in bursts: a cache of users in front of the look-up.",
)
def active_users_cached(change: Change) -> None:
    _cache_the_look_up(change, lambda found: found is not None)


@mutant(
    fault="An address without an active user is not looked up again for a minute.",
    violates="AC-1 FR-3",
    step="the user gets a mail when asking again",
    incident="A negative cache against floods of addresses that do not exist.",
)
def strangers_cached(change: Change) -> None:
    _cache_the_look_up(change, lambda found: found is None)


@mutant(
    fault="Whoever opened a link while suspended is taken for suspended for a minute.",
    violates="AC-2 FR-6",
    step="the user can log in with a new link",
    incident="The status is cached where a login is decided, and suspending does not empty it.",
)
def suspension_cached_at_verify(change: Change) -> None:
    spend, barred = MagicLinkRepository.spend, _Cache()

    async def spend_unless_barred(self: MagicLinkRepository, token_hash: str, now: Any) -> str:
        owners = await query(
            self, 'SELECT "userId" FROM magic_link_tokens WHERE "tokenHash" = %s', token_hash
        )
        if owners and owners[0][0] in barred:
            raise TokenInvalid
        try:
            return await spend(self, token_hash, now)
        except TokenInvalid:
            if owners:
                barred[owners[0][0]] = True
            raise

    change.replace(MagicLinkRepository, "spend", spend_unless_barred)


@mutant(
    fault="The user of a session is looked up once a minute, suspension included.",
    violates="AC-3",
    step="each of them accepts the session",
    incident="Every page asks who is logged in; the answer was cached.",
)
def suspension_cached_for_sessions(change: Change) -> None:
    by_id, cache = UserRepository.by_id, _Cache()

    async def by_id_cached(self: UserRepository, user_id: str) -> Any:
        if user_id not in cache:
            cache[user_id] = await by_id(self, user_id)
        return cache[user_id]

    change.replace(UserRepository, "by_id", by_id_cached)
