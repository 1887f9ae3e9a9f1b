"""Accounts in whatever users table there is, and those of a fixed list."""

from __future__ import annotations

import json
import sys
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher

from conformance.observe.connection import Limits, Locked
from conformance.observe.database import Database
from conformance.observe.settings import DatabasePart
from conformance.outcomes import Inapplicable, Untested, UsageError
from conformance.target.accounts.inserted import InsertedAccounts
from conformance.target.accounts.pool import PoolAccounts, as_json, hand_to_command, invented
from conformance.target.accounts.supply import Account, NoAccounts
from conformance.target.description import AccountsPart
from tests.conftest import OpenDatabase

SPEC = (
    "CREATE TABLE users (id uuid PRIMARY KEY, email text UNIQUE NOT NULL,"
    ' "passwordHash" text, status text NOT NULL, "createdAt" timestamptz NOT NULL,'
    ' "updatedAt" timestamptz NOT NULL)'
)
SNAKE = (
    "CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text NOT NULL,"
    " password_hash text, status text NOT NULL)"
)
ENUM = (
    "CREATE TYPE user_status AS ENUM ('ACTIVE', 'SUSPENDED');"
    "CREATE TABLE users (id text PRIMARY KEY, email varchar(254) NOT NULL,"
    ' "passwordHash" text, status user_status NOT NULL)'
)
IDENTITY = (
    "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    ' email text NOT NULL, "passwordHash" text, status text NOT NULL)'
)
SERIAL = (
    "CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL,"
    ' "passwordHash" text, status text NOT NULL)'
)
CROWDED = (
    'CREATE TABLE users (id uuid PRIMARY KEY, email text NOT NULL, "passwordHash" text,'
    " status text NOT NULL, first_name varchar(5) NOT NULL, logins int NOT NULL,"
    " admin bool NOT NULL, born date NOT NULL, settings jsonb NOT NULL, tenant uuid NOT NULL,"
    " avatar bytea NOT NULL, locale char(2) NOT NULL, nickname text,"
    " label text GENERATED ALWAYS AS (email || '!') STORED)"
)
REFERRING = (
    "CREATE TYPE role AS ENUM ('member', 'owner'); CREATE TABLE tenants (id uuid PRIMARY KEY);"
    "INSERT INTO tenants VALUES ('b6b0a1f2-64d5-4b4a-9a3c-8f0d5c1e2a37');"
    'CREATE TABLE users (id uuid PRIMARY KEY, email text NOT NULL, "passwordHash" text,'
    " status text NOT NULL, role role NOT NULL, tenant uuid NOT NULL REFERENCES tenants)"
)


def part(**given: Any) -> AccountsPart:
    return AccountsPart.model_validate(given)


@pytest.mark.parametrize(
    ("table", "given"),
    [
        (SPEC, {}),
        (SNAKE, {}),
        (ENUM, {"active_status": "ACTIVE", "suspended_status": "SUSPENDED"}),
        (IDENTITY, {}),
        (SERIAL, {}),
        (CROWDED, {}),
        (REFERRING, {}),
    ],
    ids=["spec", "snake", "enum", "identity", "serial", "crowded", "referring"],
)
def test_every_kind_of_account(
    open_database: OpenDatabase, table: str, given: dict[str, Any]
) -> None:
    database = open_database(table)
    accounts = InsertedAccounts(database, part(password_hash="argon2", **given))
    password_column = "password_hash" if table is SNAKE else "passwordHash"
    rows: dict[str, tuple[str, str]] = {}
    for kind in ("active", "suspended", "passwordless"):
        [account] = accounts.take(kind)
        row = database.query("SELECT * FROM users WHERE email = %s", [account.email])[0]
        assert str(row["id"]) == account.id
        rows[kind] = (row["status"].lower(), row[password_column])
        if account.password is not None:
            assert PasswordHasher().verify(rows[kind][1], account.password)
    assert [status for status, _ in rows.values()] == ["active", "suspended", "active"]
    assert rows["passwordless"][1] is None


