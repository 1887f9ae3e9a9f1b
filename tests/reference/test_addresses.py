"""Which addresses are equal: those that the database's own lower() makes equal, in any locale."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import closing

import pytest

from conformance.target.database.postgres import EmbeddedPostgres, drop_database
from reference_app import clock
from reference_app.auth.repository import UserRepository
from reference_app.database import Pool
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.migrations import migrate
from tests.components import need
from tests.reference.conftest import PASSWORD, Database, Reference, Start
from tests.reference.servers import SendGridSink
from tests.targets.test_express import POSTGRES_15

STORED, OTHER_CASE = "ÉMILE@x.test", "émile@x.test"
LOCALES = {
    "C": "LOCALE 'C'",
    "C.UTF-8": "LOCALE 'C.UTF-8'",
    "ICU": "LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'und'",
    "Turkish": "LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'tr'",
}
# In C there are no letters but A to Z; in Turkish an I is not the capital of an i.
EQUAL = {"C": False, "C.UTF-8": True, "ICU": True, "Turkish": False}


@pytest.fixture(params=LOCALES)
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def postgres_15() -> Iterator[EmbeddedPostgres]:
    """Debian's PostgreSQL, which has ICU; the wheel's has not."""
    need((POSTGRES_15 / "postgres").exists(), "PostgreSQL 15")
    with closing(EmbeddedPostgres(POSTGRES_15)) as server:
        yield server


@pytest.fixture
def localised(request: pytest.FixtureRequest, locale: str) -> Iterator[Database]:
    """A migrated database in the locale."""
    fixture = "postgres_15" if "icu" in LOCALES[locale] else "postgres"
    postgres: EmbeddedPostgres = request.getfixturevalue(fixture)
    name = f"locale_{secrets.token_hex(6)}"
    Database(postgres.url).rows(
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {LOCALES[locale]}"
    )
    database = Database(postgres.url.rpartition("/")[0] + f"/{name}")
    migrate(database.url)
    yield database
    drop_database(postgres.url, name)


@pytest.fixture
def reference(start: Start, localised: Database, sendgrid: SendGridSink) -> Reference:
    return start(
        database_url=localised.url,
        mail_provider="sendgrid",
        sendgrid_api_key="key",
        sendgrid_base_url=sendgrid.url,
    )


def log_in(reference: Reference, email: str) -> int:
    body = {"email": email, "password": PASSWORD}
    return reference.client.post("/auth/login", json=body).status_code


def test_an_address_as_it_is_stored_gets_a_link_and_a_login(
    reference: Reference, localised: Database, sendgrid: SendGridSink
) -> None:
    for stored in (STORED, "INFO@X.TEST", "straße@x.test", "ΣΊΣΥΦΟΣ@x.test", "İ@x.test"):
        localised.add_user(stored)
        assert reference.request_link(f" {stored}\n").status_code == 202
        assert sendgrid.accepted == [stored]
        assert log_in(reference, stored) == 200
        sendgrid.accepted.clear()


def test_another_case_is_the_same_address_where_the_locale_says_so(
    reference: Reference, localised: Database, sendgrid: SendGridSink, locale: str
) -> None:
    localised.add_user(STORED)
    assert [reference.request_link(STORED).status_code for _ in range(5)] == [202] * 5
    sendgrid.accepted.clear()
    localised.rows("DELETE FROM magic_link_attempts WHERE id = 1")
    equal = EQUAL[locale]
    assert log_in(reference, OTHER_CASE) == (200 if equal else 401)
    # The allowance is the mailbox's: one was left.
    statuses = [reference.request_link(OTHER_CASE).status_code for _ in range(2)]
    assert statuses == ([202, 429] if equal else [202, 202])
    assert sendgrid.accepted == ([STORED] if equal else [])


@pytest.mark.parametrize("locale", [name for name, equal in EQUAL.items() if not equal])
def test_two_users_whom_the_database_keeps_apart_share_nothing(
    reference: Reference, localised: Database, sendgrid: SendGridSink
) -> None:
    localised.add_user(STORED)
    localised.add_user(OTHER_CASE)
    for address in (STORED, OTHER_CASE):
        assert [reference.request_link(address).status_code for _ in range(6)] == [202] * 5 + [429]
    assert sendgrid.accepted == [STORED] * 5 + [OTHER_CASE] * 5


def test_an_index_on_lower_email_serves_every_look_up(localised: Database) -> None:
    localised.rows(
        "INSERT INTO users (email) SELECT n || '@x.test' FROM generate_series(1, 2000) n"
    )
    localised.rows("ANALYZE users")

    async def look_up() -> None:
        async with Pool(localised.url, max_size=1, timeout_seconds=20) as pool:
            found = await UserRepository(pool).by_address("7@X.test")
            assert found is not None
            await MagicLinkRepository(pool).accept_request("7@X.test", "hash", clock.now())
            async with pool.connection() as connection:
                # Statistics of this session that it has not reported yet are seen as well.
                await connection.execute("SELECT pg_stat_force_next_flush()")

    before = _scans(localised)
    asyncio.run(look_up())
    assert _scans(localised) == [before[0], before[1] + 2]


def _scans(database: Database) -> list[int]:
    """Return how often users were read through, and found by the index on lower(email)."""
    return [
        database.rows("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'users'")[0][0],
        database.rows(
            "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'users_lower_email_key'"
        )[0][0],
    ]
