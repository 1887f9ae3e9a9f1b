"""Live tokens written straight into the table, as NFR-1 and NFR-2 say how: many, without mail."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import Any

import psycopg
from psycopg import sql

from conformance.observe.database import Database, Table
from conformance.outcomes import Point, Untested


class TokenMint:
    """Makes tokens that are copies of a row which the target wrote itself.

    `template` is a token that was mailed a moment ago: whatever further columns its row has are
    copied, so that the target cannot tell the copies from its own. Raises `Untested` where that
    cannot be done.
    """

    def __init__(self, database: Database, template: str) -> None:
        self._database = database
        if not database.writable:
            raise Untested(Point.DATABASE, "tokens may only be written into a disposable one")
        rows = database.token_rows("tokenHash", stored_hash(template))
        if len(rows) != 1:
            raise Untested(Point.DATABASE, "the mailed token's row is not found by its hash")
        self._table = database.tokens()
        self._template = stored_hash(template)

    def mint(self, user_id: str) -> str:
        """Write a live token for a user and return it."""
        token = secrets.token_hex(32)
        replaced = self._replaced(self._table, token, user_id)
        columns = [c for c in self._table.columns if not c.generated]
        chosen = [c for c in columns if c.name not in replaced or replaced[c.name] is not None]
        values = [
            sql.Literal(replaced[c.name]) if c.name in replaced else sql.Identifier(c.name)
            for c in chosen
        ]
        statement = sql.SQL("INSERT INTO {0} ({1}) SELECT {2} FROM {0} WHERE {3} = {4}").format(
            self._table.identifier,
            sql.SQL(", ").join(sql.Identifier(c.name) for c in chosen),
            sql.SQL(", ").join(values),
            sql.Identifier(self._database.column(self._table, "tokenHash").name),
            sql.Literal(self._template),
        )
        try:
            self._database.query(statement)
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            raise Untested(Point.DATABASE, f"no token could be written: {reason}") from error
        return token

    def _replaced(self, table: Table, token: str, user_id: str) -> dict[str, Any]:
        """Return the columns that differ from the template's; None leaves it to the default."""
        identity = self._database.column(table, "id")
        return {
            identity.name: str(uuid.uuid4()) if identity.type != "int8" else None,
            self._database.column(table, "userId").name: user_id,
            self._database.column(table, "tokenHash").name: stored_hash(token),
        }


def stored_hash(token: str) -> str:
    """Return what NFR-1 says is stored for a token."""
    return hashlib.sha256(token.encode()).hexdigest()
