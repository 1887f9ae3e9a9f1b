"""Points that do not work: bounded time, the right exit code, a clear sentence, nothing left.

Targets that attack, by accident or not, are in `tests/hostile/kinds.py`.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from conformance.target.database.postgres import EmbeddedPostgres, create_database
from tests.place import Command, Ended, Place, launch

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


# What cannot be started


def test_the_program_is_not_there(place: Place) -> None:
    ended = place.run_target('[launch]\ncommand = ["/no/such/program"]')
    expect(ended, 2, "/no/such/program", "No such file or directory")


def test_what_is_to_be_shared_cannot_be_imported(place: Place) -> None:
    served = '[in_process]\napp = "a.b:c"\npreload = ["no_such_module"]'
    expect(place.run_target(served), 2, "in_process.preload: no_such_module")


def test_prepare_fails(place: Place) -> None:
    failing = 'prepare = [["{python}", "-c", "import sys; sys.exit(\'no migrations here\')"]]'
    expect(place.run_target(launch("honest", failing)), 4, "prepare", "no migrations here")


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
    with Place() as place, listening(None) as url:
        yield {"no answer": place.start("run", "--base-url", url)}
        assert place.leftovers() == []


def test_the_port_never_answers(begun: dict[str, Command]) -> None:
    expect(begun["no answer"].end(), 4, "the answer was not complete after 10 s")


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
