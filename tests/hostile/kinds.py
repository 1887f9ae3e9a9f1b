"""The hostile kinds: what each is described by, and how a run against it has to end."""

from __future__ import annotations

from dataclasses import dataclass

from tests.place import REPOSITORY

LISTED = '[accounts]\nkind = "list"\nlisted = [{ email = "ada@example.com" }]'
INSERTED = '[accounts]\nkind = "insert"'
SINK = '[mail]\nkind = "smtp"\ndelay_ms = 0'
USERS = 'CREATE TABLE users (id uuid, email text, status text, "passwordHash" text)'
TOKENS = 'CREATE TABLE magic_link_tokens (id uuid, "tokenHash" text, "expiresAt" timestamptz)'
PREPARE = f"""prepare = [["{{python}}", "-c", '''
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute({USERS!r})
    connection.execute({TOKENS!r})
''']]"""


@dataclass(frozen=True)
class Kind:
    """A hostile target: its description, and the run's exit code and sentence.

    `outcome` is that of AC-1, "" where there is no report.
    """

    description: str
    code: int
    says: str = ""
    outcome: str = "failed"
    options: tuple[str, ...] = ("--only", "AC-1")


def launched(
    kind: str,
    code: int = 1,
    says: str = "",
    outcome: str = "failed",
    *,
    parts: tuple[str, ...] = (LISTED, SINK),
    launch: str = "",
    options: tuple[str, ...] = ("--only", "AC-1"),
) -> Kind:
    """Return a kind of `target.py`."""
    lines = [
        "[launch]",
        f'command = ["{{python}}", "-m", "tests.hostile.target", "{{port}}", "{kind}"]',
        f"ready_seconds = {4 if kind == 'is never ready' else 60}",
        'ready_path = "/health"',
        launch,
        "[launch.environment]",
        f'PYTHONPATH = "{REPOSITORY}"',
        'SMTP_PORT = "{smtp_port}"',
        'SCRATCH = "{scratch}"',
        'DATABASE_URL = "{database_url}"' if "[database]" in parts else "",
        *parts,
    ]
    return Kind("\n".join(lines), code, says, outcome, options)


def served(app: str, code: int, says: str = "", outcome: str = "untested") -> Kind:
    """Return a kind that is served in process."""
    name = app if ":" in app else f"tests.hostile.applications:{app}"
    return Kind(f'[in_process]\napp = "{name}"\n{SINK}\n{LISTED}', code, says, outcome)


def logging(kind: str, code: int, outcome: str, events: str = "") -> Kind:
    """Return a kind whose log is looked at."""
    parts = (LISTED, SINK, f"[log.events]\nlink_sent = '{events}'" if events else "")
    only = ("--only", "AC-1,NFR-4")
    return launched(kind, code, outcome=outcome, parts=parts, options=only)


def stored(kind: str, code: int, says: str, outcome: str) -> Kind:
    """Return a kind that has a database."""
    parts = ("[database]", INSERTED, SINK)
    return launched(kind, code, says, outcome, parts=parts, launch=PREPARE)


PASSED = "passed"
# Those that take longest first: they are begun in this order.
KINDS: dict[str, Kind] = {
    "hangs while it is imported": served(
        "tests.hostile.hanging:app", 4, "was not imported and built within 60 s", ""
    ),
    "hangs while it is built": served(
        "hangs_when_built", 4, "was not imported and built within 60 s", ""
    ),
    "halts the harness": launched(
        "halts the harness",
        4,
        "the time limit of 10 s was reached",
        "untested",
        options=("--only", "AC-1", "--time-limit", "10"),
    ),
    "never starts": served("never_starts", 4, "the application did not start", ""),
    "blocks every request": served("blocks_every_request", 4, "cannot be reached any more"),
    "halts itself": launched("halts itself", 4, "cannot be reached any more", "untested"),
    **{
        kind: launched(kind)
        for kind in (
            "never answers",
            "announces without end",
            "sends headers without end",
            "sends a body without end",
            "sends trailers without end",
            "sends a byte at a time",
        )
    },
    "is slow": launched(
        "is slow",
        3,
        "the time limit of 4 s was reached",
        "untested",
        options=("--only", "AC-1", "--time-limit", "4"),
    ),
    **{
        kind: launched(kind)
        for kind in (
            "answers with a page",
            "answers with half a body",
            "answers with ten megabytes",
            "answers with a packed bomb",
            "redirects to itself",
            "hangs up",
            "resets the connection",
            "answers in another language",
            "answers with noise",
            "claims a negative length",
            "nests its errors",
            "counts in huge numbers",
            "sets ten thousand cookies",
            "steers terminals",
            "mails nothing",
            "mails no link",
            "mails a thousand times",
            "nests its mail",
            "mails a hundred thousand tags",
            "names no known charset",
            "mails without end",
        )
    },
    "opens silent connections": launched("opens silent connections", 3, outcome=PASSED),
    "stops listening": launched("stops listening", 4, "cannot be reached any more", "untested"),
    "dies": launched("dies", 4, "status 7", "untested"),
    "exits at once": launched("exits at once", 4, "the setting FLAVOUR is missing", ""),
    "is never ready": launched("is never ready", 4, "GET /health answered 503", ""),
    "ignores SIGTERM": launched("ignores SIGTERM", 3, outcome=PASSED),
    "leaves daemons": launched("leaves daemons", 3, outcome=PASSED),
    "writes reports": launched("writes reports", 3, outcome=PASSED),
    "tells": launched("tells", 3, outcome=PASSED, launch='inherit = ["HANDED_ON"]'),
    "removes what it was given": launched("removes what it was given", 3, outcome=PASSED),
    "logs deeply nested lines": logging("logs deeply nested lines", 3, PASSED),
    "logs a line without end": logging("logs a line without end", 3, PASSED),
    "logs what patterns choke on": logging("logs what patterns choke on", 1, PASSED, "(a+)+$"),
    "steers logs": logging("steers logs", 1, PASSED),
    "locks its users": stored("locks its users", 3, "", "cant_tell"),
    "drops its tables": stored("drops its tables", 2, "there is no table 'users'", ""),
    "ends all sessions": stored(
        "ends all sessions", 4, "the target's database cannot be reached", ""
    ),
    "exits when asked": served("exits_when_asked", 4, "a process of the harness ended with 0"),
    "exits when built": served("exits_at_start", 4, "a process of the harness ended with 0"),
    "kills its process": served(
        "kills_its_process", 4, "a process of the harness was ended by signal 9"
    ),
    "kills the command": served("kills_the_command", -9, outcome=""),
    "leaves when asked": served("leaves_when_asked", 1, outcome="failed"),
    "leaves when built": served("leaves_at_start", 4, "SystemExit(0)", ""),
    "fails when built": served("fails_when_built", 4, "the setting FLAVOUR is missing", ""),
    "leaves a thread": served("leaves_a_thread", 1, outcome="failed"),
    "closes every descriptor": served("closes_every_descriptor", 4),
}
