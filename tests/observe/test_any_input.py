"""Whatever a target sends, a plain value or an outcome comes out, and never another exception.

Each test fails by an exception that its parser lets through. What takes longer than its length
explains is measured in `tests/benchmarks/parsing.py`.
"""

from __future__ import annotations

import io
import json
import math
import re
from http.client import HTTPException
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conformance.observe.evidence import Evidence, Exchange, masked
from conformance.observe.http_answer import read_answer
from conformance.observe.logs import Logs
from conformance.observe.mail.html import read_html
from conformance.observe.mail.links import is_magic_link, links_in_text, magic_links_of, token_of
from conformance.observe.mail.message import (
    ascii_lower,
    bare_address,
    message_from_source,
    parse_mail,
)
from conformance.observe.mail.sendgrid_call import errors_of, is_sandboxed, messages_of, read_call
from conformance.observe.reading import is_plain, read_json, seconds_of_date
from conformance.observe.session import SignatureCheck, session_cookies, session_of, tampered
from conformance.observe.settings import LogPart, SessionPart
from conformance.observe.token_forms import halves, plain_forms
from conformance.outcomes import Failed
from tests.observe import any_input
from tests.observe.any_input import bounded

DEEP = "[" * 100_000


def exchange(*cookies: str, body: bytes = b"", date: str = "") -> Exchange:
    headers = (("Date", date), *(("Set-Cookie", cookie) for cookie in cookies))
    return Exchange("POST", "http://127.0.0.1/", (), b"", 200, headers, body)


@bounded
@given(st.one_of(st.binary(), any_input.JSON_TEXTS.map(str.encode)))
@example(DEEP.encode())
@example(b"1" * 5_000)
@example(b'{"a": "\\ud800"}')
@example(b"\xff\xfe\x00")
def test_a_body(body: bytes) -> None:
    answer = exchange(body=body)
    # Whatever is read can be written down again, by anything that goes through it.
    assert json.dumps(answer.json(), ensure_ascii=False).encode()
    assert len(answer.summary()) < 300
    evidence = Evidence(exchanges=[answer], log_lines=[answer.text])
    assert len(json.dumps(evidence.as_dict())) < 40_000


@bounded
@given(any_input.built_of("-eyJ", "a.b", ".", "auth_token=", '"token":"', "\\", '"', "f" * 64))
def test_masking(text: str) -> None:
    shown = masked({"text": text})["text"]
    assert re.search(r"(?<![0-9a-f])f{64}(?![0-9a-f])", shown) is None


@bounded
@given(st.lists(st.one_of(any_input.COOKIES, st.text()), max_size=3), any_input.DATES)
@example(["auth_token=x; Max-Age=²"], "")
@example([f"auth_token=x; Max-Age={'9' * 5_000}"], "Wed, 08 Jan 2031 00:00:00 +9999999999")
def test_cookies(cookies: list[str], date: str) -> None:
    for cookie in session_cookies(exchange(*cookies, date=date)):
        assert cookie.lifetime is None or math.isfinite(cookie.lifetime)
        assert cookie.lasting is not None


@bounded
@given(any_input.DATES)
@example("Wed, 08 Jan 2031 00:00:00 +99999999999999")
@example("Wed, 08 Jan 99999 00:00:00 GMT")
def test_dates(text: str) -> None:
    seconds = seconds_of_date(text)
    assert seconds is None or math.isfinite(seconds)


@bounded
@given(any_input.TOKENS)
@example("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.AAAA")
def test_a_session_token(token: str) -> None:
    check = SignatureCheck(SessionPart(), Path(), "http://127.0.0.1", "s" * 32)
    try:
        session = session_of(exchange(f"auth_token={token}"))
    except Failed:
        return
    assert session.lifetime is None or math.isfinite(session.lifetime)
    assert not session.names_user("nobody")
    assert len(tampered(token)) == 3
    with pytest.raises(Failed, match="signature"):
        check.check(session)


def claims_of(claims: object) -> Exchange:
    return exchange(f"auth_token={any_input.jwt_of({'alg': 'HS256'}, claims)}")


@pytest.mark.parametrize(
    "value", [10**400, -(10**400), math.nan, math.inf, "10", [10], True, None, {"a": 1}]
)
def test_an_expiry_that_is_no_number_is_no_lifetime(value: object) -> None:
    assert session_of(claims_of({"exp": value, "iat": 0})).lifetime is None
    assert session_of(claims_of({"exp": -5, "iat": 0})).lifetime == -5


def test_claims_nested_without_end_are_no_jwt() -> None:
    nested: object = 1
    for _ in range(60):
        nested = [nested]
    with pytest.raises(Failed, match="nested too deeply"):
        session_of(claims_of({"a": nested}))


@settings(bounded, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(any_input.LOG_LINES, st.text()), max_size=5))
@example(['{"level": true}', '{"level": ' + DEEP, DEEP, '{"level": 1e999}', " \x1c "])
def test_log_lines(tmp_path: Path, lines: list[str]) -> None:
    for part in (LogPart(), LogPart(format="json"), LogPart(level_key="level")):
        logs = Logs(tmp_path / "app.log", part)
        logs.path.write_bytes("\n".join([*lines, ""]).encode("utf-8", errors="surrogatepass"))
        for line in logs.since(0):
            assert line.level in {"debug", "info", "warn", "error", None}


@settings(bounded, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary())
def test_log_bytes(tmp_path: Path, content: bytes) -> None:
    logs = Logs(tmp_path / "app.log", LogPart())
    logs.path.write_bytes(content)
    assert isinstance(logs.since(0), list)


def test_true_is_no_level(tmp_path: Path) -> None:
    logs = Logs(tmp_path / "app.log", LogPart())
    logs.path.write_text('{"level": true}\n')
    assert logs.since(0)[0].level is None


