"""The login from end to end."""

from __future__ import annotations

import hashlib
import re
from html import unescape
from http.cookies import SimpleCookie

import httpx2
import jwt
import pytest

from reference_app.magic_link.texts import TEXTS, MailTexts
from tests.reference.conftest import JWT_SECRET, PASSWORD, Database, Reference, Start
from tests.reference.servers import LINK, SmtpSink

MESSAGE = {"message": "If that email is registered, a link has been sent."}


def claims_of(response: httpx2.Response) -> dict[str, object]:
    cookie = SimpleCookie(response.headers["set-cookie"])["auth_token"]
    claims = jwt.decode(cookie.value, JWT_SECRET, algorithms=["HS256"])
    assert isinstance(claims, dict)
    return claims


def test_a_registered_address_gets_one_link_that_logs_in(
    reference: Reference, database: Database, sink: SmtpSink
) -> None:
    user_id = database.add_user("ada@example.com")

    response = reference.request_link("ada@example.com")
    assert (response.status_code, response.json()) == (202, MESSAGE)
    [(recipient, message)] = sink.delivered
    assert recipient == "ada@example.com"
    assert message["From"] == "Example <login@example.com>"
    html = message.get_body(("html",))
    assert html is not None
    link = LINK.search(html.get_content().replace('"', " "))
    assert link
    assert link[1] == "https://app.example.com"

    [(token_hash,)] = database.rows('SELECT "tokenHash" FROM magic_link_tokens')
    assert token_hash == hashlib.sha256(link[2].encode()).hexdigest()

    response = reference.verify(link[2])
    assert (response.status_code, response.json()) == (200, {"userId": str(user_id)})
    assert claims_of(response)["sub"] == str(user_id)
    assert database.rows('SELECT 1 FROM magic_link_tokens WHERE "usedAt" IS NOT NULL') == [(1,)]
    assert reference.get("/auth/me", response).json() == {
        "userId": str(user_id),
        "email": "ada@example.com",
        "status": "active",
    }
    assert reference.get("/account", response).json()["hasPassword"] is True
    for path in ("/auth/me", "/account"):
        assert reference.get(path, response).headers["cache-control"] == "no-store"

    response = reference.verify(link[2])
    assert (response.status_code, response.json()) == (400, {"error": "TOKEN_USED"})


@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)
def test_both_parts_of_the_mail_hold_the_link_as_it_is(
    start: Start, database: Database, sink: SmtpSink, texts: MailTexts
) -> None:
    base = f"https://app.example.com:8443/{'a-long-path/' * 20}login&more"
    reference = start(app_base_url=base, mail_locale=texts.lang)
    database.add_user("ada@example.com")
    assert reference.request_link("ada@example.com").status_code == 202
    [(_, message)] = sink.delivered
    link = f"{base}/auth/magic-link/verify?token={sink.tokens()[0]}"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    note = texts.note.format(minutes=15)
    assert text.get_content().splitlines() == [texts.invitation, "", link, "", note]
    page = unescape(html.get_content())
    assert page.count(f'<a href="{link}">{link}</a>') == 1
    assert page.count("http") == 2
    assert f'<html lang="{texts.lang}">' in page
    assert message["Subject"] == texts.subject


def test_every_language_has_every_text() -> None:
    assert {"en", "de", "fr"} <= TEXTS.keys()
    for texts in TEXTS.values():
        assert re.fullmatch("[a-z]{2}(-[A-Z]{2})?", texts.lang)
        assert all(text.strip() == text != "" and "\n" not in text for text in texts)
        assert "{minutes}" in texts.note
    for each in zip(*TEXTS.values(), strict=True):
        assert len(set(each)) == len(TEXTS), "a text was not translated"


