"""The session that a login yields: the cookie `auth_token` and the JWT in it (FR-6, AC-2)."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

from conformance.observe.evidence import Exchange, shortened
from conformance.observe.http_client import get
from conformance.observe.reading import finite_number, is_plain, seconds_of_date
from conformance.observe.settings import SessionPart
from conformance.outcomes import Failed, UsageError
from conformance.requirements.magic_link import COOKIE

# How far a lifetime may be off: two logins compared happen at slightly different times.
LIFETIME_TOLERANCE_SECONDS = 5.0
_JWKS_SECONDS = 10.0
# Longer than any client keeps a cookie.
_FOREVER_SECONDS = 1e11
_WHOLE_NUMBER = re.compile(r"-?[0-9]+")
_JWT = re.compile(r"[A-Za-z0-9_=-]+\.[A-Za-z0-9_=-]+\.[A-Za-z0-9_=-]*")


@dataclass(frozen=True)
class Cookie:
    """A `Set-Cookie` header: attribute names in lower case, flags with the value True."""

    name: str
    value: str
    attributes: dict[str, str | bool]
    received_at: float

    @property
    def lifetime(self) -> float | None:
        """Seconds that the cookie lives: `Max-Age`, else `Expires`; None for a session cookie."""
        max_age, expires = self._text_of("max-age"), self._text_of("expires")
        if _WHOLE_NUMBER.fullmatch(max_age):
            return max(-_FOREVER_SECONDS, min(float(max_age), _FOREVER_SECONDS))
        ends_at = seconds_of_date(expires)
        return None if ends_at is None else ends_at - self.received_at

    @property
    def is_set(self) -> bool:
        """Whether a client keeps it, with a value: no lifetime left means that it is deleted."""
        return bool(self.value) and (self.lifetime is None or self.lifetime > 0)

    @property
    def is_http_only(self) -> bool:
        """Whether scripts cannot read it."""
        return "httponly" in self.attributes

    @property
    def place(self) -> tuple[str, str]:
        """Domain and path: a cookie replaces the one of the same name and place (RFC 6265, 5.3)."""
        path = self._text_of("path")
        return self._text_of("domain").lstrip(".").lower(), path if path.startswith("/") else ""

    @property
    def lasting(self) -> dict[str, str | bool]:
        """The attributes that do not depend on when the cookie was set."""
        return {
            name: value.lower() if name == "samesite" and isinstance(value, str) else value
            for name, value in self.attributes.items()
            if name not in {"max-age", "expires"}
        }

    def _text_of(self, attribute: str) -> str:
        value = self.attributes.get(attribute)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class Session:
    """What a login gave: the cookie, and the JWT's header and claims, unverified."""

    cookie: Cookie
    header: dict[str, Any]
    claims: dict[str, Any]

    @property
    def algorithm(self) -> str:
        """The JWT's `alg`."""
        return str(self.header.get("alg"))

    @property
    def lifetime(self) -> float | None:
        """Seconds from `iat` (else from its arrival) to `exp`; None without `exp`."""
        expires = finite_number(self.claims.get("exp"))
        issued = finite_number(self.claims.get("iat", self.cookie.received_at))
        return None if expires is None or issued is None else expires - issued

    @property
    def remaining(self) -> float | None:
        """Seconds from its arrival to `exp`; None without `exp`."""
        expires = finite_number(self.claims.get("exp"))
        return None if expires is None else expires - self.cookie.received_at

    def names_user(self, user_id: str) -> bool:
        """Return whether any claim, at any depth, has the user's id as its value (reading 10)."""
        wanted = user_id.lower()
        return any(str(value).lower() == wanted for value in _leaves(self.claims))

    @property
    def header_line(self) -> dict[str, str]:
        """The request header that presents the session."""
        return {"cookie": f"{COOKIE}={self.cookie.value}"}


def brought_session(exchange: Exchange) -> str:
    """Return the value of the cookie `auth_token` that the harness sent, "" when it sent none."""
    sent = (value for name, value in exchange.request_headers if name.lower() == "cookie")
    return next(sent, "").partition(f"{COOKIE}=")[2]


def session_cookies(exchange: Exchange) -> list[Cookie]:
    """Return every cookie `auth_token` that a client keeps from an answer, in order.

    Of several for one place the last counts, whether it sets the cookie or deletes it
    (reading 26).
    """
    parsed = (_parse_cookie(text, exchange) for text in exchange.header_values("set-cookie"))
    # Removed first, so that the cookie that counts also comes last.
    kept: dict[tuple[str, str], Cookie] = {}
    for cookie in parsed:
        if cookie.name == COOKIE:
            kept.pop(cookie.place, None)
            kept[cookie.place] = cookie
    return [cookie for cookie in kept.values() if cookie.is_set]


