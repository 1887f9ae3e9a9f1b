"""Keys and indexes of a table as PostgreSQL's catalogue has them (NFR-2)."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from conformance.observe.database import Database, Table


@dataclass(frozen=True)
class Index:
    """A valid index; `whole` says that it is not partial. Expressions have no column name."""

    name: str
    columns: tuple[str, ...]
    unique: bool
    whole: bool


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key of one column; `refers_to` is schema, table, column."""

    column: str
    refers_to: tuple[str, str, str]


def indexes(database: Database, table: Table) -> list[Index]:
    """Return the valid indexes of a table, those behind constraints included."""
    rows = database.query(_INDEXES.format(sql.Literal(_regclass(table))))
    return [Index(**{**row, "columns": tuple(row["columns"])}) for row in rows]


def primary_key(database: Database, table: Table) -> tuple[str, ...]:
    """Return the columns of the primary key."""
    rows = database.query(_PRIMARY_KEY.format(sql.Literal(_regclass(table))))
    return tuple(rows[0]["columns"]) if rows else ()


def foreign_keys(database: Database, table: Table) -> list[ForeignKey]:
    """Return the foreign keys of one column each."""
    rows = database.query(_FOREIGN_KEYS.format(sql.Literal(_regclass(table))))
    return [
        ForeignKey(row["name"], (row["schema_name"], row["table_name"], row["referred"]))
        for row in rows
    ]


def _regclass(table: Table) -> str:
    quoted = [part.replace('"', '""') for part in (table.schema, table.name)]
    return ".".join(f'"{part}"' for part in quoted)


_INDEXES = sql.SQL("""
SELECT i.relname AS name, x.indisunique AS unique, x.indpred IS NULL AS whole,
       ARRAY(SELECT coalesce(a.attname::text, '(expression)')
             FROM unnest(x.indkey[0:x.indnkeyatts - 1]) WITH ORDINALITY AS k(attnum, place)
             LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
             ORDER BY k.place) AS columns
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indrelid = {}::regclass AND x.indisvalid
""")
_PRIMARY_KEY = sql.SQL("""
SELECT ARRAY(SELECT a.attname::text
             FROM unnest(c.conkey) WITH ORDINALITY AS k(attnum, place)
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
             ORDER BY k.place) AS columns
FROM pg_constraint c WHERE c.conrelid = {}::regclass AND c.contype = 'p'
""")
_FOREIGN_KEYS = sql.SQL("""
SELECT a.attname AS name, n.nspname AS schema_name, r.relname AS table_name, b.attname AS referred
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
JOIN pg_class r ON r.oid = c.confrelid
JOIN pg_namespace n ON n.oid = r.relnamespace
JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
WHERE c.conrelid = {}::regclass AND c.contype = 'f' AND cardinality(c.conkey) = 1
""")
