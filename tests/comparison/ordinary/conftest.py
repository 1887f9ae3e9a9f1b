"""One service for the whole session, its database, and a mailbox in memory.

Environment variables, all of them optional: ORDINARY_SERVER (the command that serves),
ORDINARY_DATABASE_URL (an empty database), ORDINARY_APP_BASE_URL (the host of the link),
ORDINARY_PASSWORD_HASH (of PASSWORD, as the service hashes it).
"""

from __future__ import annotations

import os
import shlex
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import httpx2
import psycopg
import pytest

from conformance.target.database.postgres import EmbeddedPostgres, create_database
from tests.comparison.mailbox import Mailbox, open_mailbox
from tests.comparison.serving import settings
from tests.serving import served

PASSWORD = "correct horse battery staple"
# argon2id with cheap parameters.
_PASSWORD_HASH = (
    "$argon2id$v=19$m=8,t=1,p=1$tZVHJZwyZCNL1uQ9BO00Rg$lOq1iqOqhW45/wXKh/jF8ocuDnOP664L+d1HBqchfTE"
)


@dataclass(frozen=True)
class User:
    """A registered user."""

    id: str
    email: str


@dataclass
class Service:
    """The service, its database and its mailbox."""

    client: httpx2.Client
    database_url: str
    mailbox: Mailbox
    app_base_url: str

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(query.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def add_user(self) -> User:
        email = new_address()
        password_hash = os.environ.get("ORDINARY_PASSWORD_HASH", _PASSWORD_HASH)
        [(user_id,)] = self.rows(
            'INSERT INTO users (email, "passwordHash") VALUES (%s, %s) RETURNING id',
            email,
            password_hash,
        )
        return User(str(user_id), email)

    def request_link(self, email: str) -> httpx2.Response:
        return self.client.post("/auth/magic-link/request", json={"email": email})

    def verify(self, token: str) -> httpx2.Response:
        return self.client.post("/auth/magic-link/verify", json={"token": token})

    def log_in(self, email: str, password: str) -> httpx2.Response:
        return self.client.post("/auth/login", json={"email": email, "password": password})

    def token_of(self, user: User) -> str:
        """Request a link for a user and return its token."""
        assert self.request_link(user.email).status_code == 202
        return self.mailbox.token_for(user.email)

    def minutes_pass(self, user: User, minutes: int) -> None:
        """Make the user's tokens older."""
        self.rows(
            'UPDATE magic_link_tokens SET "createdAt" = "createdAt" - %s * interval \'1 minute\', '
            '"expiresAt" = "expiresAt" - %s * interval \'1 minute\' WHERE "userId" = %s',
            minutes,
            minutes,
            user.id,
        )


def new_address() -> str:
    """Return an address that nobody registered."""
    return f"{uuid.uuid4().hex}@example.com"


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    given = os.environ.get("ORDINARY_DATABASE_URL")
    if given:
        yield given
        return
    server = EmbeddedPostgres()
    try:
        yield create_database(server.url, "ordinary")
    finally:
        server.close()


@pytest.fixture(scope="session")
def service(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    default = f"{shlex.quote(sys.executable)} -m reference_app serve"
    command = shlex.split(os.environ.get("ORDINARY_SERVER", default))
    app_base_url = os.environ.get("ORDINARY_APP_BASE_URL", "app.example.com")
    log = tmp_path_factory.mktemp("service") / "output.txt"
    with (
        open_mailbox() as mailbox,
        served(command, settings(database_url, mailbox.port, app_base_url), log) as server,
        httpx2.Client(base_url=server.url, timeout=20) as client,
    ):
        # Each test says itself which session it sends.
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield Service(client, database_url, mailbox, app_base_url)


@pytest.fixture
def user(service: Service) -> User:
    return service.add_user()