def test_further_columns_may_be_set(open_database: OpenDatabase) -> None:
    database = open_database(CROWDED)
    accounts = InsertedAccounts(database, part(columns={"logins": 7, "first_name": "Ada"}))
    accounts.take()
    [row] = database.query("SELECT logins, first_name FROM users")
    assert row == {"logins": 7, "first_name": "Ada"}


CHECKED = "ALTER TABLE users ADD plan text NOT NULL CHECK (plan = 'x')"
REFUSING = {
    CHECKED: r"no active account can be inserted into users: .*check constraint.*accounts\.columns",
    "ALTER TABLE users ADD rank int NOT NULL UNIQUE": "no suspended account .* unique constraint",
    "ALTER TABLE users ADD CHECK (status IN ('active', 'disabled'))": (
        r"no suspended account .* check constraint .*`accounts\.suspended_status` the status"
    ),
    "ALTER TABLE users ALTER status TYPE int USING 1": r"`accounts\.active_status` the status",
}


@pytest.mark.parametrize("change", REFUSING)
def test_a_table_that_refuses_says_which_key_helps(
    open_database: OpenDatabase, change: str
) -> None:
    accounts = InsertedAccounts(open_database(SPEC, change), part())
    with pytest.raises(UsageError, match=REFUSING[change]):
        accounts.try_out()


def test_trying_out_leaves_nothing(open_database: OpenDatabase) -> None:
    database = open_database(SPEC)
    InsertedAccounts(database, part()).try_out()
    assert database.query("SELECT * FROM users") == []


def test_what_scenarios_say_themselves_is_not_said_before(open_database: OpenDatabase) -> None:
    database = open_database("CREATE TABLE users (id uuid, email text)")
    InsertedAccounts(database, part()).try_out()
    with closing(psycopg.connect(database.url)) as holder:
        holder.execute("LOCK TABLE users")
        impatient = Database(
            database.url, DatabasePart(), writable=True, limits=Limits(lock=0.1, again=0.1)
        )
        with closing(impatient):
            accounts = InsertedAccounts(impatient, part())
            accounts.try_out()
            with pytest.raises(Locked):
                impatient.query("SELECT * FROM users")


def test_a_refusal_later_on_leaves_the_scenario_open(open_database: OpenDatabase) -> None:
    accounts = InsertedAccounts(open_database(SPEC, CHECKED), part())
    with pytest.raises(Untested, match=r"into users: .*accounts\.columns"):
        accounts.take()
    with pytest.raises(Inapplicable, match=r"does not take ada@example\.com"):
        accounts.make("ada@example.com")


TOKENS = 'CREATE TABLE magic_link_tokens ("userId" uuid NOT NULL REFERENCES users)'


def test_an_account_is_deleted_with_its_tokens(open_database: OpenDatabase) -> None:
    database = open_database(f"{SPEC}; {TOKENS}")
    accounts = InsertedAccounts(database, part())
    gone, other = accounts.take(count=2)
    database.query("INSERT INTO magic_link_tokens SELECT id FROM users")
    accounts.delete(gone)
    assert [row["email"] for row in database.query("SELECT email FROM users")] == [other.email]
    assert len(database.all_token_rows()) == 1


def test_an_account_that_something_refers_to_is_left(open_database: OpenDatabase) -> None:
    database = open_database(f"{SPEC}; {TOKENS}; CREATE TABLE notes (author uuid REFERENCES users)")
    accounts = InsertedAccounts(database, part())
    [account] = accounts.take()
    database.query("INSERT INTO magic_link_tokens SELECT id FROM users")
    database.query("INSERT INTO notes SELECT id FROM users")
    with pytest.raises(Inapplicable, match=r"no row of users can be deleted: .*notes"):
        accounts.delete(account)
    assert len(database.all_token_rows()) == 1


