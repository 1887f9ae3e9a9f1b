"""Ageing: every stored time of the target's own tables moved back, so that time seems to pass.

For all state that lives in PostgreSQL this equals moving the clock forward, in whatever language
the target is written and whichever clock it compares with. Rows of the accounts table stay.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Literal

import psycopg
from psycopg import sql

from conformance.observe.database import Column, Database, Table
from conformance.target.clock.documents import Documents

_TIMES = frozenset({"timestamp", "timestamptz"})
_TIME_LISTS = frozenset({"_timestamp", "_timestamptz"})
_INTEGERS = frozenset({"int4", "int8", "numeric", "float8"})
_INTEGER_LISTS = frozenset({f"_{name}" for name in _INTEGERS})
# Clear of every real date, so that a first move cannot meet rows that have not moved yet.
_OUT_OF_THE_WAY = timedelta(days=365_000 // 4)
# What lies further back decides nothing about links and limits; tables may be full of it.
_LONG_PAST = timedelta(days=7)
_PLAUSIBLE_SECONDS = 30 * 86_400
_NAMED_SECONDS = 400 * 86_400
_OLDEST_SECONDS = 3_650 * 86_400
_SCALES = {1: "s", 1_000: "ms", 1_000_000: "µs"}
# Which state a passing of time is meant to change: the tokens, or the count of requests.
State = Literal["tokens", "limit"]


class Ageing:
    """Shifts stored times back.

    `epoch_columns` are `table.column` names of integers that hold seconds, milliseconds or
    microseconds since 1970; others are recognised by their values. `notes` says what was done.
    """

    def __init__(self, database: Database, epoch_columns: Iterable[str]) -> None:
        self._database = database
        self._named = frozenset(epoch_columns)
        self._documents = Documents(database)
        self.notes: list[str] = []

    def age(self, by: timedelta) -> None:
        """Move every stored time back by `by`, or none where that fails."""
        self._leave_triggers_out()
        self._give_way()
        try:
            self._move_all(by)
        except psycopg.errors.DeadlockDetected:
            self._move_all(by)

    def _move_all(self, by: timedelta) -> None:
        with self._database.together():
            for table in self._own_tables():
                self._move(table, by)

    def _move(self, table: Table, by: timedelta) -> None:
        times = [c for c in table.columns if c.type in _TIMES | _TIME_LISTS and not c.generated]
        if times:
            self._shift_times(table, times, by)
        for column, scale in self._epoch_columns(table):
            self._shift_epoch(table, column, by, scale)
        for column in self._documents.age(table, by):
            self._note(f"times within {table}.{column.name} were aged with the timestamps")

    def unshifted(self, state: State) -> list[str]:
        """Return where times of `state` seem to be stored that were not shifted.

        Tokens expire by NFR-2's table, which is trusted where it has real timestamps; requests are
        counted in any other.
        """
        tokens = self._database.find_tokens()
        concerned = [
            table
            for table in self._own_tables()
            if (table == tokens) == (state == "tokens")
            and (table != tokens or not any(column.type in _TIMES for column in table.columns))
        ]
        return [doubt for table in concerned for doubt in self._documents.doubts(table)]

    def _leave_triggers_out(self) -> None:
        # A trigger that notes when a row was changed would undo what is done to it here.
        try:
            self._database.query("SET session_replication_role = replica")
        except psycopg.errors.InsufficientPrivilege:
            self._note("triggers run while rows are aged: only a superuser can leave them out")

    def _give_way(self) -> None:
        # Two that wait for one another: the one that looks first is broken off, and not the target.
        with suppress(psycopg.errors.InsufficientPrivilege):
            self._database.query("SET deadlock_timeout = '100ms'")

    def _own_tables(self) -> list[Table]:
        users = self._database.users()
        return [
            table
            for table in self._database.tables()
            if (table.schema, table.name) != (users.schema, users.name)
        ]

    def _shift_times(self, table: Table, columns: list[Column], by: timedelta) -> None:
        changes = self._changes(columns, by)
        if not any(column.type in _TIME_LISTS for column in columns):
            changes += sql.SQL(" WHERE greatest({}) > now() - {}").format(
                sql.SQL(", ").join(sql.Identifier(column.name) for column in columns),
                sql.Literal(_LONG_PAST),
            )
        try:
            with self._database.together():
                self._update(table, changes)
        except psycopg.errors.UniqueViolation:
            # A time that is part of a key met the not yet shifted time of another row.
            self._update(table, self._changes(columns, by + _OUT_OF_THE_WAY))
            self._update(table, self._changes(columns, -_OUT_OF_THE_WAY))

    def _changes(self, columns: list[Column], by: timedelta) -> sql.Composed:
        return sql.SQL(", ").join(_moved(column, sql.Literal(by)) for column in columns)

    def _update(self, table: Table, changes: sql.Composed) -> None:
        self._database.query(sql.SQL("UPDATE {} SET {}").format(table.identifier, changes))

    def _epoch_columns(self, table: Table) -> list[tuple[Column, int]]:
        numbers = _INTEGERS | _INTEGER_LISTS
        candidates = [c for c in table.columns if c.type in numbers and not c.generated]
        scales = [(column, self._epoch_scale(table, column)) for column in candidates]
        return [(column, scale) for column, scale in scales if scale]

    def _epoch_scale(self, table: Table, column: Column) -> int:
        """Return units per second when the values are times, the latest close to now, else 0."""
        # A list is looked at value by value.
        values = sql.SQL("unnest({})" if column.type in _INTEGER_LISTS else "{}")
        statement = sql.SQL(
            "SELECT min(v)::float8 AS low, max(v)::float8 AS high FROM (SELECT {} AS v FROM {}) s"
        ).format(values.format(sql.Identifier(column.name)), table.identifier)
        [row] = self._database.query(statement)
        if row["low"] is None:
            return 0
        now = time.time()
        is_named = f"{table.name}.{column.name}" in self._named
        reach = _NAMED_SECONDS if is_named else _PLAUSIBLE_SECONDS
        for scale in _SCALES:
            high, low = row["high"] / scale, row["low"] / scale
            if abs(high - now) < reach and low > now - _OLDEST_SECONDS:
                return scale
        return 0

    def _shift_epoch(self, table: Table, column: Column, by: timedelta, scale: int) -> None:
        changes = _moved(column, sql.Literal(round(by.total_seconds() * scale)))
        if column.type in _INTEGERS:
            since = round((time.time() - _LONG_PAST.total_seconds()) * scale)
            changes += sql.SQL(" WHERE {} > {}").format(
                sql.Identifier(column.name), sql.Literal(since)
            )
        self._update(table, changes)
        self._note(f"{table}.{column.name} holds epoch times and was aged with the timestamps")

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def _moved(column: Column, by: sql.Literal) -> sql.Composed:
    """Return the assignment that moves a column, or each value of a list, back."""
    name = sql.Identifier(column.name)
    if not column.type.startswith("_"):
        return sql.SQL("{0} = {0} - {1}").format(name, by)
    # A list that is NULL stays NULL, and an empty one empty.
    moved = sql.SQL("ARRAY(SELECT v - {1} FROM unnest({0}) AS v)").format(name, by)
    return sql.SQL("{0} = CASE WHEN cardinality({0}) > 0 THEN {1} ELSE {0} END").format(name, moved)
