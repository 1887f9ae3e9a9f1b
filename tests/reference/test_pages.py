"""The pages over plain HTTP: what their forms do, and whom they refuse."""

from __future__ import annotations

import base64
import hashlib
import re

import httpx2
import pytest

from tests.reference.conftest import PASSWORD, Database, Reference
from tests.reference.servers import SmtpSink

ADA = "ada@example.com"
LINK_PATH = "/auth/magic-link/verify"
OWN = {"Sec-Fetch-Site": "same-origin"}


def post(reference: Reference, path: str, **fields: str) -> httpx2.Response:
    return reference.client.post(path, data=fields, headers=OWN)


def title_of(page: httpx2.Response) -> str:
    found = re.search(r"<title>(.*)</title>", page.text)
    assert found, page.text
    return found[1]


@pytest.fixture
def token(reference: Reference, database: Database, sink: SmtpSink) -> str:
    """A live token of Ada's."""
    database.add_user(ADA)
    reference.request_link(ADA)
    [token] = sink.tokens()
    return token


def test_opening_the_link_in_any_way_spends_nothing(reference: Reference, token: str) -> None:
    for method in ("GET", "GET", "HEAD"):
        page = reference.client.request(method, LINK_PATH, params={"token": token})
        assert page.status_code == 200
    prefetch = {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"}
    reference.client.get(LINK_PATH, params={"token": token}, headers=prefetch)
    assert reference.verify(token).status_code == 200


def test_the_button_logs_in_once(reference: Reference, token: str) -> None:
    answer = post(reference, "/login/token", token=token)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert reference.get("/auth/me", answer).json()["email"] == ADA
    assert ADA in reference.get("/", answer).text

    again = post(reference, "/login/token", token=token)
    assert (again.status_code, title_of(again)) == (400, "This link has been used")
    assert "set-cookie" not in again.headers
    assert ("info", "magic_link_verified") in reference.events()
    assert ("warning", "magic_link_used_token_presented") in reference.events()


def test_an_expired_link_says_so(reference: Reference, database: Database, token: str) -> None:
    database.rows("""UPDATE magic_link_tokens SET "expiresAt" = now() - interval '1 second'""")
    page = post(reference, "/login/token", token=token)
    assert (page.status_code, title_of(page)) == (400, "This link has expired")
    assert 'action="/login/link"' in page.text


@pytest.mark.parametrize("token", ["", "cut-off", "\x00", "ä" * 64])
def test_an_invalid_link_says_so(reference: Reference, token: str) -> None:
    page = post(reference, "/login/token", token=token)
    assert (page.status_code, title_of(page)) == (400, "This link is not valid")
    assert 'action="/login/link"' in page.text


def test_a_link_without_a_token_shows_no_button_for_it(reference: Reference) -> None:
    page = reference.client.get(LINK_PATH)
    assert (page.status_code, title_of(page)) == (400, "This link is not valid")
    assert "/login/token" not in page.text


def test_markup_in_the_token_stays_text(reference: Reference) -> None:
    page = reference.client.get(LINK_PATH, params={"token": '"><script>alert(1)</script>'})
    assert "<script" not in page.text


def test_a_form_asks_for_a_link_and_tells_nobody_apart(
    reference: Reference, database: Database, sink: SmtpSink
) -> None:
    database.add_user(ADA)
    pages = [post(reference, "/login/link", email=email) for email in (ADA, "nobody@example.com")]
    assert [page.status_code for page in pages] == [200, 200]
    assert pages[0].text == pages[1].text
    assert [recipient for recipient, _ in sink.delivered] == [ADA]


def test_the_sixth_link_and_an_outage_have_pages(
    reference: Reference, database: Database, sink: SmtpSink
) -> None:
    pages = [post(reference, "/login/link", email="nobody@example.com") for _ in range(6)]
    assert [page.status_code for page in pages] == [200] * 5 + [429]
    assert title_of(pages[-1]) == "Too many links"
    database.add_user(ADA)
    sink.data_reply = "451 no"
    outage = post(reference, "/login/link", email=ADA)
    assert (outage.status_code, title_of(outage)) == (503, "The mail could not be sent")


def test_a_password_logs_in_and_logging_out_ends_it(
    reference: Reference, database: Database
) -> None:
    database.add_user(ADA)
    refused = post(reference, "/login/password", email=ADA, password="wrong")
    assert (refused.status_code, title_of(refused)) == (401, "Not logged in")
    answer = post(reference, "/login/password", email=ADA, password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert title_of(reference.get("/", answer)) == "You are logged in"
    left = post(reference, "/logout")
    assert 'auth_token=""' in left.headers["set-cookie"]
    assert "Max-Age=0" in left.headers["set-cookie"]


@pytest.mark.parametrize("origin", ["cross-site", "same-site", "none", None])
@pytest.mark.parametrize("path", ["/login/token", "/login/link", "/login/password", "/logout"])
def test_a_form_from_elsewhere_is_refused(
    reference: Reference, database: Database, path: str, origin: str | None
) -> None:
    database.add_user(ADA)
    headers = {"Sec-Fetch-Site": origin} if origin else {}
    fields = {"email": ADA, "password": PASSWORD}
    page = reference.client.post(path, data=fields, headers=headers)
    assert (page.status_code, title_of(page)) == (403, "That form came from elsewhere")
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize("path", ["/", f"{LINK_PATH}?token=1", LINK_PATH])
def test_every_page_keeps_to_itself(reference: Reference, path: str) -> None:
    page = reference.client.get(path)
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    style = page.text.partition("<style>")[2].partition("</style>")[0]
    style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = page.headers["content-security-policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{style_hash}'")
    assert "unsafe" not in policy
    assert "script" not in page.text + policy