def session_cookie(exchange: Exchange) -> Cookie | None:
    """Return the session cookie that an answer leaves with a client, None when there is none."""
    return next(reversed(session_cookies(exchange)), None)


def cookies_in_words(exchange: Exchange) -> str:
    """Return the `Set-Cookie` headers of an answer as they came, for a message of some length."""
    lines = [f"Set-Cookie: {text}" for text in exchange.header_values("set-cookie")]
    return shortened(" and ".join(lines)) or "no Set-Cookie header"


def session_of(exchange: Exchange) -> Session:
    """Return the session that an answer sets; `Failed` when there is none, or it is not a JWT."""
    cookie = session_cookie(exchange)
    if cookie is None:
        raise Failed(
            "the session cookie",
            expected=f"Set-Cookie with {COOKIE}",
            found=cookies_in_words(exchange),
        )
    try:
        header, claims = _read_jwt(cookie.value)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise Failed(f"the value of {COOKIE}", expected="a JWT", found=f"{error}") from error
    return Session(cookie, header, claims)


def _read_jwt(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    # Decoders skip characters that are not Base64, but a header with them could not be sent.
    if not _JWT.fullmatch(token):
        raise ValueError("it is not three parts in Base64, separated by dots")
    parts = (
        jwt.get_unverified_header(token),
        jwt.decode(token, options={"verify_signature": False}),
    )
    if not all(map(is_plain, parts)):
        raise ValueError("its parts are nested too deeply, or hold text that is not Unicode")
    return parts


class SignatureCheck:
    """Verifies session JWTs with what the description gives; `available` is false without it.

    `secret` is the one that the harness made for a target that it starts.
    """

    def __init__(
        self, settings: SessionPart, directory: Path, base_url: str, secret: str | None
    ) -> None:
        self._keys = _keys(settings, directory, base_url, secret)

    @property
    def available(self) -> bool:
        """Whether there is a key."""
        return bool(self._keys)

    def check(self, session: Session) -> None:
        """Raise `Failed` unless one of the keys verifies the session's signature."""
        reason = "no key fits the algorithm"
        for key in self._keys:
            try:
                jwt.decode(session.cookie.value, key, [session.algorithm], options=_SIGNATURE_ONLY)
            except (jwt.PyJWTError, TypeError, ValueError) as error:
                reason = str(error)
            else:
                return
        raise Failed("the JWT's signature", expected="one made with the given key", found=reason)


_SIGNATURE_ONLY: Any = {
    f"verify_{claim}": False for claim in ("exp", "iat", "nbf", "aud", "iss", "sub", "jti")
}


def _keys(part: SessionPart, directory: Path, base_url: str, secret: str | None) -> list[Any]:
    if part.public_key_file is not None:
        path = directory / part.public_key_file
        try:
            return [path.read_text(encoding="ascii")]
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"`session.public_key_file`: {path}: {error}") from error
    if part.jwks is not None:
        return _jwks(base_url + part.jwks if part.jwks.startswith("/") else part.jwks)
    given = part.secret or secret
    return [given] if given else []


def _jwks(url: str) -> list[Any]:
    answer = get(url, _JWKS_SECONDS)
    try:
        return [jwt.PyJWK(entry).key for entry in answer.json()["keys"]]
    except (ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError) as error:
        why = answer.error or f"{answer.status}, {error}"
        raise UsageError(f"`session.jwks`: {url}: no key set was found ({why})") from error


def _parse_cookie(text: str, exchange: Exchange) -> Cookie:
    first, *rest = text.split(";")
    name, _, value = first.strip().partition("=")
    attributes: dict[str, str | bool] = {}
    for part in rest:
        key, equals, content = part.strip().partition("=")
        if key:
            attributes[key.lower()] = content.strip() if equals else True
    return Cookie(name.strip(), value.strip().strip('"'), attributes, _date_of(exchange))


def _date_of(exchange: Exchange) -> float:
    # The target's clock may have been moved, so its own Date is the better reference.
    date = seconds_of_date(exchange.header("date") or "")
    return time.time() if date is None else date


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def tampered(token: str) -> list[str]:
    """Return forgeries of a JWT: another claim under its signature, no signature, no algorithm."""
    header, payload, signature = token.split(".")
    claims = jwt.decode(token, options={"verify_signature": False})
    return [
        ".".join((header, _encoded({**claims, "tampered": True}), signature)),
        f"{header}.{payload}.",
        f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{payload}.",
    ]


def _encoded(part: dict[str, Any]) -> str:
    return jwt.utils.base64url_encode(json.dumps(part).encode()).decode()
