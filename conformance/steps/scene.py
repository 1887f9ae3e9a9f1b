"""What one scenario works with and remembers from step to step."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from conformance.observe.evidence import Evidence, Exchange
from conformance.observe.mail.faults import ActiveFault
from conformance.observe.session import Session
from conformance.observe.wire import Wire
from conformance.outcomes import CantTell, Failed, Untested
from conformance.requirements.magic_link import REQUEST_WINDOW
from conformance.steps.generators import Issued
from conformance.target.accounts.pool import PoolAccounts
from conformance.target.accounts.supply import Account, Kind
from conformance.target.clock.ageing import State
from conformance.target.testbed import Testbed

if TYPE_CHECKING:
    from conformance.steps.comparison import Comparison
    from conformance.steps.exploration import Explored
    from conformance.steps.failed_sends import FailedSend
    from conformance.steps.openapi.model import ContractResult

_Seen = TypeVar("_Seen")

_LONGER_THAN_THE_WINDOW = REQUEST_WINDOW + timedelta(minutes=1)
# Scenarios that look at 15 minutes, or at an hour, leave ten seconds, or look whether it was over.
_LONGEST_MOVE_SECONDS = 5.0
# What `nearly` leaves: so many seconds, or times the slowest answer, and no more than these.
_LEFT_SECONDS = 3.0
_LEFT_ANSWERS = 10
_MOST_LEFT_SECONDS = 20.0
# More accounts than any scenario takes in turn, hundreds of requests apart.
_MOST_AT_ONCE = 12


def seen(value: _Seen | None, what: str) -> _Seen:
    """Return what an earlier step saw; its absence is a fault of the scenario's wording."""
    if value is None:
        raise AssertionError(f"the scenario speaks of {what} before there is one")
    return value


@dataclass(frozen=True)
class Burst:
    """Answers to requests of the same moment.

    `waited` requests were held up together where they write, `early` ones were answered meanwhile.
    """

    answers: list[Exchange]
    waited: int = 0
    early: int = 0


@dataclass(frozen=True)
class Start:
    """The answers of a service that was just started: the first of all, and those to users."""

    first: Exchange
    others: list[Exchange]


@dataclass(frozen=True)
class Visit:
    """A protected endpoint, who presented a session to it, and the answer."""

    endpoint: str
    user: Account
    answer: Exchange


