"""A token is found in whatever it is written within."""

from __future__ import annotations

import base64
import secrets

import pytest

from conformance.observe.token_forms import halves, plain_forms

TOKEN = secrets.token_hex(32)


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", '{"link": "https://x/?token='])
@pytest.mark.parametrize("after", ["", "z", "zz", '"}'])
def test_within_base64_of_a_longer_text(before: str, after: str) -> None:
    written = base64.b64encode(f"{before}{TOKEN}{after}".encode()).decode()
    found = [form for form in plain_forms(TOKEN) if form in written]
    assert max(map(len, found)) > 60


@pytest.mark.parametrize("before", range(0, 78, 7))
def test_within_the_lines_of_a_mail(before: int) -> None:
    body = base64.encodebytes(f"{'x' * before}{TOKEN}</a>".encode()).decode()
    for written in (body, body.replace("\n", "\\r\\n")):
        found = [form for form in plain_forms(TOKEN) if form in written]
        assert min(map(len, found), default=0) >= 16


def test_as_bytes_and_as_their_base64() -> None:
    raw = bytes.fromhex(TOKEN)
    forms = plain_forms(TOKEN)
    assert TOKEN.encode().hex() in forms
    assert base64.b64encode(raw).decode().rstrip("=") in forms
    assert base64.urlsafe_b64encode(raw).decode().rstrip("=") in forms


def test_another_token_is_not_found() -> None:
    other = secrets.token_hex(32)
    written = f"{other} {base64.b64encode(other.encode()).decode()}"
    assert not any(form in written for form in [*plain_forms(TOKEN), *halves(TOKEN)])


def test_a_token_that_is_not_hexadecimal() -> None:
    assert plain_forms("not hexadecimal")[0] == "not hexadecimal"
