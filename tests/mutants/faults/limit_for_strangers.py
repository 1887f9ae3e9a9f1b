"""A limit that is another one for strangers, or that is off by seconds (FR-7)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from reference_app.errors import RateLimitExceeded
from reference_app.magic_link import rate_limit
from reference_app.magic_link.repository import MagicLinkRepository
from tests.mutants.change import Change
from tests.mutants.faults.limit import USER
from tests.mutants.model import mutant

_REFUSED = 'the answer is 429 with the error "RATE_LIMIT_EXCEEDED"'
_ACCEPTED = "every answer is 202"
Times = deque[datetime]
Forget = Callable[[Times, datetime], None]


def _count_strangers(change: Change, forget: Forget, *, per_process: bool = False) -> None:
    """Count strangers in memory, of each instance or of all; `forget` drops what counts no more."""
    accept_request = MagicLinkRepository.accept_request
    of_all: dict[str, Times] = {}

    async def accept(
        self: MagicLinkRepository, address: str, token_hash: str, now: datetime
    ) -> Any:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(USER, (address,))
            is_user = await cursor.fetchone() is not None
        if is_user:
            return await accept_request(self, address, token_hash, now)
        seen = vars(self).setdefault("strangers", {}) if per_process else of_all
        times = seen.setdefault(address, deque())
        forget(times, now)
        if len(times) >= rate_limit.MAX_REQUESTS:
            raise RateLimitExceeded
        times.append(now)
        return None

    change.replace(MagicLinkRepository, "accept_request", accept)


def _older_than(window: timedelta) -> Forget:
    def forget(times: Times, now: datetime) -> None:
        while times and times[0] <= now - window:
            times.popleft()

    return forget


@mutant(
    fault="Users are counted in the database, strangers in the process's memory.",
    violates="FR-7",
    step=_REFUSED,
    incident="There was no row to count strangers by; each worker and each restart begins anew.",
)
def strangers_counted_in_memory(change: Change) -> None:
    _count_strangers(change, _older_than(rate_limit.WINDOW), per_process=True)


@mutant(
    fault="A stranger's count is forgotten after half an hour.",
    violates="FR-7",
    step=_REFUSED,
    incident="A cache of unknown addresses, with a lifetime of its own.",
)
def strangers_forgotten_after_half_an_hour(change: Change) -> None:
    _count_strangers(change, _older_than(timedelta(minutes=30)))


@mutant(
    fault="A stranger's count is forgotten only after 60 quiet minutes.",
    violates="FR-7",
    step=_ACCEPTED,
    incident="Each request renews the cache's entry.",
)
def strangers_need_a_quiet_hour(change: Change) -> None:
    def forget(times: Times, now: datetime) -> None:
        if times and times[-1] <= now - rate_limit.WINDOW:
            times.clear()

    _count_strangers(change, forget)


@mutant(
    fault="A stranger's count is never forgotten.",
    violates="FR-7",
    step=_ACCEPTED,
    incident="A table of bad addresses that nothing clears; it fills by typing errors.",
)
def strangers_never_forgotten(change: Change) -> None:
    _count_strangers(change, lambda times, now: None)


@mutant(
    fault="The window is 59 minutes.",
    violates="FR-7",
    step=_REFUSED,
    incident="A minute was taken off so that users are never refused too long.",
)
def window_of_59_minutes(change: Change) -> None:
    change.replace(rate_limit, "WINDOW", timedelta(minutes=59))


@mutant(
    fault="The window is an hour and half a minute.",
    violates="FR-7",
    step=_ACCEPTED,
    incident="A margin for clocks that differ.",
)
def window_with_a_margin(change: Change) -> None:
    change.replace(rate_limit, "WINDOW", timedelta(minutes=60, seconds=30))
