"""The sixty minutes of the limit (FR-7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from reference_app.errors import RateLimitExceeded
from reference_app.magic_link import rate_limit, repository
from reference_app.magic_link.repository import MagicLinkRepository
from tests.mutants.change import Change
from tests.mutants.faults.limit import REFUSED, REMEMBER, count_since
from tests.mutants.model import mutant


@mutant(
    fault="A refused request shuts the address out for an hour from then on.",
    violates="FR-7",
    step="every answer is 202",
    incident="A limiter with a penalty: whoever asks too often starts all over again.",
)
def refusal_begins_another_hour(change: Change) -> None:
    count_in = MagicLinkRepository._count_in

    async def count_or_fill_in(
        self: MagicLinkRepository, connection: Any, key: str, now: datetime
    ) -> None:
        try:
            await count_in(self, connection, key, now)
        except RateLimitExceeded:
            # On a connection of its own, since this transaction is rolled back.
            async with self._pool.connection() as another:
                for _ in range(rate_limit.MAX_REQUESTS):
                    await another.execute(REMEMBER, (key, now))
            raise

    change.replace(MagicLinkRepository, "_count_in", count_or_fill_in)


@mutant(
    fault="The window starts afresh with every full hour.",
    violates="FR-7",
    falls_with="EC-3",
    step=REFUSED,
    incident="A counter per hour is one row instead of many; ten mails pass around the full hour.",
)
def window_by_the_clock_hour(change: Change) -> None:
    async def count_in(self: MagicLinkRepository, connection: Any, key: str, now: datetime) -> None:
        # The instant before, since a row at the window's very start no longer counts.
        start = now.replace(minute=0, second=0, microsecond=0) - timedelta(microseconds=1)
        await count_since(self, connection, key, now, start)

    change.replace(MagicLinkRepository, "_count_in", count_in)


@mutant(
    fault="The count is forgotten only after 60 quiet minutes.",
    violates="FR-7",
    step="every answer is 202",
    incident="A counter whose time to live is renewed by every increment.",
)
def window_restarts_with_each_request(change: Change) -> None:
    count_in = MagicLinkRepository._count_in

    async def renew_and_count_in(
        self: MagicLinkRepository, connection: Any, key: str, now: datetime
    ) -> None:
        await connection.execute(
            'UPDATE magic_link_attempts SET "attemptedAt" = %s '
            'WHERE "addressKey" = %s AND "attemptedAt" > %s',
            (now, key, now - rate_limit.WINDOW),
        )
        await count_in(self, connection, key, now)

    change.replace(MagicLinkRepository, "_count_in", renew_and_count_in)


@mutant(
    fault="The window ends ten seconds early.",
    violates="FR-7",
    falls_with="EC-3",
    step=REFUSED,
    incident="Times are cut off to the minute, or to half of one, where they are stored.",
)
def window_ends_seconds_early(change: Change) -> None:
    change.replace(rate_limit, "WINDOW", timedelta(minutes=59, seconds=50))


@mutant(
    fault="The window is ten minutes.",
    violates="FR-7",
    falls_with="EC-3 AC-7",
    step=REFUSED,
    incident="Another endpoint's limit, reused.",
)
def window_of_ten_minutes(change: Change) -> None:
    change.replace(rate_limit, "WINDOW", timedelta(minutes=10))


@mutant(
    fault="A request counts again each day at the same time, for an hour.",
    violates="FR-7",
    step="every answer is 202",
    incident="timedelta.seconds leaves the days out, and was meant to be total_seconds().",
)
def window_returns_each_day(change: Change) -> None:
    seconds = 'extract(epoch from %(now)s::timestamptz - "attemptedAt")::int'
    condition = f"mod({seconds}, 86400) < 3600"
    change.rewrite(repository, "_COUNT_IN", '"attemptedAt" > %(window_start)s', condition)


@mutant(
    fault="The window is a day.",
    violates="FR-7",
    step="every answer is 202",
    incident="Somebody thought an hour too generous.",
)
def window_of_a_day(change: Change) -> None:
    change.replace(rate_limit, "WINDOW", timedelta(days=1))


@mutant(
    fault="A login empties the user's count.",
    violates="FR-7",
    falls_with="EC-3",
    step=REFUSED,
    incident="Failed-login counters are reset by a login, and this one was made from one of those.",
)
def login_empties_the_limit(change: Change) -> None:
    spend = MagicLinkRepository._mark_used

    async def spend_and_forget(
        self: MagicLinkRepository, token_hash: str, now: datetime
    ) -> str | None:
        user_id = await spend(self, token_hash, now)
        async with self._pool.connection() as connection:
            await connection.execute(
                'DELETE FROM magic_link_attempts WHERE "addressKey" = '
                "(SELECT encode(sha256(convert_to(lower(email), 'UTF8')), 'hex') "
                "FROM users WHERE id = %s)",
                (user_id,),
            )
        return user_id

    change.replace(MagicLinkRepository, "_mark_used", spend_and_forget)