def test_both_logins_give_the_same_session(
    reference: Reference, database: Database, sink: SmtpSink
) -> None:
    database.add_user("ada@example.com")
    by_password = reference.client.post(
        "/auth/login", json={"email": "ada@example.com", "password": PASSWORD}
    )
    reference.request_link("ada@example.com")
    by_link = reference.verify(sink.tokens()[0])

    assert by_password.status_code == 200
    assert by_password.json() == by_link.json()
    assert claims_of(by_password).keys() == claims_of(by_link).keys()
    for response in (by_password, by_link):
        _, _, attributes = response.headers["set-cookie"].partition("; ")
        assert set(attributes.split("; ")) == {
            "HttpOnly",
            "Max-Age=604800",
            "Path=/",
            "SameSite=lax",
            "Secure",
        }
        claims = claims_of(response)
        assert int(str(claims["exp"])) - int(str(claims["iat"])) == 604800


@pytest.mark.parametrize("address", ["nobody@example.com", "sue@example.com", "no address", "\0"])
def test_whoever_is_no_active_user_gets_the_same_answer_and_no_mail(
    reference: Reference, database: Database, sink: SmtpSink, address: str
) -> None:
    database.add_user("sue@example.com", status="suspended")
    database.add_user("ada@example.com")
    expected = reference.request_link("ada@example.com")
    response = reference.request_link(address)

    assert (response.status_code, response.content) == (202, expected.content)
    assert response.headers.keys() == expected.headers.keys()
    assert [recipient for recipient, _ in sink.delivered] == ["ada@example.com"]
    assert database.rows("SELECT count(*) FROM magic_link_tokens") == [(1,)]


def test_the_link_goes_to_the_stored_address_however_it_was_typed(
    reference: Reference, database: Database, sink: SmtpSink
) -> None:
    database.add_user("Ada@example.com")
    reference.request_link("  aDA@EXAMPLE.com ")
    assert [recipient for recipient, _ in sink.delivered] == ["Ada@example.com"]


def test_a_user_suspended_meanwhile_is_refused_without_spending_the_token(
    reference: Reference, database: Database, sink: SmtpSink
) -> None:
    user_id = database.add_user("ada@example.com")
    reference.request_link("ada@example.com")
    database.set_status(user_id, "suspended")
    assert reference.verify(sink.tokens()[0]).json() == {"error": "TOKEN_INVALID"}
    database.set_status(user_id, "active")
    session = reference.verify(sink.tokens()[0])
    assert session.status_code == 200

    database.set_status(user_id, "suspended")
    refused = reference.get("/auth/me", session)
    assert (refused.status_code, refused.json()) == (401, {"error": "UNAUTHENTICATED"})


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.com", "wrong"),
        ("nobody@example.com", PASSWORD),
        ("sue@example.com", PASSWORD),
        ("link-only@example.com", PASSWORD),
        ("foreign@example.com", PASSWORD),
    ],
)
def test_password_login_refuses_all_alike(
    reference: Reference, database: Database, email: str, password: str
) -> None:
    database.add_user("ada@example.com")
    database.add_user("sue@example.com", status="suspended")
    database.add_user("link-only@example.com", password_hash=None)
    database.add_user("foreign@example.com", password_hash="$2b$04$not-argon2")
    response = reference.client.post("/auth/login", json={"email": email, "password": password})
    assert (response.status_code, response.json()) == (401, {"error": "INVALID_CREDENTIALS"})
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "auth_token=",
        "auth_token=junk",
        "auth_token=" + jwt.encode({"sub": "x"}, JWT_SECRET, algorithm="HS256"),
        "auth_token="
        + jwt.encode({"sub": "not-a-uuid", "iat": 0, "exp": 2**40}, JWT_SECRET, algorithm="HS256"),
        "auth_token="
        + jwt.encode(
            {"sub": "7a1f4f3e-0d5c-4c55-8a55-0123456789ab", "iat": 0, "exp": 2**40},
            "t" * 32,
            algorithm="HS256",
        ),
    ],
)
def test_protected_endpoints_refuse_what_is_no_session(reference: Reference, cookie: str) -> None:
    for path in ("/auth/me", "/account"):
        response = reference.client.get(path, headers={"Cookie": cookie})
        assert (response.status_code, response.json()) == (401, {"error": "UNAUTHENTICATED"})
