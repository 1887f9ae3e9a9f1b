"""Ageing of times that are written in text or JSON, where a table's columns are not timestamps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import sql

from conformance.observe.database import Column, Database, Table
from conformance.target.clock.written_times import PATTERN, has_another_form, moved_back

_TEXTS = frozenset({"text", "varchar", "bpchar", "json", "jsonb", "hstore", "_text", "_varchar"})
# The first bytes of objects that Python, Java and Ruby wrote, in Base64; and more bytes than any
# hash has.
_OBJECTS = "^(gA[JNSW]|rO0AB|BAh)"
_LONG_BYTES = r"^\\x[0-9a-f]{130}"
_MOST_ROWS_READ = 200


class Documents:
    """Text columns with times in them.

    Which columns those are shows in the rows that were written since this was made: every request
    for a link writes what it counts. Then all rows of such a column are moved.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        [row] = database.query("SELECT txid_snapshot_xmin(txid_current_snapshot()) AS since")
        self._since = int(row["since"]) % 2**32
        self._known: set[tuple[Table, Column]] = set()
        self._left: set[tuple[Table, Column]] = set()

    def age(self, table: Table, by: timedelta) -> list[Column]:
        """Move the times of a table's texts back by `by`; return the columns that had some."""
        columns = [column for column in _texts(table) if self._holds_times(table, column)]
        for column in columns:
            self._move(table, column, by)
        return columns

    def doubts(self, table: Table) -> Iterator[str]:
        """Yield what may hold times that were not moved."""
        for column in table.columns:
            if (table, column) in self._left or self._is_closed(table, column):
                where = f"{table}.{column.name} ({column.type})"
                yield f"{where} seems to hold times that cannot be aged"

    def _holds_times(self, table: Table, column: Column) -> bool:
        if (table, column) not in self._known and self._recent(table, column, PATTERN, 1):
            self._known.add((table, column))
        return (table, column) in self._known

    def _is_closed(self, table: Table, column: Column) -> bool:
        """Return whether a column holds what cannot be read, or times in some other form."""
        if column.type == "bytea":
            return bool(self._recent(table, column, _LONG_BYTES, 1))
        if column not in _texts(table):
            return False
        written = self._recent(table, column, r"\d:\d\d:\d\d", _MOST_ROWS_READ)
        return bool(any(map(has_another_form, written)) or self._recent(table, column, _OBJECTS, 1))

    def _recent(self, table: Table, column: Column, pattern: str, most: int) -> list[str]:
        """Return values that match, of rows that were written lately."""
        statement = sql.SQL(
            "SELECT {name}::text AS value FROM {table} AS t"
            " WHERE age(t.xmin) <= age({since}::text::xid) AND {name}::text ~ {pattern}"
            " LIMIT {most}"
        ).format(
            name=sql.Identifier(column.name),
            table=table.identifier,
            since=sql.Literal(str(self._since)),
            pattern=sql.Literal(pattern),
            most=sql.Literal(most),
        )
        return [row["value"] for row in self._database.query(statement)]

    def _move(self, table: Table, column: Column, by: timedelta) -> None:
        names = {"name": sql.Identifier(column.name), "table": table.identifier}
        found = sql.SQL(
            "SELECT tableoid, ctid::text AS place, {name}::text AS value FROM {table}"
            " WHERE {name}::text ~ {pattern}"
        ).format(**names, pattern=sql.Literal(PATTERN))
        change = sql.SQL(
            "UPDATE {table} SET {name} = (%s::text)::{type}"
            " WHERE tableoid = %s AND ctid = %s::tid AND {name}::text = %s"
        ).format(**names, type=sql.Identifier(column.type))
        now = datetime.now(UTC)
        for row in self._database.query(found):
            moved = moved_back(row["value"], by, now)
            if moved != row["value"]:
                place = (row["tableoid"], row["place"], row["value"])
                try:
                    with self._database.together():
                        self._database.query(change, [moved, *place])
                except (psycopg.IntegrityError, psycopg.DataError):
                    self._left.add((table, column))


def _texts(table: Table) -> list[Column]:
    return [each for each in table.columns if each.type in _TEXTS and not each.generated]
