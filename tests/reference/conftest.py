"""The reference on real PostgreSQL, behind real HTTP, with real mail.

One reference runs for the whole session; each test starts from empty tables and an empty mailbox.
A test that needs other settings starts a reference of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import psycopg
import pytest
from argon2 import PasswordHasher

from conformance.target.database.postgres import EmbeddedPostgres, create_database
from reference_app.main import create_app
from reference_app.migrations import migrate
from reference_app.settings import Settings, load_settings
from tests.reference.servers import SendGridSink, SmtpSink, running, sendgrid_sink, smtp_sink

PASSWORD = "correct horse battery staple"
JWT_SECRET = "0123456789abcdef" * 2
_CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass
class Database:
    """The rows behind the reference."""

    url: str

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def add_user(
        self, email: str, *, status: str = "active", password_hash: str | None = _CHEAP_HASH
    ) -> UUID:
        [(user_id,)] = self.rows(
            'INSERT INTO users (email, status, "passwordHash") VALUES (%s, %s, %s) RETURNING id',
            email,
            status,
            password_hash,
        )
        assert isinstance(user_id, UUID)
        return user_id

    def add_token(
        self, user_id: UUID, raw_token: str, *, lives: timedelta = timedelta(minutes=15)
    ) -> None:
        """Store a token as a request would have done just now."""
        self.rows(
            'INSERT INTO magic_link_tokens ("userId", "tokenHash", "expiresAt") '
            "VALUES (%s, %s, now() + %s)",
            user_id,
            hashlib.sha256(raw_token.encode()).hexdigest(),
            lives,
        )

    def set_status(self, user_id: UUID, status: str) -> None:
        self.rows("UPDATE users SET status = %s WHERE id = %s", status, user_id)


@dataclass
class Reference:
    """The reference, running."""

    client: httpx2.Client
    log_file: Path

    def request_link(self, email: str) -> httpx2.Response:
        return self.client.post("/auth/magic-link/request", json={"email": email})

    def verify(self, token: str) -> httpx2.Response:
        return self.client.post("/auth/magic-link/verify", json={"token": token})

    def get(self, path: str, session: httpx2.Response) -> httpx2.Response:
        """Get a page with the cookie that an earlier answer set."""
        cookie = session.headers["set-cookie"].partition(";")[0]
        return self.client.get(path, headers={"Cookie": cookie})

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]

    def events(self) -> list[tuple[str, str]]:
        return [(line["level"], line["event"]) for line in self.log_lines()]


@contextmanager
def started(settings: Settings) -> Iterator[Reference]:
    """Start the reference with its own client."""
    assert settings.log_file
    with (
        running(create_app(settings)) as url,
        httpx2.Client(base_url=url, timeout=20) as client,
    ):
        # A jar would carry cookies from one request to the next, behind the test's back.
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield Reference(client, Path(settings.log_file))


@pytest.fixture(scope="session")
def database_url(postgres: EmbeddedPostgres) -> str:
    url = create_database(postgres.url, "reference")
    migrate(url)
    return url


@pytest.fixture
def database(database_url: str) -> Database:
    """The migrated database without a row in it."""
    database = Database(database_url)
    database.rows("TRUNCATE users, magic_link_tokens, magic_link_attempts")
    return database


@pytest.fixture(scope="session")
def _session_sink() -> Iterator[SmtpSink]:
    with smtp_sink() as sink:
        yield sink


@pytest.fixture
def sink(_session_sink: SmtpSink) -> SmtpSink:
    """An SMTP sink that has seen nothing and accepts everything at once."""
    _session_sink.reset()
    return _session_sink


@pytest.fixture
def sendgrid() -> Iterator[SendGridSink]:
    with sendgrid_sink() as sink:
        yield sink


@pytest.fixture(scope="session")
def _session_settings(
    database_url: str, _session_sink: SmtpSink, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    return load_settings(
        database_url=database_url,
        app_base_url="app.example.com",
        jwt_secret=JWT_SECRET,
        mail_provider="smtp",
        mail_from="Example <login@example.com>",
        mail_pacing_floor_seconds=0,
        smtp_host="127.0.0.1",
        smtp_port=_session_sink.port,
        smtp_tls="none",
        log_file=str(tmp_path_factory.mktemp("session") / "log.jsonl"),
    )


@pytest.fixture(scope="session")
def _session_reference(_session_settings: Settings) -> Iterator[Reference]:
    with started(_session_settings) as reference:
        yield reference


@pytest.fixture
def reference(_session_reference: Reference, database: Database, sink: SmtpSink) -> Reference:
    """The reference, with nothing behind it and an empty log."""
    _session_reference.log_file.write_text("")
    return _session_reference


Start = Callable[..., Reference]


@pytest.fixture
def start(
    _session_settings: Settings, database: Database, sink: SmtpSink, tmp_path: Path
) -> Iterator[Start]:
    """Start a reference of the test's own, with some settings changed."""
    with ExitStack() as stack:

        def start_reference(**changed: object) -> Reference:
            settings = _session_settings.model_dump() | {"log_file": str(tmp_path / "log.jsonl")}
            return stack.enter_context(started(load_settings(**(settings | changed))))

        yield start_reference
