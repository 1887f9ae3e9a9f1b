"""The session that a login yields: the cookie `auth_token` and the JWT in it (FR-6, AC-2)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx2
import jwt

from conformance.observe.evidence import Exchange
from conformance.observe.settings import SessionPart
from conformance.outcomes import Failed, UsageError
from conformance.requirements.magic_link import COOKIE

# How far a lifetime may be off: two logins compared happen at slightly different times.
LIFETIME_TOLERANCE_SECONDS = 5.0


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
        max_age = self.attributes.get("max-age")
        if isinstance(max_age, str) and max_age.lstrip("-").isdigit():
            return float(max_age)
        expires = self.attributes.get("expires")
        if isinstance(expires, str):
            try:
                return parsedate_to_datetime(expires).timestamp() - self.received_at
            except ValueError:
                return None
        return None

    @property
    def lasting(self) -> dict[str, str | bool]:
        """The attributes that do not depend on when the cookie was set."""
        return {
            name: value.lower() if name == "samesite" and isinstance(value, str) else value
            for name, value in self.attributes.items()
            if name not in {"max-age", "expires"}
        }


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
        expires, issued = self.claims.get("exp"), self.claims.get("iat", self.cookie.received_at)
        if not isinstance(expires, (int, float)) or not isinstance(issued, (int, float)):
            return None
        return expires - issued

    def names_user(self, user_id: str) -> bool:
        """Tell whether any claim, at any depth, has the user's id as its value (reading 10)."""
        wanted = user_id.lower()
        return any(str(value).lower() == wanted for value in _leaves(self.claims))

    @property
    def header_line(self) -> dict[str, str]:
        """The request header that presents the session."""
        return {"cookie": f"{COOKIE}={self.cookie.value}"}


def session_cookies(exchange: Exchange) -> list[Cookie]:
    """Return every cookie `auth_token` that an answer sets to a value."""
    parsed = (_parse_cookie(text, exchange) for text in exchange.header_values("set-cookie"))
    return [cookie for cookie in parsed if cookie.name == COOKIE and cookie.value]


def session_of(exchange: Exchange) -> Session:
    """Return the session that an answer sets; `Failed` when there is none, or it is no JWT."""
    cookies = session_cookies(exchange)
    if not cookies:
        found = [text.partition("=")[0] for text in exchange.header_values("set-cookie")]
        raise Failed(
            "the session cookie",
            expected=f"Set-Cookie with {COOKIE}",
            found=f"cookies {', '.join(found)}" if found else "no cookie",
        )
    # Several of one name: a client keeps the last.
    cookie = cookies[-1]
    try:
        header = jwt.get_unverified_header(cookie.value)
        claims = jwt.decode(cookie.value, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise Failed(f"the value of {COOKIE}", expected="a JWT", found=f"{error}") from error
    return Session(cookie, header, claims)


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
    try:
        document = httpx2.get(url, timeout=10.0, trust_env=False).json()
        return [jwt.PyJWK(entry).key for entry in document["keys"]]
    except (httpx2.HTTPError, ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
        raise UsageError(f"`session.jwks`: {url}: no key set there ({error})") from error


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
    try:
        return parsedate_to_datetime(exchange.header("date") or "").timestamp()
    except ValueError:
        return time.time()


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
