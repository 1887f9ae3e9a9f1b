"""Points taken away from the reference: what ends untested is what is documented, no more, no less.

Some runs take several points away at once; which point a scenario wants is then told by its name.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance.observe.mail.message import Message
from conformance.observe.mail.smtp_sink import SmtpSink
from conformance.outcomes import Point
from conformance.requirements.facts import undecided_without, untested_without
from conformance.requirements.specification import load_specification
from conformance.target.database.postgres import EmbeddedPostgres
from conformance.target.launch.ports import free_port
from tests.place import Ended, Place, eventually_none
from tests.reference_described import (
    APP_BASE_URL,
    ENVIRONMENT,
    SECRET,
    described,
    invent,
    made_database,
    settings,
)

pytestmark = pytest.mark.run

_SIDE_BY_SIDE = 3
_TIMED = ("AC-9", "FR-2", "NFR-5", "EC-1", "EC-2")
# Points whose lack is reported as a lack of accounts.
_REPORTED = {
    Point.SUSPENDED: "accounts",
    Point.PASSWORDLESS: "accounts",
    Point.PASSWORD: "accounts",
    Point.IDS: "accounts",
    Point.MANY: "accounts",
}


class FilingSink(SmtpSink):
    """A mail provider that the harness is not: it files each mail in a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory, self._numbers = directory, itertools.count()
        super().__init__()
        self.set_delay(0.0)

    def accept(self, message: Message) -> None:
        file = self._directory / f"{next(self._numbers):05}.eml"
        unfinished = file.with_suffix(".part")
        unfinished.write_text(message.raw, encoding="utf-8")
        unfinished.rename(file)
        super().accept(message)


