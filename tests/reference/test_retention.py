"""What the retention command deletes, and what it leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conformance.target.database.postgres import EmbeddedPostgres, create_database
from reference_app import retention
from reference_app.__main__ import main
from reference_app.magic_link.rate_limit import MAX_REQUESTS, WINDOW
from reference_app.retention import delete_old_rows
from tests.reference.conftest import Database, Reference
from tests.reference.test_settings import COMPLETE

EXPIRED = (400, {"error": "TOKEN_EXPIRED"})
USED = (400, {"error": "TOKEN_USED"})
INVALID = (400, {"error": "TOKEN_INVALID"})
MOMENT = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH_ROWS", 3)


def answer(reference: Reference, token: str) -> tuple[int, object]:
    response = reference.verify(token)
    return response.status_code, response.json()


def grow_old(database: Database, age: timedelta) -> None:
    """Let time pass for what is stored, as seen from now."""
    database.rows(
        'UPDATE magic_link_tokens SET "expiresAt" = "expiresAt" - %s::interval, '
        '"usedAt" = "usedAt" - %s::interval',
        age,
        age,
    )
    database.rows('UPDATE magic_link_attempts SET "attemptedAt" = "attemptedAt" - %s', age)


def test_a_link_is_called_used_or_expired_until_its_days_are_over(
    reference: Reference, database: Database
) -> None:
    user_id = database.add_user("ada@example.com")
    spent, left = "1" * 64, "2" * 64
    for token in (spent, left):
        database.add_token(user_id, token, lives=MOMENT)
    assert reference.verify(spent).status_code == 200

    grow_old(database, timedelta(days=30))
    assert delete_old_rows(database.url, token_days=30) == (0, 0)
    assert (answer(reference, spent), answer(reference, left)) == (USED, EXPIRED)

    grow_old(database, MOMENT)
    assert delete_old_rows(database.url, token_days=30) == (2, 0)
    assert (answer(reference, spent), answer(reference, left)) == (INVALID, INVALID)


def test_attempts_go_once_they_no_longer_count(reference: Reference, database: Database) -> None:
    for _ in range(MAX_REQUESTS):
        reference.request_link("nobody@example.com")
    grow_old(database, WINDOW - MOMENT)
    delete_old_rows(database.url, token_days=1)
    assert reference.request_link("nobody@example.com").status_code == 429
    grow_old(database, WINDOW + MOMENT)
    assert delete_old_rows(database.url, token_days=1) == (0, MAX_REQUESTS)


@pytest.mark.parametrize("count", [2, 3, 4, 9])
def test_every_batch_is_seen_and_what_is_young_stays(database: Database, count: int) -> None:
    user_id = database.add_user("ada@example.com")
    for number in range(count):
        database.add_token(user_id, f"old {number}", lives=timedelta(days=-2))
        database.add_token(user_id, f"young {number}")
    assert delete_old_rows(database.url, token_days=1) == (count, 0)
    assert delete_old_rows(database.url, token_days=1) == (0, 0)
    assert database.rows("SELECT count(*) FROM magic_link_tokens") == [(count,)]


def test_the_command_says_what_it_did(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {**COMPLETE, "DATABASE_URL": database.url}.items():
        monkeypatch.setenv(name, value)
    user_id = database.add_user("ada@example.com")
    database.add_token(user_id, "old", lives=timedelta(days=-31))
    database.add_token(user_id, "not so old", lives=timedelta(days=-29))
    assert main(["retention"]) == 0
    assert capsys.readouterr().out == "Deleted 1 tokens and 0 attempts.\n"


def test_the_command_says_when_there_is_nothing_to_tidy(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = create_database(postgres.url, "untouched")
    for name, value in {**COMPLETE, "DATABASE_URL": url}.items():
        monkeypatch.setenv(name, value)
    assert main(["retention"]) == 2
    expected = "The tables are missing: run `python -m reference_app migrate`.\n"
    assert capsys.readouterr().err == expected
