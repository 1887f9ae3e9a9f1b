"""The lifetimes of mailed links: an expiry computed once shows in the course of a run."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.observe.database import Database
from conformance.observe.evidence import Evidence
from conformance.observe.mail.message import Message
from conformance.outcomes import CantTell, Failed, Inapplicable
from conformance.steps.scene import Scene
from conformance.steps.storage import all_expire_after_15_minutes
from conformance.target.testbed import Testbed
from tests.conftest import OpenDatabase

NOON = datetime(2031, 1, 1, 12, tzinfo=UTC)
LIFETIME = timedelta(minutes=15)
TOKENS = ("a" * 64, "b" * 64)
TABLES = (
    "CREATE TABLE users (id int)",
    'CREATE TABLE magic_link_tokens (id int, "userId" int, "tokenHash" text,'
    ' "expiresAt" {0}, "usedAt" {0}, "createdAt" {0})',
)


def mail(address: str, token: str) -> Message:
    link = f"https://login.example.com/auth/magic-link/verify?token={token}"
    return Message((address,), "login@example.com", "Your link", link, "")


def scene(database: Database, *mails: Message, clock: str | None = "aged") -> Scene:
    testbed = SimpleNamespace(
        clock=SimpleNamespace(how=clock) if clock else None,
        requested={"ann@example.com", "bob@example.com"},
        need_mailbox=lambda: SimpleNamespace(messages=lambda: list(mails)),
        need_database=lambda: database,
    )
    return Scene(cast("Testbed", testbed), Evidence(), token=TOKENS[0])


def store(database: Database, token: str, made: datetime, expires: datetime) -> None:
    statement: Any = (
        'INSERT INTO magic_link_tokens ("tokenHash", "createdAt", "expiresAt")'
        f" VALUES ('{hashlib.sha256(token.encode()).hexdigest()}', '{made}', '{expires}')"
    )
    database.query(statement)


@pytest.fixture
def database(open_database: OpenDatabase) -> Database:
    return open_database(*(table.format("timestamptz") for table in TABLES))


MAILS = (mail("Ann <ann@example.com>", TOKENS[0]), mail("bob@example.com", TOKENS[1]))


def test_links_that_live_15_minutes_each_pass(database: Database) -> None:
    for number, token in enumerate(TOKENS):
        made = NOON + timedelta(seconds=30 * number)
        store(database, token, made, made + LIFETIME)
    all_expire_after_15_minutes(scene(database, *MAILS))


def expire_together(database: Database) -> None:
    for number, token in enumerate(TOKENS):
        store(database, token, NOON + timedelta(seconds=30 * number), NOON + LIFETIME)


def test_links_that_expire_together_fail(database: Database) -> None:
    expire_together(database)
    with pytest.raises(Failed, match="1 of 2 unused links") as raised:
        all_expire_after_15_minutes(scene(database, *MAILS))
    assert raised.value.found == "870.0 to 870.0 s"


def test_a_clock_that_moves_apart_from_the_database_s_tells_nothing(database: Database) -> None:
    expire_together(database)
    faked = scene(database, *MAILS, clock="faked")
    all_expire_after_15_minutes(faked)
    assert faked.evidence.notes == [
        "the links of other users are left out: the target's clock was moved",
        "unused links that were looked at: 1",
    ]


def test_mail_to_people_who_asked_for_nothing_is_left_out(database: Database) -> None:
    expire_together(database)
    all_expire_after_15_minutes(scene(database, MAILS[0], mail("eve@example.com", TOKENS[1])))


def test_a_used_link_may_end_early(database: Database) -> None:
    expire_together(database)
    used = hashlib.sha256(TOKENS[1].encode()).hexdigest()
    statement: Any = 'UPDATE magic_link_tokens SET "usedAt" = "createdAt" WHERE "tokenHash" = %s'
    database.query(statement, [used])
    all_expire_after_15_minutes(scene(database, *MAILS))


def test_a_link_that_another_followed_may_end_early(database: Database) -> None:
    expire_together(database)
    all_expire_after_15_minutes(scene(database, *MAILS, mail("bob@example.com", "c" * 64)))


def test_the_newest_link_counts_though_its_user_asked_before(database: Database) -> None:
    store(database, TOKENS[0], NOON, NOON + LIFETIME / 2)
    with pytest.raises(Failed, match="1 of 1 unused links"):
        all_expire_after_15_minutes(scene(database, mail("ann@example.com", "c" * 64), *MAILS))


def test_where_every_link_is_used_nothing_is_known(database: Database) -> None:
    store(database, TOKENS[0], NOON, NOON + LIFETIME)
    database.query('UPDATE magic_link_tokens SET "usedAt" = "createdAt"')
    with pytest.raises(CantTell, match="is used"):
        all_expire_after_15_minutes(scene(database, *MAILS))


def test_the_types_of_columns_are_nfr_2_s(open_database: OpenDatabase) -> None:
    database = open_database(*(table.format("text") for table in TABLES))
    store(database, TOKENS[0], NOON, NOON + LIFETIME)
    with pytest.raises(Inapplicable, match="NFR-2"):
        all_expire_after_15_minutes(scene(database, *MAILS))
