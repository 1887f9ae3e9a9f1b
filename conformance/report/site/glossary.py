"""The words of reports: outcomes, conclusions, exit codes, points, tags.

What there is comes from where it is decided (`outcomes`, `points`, `report.wording`); here is
what each means. Tests hold the documentation to the same words.
"""

from __future__ import annotations

from dataclasses import dataclass

from conformance.outcomes import Conclusion, ExitCode, Method, Outcome, Point
from conformance.report.wording import EXIT_MEANING, ids_in_words
from conformance.requirements.facts import undecided_without, untested_without
from conformance.requirements.tags import (
    ADVISORY,
    EXPLORATION,
    REALISTIC_MAIL,
    SHARES,
    SLOW,
    WHOLE_RUN,
)

OUTCOMES = {
    Outcome.PASSED: "it was examined, and it holds",
    Outcome.FAILED: "it was examined, and it does not hold",
    Outcome.CANT_TELL: "it was examined, and what was seen does not decide",
    Outcome.UNTESTED: "a point of observation or control that it needs is missing",
    Outcome.INAPPLICABLE: "it does not apply to this service",
}
CONCLUSIONS = {
    Conclusion.CONFORMANT: (
        "every requirement that was asked about is `passed` or `inapplicable`, and none failed"
    ),
    Conclusion.NONCONFORMANT: "any requirement failed, asked about or not",
    Conclusion.INCOMPLETE: "anything else",
}
# By which points something was seen, as reports list them.
SEEN_BY: dict[str, str] = {
    Point.WIRE: "HTTP requests and their answers",
    Point.MAILBOX: "the mail that went out",
    Point.DATABASE: "rows and the catalogue, by SQL",
    Point.LOGS: "the lines that the service wrote",
    "clock: aged": "time was moved: what the database holds was made older",
    "clock: frozen": "time was moved: the service's clock was stopped and set",
    "clock: faked": "time was moved: the service's process was given another time",
    "clock: hooked": "time was moved: a command of the target's own did it",
    "clock: waited": "nothing moved: the time really passed",
    Method.REPETITION: "the same thing was done many times, or at the same moment",
    Method.STATISTIC: "a number was computed, with a stated confidence",
}
_POINTS = {
    Point.WIRE: "the service answers HTTP requests",
    Point.DATABASE: "its tables can be read",
    Point.WRITABLE: "its tables may be written: accounts, tokens, times",
    Point.ACCOUNTS: "registered, active users to request links for",
    Point.SUSPENDED: "users whose status is suspended",
    Point.PASSWORDLESS: "users who have no password",
    Point.PASSWORD: "the password of a user, to log in with",
    Point.IDS: "the ids of the users",
    Point.MANY: "as many users as hundreds of requests take",
    Point.MAILBOX: "the mail that goes out can be read",
    Point.MAIL_PROVIDER: "the harness is the mail provider: it can be slow, or refuse",
    Point.SESSION_KEY: "the key with which sessions are signed",
    Point.PROTECTED: "endpoints that ask for a session",
    Point.CLOCK: "time can be moved",
    Point.APP_BASE_URL: "the address that links lead to is known",
    Point.LAUNCH: "the harness starts the service, restarts it, starts it twice",
    Point.LOGS: "the lines that the service writes can be read",
}
TAGS = {
    f"@{ADVISORY}": "good advice that no requirement states; it is reported and decides nothing",
    f"@{REALISTIC_MAIL}": (
        "the mail provider takes a realistic time; elsewhere it is quick, to save time"
    ),
    f"@{SHARES}…": (
        "examples with the same tag run on the same service: they share requests that take long"
    ),
    f"@{EXPLORATION}": "it runs, and counts, only with `--explore`",
    f"@{WHOLE_RUN}": "it judges everything that the run did before; each worker ends with it",
    f"@{SLOW}": "it takes long; where scenarios run side by side it begins before the others",
}


@dataclass(frozen=True)
class Given:
    """A point that a target can give; `untested` and `undecided` are the ids that want it."""

    name: str
    meaning: str
    untested: str
    undecided: str


def exit_codes() -> list[tuple[ExitCode, str]]:
    """Return the exit codes of the command line with their meaning."""
    return [(code, EXIT_MEANING[code]) for code in ExitCode]


def given_points() -> list[Given]:
    """Return every point that a target can give, and what is not judged without it."""
    return [
        Given(
            name=point.value,
            meaning=_POINTS[point],
            untested=ids_in_words(untested_without(point)),
            undecided=ids_in_words(undecided_without(point)),
        )
        for point in Point
    ]
