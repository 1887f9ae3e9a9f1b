"""The points of observation and control, and which requirements take each of them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from conformance.requirements.specification import load_specification, sort_key


class Point(StrEnum):
    """A point, by the name that people read."""

    WIRE = "wire"
    DATABASE = "database"
    WRITABLE = "writable database"
    ACCOUNTS = "accounts"
    SUSPENDED = "suspended accounts"
    PASSWORDLESS = "password-less accounts"
    PASSWORD = "password of an account"  # noqa: S105
    IDS = "ids of the accounts"
    MANY = "many accounts"
    MAILBOX = "mailbox"
    MAIL_PROVIDER = "mail provider"
    SESSION_KEY = "session key"
    PROTECTED = "protected endpoints"
    CLOCK = "clock"
    APP_BASE_URL = "APP_BASE_URL"
    LAUNCH = "launch"
    LOGS = "logs"


# The one table of what ends `untested` without a point, all other ids keeping their outcome.
# tests/run/test_degrading.py takes the points away and compares; the documentation repeats it.
_ALL_BUT = "all but"
_UNTESTED: dict[Point, str] = {
    Point.WIRE: _ALL_BUT,
    Point.DATABASE: "AC-2 AC-8 FR-3 FR-5 FR-6 FR-8 NFR-1 NFR-2 NFR-3 EC-2 EC-7",
    Point.WRITABLE: "",
    Point.ACCOUNTS: f"{_ALL_BUT} NFR-2",
    Point.SUSPENDED: "FR-7 EC-2 EC-3",
    Point.PASSWORDLESS: "AC-10 FR-3",
    Point.PASSWORD: "AC-10 FR-6 FR-7",
    Point.IDS: "AC-10 FR-6 NFR-3 EC-2 EC-7",
    Point.MANY: "NFR-1 NFR-5",
    Point.MAILBOX: f"{_ALL_BUT} NFR-2",
    Point.MAIL_PROVIDER: "FR-3 FR-7 NFR-1 NFR-3 NFR-4 EC-7",
    Point.SESSION_KEY: "",
    Point.PROTECTED: "AC-3 FR-6",
    Point.CLOCK: "AC-2 AC-5 FR-7 FR-8 NFR-4 EC-4 EC-5",
    Point.APP_BASE_URL: "FR-4",
    Point.LAUNCH: "FR-7 FR-8 EC-4 EC-8",
    Point.LOGS: "NFR-1 NFR-4 EC-3 EC-4 EC-5 EC-6 EC-7",
}
# What ends `cant_tell` without it: times are alike, and nobody knows how fast the provider was.
_UNDECIDED: dict[Point, str] = {Point.MAIL_PROVIDER: "AC-9 FR-2 EC-1 EC-2"}
# Active accounts of a fixed list that a whole run takes; with a clock, each again after its hour.
_MANY, _MANY_WITHOUT_CLOCK = 300, 700


def untested_without(point: Point) -> frozenset[str]:
    """Return the ids that end `untested` when this point alone is missing."""
    told = _UNTESTED[point]
    named = frozenset(told.removeprefix(_ALL_BUT).split())
    every = frozenset(load_specification().requirements)
    return every - named if told.startswith(_ALL_BUT) else named


def undecided_without(point: Point) -> frozenset[str]:
    """Return the ids that end `cant_tell` when this point alone is missing."""
    return frozenset(_UNDECIDED.get(point, "").split())


def missing_for(missing: Iterable[Point]) -> dict[str, tuple[Point, ...]]:
    """Return every id, in the order of reports, with those of the missing points that it needs."""
    gone = set(missing)
    needed = {
        point: untested_without(point) | undecided_without(point)
        for point in Point
        if point in gone
    }
    ids = sorted(load_specification().requirements, key=sort_key)
    return {id_: tuple(point for point, ids in needed.items() if id_ in ids) for id_ in ids}


def many_accounts(*, movable: bool) -> int:
    """Return how many active accounts a whole run takes; `movable` is the clock."""
    return _MANY if movable else _MANY_WITHOUT_CLOCK
