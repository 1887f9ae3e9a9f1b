"""Other ways to write down the same table (readings 12 and 34)."""

from __future__ import annotations

import re
from typing import Any

from reference_app.auth import repository as users
from reference_app.magic_link import repository
from tests.mutants.change import Change
from tests.variants.model import variant

_COLUMNS = {
    "users": ("passwordHash", "createdAt", "updatedAt"),
    "magic_link_tokens": ("userId", "tokenHash", "expiresAt", "usedAt", "createdAt"),
    "magic_link_attempts": ("addressKey", "attemptedAt"),
}
_QUOTED = re.compile(r'"(\w+)"')
_TABLE = "ALTER TABLE magic_link_tokens"


def _in_snake_case(name: str) -> str:
    return re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", name)


def _rename_in(change: Change, module: Any) -> None:
    """Rename the columns in every SQL statement of a module."""
    statements = {n: v for n, v in vars(module).items() if n.isupper() and isinstance(v, str)}
    for name, statement in statements.items():
        renamed = _QUOTED.sub(lambda quoted: _in_snake_case(quoted[1]), statement)
        change.replace(module, name, renamed)


@variant("Columns are spelt in snake_case (reading 12).")
def snake_case_columns(change: Change) -> None:
    change.schema(
        *(
            f'ALTER TABLE {table} RENAME COLUMN "{column}" TO {_in_snake_case(column)}'
            for table, columns in _COLUMNS.items()
            for column in columns
        )
    )
    _rename_in(change, repository)
    _rename_in(change, users)


@variant("The table is as Prisma's migrations write it (reading 34).")
def prisma_shaped_schema(change: Change) -> None:
    times = ("expiresAt", "usedAt", "createdAt")
    change.schema(
        f'{_TABLE} DROP CONSTRAINT "magic_link_tokens_tokenHash_key"',
        'CREATE UNIQUE INDEX "magic_link_tokens_tokenHash_key" ON magic_link_tokens ("tokenHash")',
        *(f'{_TABLE} ALTER COLUMN "{name}" TYPE TIMESTAMPTZ(3)' for name in times),
        f'{_TABLE} ALTER COLUMN "createdAt" SET DEFAULT CURRENT_TIMESTAMP',
        f'{_TABLE} ALTER COLUMN "createdAt" SET NOT NULL',
        f"{_TABLE} ALTER COLUMN id DROP DEFAULT",
    )
    change.rewrite(
        repository,
        "_STORE",
        '("userId", "tokenHash", "expiresAt", "createdAt")\n        SELECT id,',
        '(id, "userId", "tokenHash", "expiresAt", "createdAt")\n'
        "        SELECT gen_random_uuid(), id,",
    )


@variant("There are further columns and wider, descending indexes (reading 34).")
def further_columns_and_wider_indexes(change: Change) -> None:
    change.schema(
        f"{_TABLE} ADD COLUMN purpose TEXT NOT NULL DEFAULT 'login'",
        f"{_TABLE} ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0",
        "DROP INDEX magic_link_tokens_user_created_idx",
        'CREATE INDEX ON magic_link_tokens ("userId", "createdAt" DESC, "usedAt")',
    )


@variant("Times have whole seconds (reading 34).")
def times_in_whole_seconds(change: Change) -> None:
    times = ("expiresAt", "usedAt", "createdAt")
    change.schema(*(f'{_TABLE} ALTER COLUMN "{name}" TYPE TIMESTAMPTZ(0)' for name in times))


@variant("userId may be null (reading 34).")
def nullable_user_id(change: Change) -> None:
    change.schema(f'{_TABLE} ALTER COLUMN "userId" DROP NOT NULL')


@variant("The table has further columns that the service fills (reading 34).")
def further_columns_that_are_required(change: Change) -> None:
    change.schema(f'{_TABLE} ADD COLUMN "sentTo" TEXT NOT NULL')
    change.rewrite(repository, "_STORE", '"createdAt")', '"createdAt", "sentTo")')
    change.rewrite(repository, "_STORE", "%(now)s FROM", "%(now)s, email FROM")


@variant("Each request leaves two rows: one for the link, one for an app's code (reading 34).")
def two_rows_a_request(change: Change) -> None:
    change.rewrite(
        repository,
        "_STORE",
        "SELECT id, %(token_hash)s, %(expires_at)s, %(now)s FROM recipient",
        "SELECT id, hash, %(expires_at)s, %(now)s FROM recipient, "
        "unnest(ARRAY[%(token_hash)s, reverse(%(token_hash)s)]) AS hash",
    )
    change.replace(
        repository,
        "_DELETE",
        """DELETE FROM magic_link_tokens USING (SELECT %s::text AS hash) AS sent
        WHERE "tokenHash" IN (sent.hash, reverse(sent.hash))""",
    )
