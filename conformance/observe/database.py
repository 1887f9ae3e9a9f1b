"""The target's database: its tables as they are spelt there, and their rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import errors, sql
from psycopg.pq import TransactionStatus

from conformance.observe.connection import (
    LIMITS,
    Connection,
    Limits,
    Locked,
    connect,
    in_the_way,
)
from conformance.observe.evidence import Evidence
from conformance.observe.loading import register_loaders
from conformance.observe.settings import DatabasePart
from conformance.outcomes import CantTell, Failed, Point, TargetLost, UsageError
from conformance.requirements.magic_link import TOKEN_COLUMNS

Row = dict[str, Any]
Statement = LiteralString | sql.SQL | sql.Composed
Parameters = Sequence[Any] | Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column as the catalogue describes it; `type` is PostgreSQL's own name for it."""

    name: str
    type: str
    nullable: bool
    default: str | None
    generated: bool
    length: int | None


@dataclass(frozen=True)
class Table:
    """A table with its columns in order."""

    schema: str
    name: str
    columns: tuple[Column, ...]

    @property
    def identifier(self) -> sql.Identifier:
        """The qualified name, for SQL."""
        return sql.Identifier(self.schema, self.name)

    def __str__(self) -> str:
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"


class Database:
    """A connection to the target's database.

    Columns are asked for by the spec's names (`tokenHash`); the target's own spelling comes from
    the description or, when it differs only in case and underscores, is found here and noted.
    """

    def __init__(
        self, url: str, part: DatabasePart, *, writable: bool, limits: Limits = LIMITS
    ) -> None:
        self.url = url
        self.writable = writable
        self.evidence = Evidence()
        self._part = part
        self._limits = limits
        self._depth = 0
        self._connection = _connect(url, limits)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def query(self, statement: Statement, parameters: Parameters = ()) -> list[Row]:
        """Run one statement and return its rows as dictionaries.

        A connection that was lost (the server may have been restarted) is opened once more, unless
        it was lost in the middle of `together`, where nothing was done then. Raises
        `Locked` or `CantTell` for a statement that did not end in time, `TargetLost` when there is
        no server any more, and what else goes wrong as `psycopg.Error`.
        """
        self.evidence.points.add(Point.DATABASE)
        try:
            return self._run(statement, parameters)
        except errors.LockNotAvailable as error:
            self._lose_patience()
            raise Locked(in_the_way(self.url, self._limits, error)) from error
        except errors.QueryCanceled as error:
            raise CantTell(f"the database took too long: {_in_one_line(error)}") from error

    @contextmanager
    def together(self, *, undone: bool = False) -> Iterator[None]:
        """Do all that is written in the with-block, or nothing when it raises; may be nested.

        With `undone` nothing is done in any case.
        """
        self._depth += 1
        try:
            with self._connection.transaction(force_rollback=undone):
                yield
        except Locked:
            self._lose_patience()
            raise
        finally:
            self._depth -= 1

    def undone(self) -> AbstractContextManager[None]:
        """Undo at the end of the with-block what was written in it."""
        return self.together(undone=True)

    def _lose_patience(self) -> None:
        # A lock that nobody releases should not cost every scenario of the run so much time. What
        # is set within a transaction is refused, or undone with it.
        if self._connection.info.transaction_status is TransactionStatus.IDLE:
            self._connection.set_lock_timeout(self._limits.again)

    def _run(self, statement: Statement, parameters: Parameters) -> list[Row]:
        try:
            return self._execute(statement, parameters)
        except errors.DeadlockDetected:
            if self._depth:
                raise
            return self._execute(statement, parameters)
        except psycopg.OperationalError:
            if self._depth or not self._connection.closed:
                raise
            self._connection = _connect(self.url, self._limits)
            return self._execute(statement, parameters)

    def _execute(self, statement: Statement, parameters: Parameters) -> list[Row]:
        composed = sql.SQL(statement) if isinstance(statement, str) else statement
        cursor = self._connection.execute(composed, parameters or None)
        return cursor.fetchall() if cursor.description else []

    def tables(self) -> list[Table]:
        """Return every ordinary table of the target's schemas."""
        found: dict[tuple[str, str], list[Column]] = {}
        for row in self.query(_COLUMNS):
            place = row.pop("schema_name"), row.pop("table_name")
            found.setdefault(place, []).append(Column(**row))
        return [Table(schema, name, tuple(cols)) for (schema, name), cols in found.items()]

    def find_table(self, name: str) -> Table | None:
        """Return the table of that name, whatever its case and underscores."""
        schema = self._part.schema_name
        named = [
            table
            for table in self.tables()
            if _folded(table.name) == _folded(name) and schema in {None, table.schema}
        ]
        # The exact spelling first, then `public`: there may be copies in other schemas.
        named.sort(key=lambda table: (table.name != name, table.schema != "public"))
        return named[0] if named else None

    def users(self) -> Table:
        """Return the accounts table; its absence means that this is not the target's database."""
        table = self.find_table(self._part.users)
        if table is None:
            raise UsageError(
                f"database: there is no table {self._part.users!r}: is it the right database, "
                "has it been migrated? (the key `database.users` names another table)"
            )
        return table

    def find_tokens(self) -> Table | None:
        """Return NFR-2's table, None when there is none."""
        return self.find_table(self._part.tokens)

    def tokens(self) -> Table:
        """Return NFR-2's table; its absence is a failure of the target."""
        table = self.find_tokens()
        if table is None:
            raise Failed(
                f"the table {self._part.tokens} of NFR-2",
                expected="a table of that name in the target's database",
                found="none (the key `database.tokens` names another table)",
            )
        return table

    def column(self, table: Table, name: str) -> Column:
        """Return the column that holds what the spec calls `name`."""
        column = self.find_column(table, name)
        if column is None:
            raise Failed(
                f"the column {name} of {table}",
                expected="a column of that name",
                found=f"only {', '.join(column.name for column in table.columns)}",
            )
        return column

    def find_column(self, table: Table, name: str) -> Column | None:
        """Return the column that holds what the spec calls `name`, None when there is none."""
        spelt = self._part.columns.get(name, name)
        exact = [column for column in table.columns if column.name == spelt]
        close = [column for column in table.columns if _folded(column.name) == _folded(spelt)]
        found = next(iter(exact + close), None)
        if found is not None and found.name != name:
            self.evidence.note(f"{table}.{name} is spelt {found.name} here (NFR-2)")
        return found

    def token_rows(self, where: str, value: Any) -> list[Row]:
        """Return the rows of NFR-2's table where the column `where` equals `value`.

        The rows have the spec's names as keys, whatever the target's spelling.
        """
        table = self.tokens()
        condition = sql.SQL("WHERE {}::text = %s")
        column = sql.Identifier(self.column(table, where).name)
        rows = self._token_rows(table, condition.format(column), [str(value)])
        for row in rows:
            self.evidence.row(str(table), row)
        return rows

    def all_token_rows(self) -> list[Row]:
        """Return every row of NFR-2's table, as `token_rows` does."""
        return self._token_rows(self.tokens(), sql.SQL(""), [])

    def _token_rows(self, table: Table, condition: sql.Composable, given: list[str]) -> list[Row]:
        statement = sql.SQL("SELECT * FROM {} {}").format(table.identifier, condition)
        return [self._renamed(table, row) for row in self.query(statement, given)]

    def token_times(self, hashes: Sequence[str]) -> list[Row]:
        """Return `createdAt`, `expiresAt` and `usedAt` of those tokens that have a row."""
        table = self.tokens()
        names = [
            sql.Identifier(self.column(table, name).name)
            for name in ("createdAt", "expiresAt", "usedAt", "tokenHash")
        ]
        statement = sql.SQL(
            'SELECT {} AS "createdAt", {} AS "expiresAt", {} AS "usedAt" FROM {} '
            "WHERE {}::text = ANY(%s)"
        ).format(*names[:3], table.identifier, names[3])
        return self.query(statement, [list(hashes)])

    def _renamed(self, table: Table, row: Row) -> Row:
        found = {name: self.find_column(table, name) for name in TOKEN_COLUMNS}
        known = {column.name: name for name, column in found.items() if column is not None}
        return {known.get(name, name): value for name, value in row.items()}


def _connect(url: str, limits: Limits) -> Connection:
    try:
        connection = connect(url, limits)
    except psycopg.Error as error:
        raise TargetLost(
            f"the target's database cannot be reached: {_in_one_line(error)}"
        ) from error
    register_loaders(connection)
    return connection


def _in_one_line(error: psycopg.Error) -> str:
    return " ".join(str(error).split())


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


_COLUMNS = """
SELECT n.nspname AS schema_name, c.relname AS table_name, a.attname AS name,
       t.typname AS type, NOT a.attnotnull AS nullable,
       pg_get_expr(d.adbin, d.adrelid) AS default,
       (a.attgenerated <> '' OR a.attidentity = 'a') AS generated,
       CASE WHEN t.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4
            THEN a.atttypmod - 4 END AS length
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
ORDER BY n.nspname, c.relname, a.attnum
"""
