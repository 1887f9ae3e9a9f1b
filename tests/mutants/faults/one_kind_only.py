"""Right for one kind of address or token, and wrong for the others."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from typing import Any

from reference_app import main
from reference_app.addresses import normalise
from reference_app.auth import endpoints
from reference_app.auth.dependencies import CurrentUser
from reference_app.auth.schemas import Account
from reference_app.errors import TokenInvalid, Unauthenticated
from reference_app.logs import make_logger
from reference_app.magic_link import rate_limit, repository
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.service import MagicLinkService
from tests.mutants.change import Change
from tests.mutants.faults.limit import REMEMBER, USER, expect_room, let_in_together
from tests.mutants.faults.log_lines import Relevelled
from tests.mutants.model import mutant
from tests.mutants.typed import remember_what_is_typed, typed

_RACE_SECONDS = 0.02


async def _is_known(connection: Any, email: str) -> bool:
    cursor = await connection.execute(USER, (normalise(email),))
    return await cursor.fetchone() is not None


def _keep_from_the_log(change: Change, event: str) -> None:
    """Log an event for registered users only."""
    request = MagicLinkService.request

    async def request_quietly(self: MagicLinkService, email: str) -> None:
        async with self._repository._pool.connection() as connection:
            known = await _is_known(connection, email)
        if known:
            return await request(self, email)
        log: Any = Relevelled(self._log, lambda found, usual, _: None if found == event else usual)
        quiet = MagicLinkService(self._repository, self._mail, self._app_base_url, log)
        return await request(quiet, email)

    change.replace(MagicLinkService, "request", request_quietly)


@mutant(
    fault="A request leaves a line only when its address is registered.",
    violates="NFR-4",
    step='the log has "request_received" at level INFO',
    incident="The line was written where the user is at hand: after the early return.",
)
def strangers_requests_not_logged(change: Change) -> None:
    _keep_from_the_log(change, "magic_link_requested")


@mutant(
    fault="A request beyond the limit leaves a line only when its address is registered.",
    violates="NFR-4 EC-3",
    step='the log has "rate_limit_hit" at level WARN',
    incident="Whoever tries addresses out is not noticed; the users who are annoyed are.",
)
def strangers_refusals_not_logged(change: Change) -> None:
    _keep_from_the_log(change, "magic_link_rate_limited")


@mutant(
    fault="A token that is not 64 hexadecimal characters is refused without a line in the log.",
    violates="NFR-4 EC-6",
    step="the log has a line at level WARN",
    incident="The validation of a schema answers before the handler that logs.",
)
def malformed_token_not_logged(change: Change) -> None:
    verify = MagicLinkService.verify

    async def verify_if_well_formed(self: MagicLinkService, raw_token: str) -> str:
        if not re.fullmatch(r"[0-9a-f]{64}", raw_token):
            raise TokenInvalid
        return await verify(self, raw_token)

    change.replace(MagicLinkService, "verify", verify_if_well_formed)


@mutant(
    fault="A mail that failed with its connection is logged at WARN, a refused one at ERROR.",
    violates="NFR-4 EC-7",
    step='the log has "email_failure" at level ERROR',
    incident="Network trouble was thought to be nobody's fault.",
)
def lost_connection_at_warn(change: Change) -> None:
    def level_of(_: str, usual: str, fields: dict[str, Any]) -> str:
        return "warning" if "Disconnected" in str(fields.get("reason")) else usual

    change.replace(main, "make_logger", lambda *given: Relevelled(make_logger(*given), level_of))


@mutant(
    fault="A request for a suspended user stores a token, and mails none.",
    violates="EC-2",
    step="no token is stored for the user",
    incident="The status is looked at where the mail is sent: when it is active again, it is late.",
)
def row_for_suspended_users(change: Change) -> None:
    found = "SELECT id, email FROM users WHERE lower(email) = %(address)s AND status = 'active'"
    anybody = "SELECT id, email, status FROM users WHERE lower(email) = %(address)s"
    told = "SELECT id::text AS user_id, email FROM recipient"
    change.rewrite(repository, "_STORE", found, anybody)
    change.rewrite(repository, "_STORE", told, f"{told} WHERE status = 'active'")


@mutant(
    fault="Requests are counted in lower case and noted as they were typed.",
    violates="FR-7",
    step='the answer is 429 with the error "RATE_LIMIT_EXCEEDED"',
    incident="Normalised in one query and not in the other: a capital letter lifts the limit.",
)
def noted_as_typed(change: Change) -> None:
    count_in = MagicLinkRepository._count_in

    async def count_and_rename(
        self: MagicLinkRepository, connection: Any, key: str, now: datetime
    ) -> None:
        await count_in(self, connection, key, now)
        await connection.execute(
            'UPDATE magic_link_attempts SET "addressKey" = %s'
            ' WHERE "addressKey" = %s AND "attemptedAt" = %s',
            (rate_limit.address_key(typed.get()), key, now),
        )

    remember_what_is_typed(change)
    change.replace(MagicLinkRepository, "_count_in", count_and_rename)


@mutant(
    fault="The count is guarded by a lock on the user's row, so a burst for a stranger passes.",
    violates="FR-7",
    falls_with="EC-1 EC-3",
    step="at most 5 of them are accepted and the others are refused with 429",
    incident="SELECT … FOR UPDATE locks nothing where there is no row.",
)
def strangers_counted_without_a_lock(change: Change) -> None:
    count_in = MagicLinkRepository._count_in

    async def count(self: MagicLinkRepository, connection: Any, key: str, now: datetime) -> None:
        if await _is_known(connection, typed.get()):
            await count_in(self, connection, key, now)
            # As long for either: it is not the time that is wrong here.
            await asyncio.sleep(_RACE_SECONDS)
            return
        await expect_room(connection, key, now)
        await asyncio.sleep(_RACE_SECONDS)
        await connection.execute(REMEMBER, (key, now))

    remember_what_is_typed(change)
    let_in_together(change)
    change.replace(MagicLinkRepository, "_count_in", count)


async def _account_with_a_password(user: CurrentUser) -> Account:
    if user.password_hash is None:
        raise Unauthenticated
    return await endpoints.account(user)


@mutant(
    fault="One protected endpoint opens only for users who have a password.",
    violates="AC-3 FR-6",
    step="each of them accepts the session",
    incident="Before there were links, no password meant that the account was not set up yet.",
)
def account_needs_a_password(change: Change) -> None:
    change.endpoint("GET", "/account", _account_with_a_password)
