"""Which targets can run side by side: what one does must not be seen at the other."""

from __future__ import annotations

import os

from psycopg import sql

from conformance.observe.mail.kinds import KINDS
from conformance.observe.settings import LogPart, MailPart
from conformance.outcomes import CantTell, Failed, Untested
from conformance.requirements.magic_link import REQUEST
from conformance.target.description import TargetDescription
from conformance.target.testbed import Testbed

# With more, the processors of a small machine are what is waited for, unless it is the target's
# answers: then there may be some more.
_USUAL_WORKERS = 4
_MOST_WORKERS = 8
# For fewer scenarios than this a further target is not worth its start.
_WORTH_A_WORKER = 6
_OWN_ACCOUNTS = frozenset({"insert", "environment", "register"})


def most_workers(description: TargetDescription, allowed: int | None) -> int:
    """Return in how many workers a run may be done; 1 where targets would not be apart.

    `allowed` is what the user says, None when nothing was said: then a server of the user's own
    serves one target, since the pools of several may be more than it has connections.
    """
    if not _can_be_apart(description):
        return 1
    part = description.database
    if allowed is None and part is not None and part.server is not None:
        return 1
    return allowed or (_MOST_WORKERS if (os.cpu_count() or 1) > 1 else 1)


def usual_workers(allowed: int | None) -> int | None:
    """Return how many workers are let go whatever the processors do; None for all of them."""
    return _USUAL_WORKERS if allowed is None else None


def worker_count(description: TargetDescription, scenarios: int, allowed: int | None) -> int:
    """Return in how many workers so many scenarios are worth doing."""
    return max(1, min(most_workers(description, allowed), scenarios // _WORTH_A_WORKER))


def _can_be_apart(description: TargetDescription) -> bool:
    """Return whether each target gets a port, a database, a mail provider and a log of its own."""
    text = description.model_dump_json()
    database, mail = description.database, description.mail or MailPart()
    accounts = description.accounts
    return (
        description.started_here
        and "{database_" in text
        and (database is None or database.url is None)
        and (description.in_process is not None or "{port}" in text)
        and KINDS[mail.kind].is_own(mail)
        and _has_own_log(description.log or LogPart())
        and (accounts is None or accounts.kind in _OWN_ACCOUNTS)
        and description.clock.kind != "http"
    )


def _has_own_log(part: LogPart) -> bool:
    return part.file is None or "{scratch}" in str(part.file)


def why_not_apart(testbed: Testbed) -> str:
    """Return why a target cannot run beside others, "" when it can.

    It cannot when it does not write to its testbed's own database, as when the description's
    `prepare` wrote another's address into a file.
    """
    if not testbed.description.prepare:
        return ""
    try:
        before = _token_count(testbed)
        [account] = testbed.accounts.take()
        testbed.requested.add(account.email)
        testbed.wire.post(REQUEST, {"email": account.email})
        if _token_count(testbed) > before:
            return ""
    except (Failed, Untested, CantTell) as error:
        return f"a second target could not be shown to use a database of its own: {error}"
    return "a second target does not write to the database that it was given"


def _token_count(testbed: Testbed) -> int:
    database = testbed.need_database()
    statement = sql.SQL("SELECT count(*) AS rows FROM {}").format(database.tokens().identifier)
    [row] = database.query(statement)
    return int(row["rows"])