def test_a_literal_hash_brings_its_password(open_database: OpenDatabase) -> None:
    database = open_database(SPEC)
    literal = "$2b$10$abcdefghijklmnopqrstuv"
    accounts = InsertedAccounts(database, part(password_hash=f"{literal} correct horse"))
    assert accounts.with_password().password == "correct horse"
    [row] = database.query('SELECT "passwordHash" AS hash FROM users')
    assert row["hash"] == literal


@pytest.mark.parametrize("given", ["md5", "", "tooshort pw", "$2b$10$abcdefghijklmnopqrstuv"])
def test_an_unknown_hash(open_database: OpenDatabase, given: str) -> None:
    database = open_database(SPEC)
    if not given:
        with pytest.raises(Untested, match="does not say how to hash"):
            InsertedAccounts(database, part(password_hash=None)).with_password()
        return
    with pytest.raises(UsageError, match=r"accounts\.password_hash"):
        InsertedAccounts(database, part(password_hash=given))


ADA = Account("ada@example.com", "1", "pw")
BOB = Account("bob@example.com", "2", None)
SUE = Account("sue@example.com", "3", "pw", "suspended")
PAT = Account("pat@example.com", "4", None, passwordless=True)


def test_a_list_hands_each_account_out_once() -> None:
    pool = PoolAccounts([SUE, ADA, PAT, BOB], recyclable=False)
    assert pool.take("active", 2) == [ADA, BOB]
    assert pool.take("suspended") == [SUE]
    assert pool.take("passwordless") == [PAT]
    with pytest.raises(Untested, match="1 unused active needed here, 0 of 2 left"):
        pool.take()
    assert not pool.recycle()


def test_too_few_are_not_handed_out_at_all() -> None:
    pool = PoolAccounts([ADA], recyclable=False)
    with pytest.raises(Untested, match="2 unused active needed here, 1 of 1 left"):
        pool.take("active", 2)
    assert pool.take() == [ADA]


def test_time_makes_accounts_fresh_again() -> None:
    pool = PoolAccounts([ADA], recyclable=True)
    pool.take()
    assert pool.recycle()
    assert pool.take() == [ADA]


def test_login_uses_up_nothing_and_needs_a_password() -> None:
    pool = PoolAccounts([SUE, BOB, ADA], recyclable=False)
    assert pool.with_password() == ADA
    # Kept apart for logins, as long as there is another to request links for.
    assert pool.take() == [BOB]
    assert PoolAccounts([ADA], recyclable=False).with_password() == ADA
    with pytest.raises(Untested, match="known password"):
        PoolAccounts([SUE, BOB], recyclable=False).with_password()


def test_no_accounts_at_all() -> None:
    with pytest.raises(Untested, match="no suspended account is described"):
        NoAccounts().take("suspended")


def test_invented_accounts_are_of_every_kind() -> None:
    made = invented(60)
    assert len({account.email for account in made}) == len({account.id for account in made}) == 60
    assert all(uuid.UUID(account.id) for account in made)
    assert sum(account.status == "suspended" for account in made) >= 5
    assert sum(account.passwordless for account in made) >= 2
    assert json.loads(as_json(made))[0].keys() == {
        *("email", "id", "password", "status", "passwordless")
    }


def test_a_command_is_handed_the_accounts(tmp_path: Path) -> None:
    script = "import sys; open('got.json', 'w').write(sys.stdin.read())"
    hand_to_command([sys.executable, "-c", script], [ADA], tmp_path, {})
    assert json.loads((tmp_path / "got.json").read_text())[0]["email"] == "ada@example.com"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ([sys.executable, "-c", "raise SystemExit('no such table')"], "status 1: no such table"),
        (["/no/such/program"], "No such file or directory"),
    ],
)
def test_a_command_that_fails(tmp_path: Path, command: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        hand_to_command(command, [ADA], tmp_path, {})
