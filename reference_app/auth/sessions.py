"""The session: a JWT in a cookie. Every way to log in starts it here: all sessions are the same."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import jwt

from reference_app import clock

if TYPE_CHECKING:
    from fastapi import Response

COOKIE_NAME = "auth_token"
LIFETIME = timedelta(days=7)
ALGORITHM = "HS256"


class Sessions:
    """Starts sessions and recognises them."""

    def __init__(self, secret: str, *, secure_cookie: bool) -> None:
        self._secret = secret
        self._secure_cookie = secure_cookie

    def start(self, response: Response, user_id: UUID) -> None:
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

    def user_id(self, token: str) -> UUID | None:
        """Return whose session a cookie's value is, or None when it is none that lives."""
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                # The times are compared below, with the clock that also wrote them.
                options={
                    "require": ["sub", "iat", "exp"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
            expires_at = int(claims["exp"])
            user_id = UUID(claims["sub"])
        except (jwt.InvalidTokenError, ValueError, TypeError):
            return None
        return user_id if clock.now().timestamp() < expires_at else None

    def _encode(self, user_id: UUID) -> str:
        issued_at = int(clock.now().timestamp())
        claims = {
            "sub": str(user_id),
            "iat": issued_at,
            "exp": issued_at + int(LIFETIME.total_seconds()),
        }
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM)
