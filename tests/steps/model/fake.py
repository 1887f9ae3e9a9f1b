"""A service as a plain object, right in every way; a fault or another reading changes a method."""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.steps.model.rules import MESSAGE
from conformance.steps.model.sequences import Abilities
from conformance.steps.model.service import Answer, Asked, Opened
from conformance.steps.model.world import Kind, Span

TROUBLE = "refuses the message for good"
ABILITIES = Abilities(
    kinds=tuple(Kind),
    troubles=(TROUBLE,),
    time=True,
    passwords=True,
    suspending=True,
    protected=True,
    instances=True,
)
LIMIT, HOUR, LIFETIME = 5, 3600.0, 900.0


@dataclass(eq=False)
class User:
    """Somebody; `counted` are the times of requests within the limit."""

    kind: Kind
    active: bool
    counted: list[float] = field(default_factory=list)

    @property
    def gets_mail(self) -> bool:
        return self.active and self.kind is not Kind.STRANGER


@dataclass(eq=False)
class Row:
    """A stored token."""

    token: str
    user: User
    made: float
    used: bool = False


class FakeService:
    """Keeps to the spec, and to one reading where there are several."""

    def __init__(self) -> None:
        self.now = 0.0
        self.rows: list[Row] = []
        self.log: list[str] = []
        self._numbers = itertools.count(1)

    # What faults and readings change

    def after_refusing(self, user: User) -> None:
        """Do what a request does that was refused."""

    def after_failing(self, user: User, row: Row) -> None:
        self.rows.remove(row)

    def after_sending(self, row: Row) -> None:
        """Do what a request does whose mail was sent."""

    def after_opening(self, row: Row) -> None:
        """Do what a login by link does."""

    def after_refusing_a_token(self, row: Row | None) -> None:
        """Do what a token does that was refused."""

    def after_a_password(self, user: User) -> None:
        """Do what a password login does."""

    def asked(self, asked: Asked, user: User) -> Asked:
        """Return what a request led to."""
        del user
        return asked

    def opened(self, opened: Opened, row: Row | None) -> Opened:
        """Return what a token led to."""
        del row
        return opened

    def is_expired(self, row: Row) -> bool:
        return self.now - row.made >= LIFETIME

    def refusal(self, row: Row) -> str:
        if row.used:
            return "TOKEN_USED"
        return "TOKEN_EXPIRED" if self.is_expired(row) else "TOKEN_INVALID"

    def is_live(self, row: Row) -> bool:
        return not row.used and not self.is_expired(row) and row.user.active

    def answer(self, status: int, **more: Any) -> Answer:
        self.now += 0.1
        self.log.append(str(status))
        return Answer(status, Span(self.now - 0.1, self.now), str(status), **more)

    def rows_of(self, user: User) -> list[Row]:
        return [row for row in self.rows if row.user is user]

    # What people do

    def begin(self) -> None:
        self.log = []

    def evidence(self) -> list[str]:
        return self.log

    def join(self, kind: Kind) -> User:
        return User(kind, kind is not Kind.SUSPENDED)

    def ask(self, who: Hashable, trouble: str, *, elsewhere: bool, due: bool) -> Asked:
        del elsewhere, due
        return self.asked(self._ask(_user(who), trouble), _user(who))

    def _ask(self, user: User, trouble: str) -> Asked:
        if sum(self.now - at < HOUR for at in user.counted) >= LIMIT:
            self.after_refusing(user)
            return Asked(self.answer(429, error="RATE_LIMIT_EXCEEDED"), rows_added=0)
        user.counted.append(self.now)
        if not user.gets_mail:
            return Asked(self.answer(202, message=MESSAGE), rows_added=0)
        row = Row(f"{next(self._numbers):064x}", user, self.now)
        self.rows.append(row)
        if trouble:
            self.after_failing(user, row)
            answer = self.answer(503, error="EMAIL_SEND_FAILED")
            added = int(row in self.rows)
            return Asked(answer, lost_token=row.token, met=True, rows_added=added)
        self.after_sending(row)
        answer = self.answer(202, message=MESSAGE)
        return Asked(answer, mails=1, token=row.token, rows_added=int(row in self.rows))

    def open(self, token: str, owner: Hashable | None, session: Any, *, elsewhere: bool) -> Opened:
        del session, elsewhere
        row = next((each for each in self.rows if each.token == token), None)
        return self.opened(self._open(row, owner), row)

    def _open(self, row: Row | None, owner: Hashable | None) -> Opened:
        if row is not None and self.is_live(row):
            row.used = True
            self.after_opening(row)
            answer = self.answer(200, session=row.user, right_user=row.user is owner)
            return Opened(answer, marked=row.used)
        error = self.refusal(row) if row is not None else "TOKEN_INVALID"
        self.after_refusing_a_token(row)
        return Opened(self.answer(400, error=error))

    def log_in(self, who: Hashable) -> Answer:
        self.after_a_password(_user(who))
        return self.answer(200, session=who)

    def visit(self, session: Any) -> Answer:
        del session
        return self.answer(200)

    def suspend(self, who: Hashable) -> None:
        _user(who).active = False

    def reinstate(self, who: Hashable) -> None:
        _user(who).active = True

    def wait(self, seconds: int) -> None:
        self.now += seconds

    def restart(self) -> None:
        """Nothing is kept in memory."""


def _user(who: Hashable) -> User:
    assert isinstance(who, User)
    return who


def with_answer(asked: Asked, **changes: Any) -> Asked:
    """Return the same with another answer."""
    return replace(asked, answer=replace(asked.answer, **changes))
