"""The token rows of many users, looked at often: the table is looked up once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Self

from psycopg import sql

from conformance.observe.database import Database, Row, Table
from conformance.steps.storage import identity
from conformance.target.accounts.supply import Account
from conformance.target.database.minting import stored_hash


class TokenRows:
    """Tells which rows were added since somebody's rows were looked at last."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database, self._table = database, table
        self._known: dict[str, set[Hashable]] = {}

    @classmethod
    def of(cls, database: Database | None) -> Self | None:
        """Return the rows; None where the table, or a column of it that is needed, is not seen."""
        table = database.find_tokens() if database is not None else None
        if database is None or table is None:
            return None
        needed = ("userId", "tokenHash", "usedAt")
        whole = all(database.find_column(table, name) for name in needed)
        return cls(database, table) if whole else None

    def added(self, account: Account, tokens: Sequence[str]) -> int | None:
        """Return how many rows a user has that were not there before; None without an id.

        A row that was there and holds one of the tokens now counts as well.
        """
        if account.id is None:
            return None
        rows = self._rows("userId", account.id)
        known = self._known.get(account.id, set())
        self._known[account.id] = {identity(row) for row in rows}
        column = self._database.column(self._table, "tokenHash").name
        hashes = {stored_hash(token) for token in tokens}
        return sum(identity(row) not in known or row[column] in hashes for row in rows)

    def is_marked(self, token: str) -> bool | None:
        """Tell whether a token is marked as used; None when it has no row of its own."""
        rows = self._rows("tokenHash", stored_hash(token))
        column = self._database.column(self._table, "usedAt").name
        return rows[0][column] is not None if len(rows) == 1 else None

    def _rows(self, where: str, value: str) -> list[Row]:
        column = sql.Identifier(self._database.column(self._table, where).name)
        statement = sql.SQL("SELECT * FROM {} WHERE {}::text = %s").format(
            self._table.identifier, column
        )
        return self._database.query(statement, [value])
