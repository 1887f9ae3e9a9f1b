"""Password login and the check that guards every protected endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_app import addresses
from reference_app.errors import InvalidCredentials, Unauthenticated

if TYPE_CHECKING:
    from reference_app.auth.passwords import Passwords
    from reference_app.auth.repository import User, UserRepository
    from reference_app.auth.sessions import Sessions


class AuthService:
    """Tells who somebody is, by password or by session."""

    def __init__(self, users: UserRepository, passwords: Passwords, sessions: Sessions) -> None:
        self._users = users
        self._passwords = passwords
        self._sessions = sessions

    async def log_in(self, email: str, password: str) -> str:
        """Return the id of the user; raise InvalidCredentials, always after the same work.

        A hash that another framework wrote is replaced when its password has been given.
        """
        user = await self._users.by_address(addresses.normalise(email))
        password_hash = user.password_hash if user else None
        fits = await self._passwords.verify(password_hash, password)
        if user is None or not fits or not user.is_active:
            raise InvalidCredentials
        replacement = await self._passwords.replacement(password_hash, password)
        if replacement is not None:
            await self._users.replace_hash(user, replacement)
        return user.id

    async def authenticate(self, session_token: str | None) -> User:
        """Return the active user of a session; raise Unauthenticated."""
        user_id = self._sessions.user_id(session_token) if session_token else None
        user = await self._users.by_id(user_id) if user_id else None
        if user is None or not user.is_active:
            raise Unauthenticated
        return user
