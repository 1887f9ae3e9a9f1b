"""NFR-2's table, from the catalogue, read for its meaning (reading 34)."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
from psycopg import sql
from pytest_bdd import parsers, then

from conformance.observe.catalogue import (
    Index,
    foreign_keys,
    indexes,
    primary_key,
)
from conformance.observe.database import Column, Database, Table
from conformance.outcomes import CantTell, Failed
from conformance.steps.scene import Scene

# The default is evaluated in two zones that are a day apart, since one that drops the zone is right
# in one of them only.
_ZONES = ("Pacific/Kiritimati", "Pacific/Pago_Pago")
_OFF_SECONDS = 60.0
# What it was when the table was made, it stays.
_CONSTANT = re.compile(r"\(*'[^']*'::[\w ]+(\(\d\))?[\w ]*\)*")


def _identity(database: Database, table: Table, column: Column) -> None:
    _expect_type(column, "uuid")
    if primary_key(database, table) != (column.name,):
        raise Failed("the primary key", expected=column.name, found=primary_key(database, table))


def _owner(database: Database, table: Table, column: Column) -> None:
    _expect_type(column, "uuid")
    users = database.users()
    referred = [key.refers_to for key in foreign_keys(database, table) if key.column == column.name]
    wanted = (users.schema, users.name, database.column(users, "id").name)
    if wanted not in referred:
        raise Failed(f"what {column.name} refers to", expected=f"{users}.id", found=referred)


def _hash(database: Database, table: Table, column: Column) -> None:
    del database, table
    if column.type not in {"varchar", "bpchar"} or column.length != 64:
        raise Failed(f"the type of {column.name}", expected="varchar(64)", found=_type(column))
    _expect_required(column)


def _required_time(database: Database, table: Table, column: Column) -> None:
    del database, table
    _expect_type(column, "timestamptz")
    _expect_required(column)


def _optional_time(database: Database, table: Table, column: Column) -> None:
    del database, table
    _expect_type(column, "timestamptz")
    if not column.nullable:
        raise Failed(f"{column.name}", expected="nullable", found="NOT NULL")


def _creation_time(database: Database, table: Table, column: Column) -> None:
    del table
    _expect_type(column, "timestamptz")
    if column.default is None or not _is_now(database, column.default):
        found = column.default or "none"
        raise Failed(f"the default of {column.name}", expected="now()", found=found)


def _is_now(database: Database, default: str) -> bool:
    """Return whether a default is the present time, whatever it is called."""
    if _CONSTANT.fullmatch(default):
        return False
    statement = sql.SQL(
        "SELECT extract(epoch FROM value - clock_timestamp())::float8 AS off"
        " FROM (SELECT ({})::timestamptz AS value) AS evaluated"
    ).format(sql.SQL(default))
    evaluated = []
    try:
        for zone in _ZONES:
            database.query("SELECT set_config('TimeZone', %s, false)", [zone])
            evaluated += database.query(statement)
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise CantTell(f"the default {default} could not be evaluated: {reason}") from error
    finally:
        database.query("RESET TimeZone")
    return all(row["off"] is not None and abs(row["off"]) < _OFF_SECONDS for row in evaluated)


_CHECKS: dict[str, Callable[[Database, Table, Column], None]] = {
    "a UUID and the primary key": _identity,
    "a UUID that refers to the user": _owner,
    "text of 64 characters, required": _hash,
    "a time with its zone, required": _required_time,
    "a time with its zone, optional": _optional_time,
    "a time with its zone, now by default": _creation_time,
}


@then(parsers.parse('the column "{name}" of "magic_link_tokens" is {kind}'))
def column_is(scene: Scene, name: str, kind: str) -> None:
    database = scene.testbed.need_database()
    table = database.tokens()
    _CHECKS[kind](database, table, database.column(table, name))


@then(parsers.parse('"{name}" is unique in "magic_link_tokens"'))
def is_unique(scene: Scene, name: str) -> None:
    database = scene.testbed.need_database()
    table = database.tokens()
    column = database.column(table, name).name
    found = indexes(database, table)
    if not any(index.unique and index.whole and index.columns == (column,) for index in found):
        raise Failed(f"a unique constraint on {name}", expected="one", found=_in_words(found))


@then(parsers.parse('"magic_link_tokens" has an index on "{names}"'))
def has_index(scene: Scene, names: str) -> None:
    database = scene.testbed.need_database()
    table = database.tokens()
    wanted = tuple(database.column(table, name.strip()).name for name in names.split(","))
    found = indexes(database, table)
    if not any(index.whole and index.columns[: len(wanted)] == wanted for index in found):
        raise Failed(f"an index on {names}", expected="one", found=_in_words(found))


def _in_words(found: list[Index]) -> str:
    return "; ".join(f"{index.name} on {', '.join(index.columns)}" for index in found) or "none"


def _expect_type(column: Column, wanted: str) -> None:
    if column.type != wanted:
        raise Failed(f"the type of {column.name}", expected=wanted, found=_type(column))


def _expect_required(column: Column) -> None:
    if column.nullable:
        raise Failed(f"{column.name}", expected="NOT NULL", found="nullable")


def _type(column: Column) -> str:
    return f"{column.type}({column.length})" if column.length else column.type
