"""Fifteen minutes (FR-8, EC-4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from reference_app import clock
from reference_app.errors import TokenExpired
from reference_app.magic_link import repository, tokens
from reference_app.magic_link.repository import MagicLinkRepository
from tests.mutants.change import Change
from tests.mutants.faults.single_use import answer_as_invalid
from tests.mutants.model import mutant

_AGE = '%(now)s::timestamptz - magic_link_tokens."createdAt"'
_EXPIRED = 'the answer is 400 with the error "TOKEN_EXPIRED"'


@mutant(
    fault="A token lives for 30 minutes.",
    violates="AC-5 EC-4 FR-8",
    falls_with="NFR-2 NFR-4",
    step=_EXPIRED,
    incident="The library's default, left as it was.",
)
def lives_30_minutes(change: Change) -> None:
    change.replace(tokens, "LIFETIME", timedelta(minutes=30))


@mutant(
    fault="A token expires eight seconds early.",
    violates="FR-8",
    falls_with="NFR-2",
    step="the answer is 200 with the user's id",
    incident="The time that a mail takes was taken off, so that nobody is surprised.",
)
def expires_seconds_early(change: Change) -> None:
    change.replace(tokens, "LIFETIME", timedelta(minutes=14, seconds=52))


@mutant(
    fault="A token lives for 10 minutes.",
    violates="AC-2 FR-8",
    falls_with="NFR-2 EC-4",
    step="the answer is 200 with the user's id",
    incident="Another product's policy, copied with its code.",
)
def lives_10_minutes(change: Change) -> None:
    change.replace(tokens, "LIFETIME", timedelta(minutes=10))


@mutant(
    fault="The expiry is computed in local time and read as UTC: east of Greenwich it is later.",
    violates="AC-5 EC-4 FR-8",
    falls_with="NFR-2 NFR-4",
    step=_EXPIRED,
    incident="Naive times; right on the developer's machine, wrong in one of the offices.",
)
def expiry_in_local_time(change: Change) -> None:
    change.replace(tokens, "LIFETIME", timedelta(hours=2) + tokens.LIFETIME)


@mutant(
    fault="The expiry is stored as a local time without its zone.",
    violates="FR-8",
    falls_with="EC-4",
    step="the answer is 200 with the user's id",
    incident="It works where the process and the database share a zone, which most machines do.",
)
def expiry_without_its_zone(change: Change) -> None:
    store_token = MagicLinkRepository._store_token
    store = (
        'UPDATE magic_link_tokens SET "expiresAt" = %s::text::timestamptz WHERE "tokenHash" = %s'
    )

    async def store_local_time(
        self: MagicLinkRepository, connection: Any, address: str, token_hash: str, now: datetime
    ) -> Any:
        recipient = await store_token(self, connection, address, token_hash, now)
        local = (now + tokens.LIFETIME).astimezone().replace(tzinfo=None)
        await connection.execute(store, (local.isoformat(" "), token_hash))
        return recipient

    change.replace(MagicLinkRepository, "_store_token", store_local_time)


@mutant(
    fault="The expiry is a default argument, so that it is computed once, when the process starts.",
    violates="AC-5 FR-8",
    falls_with="AC-2 AC-3 AC-4 AC-10 FR-3 FR-5 FR-6 NFR-2 NFR-3 NFR-4 EC-4 EC-5 EC-6 EC-8",
    step="a new link of another user still works",
    incident="A default that calls the clock; the second hour's tokens are born dead.",
)
def expiry_in_a_default_argument(change: Change) -> None:
    store_token = MagicLinkRepository._store_token
    expires_at = clock.now() + tokens.LIFETIME

    async def store_with_default(
        self: MagicLinkRepository, connection: Any, address: str, token_hash: str, now: datetime
    ) -> Any:
        recipient = await store_token(self, connection, address, token_hash, now)
        await connection.execute(
            'UPDATE magic_link_tokens SET "expiresAt" = %s WHERE "tokenHash" = %s',
            (expires_at, token_hash),
        )
        return recipient

    change.replace(MagicLinkRepository, "_store_token", store_with_default)


@mutant(
    fault="An expired token is accepted for another five minutes, for clocks that differ.",
    violates="AC-5 EC-4 FR-8",
    falls_with="NFR-4",
    step=_EXPIRED,
    incident="Leeway as JWT libraries have it, where there is only one clock.",
)
def leeway_of_five_minutes(change: Change) -> None:
    change.rewrite(
        repository,
        "_SPEND",
        '"expiresAt" > %(now)s',
        "\"expiresAt\" > %(now)s - interval '5 minutes'",
    )


@mutant(
    fault="An expired token is accepted for another half minute.",
    violates="FR-8",
    falls_with="EC-4",
    step='the answer is 400 with the error "TOKEN_EXPIRED"',
    incident="The same leeway, more modest.",
)
def leeway_of_half_a_minute(change: Change) -> None:
    change.rewrite(
        repository,
        "_SPEND",
        '"expiresAt" > %(now)s',
        "\"expiresAt\" > %(now)s - interval '30 seconds'",
    )


@mutant(
    fault="An expired token is reported as invalid.",
    violates="AC-5 EC-4",
    falls_with="FR-8",
    step=_EXPIRED,
    incident="A look-up for live tokens only.",
)
def expired_reads_as_invalid(change: Change) -> None:
    answer_as_invalid(change, TokenExpired)


@mutant(
    fault="An expired token is answered with 410.",
    violates="AC-5 EC-4",
    falls_with="FR-8",
    step=_EXPIRED,
    incident="Gone is what HTTP calls it.",
)
def expired_answers_410(change: Change) -> None:
    change.replace(TokenExpired, "status", 410)


@mutant(
    fault="Expired tokens are cleared away before one is looked up: late visitors learn nothing.",
    violates="AC-5 EC-4",
    falls_with="EC-5 NFR-4 FR-8",
    step='the answer is 400 with the error "TOKEN_EXPIRED"',
    incident="A clean-up that runs too eagerly turns expired into invalid.",
)
def expired_rows_cleared_away(change: Change) -> None:
    spend = MagicLinkRepository._mark_used

    async def tidy_and_spend(self: MagicLinkRepository, token_hash: str, now: datetime) -> Any:
        async with self._pool.connection() as connection:
            await connection.execute(
                'DELETE FROM magic_link_tokens WHERE "expiresAt" <= %s', (now,)
            )
        return await spend(self, token_hash, now)

    change.replace(MagicLinkRepository, "_mark_used", tidy_and_spend)


@mutant(
    fault="Expiry counts from the last request for the address: a new link revives an old one.",
    violates="FR-8",
    falls_with="EC-4",
    step="the answer is a refusal",
    incident="An upsert that refreshes expiresAt for all of a user's tokens.",
)
def new_request_revives_older_links(change: Change) -> None:
    store_token = MagicLinkRepository._store_token

    async def store_and_refresh(
        self: MagicLinkRepository, connection: Any, address: str, token_hash: str, now: datetime
    ) -> Any:
        recipient = await store_token(self, connection, address, token_hash, now)
        if recipient is not None:
            await connection.execute(
                'UPDATE magic_link_tokens SET "expiresAt" = %s WHERE "userId" = %s',
                (now + tokens.LIFETIME, recipient.user_id),
            )
        return recipient

    change.replace(MagicLinkRepository, "_store_token", store_and_refresh)


@mutant(
    fault="The age of a token is compared by its minutes alone, which begin anew each hour.",
    violates="FR-8 EC-4",
    step="the answer is a refusal",
    incident="EXTRACT(MINUTE FROM age) is the minutes of the age, not the age in minutes.",
)
def age_by_its_minutes(change: Change) -> None:
    _compare_the_age(change, f"EXTRACT(MINUTE FROM {_AGE}) < 15")


@mutant(
    fault="The age of a token is compared by its seconds within a day.",
    violates="FR-8 EC-4",
    step="the answer is a refusal",
    incident="A timedelta has days and seconds, and .seconds looks like all of it.",
)
def age_by_its_seconds(change: Change) -> None:
    _compare_the_age(change, f"mod(EXTRACT(EPOCH FROM {_AGE}), 86400) < 900")


def _compare_the_age(change: Change, condition: str) -> None:
    change.rewrite(repository, "_SPEND", '"expiresAt" > %(now)s', condition)
