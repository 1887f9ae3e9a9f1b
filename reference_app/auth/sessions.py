"""The session: a JWT in a cookie. Every way to log in starts it here: all sessions are the same.

Keys can be rotated: sessions are signed with the current secret and name it (`kid`); those that an
earlier secret signed are recognised for as long as the settings still list it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jwt

from reference_app import clock

if TYPE_CHECKING:
    from fastapi import Response

COOKIE_NAME = "auth_token"
LIFETIME = timedelta(days=7)
ALGORITHM = "HS256"
# The times are compared here, with the clock that also wrote them.
_OWN_CLOCK: Any = {"require": ["sub", "iat", "exp"], "verify_exp": False, "verify_iat": False}


def key_id(secret: str) -> str:
    """Return the public name of a secret: the start of its SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()[:8]


class Sessions:
    """Starts sessions and recognises them."""

    def __init__(
        self, secret: str, *, secure_cookie: bool, previous_secrets: Iterable[str] = ()
    ) -> None:
        self._secret = secret
        self._secrets = {key_id(each): each for each in (secret, *previous_secrets)}
        self._secure_cookie = secure_cookie

    def start(self, response: Response, user_id: str) -> None:
        """Set the session cookie on a response."""
        response.set_cookie(
            COOKIE_NAME,
            self._encode(user_id),
            max_age=int(LIFETIME.total_seconds()),
            path="/",
            httponly=True,
            secure=self._secure_cookie,
            samesite="lax",
        )
        response.headers["Cache-Control"] = "no-store"

    def user_id(self, token: str) -> str | None:
        """Return whose session a cookie's value is, or None when it is none that lives."""
        try:
            # Without a known key's name the current secret decides, and refuses all but its own.
            secret = self._secrets.get(_key_id_of(token), self._secret)
            claims = jwt.decode(token, secret, algorithms=[ALGORITHM], options=_OWN_CLOCK)
            expires_at = int(claims["exp"])
            user_id = str(claims["sub"])
        except (jwt.InvalidTokenError, ValueError, TypeError):
            return None
        return user_id if clock.now().timestamp() < expires_at else None

    def _encode(self, user_id: str) -> str:
        issued_at = int(clock.now().timestamp())
        claims = {
            "sub": user_id,
            "iat": issued_at,
            "exp": issued_at + int(LIFETIME.total_seconds()),
        }
        headers = {"kid": key_id(self._secret)}
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM, headers=headers)


def _key_id_of(token: str) -> str:
    return str(jwt.get_unverified_header(token).get("kid"))
