"""Five per address in any sixty minutes (FR-7, EC-3)."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from reference_app import clock
from reference_app.addresses import normalise
from reference_app.auth.service import AuthService
from reference_app.errors import RateLimitExceeded
from reference_app.magic_link import rate_limit, repository
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.service import MagicLinkService
from reference_app.magic_link.turns import Turns
from tests.mutants.change import Change
from tests.mutants.model import mutant

REFUSED = 'the answer is 429 with the error "RATE_LIMIT_EXCEEDED"'
USER = "SELECT id FROM users WHERE lower(email) = lower(%s) AND status = 'active'"
REMEMBER = 'INSERT INTO magic_link_attempts ("addressKey", "attemptedAt") VALUES (%s, %s)'


@mutant(
    fault="There is no limit.",
    violates="AC-7 EC-3 FR-7",
    falls_with="EC-2 NFR-4 EC-1",
    step=REFUSED,
    incident="The limit was left to a proxy that counts addresses of another kind.",
)
def no_limit(change: Change) -> None:
    change.rewrite(repository, "_COUNT_IN", ") < %(limit)s", ") >= 0 AND %(limit)s > 0")


@mutant(
    fault="The fifth request is refused.",
    violates="AC-7 FR-7",
    falls_with="EC-2 EC-1 EC-3 FR-2",
    step="every answer is 202",
    incident="Off by one the other way.",
)
def fifth_request_refused(change: Change) -> None:
    change.replace(rate_limit, "MAX_REQUESTS", 4)


@mutant(
    fault="Only requests for registered users are counted: the sixth reveals who is one.",
    violates="AC-7 FR-7 EC-1",
    falls_with="AC-9 EC-2 EC-3 NFR-4",
    step=REFUSED,
    incident="The limiter counts token rows per user, and strangers have none; two CVEs.",
)
def limit_counts_known_users_only(change: Change) -> None:
    count_in, accept_request = MagicLinkRepository._count_in, MagicLinkRepository.accept_request

    async def count_known_in(
        self: MagicLinkRepository, connection: Any, key: str, now: datetime
    ) -> None:
        cursor = await connection.execute(USER, (self._address,))  # type: ignore[attr-defined]
        if await cursor.fetchone():
            await count_in(self, connection, key, now)

    async def accept(self: MagicLinkRepository, address: str, *given: Any) -> Any:
        other = MagicLinkRepository(self._pool)
        other._address = address  # type: ignore[attr-defined]
        return await accept_request(other, address, *given)

    change.replace(MagicLinkRepository, "_count_in", count_known_in)
    change.replace(MagicLinkRepository, "accept_request", accept)


def let_in_together(change: Change) -> None:
    """Take the turns away that requests for one address take within a process."""

    @asynccontextmanager
    async def at_once(_: Turns, __: str) -> AsyncIterator[None]:
        yield

    change.replace(Turns, "turn", at_once)


async def expect_room(connection: Any, key: str, now: datetime) -> None:
    """Count an address's attempts without a lock, and refuse a further one where they are full."""
    cursor = await connection.execute(
        'SELECT count(*) FROM magic_link_attempts WHERE "addressKey" = %s AND "attemptedAt" > %s',
        (key, now - rate_limit.WINDOW),
    )
    [counted] = await cursor.fetchone()
    if counted >= rate_limit.MAX_REQUESTS:
        raise RateLimitExceeded


@mutant(
    fault="Attempts are counted first and noted afterwards: a burst passes as a whole.",
    violates="FR-7",
    falls_with="AC-7 EC-3",
    step="at most 5 of them are accepted and the others are refused with 429",
    incident="Count, compare, insert, without a lock: the usual race of a limiter.",
)
def count_then_insert(change: Change) -> None:
    async def count_in(_: MagicLinkRepository, connection: Any, key: str, now: datetime) -> None:
        await expect_room(connection, key, now)
        await connection.execute(REMEMBER, (key, now))

    let_in_together(change)
    change.replace(MagicLinkRepository, "_count_in", count_in)


_HELD_UP = "at most 5 of them are accepted each time"


@mutant(
    fault="The address is locked once its attempts are counted: all of a burst counted none.",
    violates="FR-7",
    falls_with="AC-7 EC-3",
    step=_HELD_UP,
    incident="The lock was put around the insert, where the error had been seen.",
)
def counted_before_the_lock(change: Change) -> None:
    async def count_in(_: MagicLinkRepository, connection: Any, key: str, now: datetime) -> None:
        await expect_room(connection, key, now)
        await connection.execute(repository._LOCK_ADDRESS.encode(), {"key": key})
        await connection.execute(REMEMBER, (key, now))

    let_in_together(change)
    change.replace(MagicLinkRepository, "_count_in", count_in)


