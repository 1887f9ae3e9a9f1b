"""Queries on users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import DataError
from psycopg.rows import class_row

if TYPE_CHECKING:
    from reference_app.database import Pool


@dataclass(frozen=True)
class User:
    """A row of `users`; the id is text here, whatever type its column has."""

    id: str
    email: str
    password_hash: str | None
    status: str

    @property
    def is_active(self) -> bool:
        """Return whether this user may log in."""
        return self.status == "active"


_SELECT_USER = """
    SELECT id::text AS id, email, "passwordHash" AS password_hash, status::text AS status
    FROM users
"""


# Unless it was changed meanwhile.
_REPLACE_HASH = """
    UPDATE users SET "passwordHash" = %(new)s
    WHERE id = %(user_id)s AND "passwordHash" = %(old)s
"""


class UserRepository:
    """Reads users; writes nothing but another hash of the same password."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def by_address(self, address: str) -> User | None:
        """Return the user with this normalised address."""
        return await self._one(_SELECT_USER + "WHERE lower(email) = lower(%s)", address)

    async def by_id(self, user_id: str) -> User | None:
        """Return the user with this id, None also for what is none."""
        try:
            return await self._one(_SELECT_USER + "WHERE id = %s", user_id)
        except DataError:
            return None

    async def replace_hash(self, user: User, new: str) -> None:
        """Store another hash of the password whose hash this user was read with."""
        async with self._pool.connection() as connection:
            await connection.execute(
                _REPLACE_HASH, {"new": new, "user_id": user.id, "old": user.password_hash}
            )

    async def _one(self, query: str, value: str) -> User | None:
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(User)) as cursor,
        ):
            await cursor.execute(query, (value,))
            return await cursor.fetchone()
