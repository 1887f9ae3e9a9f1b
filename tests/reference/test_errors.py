"""Malformed input, outages, logs."""

from __future__ import annotations

import re

import pytest
from fastapi.routing import APIRoute

from reference_app import health
from reference_app.auth import endpoints as auth_endpoints
from reference_app.magic_link import endpoints as magic_link_endpoints
from reference_app.pages import link, login
from tests.reference.conftest import Database, Reference, Start
from tests.reference.servers import SendGridSink, SmtpSink

VERIFY = "/auth/magic-link/verify"
REQUEST = "/auth/magic-link/request"
LOGIN = "/auth/login"
ROUTERS = (magic_link_endpoints, auth_endpoints, health, link, login)
PATHS = [
    route.path
    for module in ROUTERS
    for route in module.router.routes
    if isinstance(route, APIRoute)
]


@pytest.mark.parametrize(
    "token", ["", " ", "\\u0000", "\\ud800", "\U0001f600", "0" * 64, "'; --", "a" * 60_000]
)
def test_any_string_that_is_no_live_token_is_invalid(reference: Reference, token: str) -> None:
    body = '{"token": "' + token + '"}'
    response = reference.client.post(
        VERIFY, content=body.encode(), headers={"Content-Type": "application/json"}
    )
    assert (response.status_code, response.json()) == (400, {"error": "TOKEN_INVALID"})


@pytest.mark.parametrize("email", ["", "\\u0000", "\\ud800@example.com", "a" * 60_000, "@", "@@"])
def test_any_string_as_address_is_answered_like_an_unknown_one(
    reference: Reference, email: str
) -> None:
    response = reference.client.post(
        REQUEST,
        content=('{"email": "' + email + '"}').encode(),
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code == 202


@pytest.mark.parametrize("path", [VERIFY, REQUEST, LOGIN])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"{}", b'{"token": 1, "email": null}', b"[" * 60_000, b"\xff", b"1" * 9999],
)
def test_anything_else_is_the_clients_mistake(reference: Reference, path: str, body: bytes) -> None:
    response = reference.client.post(
        path, content=body, headers={"Content-Type": "application/json"}
    )
    assert 400 <= response.status_code < 500
    assert response.json().keys() == {"error"}


def test_unknown_paths_and_methods_get_json(reference: Reference) -> None:
    assert reference.client.get("/nowhere").json() == {"error": "NOT_FOUND"}
    refused = reference.client.put(VERIFY)
    assert refused.json() == {"error": "METHOD_NOT_ALLOWED"}
    assert "POST" in refused.headers["allow"] or "GET" in refused.headers["allow"]


@pytest.mark.parametrize("path", [VERIFY, REQUEST, LOGIN, "/auth/me", "/account", "/login/token"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_slash_at_the_end_is_another_path(reference: Reference, method: str, path: str) -> None:
    answer = reference.client.request(method, f"{path}/", json={"token": "0" * 64})
    assert (answer.status_code, answer.json()) == (404, {"error": "NOT_FOUND"})


def test_no_answer_names_the_host_that_a_request_names(
    reference: Reference, database: Database, sink: SmtpSink
) -> None:
    database.add_user("ada@example.com")
    reference.request_link("ada@example.com")
    headers = {"Host": "evil.test", "X-Forwarded-Host": "evil.test"}
    headers |= {"Sec-Fetch-Site": "same-origin"}
    for path in [*PATHS, *(f"{each}/" for each in PATHS), "//evil", "/nowhere"]:
        for method in ("GET", "HEAD", "POST", "PUT", "OPTIONS"):
            answer = reference.client.request(
                method,
                path,
                headers=headers,
                json={"token": sink.tokens()[0], "email": "ada@example.com", "password": ""},
            )
            assert "evil.test" not in f"{answer.headers} {answer.text}", (method, path)
    assert "evil.test" not in str(sink.delivered)


def test_sendgrid_delivers_to_users_and_rehearses_for_the_others(
    start: Start, database: Database, sendgrid: SendGridSink
) -> None:
    reference = start(
        mail_provider="sendgrid", sendgrid_api_key="key", sendgrid_base_url=sendgrid.url
    )
    database.add_user("ada@example.com")
    database.add_user("sue@example.com", status="suspended")
    addresses = ("ada@example.com", "nobody@example.com", "sue@example.com")
    assert [reference.request_link(address).status_code for address in addresses] == [202] * 3
    assert sendgrid.accepted == ["ada@example.com"]
    assert set(sendgrid.keys) == {"Bearer key"}
    assert all(call["from"]["email"] == "login@example.com" for call in sendgrid.calls)
    recipients = {call["personalizations"][0]["to"][0]["email"] for call in sendgrid.calls}
    assert recipients == {"ada@example.com", "login@example.com"}
    for call in sendgrid.calls:
        text, html = (part["value"] for part in call["content"])
        [link] = re.findall(r"https://\S+", text)
        assert html.count(f'<a href="{link}">{link}</a>') == 1

    sendgrid.status = 500
    assert [reference.request_link(address).status_code for address in addresses] == [503] * 3
    assert database.rows("SELECT count(*) FROM magic_link_tokens") == [(1,)]


def test_the_log_says_what_happened_and_to_whom_it_does_not(
    start: Start, database: Database, sink: SmtpSink
) -> None:
    reference = start()
    database.add_user("ada@example.com")
    for _ in range(6):
        reference.request_link("Ada@Example.com")
    token = sink.tokens()[0]
    session = reference.verify(token)
    reference.verify(token)
    reference.verify("0" * 64)
    database.rows('UPDATE magic_link_tokens SET "expiresAt" = "createdAt"')
    reference.verify(sink.tokens()[1])
    sink.mail_reply = "451 later, ada@example.com"
    reference.request_link("nobody@example.com")

    assert reference.events() == [
        *[("info", "magic_link_requested"), ("info", "magic_link_sent")] * 5,
        ("info", "magic_link_requested"),
        ("warning", "magic_link_rate_limited"),
        ("info", "magic_link_verified"),
        ("warning", "magic_link_used_token_presented"),
        ("warning", "magic_link_invalid_token_presented"),
        ("warning", "magic_link_expired_token_presented"),
        ("info", "magic_link_requested"),
        ("error", "magic_link_email_failed"),
    ]
    assert reference.log_lines()[0]["email_domain"] == "example.com"
    text = reference.log_file.read_text().lower()
    cookie = session.headers["set-cookie"].partition("=")[2].partition(";")[0]
    for secret in ("ada@", "nobody@", token, cookie.lower()):
        assert secret not in text
