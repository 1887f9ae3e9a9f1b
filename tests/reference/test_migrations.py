"""Migrations on a database that is not empty."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest

from conformance.target.database.postgres import EmbeddedPostgres, create_database
from reference_app.__main__ import main
from reference_app.migrations import migrate
from tests.reference.conftest import Database, Start
from tests.reference.servers import SmtpSink
from tests.reference.test_settings import COMPLETE

# As somebody else might have made it: further columns, in another order, and no times.
USERS = """
    CREATE TABLE users (
        tenant INTEGER, email VARCHAR(320) NOT NULL, "passwordHash" TEXT, id {id} PRIMARY KEY,
        status {status} NOT NULL DEFAULT 'active', name TEXT NOT NULL DEFAULT ''
    )
"""
UUID_ID = "UUID DEFAULT gen_random_uuid()"
PLAIN = USERS.format(id=UUID_ID, status="TEXT")
LOWER_EMAIL = "CREATE UNIQUE INDEX of_theirs ON users (lower(email))"
ALEMBIC_VERSION = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)",
    "INSERT INTO alembic_version VALUES ('0001')",
)
_COLUMN_TYPE = """
    SELECT format_type(atttypid, atttypmod) FROM pg_attribute
    WHERE attrelid = 'magic_link_tokens'::regclass AND attname = 'userId'
"""

MakeDatabase = Callable[..., Database]


@pytest.fixture
def made(postgres: EmbeddedPostgres) -> MakeDatabase:
    """Make a database with these statements."""

    def make(*statements: str) -> Database:
        name = f"migrations_{secrets.token_hex(6)}"
        database = Database(create_database(postgres.url, name))
        for statement in statements:
            database.rows(statement)
        return database

    return make


@pytest.fixture
def run_migrate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Database], tuple[int, str]]:
    """Run `python -m reference_app migrate` and return the exit code and the errors."""

    def run(database: Database) -> tuple[int, str]:
        for name, value in {**COMPLETE, "DATABASE_URL": database.url}.items():
            monkeypatch.setenv(name, value)
        return main(["migrate"]), capsys.readouterr().err

    return run


RunMigrate = Callable[[Database], tuple[int, str]]


def tables(database: Database) -> set[str]:
    rows = database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {name for (name,) in rows}


@pytest.mark.parametrize(
    ("id_definition", "id_type"),
    [
        (UUID_ID, "uuid"),
        ("BIGINT GENERATED ALWAYS AS IDENTITY", "bigint"),
        ("VARCHAR(36) DEFAULT gen_random_uuid()::text", "character varying(36)"),
    ],
)
def test_users_that_are_there_stay_as_they_are_and_log_in(
    made: MakeDatabase,
    run_migrate: RunMigrate,
    start: Start,
    sink: SmtpSink,
    id_definition: str,
    id_type: str,
) -> None:
    theirs = made(
        "CREATE TYPE user_status AS ENUM ('active', 'suspended', 'invited')",
        USERS.format(id=id_definition, status="user_status"),
        LOWER_EMAIL,
        *ALEMBIC_VERSION,
        "INSERT INTO users (email) VALUES ('Ada@example.com')",
    )
    described = "SELECT * FROM information_schema.columns WHERE table_name = 'users'"
    before = theirs.rows(described)
    assert run_migrate(theirs) == (0, "")
    assert run_migrate(theirs) == (0, "")
    assert theirs.rows(described) == before
    assert theirs.rows("SELECT * FROM alembic_version") == [("0001",)]
    assert theirs.rows(_COLUMN_TYPE) == [(id_type,)]

    reference = start(database_url=theirs.url)
    assert reference.client.get("/health/ready").status_code == 200
    assert reference.request_link("ada@example.com").status_code == 202
    session = reference.verify(sink.tokens()[0])
    [(user_id,)] = theirs.rows("SELECT id::text FROM users")
    assert session.json() == {"userId": user_id}
    assert reference.get("/auth/me", session).json()["userId"] == user_id
    theirs.rows("DELETE FROM users")
    assert theirs.rows("SELECT * FROM magic_link_tokens") == []


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        (
            ["CREATE TABLE users (id UUID PRIMARY KEY, email TEXT, password_hash TEXT)"],
            "it has no column passwordHash; it has no column status; it may hold an address in two"
            " spellings (mend: CREATE UNIQUE INDEX users_lower_email_key ON users (lower(email)))",
        ),
        (
            [PLAIN, "ALTER TABLE users DROP COLUMN id"],
            "it has no column id; it may hold an address in two spellings"
            " (mend: CREATE UNIQUE INDEX users_lower_email_key ON users (lower(email)))",
        ),
        (
            [PLAIN, "CREATE UNIQUE INDEX ON users (lower(email)) WHERE status = 'active'"],
            "it may hold an address in two spellings"
            " (mend: CREATE UNIQUE INDEX users_lower_email_key ON users (lower(email)))",
        ),
        (
            [PLAIN, LOWER_EMAIL, "ALTER TABLE users DROP CONSTRAINT users_pkey"],
            "it has an id that is not unique",
        ),
        (
            [
                "CREATE TYPE mood AS ENUM ('ACTIVE')",
                'CREATE TABLE users (id INT UNIQUE, email TEXT, "passwordHash" TEXT, status mood)',
                LOWER_EMAIL,
            ],
            "it has status as mood, which cannot be used as text",
        ),
        (
            [
                'CREATE TABLE users (id INT UNIQUE, email TEXT, "passwordHash" BYTEA, status TEXT)',
                LOWER_EMAIL,
            ],
            "it has passwordHash as bytea, which cannot be used as text",
        ),
    ],
)
def test_users_that_do_not_fit_are_named_in_one_sentence(
    made: MakeDatabase, run_migrate: RunMigrate, statements: list[str], problem: str
) -> None:
    theirs = made(*statements)
    assert run_migrate(theirs) == (2, f"The table users does not fit: {problem}.\n")
    assert tables(theirs) == {"users"}


def test_what_the_database_refuses_is_one_sentence_too(
    made: MakeDatabase, run_migrate: RunMigrate
) -> None:
    theirs = made("CREATE TABLE magic_link_tokens (id UUID PRIMARY KEY)")
    sentence = 'The migration was undone: relation "magic_link_tokens" already exists.\n'
    assert run_migrate(theirs) == (2, sentence)
    assert tables(theirs) == {"magic_link_tokens"}


def test_a_history_in_the_former_table_goes_on_in_its_own(
    made: MakeDatabase, run_migrate: RunMigrate, start: Start
) -> None:
    former = made()
    migrate(former.url)
    former.rows("DROP TABLE magic_link_version")
    for statement in ALEMBIC_VERSION:
        former.rows(statement)
    assert run_migrate(former) == (0, "")
    assert former.rows("SELECT * FROM magic_link_version") == [("0001",)]
    # The code of before goes on reading it until the deployment is over.
    assert former.rows("SELECT * FROM alembic_version") == [("0001",)]
    assert start(database_url=former.url).client.get("/health/ready").status_code == 200
