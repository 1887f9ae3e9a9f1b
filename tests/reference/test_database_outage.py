"""PostgreSQL dies under load and comes back: what was answered, and what became of the tokens."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx2
import psutil
import psycopg
import pytest

from conformance.outcomes import HarnessFault
from conformance.target.database.postgres import EmbeddedPostgres, create_database
from reference_app.migrations import migrate
from tests.reference.conftest import Database
from tests.reference.processes import (
    PATIENCE_SECONDS,
    Launched,
    await_status,
    await_that,
    launched,
    sendgrid_settings,
)
from tests.reference.servers import sendgrid_sink

TOKENS = 20_000
WORKERS = 8
UNAVAILABLE = (503, {"error": "SERVICE_UNAVAILABLE"})
STUCK = 12


class Mortal(EmbeddedPostgres):
    """A server that can be killed as by a power cut, and started again on what it left."""

    def kill(self) -> None:
        os.kill(self._postmaster(), signal.SIGKILL)
        self.stop()

    @contextmanager
    def stuck(self) -> Iterator[None]:
        """Stop all of its processes for the block: connections stay open, and nothing answers."""
        postmaster = psutil.Process(self._postmaster())
        # The parent first: else it would start further ones meanwhile.
        postmaster.suspend()
        stopped = [postmaster, *postmaster.children(recursive=True)]
        for process in stopped[1:]:
            process.suspend()
        try:
            yield
        finally:
            for process in stopped:
                process.resume()

    def _postmaster(self) -> int:
        return int((self.directory / "data" / "postmaster.pid").read_text().split()[0])

    def revive(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.start()
            except HarnessFault:
                # What the dead server started may take a moment to notice.
                self.stop()
                assert time.monotonic() < deadline
            else:
                return


@dataclass
class Load:
    """Presents one token after another, in several workers, until it is told to end."""

    url: str
    tokens: Iterator[str]
    answers: dict[str, tuple[int, object]] = field(default_factory=dict)
    requests: list[tuple[int, object]] = field(default_factory=list)
    ended: bool = False

    def count(self, status: int) -> int:
        return sum(found == status for found, _ in self.answers.values())

    @contextmanager
    def meanwhile(self) -> Iterator[None]:
        """Run beside the block; all answers are there when the block has ended."""
        # The block stays on the main thread: a server is bound to the thread that starts it.
        with ThreadPoolExecutor(1) as thread:
            running = thread.submit(asyncio.run, self._run())
            try:
                yield
            finally:
                self.ended = True
            running.result()

    async def _run(self) -> None:
        async with httpx2.AsyncClient(base_url=self.url, timeout=30, trust_env=False) as client:
            verifying = [self._verify(client) for _ in range(WORKERS)]
            await asyncio.gather(self._request(client), *verifying)

    async def _verify(self, client: httpx2.AsyncClient) -> None:
        while not self.ended:
            token = next(self.tokens)
            answer = await client.post("/auth/magic-link/verify", json={"token": token})
            self.answers[token] = (answer.status_code, answer.json())

    async def _request(self, client: httpx2.AsyncClient) -> None:
        while not self.ended:
            address = f"{secrets.token_hex(8)}@example.com"
            answer = await client.post("/auth/magic-link/request", json={"email": address})
            self.requests.append((answer.status_code, answer.json()))


@pytest.fixture(scope="module")
def server() -> Iterator[Mortal]:
    server = Mortal()
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module")
def own_database(server: Mortal) -> Database:
    url = create_database(server.url, "mortal")
    migrate(url)
    with psycopg.connect(server.url, autocommit=True) as connection:
        # As in production: what is answered has been written.
        connection.execute("ALTER DATABASE mortal SET synchronous_commit = on")
    return Database(url)


@pytest.fixture
def own_reference(own_database: Database, tmp_path: Path) -> Iterator[Launched]:
    with (
        sendgrid_sink() as sink,
        launched(
            own_database.url,
            tmp_path / "log.jsonl",
            sendgrid_settings(sink.url),
            database_timeout_seconds=1,
        ) as reference,
    ):
        yield reference


def add_tokens(database: Database, user_id: UUID) -> list[str]:
    tokens = [secrets.token_hex(32) for _ in range(TOKENS)]
    with psycopg.connect(database.url) as connection, connection.cursor() as cursor:
        copy = 'COPY magic_link_tokens ("userId", "tokenHash", "expiresAt") FROM STDIN'
        expires_at = "2100-01-01T00:00:00Z"
        with cursor.copy(copy) as rows:
            for token in tokens:
                rows.write_row((user_id, hashlib.sha256(token.encode()).hexdigest(), expires_at))
    return tokens


def test_a_killed_database_costs_503s_and_no_token(
    server: Mortal, own_database: Database, own_reference: Launched
) -> None:
    user_id = own_database.add_user("ada@example.com")
    load = Load(own_reference.url, iter(add_tokens(own_database, user_id)))

    with load.meanwhile():
        await_that(lambda: load.count(200) >= 100)
        server.kill()
        await_that(lambda: load.count(503) >= 2 * WORKERS)
        await_that(lambda: UNAVAILABLE in load.requests)
        await_status(own_reference, "/health/ready", 503)
        await_status(own_reference, "/health/live", 200)
        server.revive()
        await_status(own_reference, "/health/ready", 200)
        recovered = load.count(200)
        failed = load.count(503)
        await_that(lambda: load.count(200) >= recovered + 200)
        # Those that were on their way when it became ready, and none after them.
        assert load.count(503) <= failed + WORKERS

    assert {status for status, _ in load.answers.values()} == {200, 503}
    assert {status for status, _ in load.requests} == {202, 503}
    failures = [answer for answer in load.answers.values() if answer[0] == 503]
    assert all(answer == UNAVAILABLE for answer in failures)

    spent = {
        row[0]
        for row in own_database.rows(
            'SELECT "tokenHash" FROM magic_link_tokens WHERE "usedAt" IS NOT NULL'
        )
    }
    hashed = {token: hashlib.sha256(token.encode()).hexdigest() for token in load.answers}
    # Whoever was given a session has spent a token, for good.
    accepted = [token for token, (status, _) in load.answers.items() if status == 200]
    assert all(hashed[token] in spent for token in accepted)
    # Where the server died between its commit and its answer, nobody can know which it was: at
    # most what was under way at that moment.
    refused = [token for token, (status, _) in load.answers.items() if status == 503]
    assert sum(hashed[token] in spent for token in refused) <= WORKERS
    assert len(spent) == len(accepted) + sum(hashed[token] in spent for token in refused)

    with httpx2.Client(base_url=own_reference.url, timeout=30, trust_env=False) as client:

        def verify(token: str) -> int:
            answer = client.post("/auth/magic-link/verify", json={"token": token})
            return answer.status_code

        assert {verify(token) for token in accepted[:50] + accepted[-50:]} == {400}
        for token in [each for each in refused if hashed[each] not in spent][:50]:
            assert [verify(token), verify(token)] == [200, 400]


def test_a_stuck_database_costs_503s_in_time_and_is_found_again(
    server: Mortal, own_database: Database, own_reference: Launched
) -> None:
    user_id = own_database.add_user("bob@example.com")
    tokens = add_tokens(own_database, user_id)[: STUCK + 2]
    form = {"Sec-Fetch-Site": "same-origin"}
    with (
        httpx2.Client(base_url=own_reference.url, timeout=30, trust_env=False) as client,
        ThreadPoolExecutor(STUCK + 1) as threads,
    ):

        def verify(token: str) -> tuple[int, object]:
            answer = client.post("/auth/magic-link/verify", json={"token": token})
            return answer.status_code, answer.json()

        assert verify(tokens[-1])[0] == 200
        with server.stuck():
            started = time.monotonic()
            answers = [threads.submit(verify, token) for token in tokens[:STUCK]]
            page = threads.submit(client.post, "/login/token", data={"token": "x"}, headers=form)
            assert client.get("/health/live").status_code == 200
            assert [answer.result() for answer in answers] == [UNAVAILABLE] * STUCK
            assert page.result().status_code == 503
            assert "This does not work just now" in page.result().text
            assert client.get("/health/ready").status_code == 503
            # Two seconds, and up to ten to give the server up; the rest is for a busy machine.
            assert time.monotonic() - started < 2 * (2 + 10) + 6
        await_status(own_reference, "/health/ready", 200)
        assert [verify(tokens[-2])[0], verify(tokens[-2])[0]] == [200, 400]
        # Each of those that got 503 is used or it is not; it works once at most.
        for token in tokens[:STUCK]:
            assert [verify(token)[0], verify(token)[0]] in ([200, 400], [400, 400])


def test_a_statement_that_waits_is_given_up_in_time(
    own_database: Database, own_reference: Launched
) -> None:
    with psycopg.connect(own_database.url) as blocker:
        blocker.execute("LOCK TABLE users, magic_link_tokens IN ACCESS EXCLUSIVE MODE")
        with httpx2.Client(base_url=own_reference.url, timeout=30, trust_env=False) as client:
            started = time.monotonic()
            answer = client.post("/auth/magic-link/verify", json={"token": "x"})
            assert (answer.status_code, answer.json()) == UNAVAILABLE
            answer = client.post("/auth/magic-link/request", json={"email": "ada@example.com"})
            assert (answer.status_code, answer.json()) == UNAVAILABLE
            assert time.monotonic() - started < 10
            blocker.rollback()
            answer = client.post("/auth/magic-link/verify", json={"token": "x"})
            assert answer.status_code == 400


def test_connections_that_the_server_closes_are_replaced_unseen(
    own_database: Database, own_reference: Launched
) -> None:
    with httpx2.Client(base_url=own_reference.url, timeout=30, trust_env=False) as client:
        for _ in range(3):
            own_database.rows(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = 'mortal' AND pid <> pg_backend_pid()"
            )
            answer = client.post("/auth/magic-link/verify", json={"token": "x"})
            assert (answer.status_code, answer.json()) == (400, {"error": "TOKEN_INVALID"})
