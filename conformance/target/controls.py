"""Which clock and which accounts a target description asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from conformance.observe.database import Database
from conformance.observe.wire import Wire
from conformance.outcomes import UsageError
from conformance.target.accounts.inserted import InsertedAccounts
from conformance.target.accounts.pool import PoolAccounts
from conformance.target.accounts.registered import RegisteredAccounts
from conformance.target.accounts.supply import Accounts, NoAccounts
from conformance.target.clock.ageing import Ageing
from conformance.target.clock.kinds import (
    AgedClock,
    Clock,
    FakedClock,
    FrozenClock,
    HookedClock,
    WaitedClock,
)
from conformance.target.description import AccountsPart, ClockPart, TargetDescription

_NEEDS_DISPOSABLE = (
    "needs a database that the harness made, or one that [database] calls `disposable`"
)


def choose_clock(
    description: TargetDescription, database: Database | None, clock_file: Path
) -> Clock | None:
    """Return the described clock; by default freezing in process, ageing where it can be done.

    `clock_file` is the one that libfaketime reads. Raises `UsageError`.
    """
    part = description.clock
    ageing = _ageing(part, database)
    clock = _clock(part, description, ageing, clock_file)
    if clock is not None and clock.how in {"frozen", "faked"}:
        clock.second_opinion = ageing
    return clock


def _ageing(part: ClockPart, database: Database | None) -> AgedClock | None:
    if database is None or not database.writable:
        return None
    return AgedClock(Ageing(database, part.epoch_columns))


def _clock(
    part: ClockPart, description: TargetDescription, ageing: AgedClock | None, clock_file: Path
) -> Clock | None:
    if part.kind == "age" and ageing is None:
        raise UsageError(f'[clock] kind "age" {_NEEDS_DISPOSABLE}')
    automatic = "freezegun" if description.in_process is not None else "age"
    made: dict[str, Callable[[], Clock | None]] = {
        "age": lambda: ageing,
        "freezegun": FrozenClock,
        "faketime": lambda: FakedClock(clock_file),
        "http": lambda: HookedClock(part.url or ""),
        "wait": WaitedClock,
        "none": lambda: None,
    }
    return made[automatic if part.kind == "auto" else part.kind]()


def choose_accounts(
    part: AccountsPart | None, wire: Wire, database: Database | None, pool: PoolAccounts
) -> Accounts:
    """Return the described supply; `pool` holds the accounts that are handed over or listed.

    Raises `UsageError`.
    """
    if part is None:
        return NoAccounts()
    if part.kind == "register":
        return RegisteredAccounts(wire, part.registration)
    if part.kind != "insert":
        return pool
    if database is None or not database.writable:
        raise UsageError(f'[accounts] kind "insert" {_NEEDS_DISPOSABLE}')
    inserted = InsertedAccounts(database, part)
    inserted.try_out()
    return inserted
