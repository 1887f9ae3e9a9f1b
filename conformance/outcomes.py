"""The outcome of a scenario, of a requirement, of a run; the exceptions by which steps say it.

The five outcomes are those of W3C EARL. A fault of the harness is none of them: it is an error of
the run, and any other exception than the ones below is taken for one.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum
from pathlib import Path

_PACKAGE = Path(__file__).parent


class Outcome(StrEnum):
    """What a scenario, and with it a requirement, ended with."""

    PASSED = "passed"
    FAILED = "failed"
    CANT_TELL = "cant_tell"
    UNTESTED = "untested"
    INAPPLICABLE = "inapplicable"


class Conclusion(StrEnum):
    """What a run says about the requirements that it was asked about."""

    CONFORMANT = "conformant"
    NONCONFORMANT = "nonconformant"
    INCOMPLETE = "incomplete"


class ExitCode(IntEnum):
    """The exit codes of the command line."""

    CONFORMANT = 0
    NONCONFORMANT = 1
    USAGE = 2
    INCOMPLETE = 3
    HARNESS = 4
    STALE_EXPECTED_FAILURE = 5


# What shells report for a command that Ctrl-C ended; no conclusion, and so no exit code of ours.
INTERRUPTED = 130


class Point(StrEnum):
    """A point of observation or control, by the name that reports show."""

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


class Method(StrEnum):
    """How something was seen that a single look does not show; reported beside the points."""

    REPETITION = "repetition"
    STATISTIC = "statistic"


class Failed(AssertionError):
    """The target does otherwise than the requirement says."""

    def __init__(self, what: str, *, expected: object = None, found: object = None) -> None:
        self.what = what
        self.expected = expected
        self.found = found
        super().__init__(with_values(what, expected, found))


class NoAnswer(Failed):
    """The target took a request and gave no answer to it."""


class CantTell(Exception):
    """The harness looked, and the evidence does not decide."""


class Untested(Exception):
    """A point of observation or control that the scenario needs is not there."""

    def __init__(self, point: Point, why: str) -> None:
        self.point = point
        self.why = why
        super().__init__(f"needs {point}: {why}")


class Inapplicable(Exception):
    """The scenario does not apply to this target."""


class UsageError(Exception):
    """The call or the description is wrong; the message says what, and how to mend it."""


class HarnessFault(Exception):
    """The harness, not the target, did not do its part; an error of the run."""


class TargetLost(HarnessFault):
    """The target stopped answering for good while it was being looked at."""


def harness_fault(error: BaseException) -> str:
    """Return the one sentence for an error that nobody foresaw: what, and where it was raised."""
    message = " ".join(f"{type(error).__name__}: {error}".split())
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _PACKAGE in Path(frame.filename).parents]
    place = f" (at {Path(ours[-1].filename).name}:{ours[-1].lineno})" if ours else ""
    return f"the harness failed: {message}{place}"


def with_values(what: str, expected: object, found: object) -> str:
    """Return the sentence that says what is otherwise than expected, and how."""
    if expected is None and found is None:
        return what
    return f"{what}: expected {expected}, found {found}"


# Worst first. `inapplicable` is last: beside a passed scenario it takes nothing away.
_WORST_FIRST = (
    Outcome.FAILED,
    Outcome.CANT_TELL,
    Outcome.UNTESTED,
    Outcome.PASSED,
    Outcome.INAPPLICABLE,
)
_DECIDED_WELL = frozenset({Outcome.PASSED, Outcome.INAPPLICABLE})


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return a requirement's outcome: the worst of its scenarios', `untested` when it has none."""
    found = set(outcomes)
    return next((outcome for outcome in _WORST_FIRST if outcome in found), Outcome.UNTESTED)


def conclude(
    outcomes: Mapping[str, Outcome], asked: Iterable[str], *, partial: bool = False
) -> Conclusion:
    """Return the conclusion of a run.

    `outcomes` maps requirement ids to their outcome, `asked` are the ids that the run was asked
    about. Any failed id makes the run nonconformant, asked about or not. A `partial` run, one that
    left scenarios out by choice, is never conformant.
    """
    if Outcome.FAILED in outcomes.values():
        return Conclusion.NONCONFORMANT
    decided = all(outcomes.get(id_, Outcome.UNTESTED) in _DECIDED_WELL for id_ in asked)
    if decided and not partial:
        return Conclusion.CONFORMANT
    return Conclusion.INCOMPLETE


def exit_code(
    conclusion: Conclusion, *, harness_errors: bool, stale_expected_failures: bool
) -> ExitCode:
    """Return the exit code of a run that reached its end.

    A fault of the harness outranks everything, since the other findings may stem from it; a
    failure outranks a stale expected failure.
    """
    if harness_errors:
        return ExitCode.HARNESS
    if conclusion is Conclusion.NONCONFORMANT:
        return ExitCode.NONCONFORMANT
    if stale_expected_failures:
        return ExitCode.STALE_EXPECTED_FAILURE
    return ExitCode.CONFORMANT if conclusion is Conclusion.CONFORMANT else ExitCode.INCOMPLETE
