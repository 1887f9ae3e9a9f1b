"""Sessions outlive a change of JWT_SECRET for as long as the old one is listed."""

from __future__ import annotations

import jwt

from reference_app.auth.sessions import key_id
from tests.reference.conftest import JWT_SECRET, PASSWORD, Database, Reference, Start

NEW = "fedcba9876543210" * 2
OTHER = "another-secret-of-another-year-altogether"
CREDENTIALS = {"email": "ada@example.com", "password": PASSWORD}


def token_of(reference: Reference) -> str:
    response = reference.client.post("/auth/login", json=CREDENTIALS)
    assert response.status_code == 200
    return response.headers["set-cookie"].partition("=")[2].partition(";")[0]


def status_with(reference: Reference, token: str) -> int:
    return reference.client.get("/auth/me", headers={"Cookie": f"auth_token={token}"}).status_code


def test_a_rotated_key_is_recognised_while_it_is_listed(
    reference: Reference, start: Start, database: Database
) -> None:
    database.add_user("ada@example.com")
    before = token_of(reference)
    assert jwt.get_unverified_header(before)["kid"] == key_id(JWT_SECRET)

    rotated = start(jwt_secret=NEW, jwt_previous_secrets=f"{OTHER} {JWT_SECRET}")
    after = token_of(rotated)
    assert jwt.get_unverified_header(after)["kid"] == key_id(NEW)
    jwt.decode(after, NEW, algorithms=["HS256"], options={"verify_iat": False})
    assert status_with(rotated, after) == 200
    assert status_with(rotated, before) == 200

    forgotten = start(jwt_secret=NEW)
    assert status_with(forgotten, after) == 200
    assert status_with(forgotten, before) == 401


def test_a_key_is_recognised_by_what_it_signs_and_not_by_its_name(
    reference: Reference, database: Database
) -> None:
    database.add_user("ada@example.com")
    claims = jwt.decode(token_of(reference), options={"verify_signature": False})
    forged = jwt.encode(claims, NEW, "HS256", headers={"kid": key_id(JWT_SECRET)})
    assert status_with(reference, forged) == 401
    unsigned = jwt.encode(claims, "", "none", headers={"kid": key_id(JWT_SECRET)})
    assert status_with(reference, unsigned) == 401
    nameless = jwt.encode(claims, JWT_SECRET, "HS256")
    assert status_with(reference, nameless) == 200
