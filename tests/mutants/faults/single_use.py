"""Once, and only once (FR-6, EC-5, EC-8)."""

from __future__ import annotations

from datetime import datetime

from reference_app.errors import ApiError, TokenInvalid, TokenUsed
from reference_app.magic_link import repository
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.service import MagicLinkService
from tests.mutants.change import Change
from tests.mutants.model import mutant

_USED = 'the answer is 400 with the error "TOKEN_USED"'

_FORGET = """
    DELETE FROM magic_link_tokens USING users
    WHERE users.id = "userId" AND lower(email) = lower(%s) AND "usedAt" IS NOT NULL
"""
_FIND_LIVE = """
    SELECT "userId"::text FROM magic_link_tokens JOIN users ON users.id = "userId"
    WHERE "tokenHash" = %s AND "usedAt" IS NULL AND "expiresAt" > %s AND status = 'active'
"""
_MARK = 'UPDATE magic_link_tokens SET "usedAt" = %s WHERE "tokenHash" = %s'


def answer_as_invalid(change: Change, refusal: type[ApiError]) -> None:
    """Answer TOKEN_INVALID in place of another refusal, which is logged as it was."""
    verify = MagicLinkService.verify

    async def verify_or_say_invalid(self: MagicLinkService, raw_token: str) -> str:
        try:
            return await verify(self, raw_token)
        except refusal as error:
            raise TokenInvalid from error

    change.replace(MagicLinkService, "verify", verify_or_say_invalid)


async def _find_live(self: MagicLinkRepository, token_hash: str, now: datetime) -> str | None:
    async with self._pool.connection() as connection:
        cursor = await connection.execute(_FIND_LIVE, (token_hash, now))
        row = await cursor.fetchone()
    return row[0] if row else None


async def _mark(self: MagicLinkRepository, token_hash: str, now: datetime, guard: str = "") -> int:
    async with self._pool.connection() as connection:
        cursor = await connection.execute((_MARK + guard).encode(), (now, token_hash))
    return cursor.rowcount


@mutant(
    fault="A token is looked up, then marked as used: both of two at once may find it unused.",
    violates="EC-8",
    falls_with="FR-6",
    step='each token was accepted once and refused 15 times with "TOKEN_USED"',
    incident="The usual race; found in two well-known identity servers.",
)
def select_then_update(change: Change) -> None:
    async def spend(self: MagicLinkRepository, token_hash: str, now: datetime) -> str | None:
        user_id = await _find_live(self, token_hash, now)
        if user_id is not None:
            await _mark(self, token_hash, now)
        return user_id

    change.replace(MagicLinkRepository, "_mark_used", spend)


@mutant(
    fault="The update is guarded, and nobody looks at how many rows it changed.",
    violates="EC-8",
    falls_with="FR-6",
    step='each token was accepted once and refused 15 times with "TOKEN_USED"',
    incident="The guard was added after a race was reported, the count was not.",
)
def row_count_ignored(change: Change) -> None:
    async def spend(self: MagicLinkRepository, token_hash: str, now: datetime) -> str | None:
        user_id = await _find_live(self, token_hash, now)
        if user_id is not None:
            await _mark(self, token_hash, now, ' AND "usedAt" IS NULL')
        return user_id

    change.replace(MagicLinkRepository, "_mark_used", spend)


@mutant(
    fault="Whoever loses the race for a token gets a 500.",
    violates="EC-8",
    step='each token was accepted once and refused 15 times with "TOKEN_USED"',
    incident="An ORM's 'record to update not found', never caught; seen in a link shortener.",
)
def loser_of_the_race_gets_500(change: Change) -> None:
    async def spend(self: MagicLinkRepository, token_hash: str, now: datetime) -> str | None:
        user_id = await _find_live(self, token_hash, now)
        if user_id is not None and not await _mark(self, token_hash, now, ' AND "usedAt" IS NULL'):
            raise RuntimeError("the record to update was not found")
        return user_id

    change.replace(MagicLinkRepository, "_mark_used", spend)


@mutant(
    fault="Whoever loses the race for a token gets TOKEN_INVALID.",
    violates="EC-8",
    step='each token was accepted once and refused 15 times with "TOKEN_USED"',
    incident="The guarded update found no row, and no row was taken for no token.",
)
def loser_of_the_race_gets_invalid(change: Change) -> None:
    async def spend(self: MagicLinkRepository, token_hash: str, now: datetime) -> str | None:
        user_id = await _find_live(self, token_hash, now)
        if user_id is not None and not await _mark(self, token_hash, now, ' AND "usedAt" IS NULL'):
            raise TokenInvalid
        return user_id

    change.replace(MagicLinkRepository, "_mark_used", spend)


@mutant(
    fault="A token that is being verified already is called used, whatever becomes of it.",
    violates="EC-6 FR-5",
    falls_with="EC-8",
    step='every attempt is refused with 400 and "TOKEN_INVALID"',
    incident="A set of tokens in hand stood in for the guard in the database.",
)
def in_hand_means_used(change: Change) -> None:
    spend, in_hand = MagicLinkRepository.spend, set[str]()

    async def spend_alone(self: MagicLinkRepository, token_hash: str, now: datetime) -> str:
        if token_hash in in_hand:
            raise TokenUsed
        in_hand.add(token_hash)
        try:
            return await spend(self, token_hash, now)
        finally:
            in_hand.discard(token_hash)

    change.replace(MagicLinkRepository, "spend", spend_alone)