class Surroundings:
    """What targets stand on that the harness is not told of."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        server = EmbeddedPostgres()
        stack.callback(server.close)
        self.server = server.url
        self.mails = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self._sink = FilingSink(self.mails)
        stack.callback(self._sink.close)
        self.elsewhere = {"SMTP_HOST": self._sink.host, "SMTP_PORT": str(self._sink.port)}

    def running(self, database: str, mail_port: int) -> tuple[str, Path]:
        """Start a reference; return its URL and its log."""
        port, log = free_port(), self.mails / "app.log"
        process = subprocess.Popen(
            [sys.executable, "-m", "reference_app", "serve"],
            env=settings(database, "127.0.0.1", mail_port, port) | {"LOG_FILE": str(log)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.terminate)
        eventually_none(lambda: [] if log.exists() and log.stat().st_size else ["no log"], 20)
        return f"http://127.0.0.1:{port}", log


def without_mailbox(around: Surroundings) -> str:
    return described(around.server, around.elsewhere, mail=None)


def without_accounts(around: Surroundings) -> str:
    return described(around.server, accounts=None)


def without_database_and_clock(around: Surroundings) -> str:
    accounts = invent(700, 150, 5)
    database = {"DATABASE_URL": made_database(around.server, accounts)}
    listed = {"kind": "list", "listed": accounts}
    return described(around.server, database, database=None, accounts=listed)


def without_ids_writing_and_clock(around: Surroundings) -> str:
    accounts = invent(300, 10, 5)
    database = {"url": made_database(around.server, accounts)}
    unknown = [{key: value for key, value in a.items() if key != "id"} for a in accounts]
    listed = {"kind": "list", "listed": unknown}
    return described(around.server, database=database, accounts=listed)


def without_what_is_only_told(around: Surroundings) -> str:
    untold = {"APP_BASE_URL": APP_BASE_URL, "JWT_SECRET": SECRET}
    return described(around.server, untold, protected=None, accounts={"kind": "insert"})


def without_log(around: Surroundings) -> str:
    environment = ENVIRONMENT | {"LOG_FILE": "{scratch}/app.log"}
    served = {"app": "reference_app.main:create_app", "environment": environment}
    return described(around.server, launch=None, in_process=served)


def without_provider(around: Surroundings) -> str:
    mail = {"kind": "directory", "path": str(around.mails)}
    return described(around.server, around.elsewhere, mail=mail)


def without_launch_and_many_accounts(around: Surroundings) -> str:
    accounts, mail_port = invent(30), free_port()
    database = made_database(around.server, accounts)
    url, log = around.running(database, mail_port)
    return described(
        around.server,
        launch=None,
        base_url=url,
        app_base_url=APP_BASE_URL,
        database={"url": database, "disposable": True},
        accounts={"kind": "list", "listed": accounts},
        mail={"kind": "smtp", "delay_ms": 1, "port": mail_port},
        log={"file": str(log)},
    )


@dataclass(frozen=True)
class Lack:
    description: Callable[[Surroundings], str]
    points: tuple[Point, ...]
    # Ids that are run beside those of the points; every id where none are named.
    beside: tuple[str, ...] = ()

    @property
    def ids(self) -> list[str]:
        """The ids that are looked at."""
        every = list(load_specification().requirements)
        if not self.beside:
            return every
        touched = {*self.beside}
        for point in self.points:
            touched |= untested_without(point) | undecided_without(point)
        return [id_ for id_ in every if id_ in touched]


LACKS = {
    lack.description.__name__: lack
    for lack in (
        Lack(without_database_and_clock, (Point.DATABASE, Point.CLOCK)),
        Lack(without_log, (Point.LOGS,), beside=("AC-1", "AC-2", "AC-5", "AC-8", "FR-4", "NFR-2")),
        Lack(
            without_launch_and_many_accounts,
            (Point.LAUNCH, Point.SUSPENDED, Point.PASSWORDLESS, Point.MANY, Point.SESSION_KEY),
        ),
        Lack(without_provider, (Point.MAIL_PROVIDER,), beside=("AC-1", "AC-4", "AC-6", "FR-4")),
        Lack(
            without_ids_writing_and_clock,
            (Point.IDS, Point.WRITABLE, Point.CLOCK),
            beside=("AC-1", "AC-7", "AC-8", "EC-8"),
        ),
        Lack(
            without_what_is_only_told,
            (Point.PROTECTED, Point.APP_BASE_URL, Point.PASSWORD, Point.SESSION_KEY),
            beside=("AC-1", "AC-2", "AC-4", "AC-7", "NFR-3"),
        ),
        Lack(without_mailbox, (Point.MAILBOX,)),
        Lack(without_accounts, (Point.ACCOUNTS,)),
    )
}


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, Future[Ended]]]:
    with ExitStack() as stack:
        around = Surroundings(stack)
        workers = stack.enter_context(ThreadPoolExecutor(_SIDE_BY_SIDE))
        yield {name: workers.submit(_run, lack, around) for name, lack in LACKS.items()}


def _run(lack: Lack, around: Surroundings) -> Ended:
    only = [word for id_ in lack.ids for word in ("--only", id_)] if lack.beside else []
    with Place() as place:
        target = place.describe(lack.description(around))
        command = ["run", "--quiet", "--require", "all", "--target", target, *only]
        return place.start(*command).end(seconds=300)


@pytest.mark.parametrize("name", LACKS)
def test_what_is_untested_is_what_is_documented(name: str, runs: dict[str, Future[Ended]]) -> None:
    ended, lack = runs[name].result(), LACKS[name]
    assert ended.report is not None, ended.err
    expected = dict.fromkeys(lack.ids, "passed")
    for point in lack.points:
        expected |= dict.fromkeys(undecided_without(point), "cant_tell")
    for point in lack.points:
        expected |= dict.fromkeys(untested_without(point), "untested")
    reasons = {id_: each["reason"] for id_, each in ended.report["requirements"].items()}
    assert _outcomes(ended.report, expected) == expected, reasons
    assert ended.code == 3, ended.err
    assert _missing(ended.report) <= {_REPORTED.get(point, str(point)) for point in lack.points}


def _outcomes(report: dict[str, Any], expected: dict[str, str]) -> dict[str, str]:
    """Return the outcomes of the ids that are looked at.

    Where times decide, a machine with so many runs side by side may be too busy to tell.
    """
    found = {id_: report["requirements"][id_]["outcome"] for id_ in expected}
    busy = [id_ for id_ in _TIMED if (found.get(id_), expected.get(id_)) == ("cant_tell", "passed")]
    return found | dict.fromkeys(busy, "passed")


def _missing(report: dict[str, Any]) -> set[str]:
    return {scenario["missing"] for scenario in report["scenarios"] if scenario["missing"]}


def test_every_point_is_taken_away_or_cannot_be() -> None:
    taken = {point for lack in LACKS.values() for point in lack.points}
    assert set(Point) - taken == {Point.WIRE}
