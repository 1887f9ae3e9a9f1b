"""Targets that go wrong: bounded time, the right exit code, a clear sentence, nothing left."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psutil
import pytest

from conformance.target.database.postgres import EmbeddedPostgres, create_database
from tests.place import REPOSITORY, STUB, Command, Ended, Place, launch

pytestmark = pytest.mark.run

ONE_ACCOUNT = '[accounts]\nkind = "list"\nlisted = [{ email = "ada@example.com" }]'
TEN_ACCOUNTS = '[accounts]\nkind = "environment"\ncount = 60'
SINK = '[mail]\nkind = "smtp"\ndelay_ms = 0'
BY_SMTP = 'SMTP_PORT = "{smtp_port}"'


@pytest.fixture
def place() -> Iterator[Place]:
    with Place() as place:
        yield place
        assert place.leftovers() == []


def expect(ended: Ended, code: int, *told: str) -> None:
    """Expect an exit code, and one sentence on stderr that holds all of `told`."""
    assert ended.code == code, f"{ended.out}\n{ended.err}"
    for text in told:
        assert text in ended.err
    first = ended.err.splitlines()[0] if told else ""
    assert not told or first.startswith("magic-link-conformance: ")
    assert "Traceback" not in ended.out + ended.err
    assert "INTERNALERROR" not in ended.out + ended.err


@contextmanager
def listening(answer: bytes | None) -> Iterator[str]:
    """Accept connections and answer these bytes, or nothing ever; yield the base URL."""
    kept = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                kept.append(connection)
                if answer is not None:
                    connection.sendall(answer)
                    connection.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in kept:
                connection.close()


# Nothing there, or not HTTP


def test_nothing_listens(place: Place) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as gone:
        port = gone.getsockname()[1]
    expect(place.run("--base-url", f"http://127.0.0.1:{port}"), 4, "connection refused")


def test_the_port_speaks_something_else(place: Place) -> None:
    with listening(b"SSH-2.0-OpenSSH_9.9\r\n") as url:
        ended = place.run("--base-url", url)
    expect(ended, 4, "does not answer HTTP", "what came back is not HTTP")


# Launched targets that do not start, or end


def test_the_target_is_never_ready(place: Place) -> None:
    description = launch("never-ready", 'ready_path = "/health"').replace("= 5", "= 0.5")
    ended = place.run_target(description)
    expect(ended, 4, "not ready within 0.5 s", "GET /health answered 503")


def test_the_target_exits_at_once(place: Place) -> None:
    ended = place.run_target(launch("exits"))
    expect(ended, 4, "status 3", "the setting FLAVOUR is missing")


def test_the_program_is_not_there(place: Place) -> None:
    ended = place.run_target('[launch]\ncommand = ["/no/such/program"]')
    expect(ended, 2, "/no/such/program", "No such file or directory")


def test_what_is_to_be_shared_cannot_be_imported(place: Place) -> None:
    served = '[in_process]\napp = "a.b:c"\npreload = ["no_such_module"]'
    expect(place.run_target(served), 2, "in_process.preload: no_such_module")


def test_prepare_fails(place: Place) -> None:
    failing = 'prepare = [["{python}", "-c", "import sys; sys.exit(\'no migrations here\')"]]'
    expect(place.run_target(launch("honest", failing)), 4, "prepare", "no migrations here")


def test_the_target_dies_in_the_middle(place: Place) -> None:
    ended = place.run_target(launch("dies", ONE_ACCOUNT, SINK))
    expect(ended, 4, "the target is gone", "status 7", "a fatal mistake")
    assert ended.report is not None
    assert ended.report["conclusion"] != "conformant"
    [error] = ended.report["errors"]
    assert "the target is gone" in error["message"]


# Targets that attack the run, by accident or not


IN_PROCESS = """
[in_process]
app = "attacks:MODE"
[mail]
kind = "smtp"
delay_ms = 0
[accounts]
kind = "list"
listed = [{ email = "ada@example.com" }]
"""


@pytest.mark.parametrize(
    ("mode", "found"),
    [
        ("exits_when_asked", "a process of the harness ended with 0"),
        ("exits_at_start", "a process of the harness ended with 0"),
        ("kills_its_process", "a process of the harness was ended by signal 9"),
    ],
)
def test_code_that_ends_its_process_does_not_end_the_run(
    place: Place, mode: str, found: str
) -> None:
    ended = _run_in_process(place, mode)
    expect(ended, 4, found)
    assert ended.report is not None
    assert (ended.report["conclusion"], ended.report["exit_code"]) == ("incomplete", 4)
    assert [each["message"] for each in ended.report["errors"]] == [found]


@pytest.mark.parametrize("mode", ["leaves_when_asked", "leaves_at_start"])
def test_code_that_leaves_by_sys_exit_ends_nothing_well(place: Place, mode: str) -> None:
    ended = _run_in_process(place, mode)
    assert ended.code not in (0, 2), ended.err
    assert "Traceback" not in ended.out + ended.err


def test_code_that_ends_the_command_does_not_make_it_end_well(place: Place) -> None:
    ended = _run_in_process(place, "kills_the_command")
    assert ended.code == -9
    assert ended.report is None


def _run_in_process(place: Place, mode: str) -> Ended:
    shutil.copy(STUB.with_name("attacks.py"), place.directory)
    description = IN_PROCESS.replace("MODE", mode)
    target = place.describe(description)
    return place.start("run", "--target", target, PYTHONPATH=_path_with(place)).end()


def _path_with(place: Place) -> str:
    return f"{place.directory}{os.pathsep}{REPOSITORY}"


def test_daemons_of_a_target_end_with_the_run(place: Place) -> None:
    ended = place.run_target(launch("leaves-daemons", ONE_ACCOUNT, SINK), "--only", "AC-1")
    assert ended.report is not None
    pids = [int(pid) for pid in (place.directory / "daemons").read_text().split()]
    assert len(pids) == 2
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_report_that_the_target_writes_is_not_the_run_s(place: Place) -> None:
    description = launch("writes-reports", ONE_ACCOUNT, SINK)
    ended = place.run_target(description, "--only", "AC-1")
    assert ended.report is not None
    assert ended.report["conclusion"] == "nonconformant"
    reports = place.directory / "conformance-report"
    assert "forged" not in "".join(file.read_text() for file in reports.iterdir())


def test_a_target_cannot_read_the_secrets_of_the_job_in_the_run_s_environment(
    place: Place,
) -> None:
    description = launch("tells", 'inherit = ["HANDED_ON"]', ONE_ACCOUNT, SINK)
    ended = place.start(
        "run",
        *("--target", place.describe(description), "--only", "AC-1"),
        DEPLOY_KEY="hunter2",
        HANDED_ON="for the target",
    ).end()
    assert ended.report is not None
    told = (place.directory / "environments").read_text()
    assert "for the target" in told
    assert "hunter2" not in told


# Answers that are none


@pytest.mark.parametrize("mode", ["html", "truncated", "huge", "redirects"])
def test_the_answers_are_no_answers(place: Place, mode: str) -> None:
    ended = place.run_target(launch(mode, TEN_ACCOUNTS, SINK), "--only", "AC-1,AC-6,AC-7")
    expect(ended, 1)
    assert {ended.outcome(id_) for id_ in ("AC-1", "AC-6")} == {"failed"}
    assert ended.outcome("AC-7") != "passed"


# Points that do not work


def test_the_database_url_is_wrong(place: Place) -> None:
    database = '[database]\nurl = "postgresql://nobody:nothing@127.0.0.1:1/none"'
    ended = place.run_target(launch("honest", database))
    expect(ended, 4, "the target's database cannot be reached")


def test_the_database_goes_away_in_the_middle(place: Place) -> None:
    server = EmbeddedPostgres()
    try:
        url = create_database(server.url, "target")
        database = f'[database]\nurl = "{url}"\ndisposable = true'
        table = 'prepare = [["{python}", "-c", """' + _tables(url, _USERS) + '"""]]'
        description = launch(
            "honest", table, database, SINK, '[accounts]\nkind = "insert"', environment=BY_SMTP
        )
        part = ("--only", "AC-1,AC-2,AC-4")
        command = place.start("run", "--target", place.describe(description), *part)
        command.read_until("AC-1")
        server.stop()
        ended = command.end()
    finally:
        server.close()
    expect(ended, 4, "database cannot be reached")
    # The run ends there: what was seen of a requirement by then is not all of it.
    assert ended.outcome("AC-1") == "untested"


_USERS = 'CREATE TABLE users (id uuid, email text, status text, \\"passwordHash\\" text)'


def _tables(url: str, statement: str) -> str:
    return f"import psycopg; psycopg.connect('{url}', autocommit=True).execute('''{statement}''')"


def test_the_tokens_table_is_not_there(place: Place) -> None:
    prepare = 'prepare = [["{python}", "-c", """' + _tables("{database_url}", _USERS) + '"""]]'
    ended = place.run_target(
        launch(
            "honest",
            prepare,
            "[database]",
            SINK,
            '[accounts]\nkind = "insert"',
            environment=BY_SMTP,
        ),
        *("--only", "AC-1,AC-8"),
    )
    expect(ended, 1)
    assert (ended.outcome("AC-1"), ended.outcome("AC-8")) == ("passed", "failed")


def test_the_users_table_is_not_there(place: Place) -> None:
    ended = place.run_target(launch("honest", "[database]", SINK))
    expect(ended, 2, "there is no table 'users'")


def test_the_port_of_the_sink_is_taken(place: Place) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        ended = place.run_target(launch("honest", f"[mail]\nport = {port}"))
    expect(ended, 2, f"127.0.0.1:{port}", "already taken")


def test_the_clock_cannot_be_moved(place: Place) -> None:
    clock = '[clock]\nkind = "none"'
    description = launch("honest", TEN_ACCOUNTS, SINK, clock, environment=BY_SMTP)
    ended = place.run_target(description, "--only", "AC-5")
    expect(ended, 3)
    assert ended.outcome("AC-5") == "untested"
    assert ended.report is not None
    assert "clock" in ended.report["requirements"]["AC-5"]["reason"]


def test_the_hook_of_the_clock_is_not_there(place: Place) -> None:
    clock = '[clock]\nkind = "http"\nurl = "http://127.0.0.1:1/clock"'
    description = launch("honest", TEN_ACCOUNTS, SINK, clock, environment=BY_SMTP)
    ended = place.run_target(description, "--only", "AC-5")
    expect(ended, 3)
    assert ended.outcome("AC-5") == "untested"


# What takes its time: begun before everything else, so that it waits meanwhile


@pytest.fixture(scope="module", autouse=True)
def begun() -> Iterator[dict[str, Command]]:
    with Place() as one, Place() as other, listening(None) as url:
        no_mail = other.describe(launch("no-mail", TEN_ACCOUNTS, SINK))
        yield {
            "no answer": one.start("run", "--base-url", url),
            "no mail": other.start("run", "--target", no_mail, "--only", "AC-1"),
        }
        assert one.leftovers() + other.leftovers() == []


def test_the_port_never_answers(begun: dict[str, Command]) -> None:
    expect(begun["no answer"].end(), 4, "the answer was not complete after 10 s")


def test_the_mail_never_comes(begun: dict[str, Command]) -> None:
    ended = begun["no mail"].end()
    expect(ended, 1)
    assert ended.outcome("AC-1") == "failed"


def test_a_reader_that_goes_away_costs_nothing_but_the_output(place: Place) -> None:
    command = place.start("run", "--only", "FR-4")
    assert command.process.stdout is not None
    command.process.stdout.readline()
    command.process.stdout.close()
    command.process.stdout = None
    ended = command.end()
    assert ended.report is not None
    assert ended.outcome("FR-4") == "passed"
    assert (ended.code, ended.err) == (3, "")
