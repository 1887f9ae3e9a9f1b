"""A limit that is another one for strangers, or that is off by seconds (FR-7)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse

from conformance.requirements.magic_link import REQUEST
from reference_app import addresses, clock
from reference_app.auth.service import AuthService
from reference_app.errors import ApiError, RateLimitExceeded
from reference_app.magic_link import rate_limit
from reference_app.magic_link.endpoints import Service
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.schemas import LinkRequest, LinkRequested
from reference_app.magic_link.service import MagicLinkService
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
    falls_with="EC-1 EC-3",
    step=_REFUSED,
    incident="There was no row to count strangers by; each worker and each restart begins anew.",
)
def strangers_counted_in_memory(change: Change) -> None:
    _count_strangers(change, _older_than(rate_limit.WINDOW), per_process=True)


@mutant(
    fault="A stranger's count is forgotten after half an hour.",
    violates="FR-7",
    falls_with="EC-1 EC-3",
    step=_REFUSED,
    incident="A cache of unknown addresses, with a lifetime of its own.",
)
def strangers_forgotten_after_half_an_hour(change: Change) -> None:
    _count_strangers(change, _older_than(timedelta(minutes=30)))


@mutant(
    fault="A stranger's count is forgotten only after 60 quiet minutes.",
    violates="FR-7",
    falls_with="EC-1 EC-3",
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
    falls_with="EC-1 EC-3",
    step=_ACCEPTED,
    incident="A table of bad addresses that nothing clears; it fills by typing errors.",
)
def strangers_never_forgotten(change: Change) -> None:
    _count_strangers(change, lambda times, now: None)


@mutant(
    fault="The window is 59 minutes.",
    violates="FR-7",
    falls_with="EC-1 EC-3",
    step=_REFUSED,
    incident="A minute was taken off so that users are never refused too long.",
)
def window_of_59_minutes(change: Change) -> None:
    change.replace(rate_limit, "WINDOW", timedelta(minutes=59))


@mutant(
    fault="The window is an hour and half a minute.",
    violates="FR-7",
    falls_with="EC-1 EC-3",
    step=_ACCEPTED,
    incident="A margin for clocks that differ.",
)
def window_with_a_margin(change: Change) -> None:
    change.replace(rate_limit, "WINDOW", timedelta(minutes=60, seconds=30))


@mutant(
    fault="Only a user who is refused hears when to come again.",
    violates="EC-1",
    falls_with="EC-3 FR-7",
    step="the refusals of both look alike",
    incident="The time to wait was read from the user's rows.",
)
def retry_after_for_users_only(change: Change) -> None:
    async def request_link(body: LinkRequest, service: Service) -> Response:
        try:
            await service.request(body.email)
        except RateLimitExceeded as error:
            headers = {"retry-after": "600"} if await _is_user(service, body.email) else {}
            return JSONResponse({"error": error.code}, error.status, headers)
        return JSONResponse(LinkRequested().model_dump(), 202)

    change.endpoint("POST", REQUEST, request_link)


@mutant(
    fault="A user hears when the oldest link is an hour old, a stranger that it takes an hour.",
    violates="EC-1",
    falls_with="EC-3 FR-7",
    step="the refusals of both look alike",
    incident="The time to wait was read from the user's rows, and strangers have none.",
)
def strangers_are_told_to_wait_an_hour(change: Change) -> None:
    async def request_link(body: LinkRequest, service: Service) -> Response:
        try:
            await service.request(body.email)
        except RateLimitExceeded as error:
            known = await _is_user(service, body.email)
            headers = {"retry-after": error.headers["Retry-After"] if known else "3600"}
            return JSONResponse({"error": error.code}, error.status, headers)
        return JSONResponse(LinkRequested().model_dump(), 202)

    change.endpoint("POST", REQUEST, request_link)


async def _is_user(service: MagicLinkService, email: str) -> bool:
    async with service._repository._pool.connection() as connection:
        cursor = await connection.execute(USER, (addresses.normalise(email),))
        return await cursor.fetchone() is not None


@mutant(
    fault="Password logins that fail use up the allowance for links.",
    violates="FR-7",
    falls_with="EC-1 EC-3",
    step="the answer is 202",
    incident="One counter of everything that looks like an attack.",
)
def failed_logins_counted(change: Change) -> None:
    log_in = AuthService.log_in

    async def log_in_and_count(self: AuthService, email: str, password: str) -> str:
        try:
            return await log_in(self, email, password)
        except ApiError:
            key, pool = (
                rate_limit.address_key(addresses.normalise(email).lower()),
                self._users._pool,
            )
            with suppress(RateLimitExceeded):
                async with pool.connection() as connection, connection.transaction():
                    await MagicLinkRepository(pool)._count_in(connection, key, clock.now())
            raise

    change.replace(AuthService, "log_in", log_in_and_count)
