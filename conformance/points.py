"""The points of observation and control, and which requirements take each of them.

Without a point the ids that it stands for end `untested`, and no others change.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from conformance.specification import load_specification, sort_key


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
    MANY = "enough accounts"
    MAILBOX = "mailbox"
    MAIL_FAULTS = "mail faults"
    SESSION_KEY = "session key"
    PROTECTED = "protected endpoints"
    CLOCK = "clock"
    APP_BASE_URL = "APP_BASE_URL"
    LAUNCH = "launch"
    LOGS = "logs"


# The one table of what each point is needed for; tests/harness/test_degrading.py takes the points
# away and compares. "*" stands for every id but those that follow it.
_NEEDED_BY: dict[Point, str] = {
    Point.WIRE: "* but NFR-2",
    Point.DATABASE: "AC-2 AC-8 FR-3 FR-6 FR-8 NFR-1 NFR-2 NFR-3 EC-7",
    Point.WRITABLE: "",
    Point.ACCOUNTS: "* but NFR-2",
    Point.SUSPENDED: "FR-7 EC-2 EC-3",
    Point.PASSWORDLESS: "AC-10 FR-3",
    Point.PASSWORD: "AC-10 FR-6 FR-7",
    Point.IDS: "",
    Point.MANY: "AC-9 FR-2 NFR-5 EC-1 EC-2",
    Point.MAILBOX: "* but NFR-2",
    Point.MAIL_FAULTS: "FR-3 NFR-3 NFR-4 EC-7",
    Point.SESSION_KEY: "",
    Point.PROTECTED: "AC-3 FR-6",
    Point.CLOCK: "AC-2 AC-5 FR-7 FR-8 NFR-4 EC-4 EC-5",
    Point.APP_BASE_URL: "FR-4",
    Point.LAUNCH: "FR-7 FR-8 EC-4 EC-8",
    Point.LOGS: "NFR-1 NFR-4 EC-3 EC-4 EC-5 EC-6 EC-7",
}


def needed_by(point: Point) -> frozenset[str]:
    """Return the ids that cannot be judged without a point."""
    named = frozenset(_NEEDED_BY[point].removeprefix("* but ").split())
    if _NEEDED_BY[point].startswith("*"):
        return frozenset(load_specification().requirements) - named
    return named


def missing_for(missing: Iterable[Point]) -> dict[str, tuple[Point, ...]]:
    """Return every id, in the order of reports, with those of the missing points that it needs."""
    gone = [point for point in Point if point in set(missing)]
    ids = sorted(load_specification().requirements, key=sort_key)
    return {id_: tuple(point for point in gone if id_ in needed_by(point)) for id_ in ids}


def enough_accounts(*, movable: bool) -> int:
    """Return how many active accounts a whole run takes.

    With a movable clock an account can be used again when its hour has passed.
    """
    return 300 if movable else 700