@mutant(
    fault="Attempts are counted in the statement that adds one, without a lock.",
    violates="FR-7",
    falls_with="AC-7 EC-3",
    step=_HELD_UP,
    incident="One statement was taken for one step; each sees what was there when it began.",
)
def counted_in_one_statement(change: Change) -> None:
    let_in_together(change)
    change.replace(repository, "_LOCK_ADDRESS", "SELECT %(key)s::text")


@mutant(
    fault="The limit is kept in the process's memory.",
    violates="FR-7",
    step='the answer is 429 with the error "RATE_LIMIT_EXCEEDED"',
    incident="The limiter library's default store; every restart and every worker begins anew.",
)
def limit_in_memory(change: Change) -> None:
    async def count_in(self: MagicLinkRepository, _: Any, key: str, now: datetime) -> None:
        times = vars(self).setdefault("seen", {}).setdefault(key, deque())
        while times and times[0] <= now - rate_limit.WINDOW:
            times.popleft()
        if len(times) >= rate_limit.MAX_REQUESTS:
            raise RateLimitExceeded
        times.append(now)

    change.replace(MagicLinkRepository, "_count_in", count_in)


async def count_since(
    self: MagicLinkRepository, connection: Any, key: str, now: datetime, start: datetime
) -> None:
    await connection.execute(repository._LOCK_ADDRESS.encode(), {"key": key})
    counted = await connection.execute(
        repository._COUNT_IN.encode(),
        {"key": key, "now": now, "window_start": start, "limit": rate_limit.MAX_REQUESTS},
    )
    if counted.rowcount == 0:
        raise RateLimitExceeded


@mutant(
    fault="The refusal is answered, and the mail goes out all the same.",
    violates="AC-7",
    falls_with="AC-1 AC-6 EC-1 EC-3 FR-3 FR-7",
    step="no further mail goes out to the user",
    incident="The job was queued before the limit was looked at; seen on a site for questions.",
)
def refused_and_mailed_all_the_same(change: Change) -> None:
    request = MagicLinkService.request

    async def request_and_mail(self: MagicLinkService, email: str) -> None:
        try:
            await request(self, email)
        except RateLimitExceeded:
            await self._mail.send(
                normalise(email).lower(), self._texts.subject, self._mail_body("0" * 64)
            )
            raise

    change.replace(MagicLinkService, "request", request_and_mail)


@mutant(
    fault="The refusal's code is TOO_MANY_REQUESTS.",
    violates="AC-7 EC-3",
    falls_with="FR-7 EC-1 EC-2",
    step=REFUSED,
    incident="The status's own name, as the framework spells it.",
)
def refusal_of_another_code(change: Change) -> None:
    change.replace(RateLimitExceeded, "code", "TOO_MANY_REQUESTS")


@mutant(
    fault="The refusal is 202 with the usual message; only the mail is missing.",
    violates="AC-7 EC-3",
    falls_with="FR-7 EC-1 EC-2",
    step=REFUSED,
    incident="Silence against enumeration, carried one case too far.",
)
def refusal_in_silence(change: Change) -> None:
    request = MagicLinkService.request

    async def request_silently(self: MagicLinkService, email: str) -> None:
        try:
            await request(self, email)
        except RateLimitExceeded:
            return

    change.replace(MagicLinkService, "request", request_silently)


def _count_by(change: Change, key: Callable[[str], str]) -> None:
    address_key = rate_limit.address_key
    change.replace(rate_limit, "address_key", lambda address: address_key(key(address)))


@mutant(
    fault="All addresses share one allowance.",
    violates="FR-7 AC-1",
    step="nobody is refused for what others have requested",
    incident="The limiter's key was left at its default, which is the route.",
)
def one_allowance_for_all(change: Change) -> None:
    _count_by(change, lambda _: "all")


@mutant(
    fault="All addresses of a domain share one allowance.",
    violates="FR-7 AC-1",
    step="nobody is refused for what others have requested",
    incident="Meant to spare the mail servers of companies.",
)
def one_allowance_per_domain(change: Change) -> None:
    _count_by(change, lambda address: address.rpartition("@")[2])


@mutant(
    fault="Password logins use up the same allowance.",
    violates="AC-10 FR-7",
    step="every answer is 200",
    incident="One limiter before every route that has to do with logging in.",
)
def password_logins_counted(change: Change) -> None:
    log_in = AuthService.log_in

    async def count_and_log_in(self: AuthService, email: str, password: str) -> str:
        address, pool = normalise(email).lower(), self._users._pool
        async with pool.connection() as connection, connection.transaction():
            key, now = rate_limit.address_key(address), clock.now()
            await MagicLinkRepository(pool)._count_in(connection, key, now)
        return await log_in(self, email, password)

    change.replace(AuthService, "log_in", count_and_log_in)