@dataclass
class Scene:
    """The scenario's actors and what they saw last.

    `address` is the one that links are requested for; `answers` are those of the last *when*.
    """

    testbed: Testbed
    evidence: Evidence
    account: Account | None = None
    address: str = ""
    token: str = ""
    link: str = ""
    session: Session | None = None
    answers: list[Exchange] = field(default_factory=list)
    mailed_before: int = 0
    # What a move of the clock was meant to change, and how to see it with the other kind of clock.
    moved: State | None = None
    recheck: Callable[[], bool] | None = None
    # What lasts until the scenario ends: mail faults, further instances.
    stack: ExitStack = field(default_factory=ExitStack)
    other: Account | None = None
    other_address: str = ""
    other_token: str = ""
    earlier_token: str = ""
    users: list[Account] = field(default_factory=list)
    tokens_of: dict[Account, str] = field(default_factory=dict)
    sessions_of: dict[Account, Session] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    # What the browser sends along.
    held: dict[str, str] = field(default_factory=dict)
    forged_host: str = ""
    bursts: list[Burst] = field(default_factory=list)
    # What the database was asked while the scenario held a row.
    statements: set[str] = field(default_factory=set)
    issued: list[Issued] = field(default_factory=list)
    live_tokens: list[str] = field(default_factory=list)
    # The answers to each token that was presented many times at once.
    by_link: Session | None = None
    by_password: Session | None = None
    # The id that an answer named, for a user whose id is not described.
    user_id: str | None = None
    mail_delay: float = 0.0
    fault: ActiveFault | None = None
    recovery: ExitStack | None = None
    failed_sends: list[FailedSend] = field(default_factory=list)
    # Measures once more, without what is suspected; returns seconds.
    control: Callable[[], float] | None = None
    instance: Wire | None = None
    comparison: Comparison | None = None
    starts: list[Start] = field(default_factory=list)
    contract: ContractResult | None = None
    explored: Explored | None = None
    seed: int = 0
    # How many steps an exploration takes, None for the usual number.
    explore: int | None = None
    # Whether the service had counted no request within the hour before the last *when*.
    starts_afresh: bool = False
    # The token rows that were there before; see `storage.note_rows`.
    older_rows: set[Hashable] = field(default_factory=set)
    took_accounts: bool = False
    log_mark: int = 0
    # When the scenario began and a link was last requested, by `time.monotonic()`, in seconds.
    began: float = field(default_factory=time.monotonic)
    asked_at: float = 0.0
    # When what is to be seen just before a limit can no longer be seen.
    over_at: float | None = None

    @property
    def answer(self) -> Exchange:
        """The last answer."""
        return seen(self.answers[-1] if self.answers else None, "an answer")

    @property
    def user(self) -> Account:
        """The user whom the scenario is about."""
        return seen(self.account, "a user")

    def take(
        self, kind: Kind = "active", count: int = 1, *, replenish: bool = False
    ) -> list[Account]:
        """Return accounts that no link was requested for within the last hour.

        A fixed list that runs low is made usable again before the scenario's first account;
        `replenish` says that the scenario can stand an hour passing at any time.
        """
        accounts = self.testbed.accounts
        if isinstance(accounts, PoolAccounts):
            if not self.took_accounts and accounts.left(kind) < _MOST_AT_ONCE:
                self.replenish()
            if replenish and accounts.left(kind) < count:
                self.replenish()
        self.took_accounts = True
        taken = accounts.take(kind, count)
        if self.testbed.mailbox is not None and self._reused:
            # What an account was sent before its hour passed is not this scenario's.
            for account in taken:
                self.testbed.mailbox.set_aside(account.email)
        return taken

    @property
    def _reused(self) -> bool:
        accounts = self.testbed.accounts
        return isinstance(accounts, PoolAccounts) and accounts.reused

    def let_the_hour_pass(self) -> bool:
        """Let every count of requests run out; return whether it could."""
        clock = self.testbed.clock
        if clock is None or clock.how == "waited":
            return False
        self.advance(_LONGER_THAN_THE_WINDOW, "limit")
        return True

    def replenish(self) -> None:
        """Make a fixed list of accounts usable again by letting their hour pass."""
        accounts, clock = self.testbed.accounts, self.testbed.clock
        if isinstance(accounts, PoolAccounts) and clock is not None and accounts.recycle():
            clock.advance(_LONGER_THAN_THE_WINDOW)

    def advance(self, by: timedelta, state: State) -> None:
        """Move the target's time forward; `state` is what that is meant to change."""
        clock = self.testbed.need_clock()
        began = time.monotonic()
        clock.advance(by)
        took = time.monotonic() - began
        self.moved = state
        if took > _LONGEST_MOVE_SECONDS and clock.how != "waited":
            raise CantTell(f"moving the time took {took:.0f} s, and the target's clock went on")

    @property
    def slowest(self) -> float:
        """The seconds that the slowest answer of the scenario took, 0 when there is none."""
        return max((each.elapsed for each in self.evidence.exchanges), default=0.0)

    def nearly(self, whole: timedelta, since: float) -> timedelta:
        """Return how far to move the time so that a few seconds of `whole` are left.

        `since` is when it began, by `time.monotonic()`. More are left where answers are slow; a
        failure that comes when they are over is in doubt.
        """
        left = min(max(_LEFT_SECONDS, _LEFT_ANSWERS * self.slowest), _MOST_LEFT_SECONDS)
        now = time.monotonic()
        by = whole - timedelta(seconds=now - since + left)
        waited = self.testbed.need_clock().how == "waited"
        self.over_at = now + left + (by.total_seconds() if waited else 0.0)
        return by

    def doubts(self) -> list[str]:
        """Return why a failure after a move of the clock may not be the target's."""
        if self.over_at is not None and time.monotonic() > self.over_at:
            return ["on this machine it took so long that the time was over by then"]
        clock = self.testbed.clock
        if clock is None or self.moved is None:
            return []
        doubts = clock.doubts(self.moved)
        other = clock.second_opinion
        if other is not None and self.recheck is not None and self._other_clock_agrees():
            doubts.append(
                f"with the time {other.how} it does as it should: the target seems to compare with "
                f"a clock that {clock.how} time does not reach (the database's)"
            )
        return doubts

    def _other_clock_agrees(self) -> bool:
        assert self.recheck is not None
        try:
            return self.recheck()
        except (Failed, Untested):
            return False
