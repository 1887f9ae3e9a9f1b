"""The usual ways: schemathesis alone, and ordinary integration tests."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4
from xml.etree import ElementTree as ET

import psycopg
from psycopg import sql

from conformance.requirements.resources import spec_dir
from conformance.target.database.postgres import create_database, drop_database
from tests.comparison.implementations import Implementation
from tests.comparison.mailbox import open_mailbox
from tests.comparison.serving import settings
from tests.serving import ROOT, served

# Named here, not collected: its look at the time is no test for a busy machine.
_ORDINARY = Path(__file__).parent / "ordinary" / "acceptance.py"
_SECONDS = 600.0
# All of its checks and its number of examples, as they come. It goes on after a failure, or those
# that the reference shows too would hide the others. The seed is the same for every
# implementation, so that the requests are.
SCHEMATHESIS = ("--continue-on-failure", "--seed", "1", "--generation-database", "none")
EXAMPLES = 100
# The account in the document's examples.
_ACCOUNT = "ada@example.com"


@dataclass(frozen=True)
class Finding:
    """What a way says against an implementation: its failures' names, and the time in seconds."""

    failures: frozenset[str]
    seconds: float


@contextmanager
def _database(server_url: str) -> Iterator[str]:
    name = f"comparison_{uuid4().hex}"
    try:
        yield create_database(server_url, name)
    finally:
        drop_database(server_url, name)


def by_schemathesis(
    implementation: Implementation, server_url: str, place: Path, examples: int = EXAMPLES
) -> Finding:
    """Run schemathesis with the OpenAPI document against an implementation.

    Failures are named by phase, operation and check. The account in the document's examples
    exists. `examples` is the most for an operation, `place` a directory for logs; RuntimeError
    when schemathesis itself breaks down.
    """
    started = time.monotonic()
    with _database(server_url) as database_url, open_mailbox() as mailbox:
        environment = {
            **settings(database_url, mailbox.port, implementation.app_base_url),
            **implementation.environment,
            # This way does not look at the time, and each request would cost it.
            "MAIL_PACING_FLOOR_SECONDS": "0",
        }
        with served(implementation.command, environment, place / "server.txt") as server:
            _add_account(database_url, implementation.password_hash)
            events = _run_schemathesis(server.url, place, examples)
    return Finding(_failed_checks(events), time.monotonic() - started)


def _add_account(database_url: str, password_hash: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        columns = connection.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = 'users' AND column_name ILIKE 'password%'"
        ).fetchall()
        [(column,)] = columns
        statement = sql.SQL("INSERT INTO users (email, {}) VALUES (%s, %s)")
        connection.execute(statement.format(sql.Identifier(column)), (_ACCOUNT, password_hash))


def _run_schemathesis(url: str, place: Path, examples: int) -> Path:
    events = place / "schemathesis.ndjson"
    program = Path(sys.executable).with_name("schemathesis")
    document = str(spec_dir() / "openapi.yaml")
    options = ("--url", url, "--max-examples", str(examples), "--no-color", *SCHEMATHESIS)
    report = ("--report", "ndjson", "--report-ndjson-path", str(events))
    done = subprocess.run(
        [str(program), "run", document, *options, *report],
        cwd=place,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    (place / "schemathesis.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode not in (0, 1) or not events.exists():
        raise RuntimeError(f"schemathesis ended with {done.returncode}:\n{done.stdout[-2000:]}")
    return events


def _failed_checks(events: Path) -> frozenset[str]:
    failures = set()
    for line in events.read_text(encoding="utf-8").splitlines():
        finished = json.loads(line).get("ScenarioFinished")
        if finished is None:
            continue
        recorder = finished["recorder"]
        failures |= {
            f"{finished['phase']}: {recorder['label']}: {check['name']}"
            for checks in recorder["checks"].values()
            for check in checks
            if check["status"] == "failure"
        }
    return frozenset(failures)


def by_ordinary_tests(implementation: Implementation, server_url: str, place: Path) -> Finding:
    """Run the tests in `ordinary` against an implementation.

    Failures are the names of tests. `place` is a directory for the report; RuntimeError when the
    tests could not be run.
    """
    started = time.monotonic()
    report = place / "ordinary.xml"
    with _database(server_url) as database_url:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", str(_ORDINARY)),
                *("-p", "no:cacheprovider", "--junitxml", str(report)),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                **implementation.environment,
                # The environment's plugins cost more time than the tests.
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
                "ORDINARY_SERVER": shlex.join(implementation.command),
                "ORDINARY_DATABASE_URL": database_url,
                "ORDINARY_APP_BASE_URL": implementation.app_base_url,
                "ORDINARY_PASSWORD_HASH": implementation.password_hash,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    (place / "ordinary.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode not in (0, 1):
        raise RuntimeError(f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}")
    return Finding(_failed_tests(report), time.monotonic() - started)


def _failed_tests(report: Path) -> frozenset[str]:
    cases = list(ET.parse(report).iter("testcase"))
    errors = [case for case in cases if case.find("error") is not None]
    if len(errors) == len(cases):
        raise RuntimeError("the service could not be started for the ordinary tests")
    failed = [case for case in cases if case.find("failure") is not None]
    return frozenset(str(case.get("name")) for case in (*failed, *errors))
