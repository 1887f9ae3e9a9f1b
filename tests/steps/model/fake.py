"""A service as a plain object, right in every way; a fault is a method that does otherwise."""

from __future__ import annotations

import itertools
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
_LIMIT, _HOUR, _LIFETIME = 5, 3600.0, 900.0


@dataclass(eq=False)
class User:
    kind: Kind
    active: bool
    counted: list[float] = field(default_factory=list)
    logins: int = 0

    @property
    def known(self) -> bool:
        return self.kind is not Kind.STRANGER


@dataclass(eq=False)
class Row:
    token: str
    user: User
    made: float
    used: bool = False
    live: bool = True


class FakeService:
    """Keeps to the spec, and to one reading where there are several."""

    def __init__(self) -> None:
        self.now = 0.0
        self.rows: list[Row] = []
        self.log: list[str] = []
        self._numbers = itertools.count(1)

    # What faults change

    def expected_count(self, user: User) -> int:
        return sum(self.now - at < _HOUR for at in user.counted)

    def count(self, user: User) -> None:
        user.counted.append(self.now)

    def refused(self, user: User) -> None:
        """Do what a refusal does beside refusing."""

    def failed(self, user: User, row: Row) -> None:
        self.rows.remove(row)

    def sent(self, user: User) -> None:
        """Do what a new link does to others."""

    def store(self, user: User) -> Row:
        row = Row(f"{next(self._numbers):064x}", user, self.now)
        self.rows.append(row)
        return row

    def gets_mail(self, user: User) -> bool:
        return user.known and user.active

    def is_expired(self, row: Row) -> bool:
        return self.now - row.made >= _LIFETIME

    def refusal(self, row: Row) -> str:
        if row.used:
            return "TOKEN_USED"
        return "TOKEN_EXPIRED" if self.is_expired(row) else "TOKEN_INVALID"

    def spend(self, row: Row) -> bool:
        if row.used or self.is_expired(row) or not row.user.active or not row.live:
            return False
        row.used = True
        return True

    def linked(self, row: Row) -> None:
        """Do what a login by link does beside logging in."""

    def presented(self, row: Row | None) -> None:
        """Do what a refused token does beside being refused."""

    def password_login(self, user: User) -> bool:
        return True

    # What people do

    def begin(self) -> None:
        self.log = []

    def evidence(self) -> list[str]:
        return self.log

    def join(self, kind: Kind) -> User:
        return User(kind, kind is not Kind.SUSPENDED)

    def ask(self, who: User, trouble: str, *, elsewhere: bool, due: bool) -> Asked:
        del elsewhere, due
        if self.expected_count(who) >= _LIMIT:
            self.refused(who)
            return Asked(self._answer(429, error="RATE_LIMIT_EXCEEDED"), rows_added=0)
        self.count(who)
        if not self.gets_mail(who):
            return Asked(self._answer(202, message=MESSAGE), rows_added=0)
        before = len(self.rows)
        row = self.store(who)
        if trouble:
            self.failed(who, row)
            added = len(self.rows) - before
            answer = self._answer(503, error="EMAIL_SEND_FAILED")
            return Asked(answer, lost_token=row.token, met=True, rows_added=added)
        self.sent(who)
        added = row in self.rows
        answer = self._answer(202, message=MESSAGE)
        return Asked(answer, mails=1, token=row.token, rows_added=int(added))

    def open(self, token: str, owner: User | None, session: Any, *, elsewhere: bool) -> Opened:
        del session, elsewhere
        row = next((each for each in self.rows if each.token == token), None)
        if row is not None and self.spend(row):
            self.linked(row)
            answer = replace(self._answer(200), session=row.user, right_user=row.user is owner)
            return Opened(answer, marked=row.used)
        self.presented(row)
        return Opened(self._answer(400, error=self.refusal(row) if row else "TOKEN_INVALID"))

    def log_in(self, who: User) -> Answer:
        right = self.password_login(who)
        return self._answer(200, session=who) if right else self._answer(401)

    def visit(self, session: User) -> Answer:
        return self._answer(200)

    def suspend(self, who: User) -> None:
        who.active = False

    def reinstate(self, who: User) -> None:
        who.active = True

    def wait(self, seconds: int) -> None:
        self.now += seconds

    def restart(self) -> None:
        """Nothing is kept in memory."""

    def _answer(self, status: int, **more: Any) -> Answer:
        self.now += 0.1
        self.log.append(str(status))
        return Answer(status, Span(self.now - 0.1, self.now), str(status), **more)