@bounded
@given(any_input.HTML, any_input.HTML)
@example("<![foo[x]]>https://a.example/auth/magic-link/verify?token=1", "")
def test_links_of_a_mail(text: str, html: str) -> None:
    for link in (*magic_links_of(text, html), *links_in_text(text)):
        assert token_of(link) is None or is_magic_link(link) or "?" in link
    assert all(piece for piece in read_html(html))


def test_a_link_after_a_marked_section_is_found() -> None:
    link = "https://a.example/auth/magic-link/verify?token=1"
    assert magic_links_of("", f"<![foo[x]]><a href='{link}'>") == [link]
    assert magic_links_of("", f"<!-- a <a href='{link}2'> -->&#{'9' * 5_000};{link}") == [link]


@bounded
@given(st.one_of(any_input.MAILS.map(lambda text: text.encode(errors="replace")), st.binary()))
@example(b"Subject: " + b"=?utf-8?q?a?= " * 30_000 + b"\r\n\r\nx")
@example(b"To: " + b"(" * 30_000 + b"\r\n\r\nx")
@example(b"To: " + b"a:" * 30_000 + b"\r\n\r\nx")
@example(b'Content-Type: text/html; charset="\0"\r\n\r\nx')
@example(b"Content-Type: text/html; charset*=utf-8'en'%00\r\n\r\nx")
@example(b"Content-Type: message/rfc822\r\n\r\n" * 2_000)
def test_a_mail(source: bytes) -> None:
    message = message_from_source(source)
    fields = (message.subject, message.sender, message.text, message.html, *message.recipients)
    assert all(field.encode() is not None for field in fields)
    assert len(message.subject) <= 5_000
    assert isinstance(message.magic_links(), list)


def multipart(levels: int, content: str) -> bytes:
    heads = (
        f"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"
        for level in range(levels)
    )
    return f"{''.join(heads)}Content-Type: text/plain\r\n\r\n{content}\r\n".encode()


def test_a_mail_nested_without_end_has_headers_only() -> None:
    source = b"Subject: x\r\n" + multipart(2_000, "https://a.example/")
    assert not parse_mail(source).is_multipart()
    assert message_from_source(source).links() == []
    assert message_from_source(multipart(15, "https://a.example/")).links() == [
        "https://a.example/"
    ]


@pytest.mark.parametrize("charset", ["\0", "punycode", "idna", "base64", "unicode_escape", "x", ""])
def test_a_charset_that_is_none_is_utf_8(charset: str) -> None:
    source = f'Content-Type: text/plain; charset="{charset}"\r\n\r\nGrüße'.encode()
    assert message_from_source(source).text == "Grüße"


@bounded
@given(st.text())
@example("(" * 100_000)
@example("a:" * 100_000)
def test_an_address(address: str) -> None:
    assert bare_address(address) == ascii_lower(bare_address(address)).strip()


SENDGRID_CALLS = st.fixed_dictionaries(
    {
        "personalizations": st.lists(
            st.one_of(
                any_input.JSON,
                st.fixed_dictionaries(
                    {"to": st.just([{"email": "a@example.com"}])},
                    optional=dict.fromkeys(
                        ("cc", "subject", "substitutions", "dynamic_template_data"), any_input.JSON
                    ),
                ),
            ),
            max_size=3,
        ),
        "from": st.one_of(st.just({"email": "b@example.com"}), any_input.JSON),
        "subject": st.one_of(st.just("x"), any_input.JSON),
        "content": st.one_of(
            st.lists(st.fixed_dictionaries({"type": any_input.JSON, "value": st.text()})),
            any_input.JSON,
        ),
    },
    optional={"template_id": any_input.JSON, "mail_settings": any_input.JSON},
)


@bounded
@given(st.one_of(SENDGRID_CALLS.map(lambda call: json.dumps(call).encode()), st.binary()))
def test_a_sendgrid_call(body: bytes) -> None:
    call = read_call(body)
    assert isinstance(is_sandboxed(call), bool)
    if not errors_of(call):
        assert call is not None
        for message in messages_of(call):
            assert isinstance(message.links(), list)
            assert message.subject.encode() is not None


def test_substitutions_do_not_multiply() -> None:
    chain = {f"[{n}]": f"[{n + 1}]" * 10 for n in range(100)}
    entry = {"to": [{"email": "a@example.com"}], "substitutions": {**chain, "": "x"}}
    call = {
        "personalizations": [entry],
        "from": {"email": "b@example.com"},
        "subject": "x",
        "content": [{"type": "text/plain", "value": "[0]"}],
    }
    assert errors_of(call) == []
    assert len(messages_of(call)[0].text) <= 10_000_000


@settings(bounded, max_examples=400)
@given(any_input.ANSWERS)
def test_an_answer(text: str) -> None:
    incoming = io.BytesIO(text.encode("latin-1", errors="replace"))
    try:
        status, headers, body = read_answer(incoming, "POST", 1_000)  # type: ignore[arg-type]
    except (OSError, ValueError, HTTPException):
        return
    assert 200 <= status <= 999 or status == 101
    assert all(isinstance(value, str) for _, value in headers)
    assert len(body) <= 1_000 + 65_536


@bounded
@given(st.text(max_size=200))
def test_forms_of_a_token(token: str) -> None:
    assert all(isinstance(form, str) for form in (*plain_forms(token), *halves(token)))


def test_json_is_plain() -> None:
    assert read_json("1e999") == math.inf
    assert read_json(b'{"a": [1, "x"]}') == {"a": [1, "x"]}
    assert read_json("[" * 40 + "]" * 40) is not None
    assert read_json("[" * 60 + "]" * 60) is None
    assert not is_plain({"\ud800": 1})
