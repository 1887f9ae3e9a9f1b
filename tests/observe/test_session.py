"""The session cookie and the JWT in it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm

from conformance.observe import session as observed_session
from conformance.observe.evidence import Exchange
from conformance.observe.session import (
    SignatureCheck,
    session_cookie,
    session_cookies,
    session_of,
    tampered,
)
from conformance.outcomes import Failed, UsageError
from conformance.target.description import TargetDescription, parse_description
from tests.observe.raw_server import answering, dripping, raw_server

SECRET = "s" * 32
USER = "0b9f4c2e-6f0e-4d38-9d0e-0d4f7a1d2c3b"
DATE = "Wed, 01 Jan 2031 00:00:00 GMT"


def answer(*cookies: str) -> Exchange:
    headers = (("Date", DATE), *(("Set-Cookie", cookie) for cookie in cookies))
    return Exchange("POST", "http://127.0.0.1/", (), b"", 200, headers)


def token(**claims: object) -> str:
    return jwt.encode({"sub": USER, "iat": 1_000, "exp": 605_800, **claims}, SECRET)


def test_a_session() -> None:
    session = session_of(
        answer("other=1", f"auth_token={token()}; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax")
    )
    assert session.algorithm == "HS256"
    assert session.lifetime == 604_800
    assert session.cookie.lifetime == 604_800
    assert session.cookie.lasting == {"path": "/", "httponly": True, "samesite": "lax"}
    assert session.header_line == {"cookie": f"auth_token={session.cookie.value}"}


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [
        ("Expires=Wed, 08 Jan 2031 00:00:00 GMT", 604_800),
        ("Max-Age=60; Expires=Wed, 08 Jan 2031 00:00:00 GMT", 60),
        ("max-age=60", 60),
        ("Expires=soon", None),
        ("", None),
    ],
)
def test_the_lifetime_of_a_cookie(attributes: str, seconds: float | None) -> None:
    session = session_of(answer(f"auth_token={token()}; {attributes}"))
    assert session.cookie.lifetime == seconds


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": USER},
        {"sub": "x", "userId": USER.upper()},
        {"sub": "x", "user": {"ids": ["a", USER]}},
    ],
)
def test_any_claim_may_name_the_user(claims: dict[str, object]) -> None:
    session = session_of(answer(f"auth_token={token(**claims)}"))
    assert session.names_user(USER)
    assert not session.names_user("someone else")


def test_a_number_may_be_the_user_s_id() -> None:
    assert session_of(answer(f"auth_token={token(id=42)}")).names_user("42")


@pytest.mark.parametrize(
    ("cookies", "told"),
    [
        ([], "found no Set-Cookie header"),
        (["sid=1"], "found Set-Cookie: sid=1"),
        (["auth_token="], "found Set-Cookie: auth_token="),
        (["auth_token=abc"], "expected a JWT"),
    ],
)
def test_what_is_no_session(cookies: list[str], told: str) -> None:
    with pytest.raises(Failed, match=told):
        session_of(answer(*cookies))


def test_a_cookie_that_is_deleted_is_not_set() -> None:
    assert session_cookies(answer("auth_token=; Max-Age=0", 'auth_token=""')) == []


def test_the_last_of_several_counts() -> None:
    session = session_of(answer("auth_token=old", f"auth_token={token()}"))
    assert session.names_user(USER)


@pytest.mark.parametrize(
    ("cookies", "kept"),
    [
        (["=; Max-Age=0; Path=/", "={token}; Path=/"], True),
        (["={token}; Path=/", "=; Max-Age=0; Path=/"], False),
        (["={token}; Path=/", "=deleted; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/"], False),
        (["={token}; Path=/", "={token}; Max-Age=-1; Path=/"], False),
        # Another path or domain is another cookie, which an older version may have left.
        (["={token}; Path=/", "=; Max-Age=0; Path=/auth"], True),
        (["={token}; Path=/", "=; Max-Age=0; Path=/; Domain=example.com"], True),
        (["={token}; Domain=.Example.com", "=; Max-Age=0; Domain=example.com"], False),
    ],
)
def test_the_last_cookie_for_a_place_counts(cookies: list[str], kept: bool) -> None:
    set_by = [f"auth_token{cookie.format(token=token())}" for cookie in cookies]
    assert (session_cookie(answer(*set_by)) is not None) is kept


def test_a_token_without_exp_has_no_lifetime() -> None:
    bare = jwt.encode({"sub": USER}, SECRET)
    assert session_of(answer(f"auth_token={bare}")).lifetime is None


def check_with(made: str | None, **session: object) -> SignatureCheck:
    data = {"base_url": "http://127.0.0.1:1", "session": session}
    description: TargetDescription = parse_description(data, "test", Path())
    return SignatureCheck(description.session, description.directory, "http://127.0.0.1:1", made)


def test_a_signature() -> None:
    session = session_of(answer(f"auth_token={token()}"))
    # Long expired by the machine's clock; the target's may have been moved.
    assert time.time() > 605_800
    check_with(SECRET).check(session)
    with pytest.raises(Failed, match="signature"):
        check_with("t" * 32).check(session)
    with pytest.raises(Failed, match="signature"):
        check_with(SECRET).check(session_of(answer(f"auth_token={tampered(token())[0]}")))


def test_without_a_key_no_signature_is_judged() -> None:
    assert not check_with(None).available
    assert check_with(None, secret=SECRET).available


def test_an_unsigned_token_has_no_signature() -> None:
    unsigned = jwt.encode({"sub": USER}, "", algorithm="none")
    with pytest.raises(Failed, match="signature"):
        check_with(SECRET).check(session_of(answer(f"auth_token={unsigned}")))


def test_a_public_key(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    file = tmp_path / "key.pem"
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    file.write_bytes(public)
    session = session_of(answer(f"auth_token={jwt.encode({'sub': USER}, key, 'ES256')}"))
    check_with(None, public_key_file=str(file)).check(session)
    other = jwt.encode({"sub": USER}, ec.generate_private_key(ec.SECP256R1()), "ES256")
    with pytest.raises(Failed, match="signature"):
        check_with(None, public_key_file=str(file)).check(session_of(answer(f"auth_token={other}")))


def test_tampering_changes_a_claim_and_keeps_the_rest() -> None:
    before, after = token(), tampered(token())[0]
    assert before.split(".")[0] == after.split(".")[0]
    assert before.split(".")[2] == after.split(".")[2]
    assert jwt.decode(after, options={"verify_signature": False})["sub"] == USER


def test_a_forgery_goes_without_a_signature_or_an_algorithm() -> None:
    _, unsigned, without_algorithm = tampered(token())
    assert unsigned.rpartition(".")[0] == token().rpartition(".")[0]
    assert jwt.get_unverified_header(without_algorithm)["alg"] == "none"
    for forgery in (unsigned, without_algorithm):
        assert forgery.endswith(".")
        assert jwt.decode(forgery, options={"verify_signature": False})["sub"] == USER


def test_a_key_set_is_read() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    keys = {"keys": [json.loads(ECAlgorithm.to_jwk(key.public_key()))]}
    with raw_server(answering(b"HTTP/1.1 200 OK\r\n\r\n" + json.dumps(keys).encode())) as server:
        check = check_with(None, jwks=f"{server.url}/keys")
    check.check(session_of(answer(f"auth_token={jwt.encode({'sub': USER}, key, 'ES256')}")))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "200"),
        (b"[]", "200"),
        (b'{"keys": 1}', "200"),
        (b'{"keys": [1]}', "200"),
        (b'{"keys": [{"kty": "RSA", "n": "?", "e": 1}]}', "200"),
        (b"[" * 100_000, "200"),
        (b" " * 1_100_000, "the answer is longer than 1,000,000 bytes"),
    ],
)
def test_what_is_no_key_set_is_told(body: bytes, told: str) -> None:
    with (
        raw_server(answering(b"HTTP/1.1 200 OK\r\n\r\n" + body)) as server,
        pytest.raises(UsageError, match=rf"no key set was found \({told}"),
    ):
        check_with(None, jwks=server.url)


def test_a_key_set_without_an_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observed_session, "_JWKS_SECONDS", 0.2)
    with (
        raw_server(dripping(b"HTTP/1.1 200 OK\r\n\r\n", b" ")) as server,
        pytest.raises(UsageError, match="was not complete after"),
    ):
        check_with(None, jwks=server.url)
