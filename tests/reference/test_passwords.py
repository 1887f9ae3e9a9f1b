"""Password hashes of other schemes: read, replaced after a good login, or refused at full cost."""

from __future__ import annotations

import asyncio

import pytest
from argon2 import PasswordHasher

from reference_app.auth.passwords import Passwords
from reference_app.auth.repository import UserRepository
from reference_app.database import Pool
from tests.reference.conftest import Database, Reference

PASSWORD = "lètmein"
# Written by Django, Werkzeug and bcrypt themselves.
FORMER = {
    "django": "pbkdf2_sha256$260000$seasalt$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo=",
    "werkzeug, pbkdf2": "pbkdf2:sha256:1000$wBYpmUP5goeSBCRg$14b3e5319b2ec9124db9ecf5"
    "24c34ab56aa13b3982e19198903fdcc3b6fb4e9b",
    "werkzeug, scrypt": "scrypt:1024:8:1$iE1HCuVu7xS0z4bk$5d790c03c0613c22e72bbddbc4d"
    "d773223200186be39d80895385dbcf1474abb9fda761eb6f9a93af3a8672542f557a9aa2edb514f21fee5f321eb1adf364834",
    "bcrypt": "$2b$04$hRB5yltyhTexOv.w.P.fh.i/I6bJysfhfDWUkaBW7/LzAGvpPVjvO",
    "bcrypt of PHP": "$2y$04$hRB5yltyhTexOv.w.P.fh.i/I6bJysfhfDWUkaBW7/LzAGvpPVjvO",
}
FORMER_OF_A_LONG_ONE = "$2b$04$LJNlBqtLf2n2e1p8/xq4BOI83OCYxTwRh7zJGtgjbTecbvLfKyvsO"
UNREADABLE = [
    "$2b$04$not-bcrypt",
    "$argon2id$not-argon2",
    "pbkdf2:sha256:1000$salt$no hex",
    "pbkdf2:none:1000$salt$00",
    "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
    "x",
]


def log_in(reference: Reference, password: str) -> int:
    body = {"email": "ada@example.com", "password": password}
    return reference.client.post("/auth/login", json=body).status_code


@pytest.mark.parametrize("scheme", FORMER)
def test_a_former_hash_logs_in_and_argon2_takes_its_place(
    reference: Reference, database: Database, scheme: str
) -> None:
    database.add_user("ada@example.com", password_hash=FORMER[scheme])
    stored = 'SELECT "passwordHash" FROM users'
    assert log_in(reference, "wrong") == 401
    assert database.rows(stored) == [(FORMER[scheme],)]
    assert log_in(reference, PASSWORD) == 200
    [(replaced,)] = database.rows(stored)
    assert replaced.startswith("$argon2id$")
    assert [log_in(reference, PASSWORD), log_in(reference, "wrong")] == [200, 401]
    assert database.rows(stored) == [(replaced,)]


def test_a_suspended_user_keeps_the_former_hash(reference: Reference, database: Database) -> None:
    former = FORMER["bcrypt"]
    database.add_user("ada@example.com", status="suspended", password_hash=former)
    assert log_in(reference, PASSWORD) == 401
    assert database.rows('SELECT "passwordHash" FROM users') == [(former,)]


def test_bcrypt_reads_no_more_of_a_password_than_it_did(
    reference: Reference, database: Database
) -> None:
    database.add_user("ada@example.com", password_hash=FORMER["bcrypt"])
    assert log_in(reference, PASSWORD + "x" * 100) == 401
    database.rows('UPDATE users SET "passwordHash" = %s', FORMER_OF_A_LONG_ONE)
    assert log_in(reference, "0123456789" * 8) == 200


def test_a_password_that_was_changed_meanwhile_stays_changed(database: Database) -> None:
    database.add_user("ada@example.com", password_hash=FORMER["bcrypt"])

    async def replace_late() -> None:
        async with Pool(database.url, max_size=1, timeout_seconds=20) as pool:
            users = UserRepository(pool)
            user = await users.by_address("ada@example.com")
            assert user is not None
            database.rows("""UPDATE users SET "passwordHash" = 'changed'""")
            await users.replace_hash(user, "replaced")

    asyncio.run(replace_late())
    assert database.rows('SELECT "passwordHash" FROM users') == [("changed",)]


class Counting:
    """A hasher that takes note of the hashes whose verification ran to its end."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self.verified = 0

    def verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        finally:
            self.verified += password_hash.count("$") == 5


@pytest.mark.parametrize("password_hash", [None, *UNREADABLE])
def test_what_cannot_be_read_costs_one_verification_and_is_refused(
    monkeypatch: pytest.MonkeyPatch, password_hash: str | None
) -> None:
    passwords = Passwords()
    hasher = Counting(passwords._hasher)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    for password in ("the password of nobody", PASSWORD):
        hasher.verified = 0
        assert not asyncio.run(passwords.verify(password_hash, password))
        assert hasher.verified == 1
    passwords.close()
