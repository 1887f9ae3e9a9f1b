"""Wrong for whoever has logged in by link twice; only a sequence shows it."""

from __future__ import annotations

from typing import Any

from reference_app.addresses import normalise
from reference_app.auth.repository import User
from reference_app.auth.service import AuthService
from reference_app.errors import Unauthenticated
from reference_app.magic_link.endpoints import Service
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.schemas import LinkRequest, LinkRequested
from reference_app.magic_link.service import MagicLinkService
from tests.mutants.change import Change
from tests.mutants.faults.sequences import STEPS, owner, query, step_of
from tests.mutants.model import mutant

_LOGINS = (
    'SELECT count(*) FROM magic_link_tokens JOIN users ON users.id = "userId"'
    ' WHERE lower(email) = lower(%s) AND "usedAt" IS NOT NULL'
)


async def _logged_in_twice(of: Any, email: str) -> bool:
    [(logins,)] = await query(of, _LOGINS, normalise(email))
    return bool(logins >= 2)


@mutant(
    fault="Whoever has logged in by link twice is answered with another sentence.",
    violates="FR-2",
    step=step_of("FR-2"),
    incident="Frequent visitors were to be told of the password.",
    explore=STEPS,
)
def another_sentence_after_two_logins(change: Change) -> None:
    async def request_link(body: LinkRequest, magic_link: Service) -> LinkRequested:
        await magic_link.request(body.email)
        if await _logged_in_twice(magic_link._repository, body.email):
            return LinkRequested(message="A link has been sent. Why not set a password?")
        return LinkRequested()

    change.endpoint("POST", "/auth/magic-link/request", request_link, status_code=202)


@mutant(
    fault="Whoever has logged in by link twice is not mailed any more.",
    violates="AC-1",
    falls_with="FR-6",
    step=step_of("AC-1"),
    incident="A cap on the provider's bill, by user and not by hour, that nobody is told of.",
    explore=STEPS,
)
def no_mail_after_two_logins(change: Change) -> None:
    send = MagicLinkService._send

    async def send_or_rehearse(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
        if recipient is not None and await _logged_in_twice(self._repository, recipient.email):
            recipient = None
        await send(self, recipient, raw_token)

    change.replace(MagicLinkService, "_send", send_or_rehearse)


@mutant(
    fault="The second login by link leaves its token unmarked.",
    violates="AC-2",
    falls_with="AC-4",
    step=step_of("AC-2"),
    incident="Of each user one used link is kept, the trigger that saw to it resets the others.",
    explore=STEPS,
)
def second_login_leaves_no_mark(change: Change) -> None:
    spend = MagicLinkRepository.spend

    async def spend_and_reset(self: MagicLinkRepository, token_hash: str, now: Any) -> str:
        user_id = await spend(self, token_hash, now)
        await query(
            self,
            'UPDATE magic_link_tokens AS one SET "usedAt" = NULL WHERE "tokenHash" = %s AND EXISTS'
            ' (SELECT 1 FROM magic_link_tokens AS other WHERE other."userId" = one."userId"'
            ' AND other.id <> one.id AND other."usedAt" IS NOT NULL)',
            token_hash,
        )
        return user_id

    change.replace(MagicLinkRepository, "spend", spend_and_reset)


@mutant(
    fault="The session of a second login by link is refused.",
    violates="AC-3",
    step=step_of("AC-3"),
    incident="One session for each user, kept under the user's id, and the older one was kept.",
    explore=STEPS,
)
def session_of_the_second_login_refused(change: Change) -> None:
    verify, authenticate = MagicLinkService.verify, AuthService.authenticate
    second = set[str]()

    async def verify_and_note(self: MagicLinkService, raw_token: str) -> str:
        user_id = await verify(self, raw_token)
        _, email = await owner(self._repository, raw_token)
        if await _logged_in_twice(self._repository, email):
            second.add(user_id)
        return user_id

    async def authenticate_the_first(self: AuthService, session_token: str | None) -> User:
        user = await authenticate(self, session_token)
        if user.id in second:
            raise Unauthenticated
        return user

    change.replace(MagicLinkService, "verify", verify_and_note)
    change.replace(AuthService, "authenticate", authenticate_the_first)
