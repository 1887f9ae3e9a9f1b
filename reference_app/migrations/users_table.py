"""The table `users`: where there is one already, it is checked and left as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Addresses are looked up without regard to case: two that differ only in case must not be.
UNIQUE_ADDRESSES = "CREATE UNIQUE INDEX users_lower_email_key ON users (lower(email))"

_NEEDED = ("id", "email", "passwordHash", "status")
_COLUMNS = text("""
    SELECT attname AS name, format_type(atttypid, atttypmod) AS type, typcategory = 'S' AS is_text,
        EXISTS (SELECT FROM pg_enum WHERE enumtypid = atttypid AND enumlabel = 'active')
            AS has_active
    FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
    WHERE attrelid = to_regclass('users') AND attnum > 0 AND NOT attisdropped
""")
# Unique without exceptions, each by itself: columns by name, expressions as PostgreSQL spells them.
_UNIQUE = text("""
    SELECT pg_get_indexdef(indexrelid, 1, true) FROM pg_index
    WHERE indrelid = to_regclass('users') AND indisunique AND indisvalid AND indimmediate
        AND indnkeyatts = 1 AND indpred IS NULL
""")
_LOWER_EMAIL = {"lower(email)", "lower(email::text)"}


class MigrationError(Exception):
    """One sentence that says why the database was left as it was."""


def existing_id_type(connection: Connection) -> str | None:
    """Return the type of `users.id` as SQL spells it, None when there is no such table.

    Raises MigrationError when the table is not what the queries need.
    """
    columns = {row.name: row for row in connection.execute(_COLUMNS)}
    if not columns:
        return None
    problems = [f"has no column {name}" for name in _NEEDED if name not in columns]
    for name in _NEEDED[1:]:
        column = columns.get(name)
        if column and not (column.is_text or (name == "status" and column.has_active)):
            problems.append(f"has {name} as {column.type}, which cannot be used as text")
    unique = set(connection.execute(_UNIQUE).scalars())
    if "id" in columns and "id" not in unique:
        problems.append("has an id that is not unique")
    if "email" in columns and not unique & _LOWER_EMAIL:
        problems.append(f"may hold an address in two spellings (mend: {UNIQUE_ADDRESSES})")
    if problems:
        raise MigrationError(f"The table users does not fit: it {'; it '.join(problems)}.")
    return str(columns["id"].type)
