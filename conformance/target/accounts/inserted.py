"""Accounts that the harness writes into the users table, or registers over HTTP, as needed."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import chain
from typing import Any

import psycopg
from psycopg import sql

from conformance.observe.catalogue import foreign_keys
from conformance.observe.database import Column, Database, Table
from conformance.outcomes import CantTell, Failed, Inapplicable, Point, Untested, UsageError
from conformance.target.accounts.passwords import SCHEMES
from conformance.target.accounts.supply import Account, Accounts, Kind, unknown_address
from conformance.target.description import AccountsPart

_ENUM_LABELS = """
    SELECT enumlabel FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid
    WHERE typname = %s ORDER BY enumsortorder
"""
_STATUS_KEYS: dict[Kind, str] = {
    "active": "accounts.active_status",
    "suspended": "accounts.suspended_status",
}


class InsertedAccounts(Accounts):
    """Accounts written into the users table as they are needed."""

    def __init__(self, database: Database, part: AccountsPart) -> None:
        super().__init__()
        self._database = database
        self._part = part
        self._password = f"Pw-{secrets.token_hex(8)}"
        self._hash = self._hashed() if part.password_hash else None
        # What further columns get, by their names; None: any value of the type.
        self._values: dict[str, Any] = {}

    @cached_property
    def _table(self) -> Table:
        # Looked up once: a run inserts hundreds of accounts.
        return self._database.users()

    def _hashed(self) -> str:
        given = self._part.password_hash or ""
        if given in SCHEMES:
            return SCHEMES[given](self._password)
        literal, _, password = given.partition(" ")
        if len(literal) >= 20 and password:
            # A literal: the hash, a space, and the password that it is of.
            self._password = password
            return literal
        raise UsageError(
            f"`accounts.password_hash`: found {given!r}: expected one of {', '.join(SCHEMES)}, "
            'or a literal hash, a space and its password: "$2b$10$… correct horse"'
        )

    @property
    def plentiful(self) -> bool:
        """Always: rows are cheap."""
        return True

    def try_out(self) -> None:
        """Insert accounts and take them back; raise `UsageError` when the table refuses them."""
        # What else is in the way (no such column, a lock) is said by the scenarios that meet it.
        with suppress(Failed, CantTell), self._database.undone():
            for kind, key in _STATUS_KEYS.items():
                try:
                    self._insert(kind, unknown_address())
                except psycopg.Error as error:
                    raise UsageError(
                        f"{self._refusal(kind, error)}, `{key}` the status)"
                    ) from error

    def take(self, kind: Kind = "active", count: int = 1) -> list[Account]:
        """Insert `count` accounts and return them."""
        try:
            return [self._insert(kind, unknown_address()) for _ in range(count)]
        except psycopg.Error as error:
            raise Untested(Point.ACCOUNTS, f"{self._refusal(kind, error)})") from error

    def make(self, address: str) -> Account:
        """Insert an active account with exactly this address."""
        try:
            return self._insert("active", address)
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            raise Inapplicable(f"the users table does not take {address}: {reason}") from error

    def _refusal(self, kind: Kind, error: psycopg.Error) -> str:
        return (
            f"no {kind} account can be inserted into {self._table}: {' '.join(str(error).split())} "
            "(the key `accounts.columns` sets further columns"
        )

    @property
    def changeable(self) -> bool:
        """Always: their rows are the harness's own."""
        return True

    def suspend(self, account: Account) -> None:
        """Write the status of a suspended account into the account's row."""
        self._write(account, "status", self._part.suspended_status)

    def reinstate(self, account: Account) -> None:
        """Write the status of an active account into the account's row."""
        self._write(account, "status", self._part.active_status)

    def delete(self, account: Account) -> None:
        """Delete the account's row, and its tokens first, since they refer to it."""
        tokens, email = self._database.find_tokens(), self._database.column(self._table, "email")
        owner = self._database.find_column(tokens, "userId") if tokens is not None else None
        try:
            with self._database.together():
                if tokens is not None and owner is not None:
                    self._delete_from(tokens, owner, account.known_id)
                self._delete_from(self._table, email, account.email)
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            raise Inapplicable(f"no row of {self._table} can be deleted: {reason}") from error

    def _delete_from(self, table: Table, where: Column, value: str) -> None:
        self._database.query(
            sql.SQL("DELETE FROM {} WHERE {} = {}").format(
                table.identifier, sql.Identifier(where.name), sql.Literal(value)
            )
        )

    def change_password(self, account: Account) -> None:
        """Write the hash of another password into the account's row."""
        scheme = SCHEMES.get(self._part.password_hash or "")
        if scheme is None:
            raise Untested(Point.ACCOUNTS, "`accounts.password_hash` does not name a scheme")
        self._write(account, "passwordHash", scheme(f"Pw-{secrets.token_hex(8)}"))

    def _write(self, account: Account, name: str, value: str) -> None:
        table = self._table
        column = self._database.column(table, name)
        email = self._database.column(table, "email")
        statement = sql.SQL("UPDATE {} SET {} = {} WHERE {} = {}").format(
            table.identifier,
            sql.Identifier(column.name),
            sql.Literal(value),
            sql.Identifier(email.name),
            sql.Literal(account.email),
        )
        try:
            self._database.query(statement)
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            message = f"{table}.{column.name} cannot be set: {reason}"
            raise Untested(Point.ACCOUNTS, message) from error

    def _password_account(self) -> Account:
        if self._hash is None:
            raise Untested(Point.ACCOUNTS, "`accounts.password_hash` does not say how to hash one")
        return super()._password_account()

    def _insert(self, kind: Kind, email: str) -> Account:
        part, database = self._part, self._database
        table = self._table
        status = part.suspended_status if kind == "suspended" else part.active_status
        values: dict[str, Any] = {
            database.column(table, "email").name: email,
            database.column(table, "status").name: status,
        }
        password_column = database.column(table, "passwordHash")
        values[password_column.name] = None if kind == "passwordless" else self._hash
        id_column = database.column(table, "id")
        if id_column.type in {"uuid", "text", "varchar", "bpchar"}:
            values[id_column.name] = str(uuid.uuid4())
        values.update(self._further(table.columns, values))
        values.update(part.columns)
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING {}::text AS id").format(
            table.identifier,
            sql.SQL(", ").join(map(sql.Identifier, values)),
            # Untyped literals take the column's type, an enum's included.
            sql.SQL(", ").join(sql.Literal(value) for value in values.values()),
            sql.Identifier(id_column.name),
        )
        [row] = database.query(statement)
        self.addresses.add(email.lower())
        bare = kind == "passwordless"
        return Account(
            email,
            row["id"],
            password=None if bare or self._hash is None else self._password,
            status="suspended" if kind == "suspended" else "active",
            passwordless=bare,
        )

    def _further(self, columns: Sequence[Column], given: dict[str, Any]) -> dict[str, Any]:
        """Return values for columns that must have one and are not ours to know."""
        needed = [
            column
            for column in columns
            if not (column.nullable or column.default or column.generated or column.name in given)
        ]
        return {column.name: self._value_for(column) for column in needed}

    def _value_for(self, column: Column) -> Any:
        """Return what a column takes: a key that it refers to, a label, or any of its type."""
        if column.name not in self._values:
            fitting = chain(self._referred(column), self._labels(column))
            self._values[column.name] = next(fitting, None)
        known = self._values[column.name]
        return _plausible(column) if known is None else known

    def _referred(self, column: Column) -> Iterator[Any]:
        for key in foreign_keys(self._database, self._table):
            if key.column == column.name:
                schema, table, name = map(sql.Identifier, key.refers_to)
                statement = sql.SQL("SELECT {}::text AS value FROM {}.{} LIMIT 1")
                rows = self._database.query(statement.format(name, schema, table))
                yield from (row["value"] for row in rows)

    def _labels(self, column: Column) -> Iterator[str]:
        rows = self._database.query(_ENUM_LABELS, [column.type])
        yield from (row["enumlabel"] for row in rows)


def _plausible(column: Column) -> Any:
    if column.type in {"timestamp", "timestamptz", "date"}:
        return "now"
    if column.type == "uuid":
        return str(uuid.uuid4())
    if column.type == "bool":
        return False
    if column.type in {"json", "jsonb"}:
        return "{}"
    if column.type in {"text", "varchar", "bpchar", "citext"}:
        return secrets.token_hex(8)[: column.length or 16]
    if column.type == "bytea":
        return b""
    return 0