@mutant(
    fault="The token is looked at before its row is locked, and not again afterwards.",
    violates="EC-8",
    falls_with="FR-6",
    step='each token was accepted once and refused 15 times with "TOKEN_USED"',
    incident="FOR UPDATE was added to the second query, since it is the one that writes.",
)
def looked_at_before_the_lock(change: Change) -> None:
    async def spend(self: MagicLinkRepository, token_hash: str, now: datetime) -> str | None:
        user_id = await _find_live(self, token_hash, now)
        if user_id is None:
            return None
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(
                'SELECT 1 FROM magic_link_tokens WHERE "tokenHash" = %s FOR UPDATE', (token_hash,)
            )
            await connection.execute(_MARK.encode(), (now, token_hash))
        return user_id

    change.replace(MagicLinkRepository, "_mark_used", spend)


@mutant(
    fault="For ten seconds after its first use a token is accepted again.",
    violates="AC-4 EC-5",
    falls_with="FR-6 NFR-4 EC-6 EC-8",
    step=_USED,
    incident="A grace period for mail scanners that open links first, on a publishing platform.",
)
def grace_period_after_use(change: Change) -> None:
    change.rewrite(
        repository,
        "_SPEND",
        '"usedAt" IS NULL',
        '("usedAt" IS NULL OR "usedAt" > %(now)s - interval \'10 seconds\')',
    )


@mutant(
    fault="A used token's row is deleted, so that for a second visitor it never existed.",
    violates="AC-2 AC-4 EC-5",
    falls_with="FR-5 FR-6 NFR-4 EC-4 EC-8",
    step=_USED,
    incident="Deleting is the simplest way to make something work once.",
)
def used_row_deleted(change: Change) -> None:
    change.replace(
        repository,
        "_SPEND",
        """
        DELETE FROM magic_link_tokens USING users
        WHERE "tokenHash" = %(token_hash)s AND "usedAt" IS NULL AND "expiresAt" > %(now)s
            AND users.id = "userId" AND users.status = 'active'
        RETURNING "userId"::text
        """,
    )


@mutant(
    fault="A used token is reported as invalid.",
    violates="AC-4 EC-5",
    falls_with="FR-6 EC-4 EC-8",
    step=_USED,
    incident="One lookup for live tokens, and one error for whatever it does not find.",
)
def used_reads_as_invalid(change: Change) -> None:
    answer_as_invalid(change, TokenUsed)


@mutant(
    fault="A used token is answered with 409.",
    violates="AC-4 EC-5",
    falls_with="FR-6 EC-4 EC-6 EC-8",
    step=_USED,
    incident="A conflict, says the style guide; 400, says the contract.",
)
def used_answers_409(change: Change) -> None:
    change.replace(TokenUsed, "status", 409)


@mutant(
    fault="Use is remembered in the process's memory; usedAt stays empty.",
    violates="AC-2",
    falls_with="EC-8 FR-5 FR-6",
    step="the token is marked as used in the database",
    incident="A cache in front of the table became the table.",
)
def use_remembered_in_memory(change: Change) -> None:
    refusal = MagicLinkRepository._refusal

    async def spend(self: MagicLinkRepository, token_hash: str, now: datetime) -> str | None:
        user_id = await _find_live(self, token_hash, now)
        used = vars(self).setdefault("used", set())
        if user_id is None or token_hash in used:
            return None
        used.add(token_hash)
        return user_id

    async def refused(self: MagicLinkRepository, token_hash: str, now: datetime) -> type[ApiError]:
        used = token_hash in vars(self).get("used", ())
        return TokenUsed if used else await refusal(self, token_hash, now)

    change.replace(MagicLinkRepository, "_mark_used", spend)
    change.replace(MagicLinkRepository, "_refusal", refused)


@mutant(
    fault="A presented token is marked as used before it is looked at, so none is ever accepted.",
    violates="AC-2 FR-6",
    falls_with="AC-3 AC-4 AC-5 AC-10 FR-3 FR-5 FR-8 NFR-3 NFR-4 EC-4 EC-5 EC-6 EC-7 EC-8",
    step="the answer is 200 with the user's id",
    incident="The update was moved up to close the race, and the check stayed below it.",
)
def marked_before_it_is_checked(change: Change) -> None:
    spend = MagicLinkRepository._mark_used

    async def mark_and_spend(
        self: MagicLinkRepository, token_hash: str, now: datetime
    ) -> str | None:
        await _mark(self, token_hash, now)
        return await spend(self, token_hash, now)

    change.replace(MagicLinkRepository, "_mark_used", mark_and_spend)


@mutant(
    fault="A new request deletes the rows of the user's used links.",
    violates="AC-4 EC-5",
    step=_USED,
    incident="Tidying up where the user is at hand; the second click on an old mail says INVALID.",
)
def new_link_forgets_used_ones(change: Change) -> None:
    accept = MagicLinkRepository.accept_request

    async def accept_and_forget(
        self: MagicLinkRepository, address: str, token_hash: str, now: datetime
    ) -> object:
        async with self._pool.connection() as connection:
            await connection.execute(_FORGET, (address,))
        return await accept(self, address, token_hash, now)

    change.replace(MagicLinkRepository, "accept_request", accept_and_forget)
