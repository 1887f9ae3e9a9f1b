"""Scenarios side by side: every place is claimed once, and no worker's end goes unnoticed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from conformance.outcomes import ExitCode, Outcome
from conformance.run.conclusion import Findings
from conformance.run.events import (
    Event,
    Listener,
    OpeningFailed,
    ScenarioEnded,
    ScenarioStarted,
    TargetOpened,
)
from conformance.run.result import ScenarioResult
from conformance.run.workers import Share, Work, Workers
from conformance.target.database.postgres import OwnDatabase
from tests.place import REPOSITORY, Place

pytestmark = pytest.mark.run

GROUPS = [[0, 1, 2], [3], [4, 5], [6], [7], [8]]
PLACES = list(range(9))
TEMPLATE = OwnDatabase("postgresql://127.0.0.1:1/postgres", "prepared", "")


def result(place: int) -> ScenarioResult:
    return ScenarioResult(f"scenario {place}", "", "", "", 0, (), Outcome.PASSED)


def in_workers(work: Work, count: int = 3, groups: Sequence[Sequence[int]] = GROUPS) -> Findings:
    findings = Findings()
    with Workers(count, Share(groups), work) as workers:
        workers.run(TEMPLATE, findings.handle)
    return findings


def judge_all(template: OwnDatabase, share: Share, emit: Listener) -> None:
    assert template == TEMPLATE
    emit(TargetOpened({"pid": os.getpid()}))
    for place in share.claim():
        emit(ScenarioEnded(place, result(place)))


def test_every_scenario_is_run_once_and_told_in_the_order_of_the_run() -> None:
    findings = in_workers(judge_all)
    assert [each.name for each in findings.results] == [f"scenario {place}" for place in PLACES]
    assert findings.target["workers"] == 3
    assert not findings.errors


def test_a_worker_that_is_killed_is_an_error_and_the_others_go_on() -> None:
    def work(template: OwnDatabase, share: Share, emit: Listener) -> None:
        emit(TargetOpened({}))
        for place in share.claim():
            if place == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            emit(ScenarioEnded(place, result(place)))

    findings = in_workers(work)
    assert [each.message for each in findings.errors] == [
        "a process of the harness was ended by signal 9"
    ]
    assert [each.name for each in findings.results] == [f"scenario {n}" for n in range(3, 9)]


def test_code_of_a_target_that_ends_its_worker_is_an_error() -> None:
    def work(template: OwnDatabase, share: Share, emit: Listener) -> None:
        emit(TargetOpened({}))
        for place in share.claim():
            if place == 0:
                os._exit(0)
            emit(ScenarioEnded(place, result(place)))

    findings = in_workers(work)
    assert [each.message for each in findings.errors] == ["a process of the harness ended with 0"]
    assert [each.name for each in findings.results] == [f"scenario {n}" for n in range(3, 9)]


def test_what_a_worker_started_does_not_keep_its_end_unseen() -> None:
    left = multiprocessing.get_context("fork").Value("i", 0)

    def work(template: OwnDatabase, share: Share, emit: Listener) -> None:
        emit(TargetOpened({}))
        if (daemon := os.fork()) == 0:
            signal.pause()
        left.value = daemon
        os._exit(0)

    findings = in_workers(work, count=1)
    os.kill(left.value, signal.SIGKILL)
    assert [each.message for each in findings.errors] == ["a process of the harness ended with 0"]


def test_what_the_first_worker_cannot_have_is_complained_of_once() -> None:
    def work(template: OwnDatabase, share: Share, emit: Listener) -> None:
        emit(OpeningFailed(ExitCode.USAGE, f"no target for {os.getpid()}"))

    findings = in_workers(work)
    assert findings.refusal is not None
    assert findings.refusal.message.startswith("no target for")
    assert findings.refusal.code is ExitCode.USAGE
    assert findings.target == {}


def test_a_further_worker_without_a_target_leaves_its_work_to_the_first() -> None:
    def work(template: OwnDatabase, share: Share, emit: Listener) -> None:
        if multiprocessing.current_process().name == "worker 1":
            judge_all(template, share, emit)
        else:
            emit(OpeningFailed(ExitCode.HARNESS, "no room for another"))

    findings = in_workers(work)
    assert len(findings.results) == len(PLACES)
    assert findings.target["workers"] == 1
    assert findings.workers_given_up == "no room for another"


def test_workers_that_are_never_let_go_end_with_the_block() -> None:
    with Workers(3, Share(GROUPS), judge_all):
        assert len(multiprocessing.active_children()) == 3
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(("busy", "workers"), [(20.0, 5), (80.0, 3)])
def test_workers_beyond_the_usual_number_are_let_go_while_the_processors_idle(
    busy: float, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.run.workers._LOOK_SECONDS", 0.0)
    looked = multiprocessing.get_context("fork").Value("i", 0)

    def busy_now() -> float:
        looked.value += 1
        return busy

    def work(template: OwnDatabase, share: Share, emit: Listener) -> None:
        emit(TargetOpened({}))
        for place in share.claim():
            emit(ScenarioEnded(place, result(place)))
            # As many looks as it takes until five workers are up, or have not been let go.
            while looked.value < 5:
                threading.Event().wait(0.001)

    findings = Findings()
    share = Share([[place] for place in range(100)])
    with Workers(5, share, work, usual=3, busy=busy_now) as running:
        running.run(TEMPLATE, findings.handle)
    assert len(findings.results) == 100
    assert findings.target["workers"] == workers


def test_no_worker_is_let_go_for_the_last_scenarios(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.run.workers._LOOK_SECONDS", 0.0)
    findings = Findings()
    with Workers(5, Share([[0], [1], [2], [3]]), judge_all, usual=2, busy=lambda: 0.0) as running:
        running.run(TEMPLATE, findings.handle)
    assert findings.target["workers"] == 2


def test_a_lost_target_ends_all_workers() -> None:
    def work(template: OwnDatabase, share: Share, emit: Listener) -> None:
        emit(TargetOpened({}))
        for place in share.claim():
            emit(ScenarioEnded(place, result(place)))
            share.give_up()

    findings = in_workers(work, groups=[[place] for place in range(1000)])
    assert len(findings.results) <= 3


def test_an_interrupt_ends_the_workers_in_good_order() -> None:
    def work(template: OwnDatabase, share: Share, emit: Listener) -> None:
        emit(TargetOpened({}))
        for place in share.claim():
            try:
                emit(ScenarioStarted(f"scenario {place}", ()))
                threading.Event().wait()
            finally:
                emit(ScenarioEnded(place, result(place)))

    interrupts = [KeyboardInterrupt()]

    def listener(event: Event) -> None:
        if isinstance(event, ScenarioStarted) and interrupts:
            raise interrupts.pop()

    findings = Findings(listener)
    with Workers(3, Share(GROUPS), work) as workers, pytest.raises(KeyboardInterrupt):
        workers.run(TEMPLATE, findings.handle)
    assert len(findings.results) >= 1
    assert not findings.errors


# A service whose `prepare` writes the address of the database that it is prepared in to a file.
ADDRESS_IN_A_FILE = """
protected = ["GET /auth/me", "GET /account"]
[launch]
prepare = [["sh", "-c", "echo $DATABASE_URL > url"]]
command = ["sh", "-c", "DATABASE_URL=$(cat url) exec {python} -m reference_app serve"]
ready_path = "/health/ready"
[launch.environment]
DATABASE_URL = "{database_url}"
APP_BASE_URL = "{app_base_url}"
JWT_SECRET = "{jwt_secret}"
MAIL_FROM = "login@example.com"
MIGRATE_ON_START = "true"
PORT = "{port}"
PYTHONPATH = "REPOSITORY"
MAIL_PROVIDER = "smtp"
SMTP_HOST = "{smtp_host}"
SMTP_PORT = "{smtp_port}"
SMTP_TLS = "none"
[database]
[mail]
kind = "smtp"
[accounts]
kind = "insert"
password_hash = "argon2"
"""


def test_targets_that_take_their_database_from_a_file_are_not_run_side_by_side() -> None:
    description = ADDRESS_IN_A_FILE.replace("REPOSITORY", str(REPOSITORY))
    with Place() as place:
        ended = place.run_target(description, "--workers", "3", "--only", "AC-4,AC-5,FR-7")
        assert place.leftovers() == []
    assert ended.report is not None, ended.err
    target = ended.report["target"]
    assert target["workers"] == 1
    # The copies stay empty.
    assert "there is no table 'users'" in target["workers_given_up"]
    assert f"not side by side: {target['workers_given_up']}" in ended.out
    assert ended.outcome("AC-4") == ended.outcome("AC-5") == ended.outcome("FR-7") == "passed"


def test_the_settings_of_a_prepared_database_are_those_of_every_worker() -> None:
    tables = """["{python}", "-c", '''
import os, subprocess, sys, psycopg
from psycopg import sql
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    name = sql.Identifier(connection.info.dbname)
    connection.execute("CREATE SCHEMA app")
    connection.execute(sql.SQL("ALTER DATABASE {} SET search_path = app").format(name))
subprocess.run([sys.executable, "-m", "reference_app", "migrate"], check=True)
''']"""
    description = (
        ADDRESS_IN_A_FILE.replace("REPOSITORY", str(REPOSITORY))
        .replace('["sh", "-c", "echo $DATABASE_URL > url"]', tables)
        .replace("DATABASE_URL=$(cat url) ", "")
        .replace('MIGRATE_ON_START = "true"', 'MIGRATE_ON_START = "false"')
    )
    with Place() as place:
        ended = place.run_target(description, "--workers", "2", "--only", "AC-4,AC-5,FR-7")
        assert place.leftovers() == []
    assert ended.report is not None, ended.err
    assert ended.report["target"]["workers"] == 2
    assert "workers_given_up" not in ended.report["target"]


def test_workers_find_what_one_worker_finds() -> None:
    with Place() as place:
        one, three = (
            place.run("--only", "AC-4,AC-5,FR-5,FR-7", "--workers", workers, "--quiet")
            for workers in ("1", "3")
        )
        assert place.leftovers() == []
    assert one.report is not None
    assert three.report is not None
    assert one.report["target"]["workers"] == 1
    assert three.report["target"]["workers"] > 1
    assert outcomes(one.report) == outcomes(three.report)


def outcomes(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["name"], each["outcome"]) for each in report["scenarios"]]
