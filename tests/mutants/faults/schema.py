"""The table that NFR-2 describes."""

from __future__ import annotations

from tests.mutants.change import Change
from tests.mutants.model import mutant

_TABLE = "ALTER TABLE magic_link_tokens"


@mutant(
    fault="Times are stored without a time zone.",
    violates="NFR-2",
    step='the column "expiresAt" of "magic_link_tokens" is a time with its zone',
    incident="The ORM's default column type; wrong as soon as a session has another zone.",
)
def times_without_zone(change: Change) -> None:
    columns = ("expiresAt", "usedAt", "createdAt")
    change.schema("SET timezone TO 'UTC'")
    change.schema(*(f'{_TABLE} ALTER COLUMN "{name}" TYPE TIMESTAMP' for name in columns))


@mutant(
    fault="tokenHash is not unique.",
    violates="NFR-2",
    falls_with="EC-8",
    step='"tokenHash" is unique in "magic_link_tokens"',
    incident="An index, as asked for elsewhere, was taken for a constraint.",
)
def hash_not_unique(change: Change) -> None:
    change.schema(
        f'{_TABLE} DROP CONSTRAINT "magic_link_tokens_tokenHash_key"',
        'CREATE INDEX ON magic_link_tokens ("tokenHash")',
    )


@mutant(
    fault="tokenHash is unique among unused tokens only.",
    violates="NFR-2",
    falls_with="EC-8",
    step='"magic_link_tokens" has an index on "tokenHash"',
    incident="A partial unique index, to be able to keep old rows.",
)
def hash_unique_in_part(change: Change) -> None:
    change.schema(
        f'{_TABLE} DROP CONSTRAINT "magic_link_tokens_tokenHash_key"',
        'CREATE UNIQUE INDEX ON magic_link_tokens ("tokenHash") WHERE "usedAt" IS NULL',
    )


@mutant(
    fault="There is no index on userId and createdAt.",
    violates="NFR-2",
    step='has an index on "userId, createdAt"',
    incident="Nothing is slow with a hundred rows.",
)
def index_missing(change: Change) -> None:
    change.schema("DROP INDEX magic_link_tokens_user_created_idx")


@mutant(
    fault="userId refers to nothing.",
    violates="NFR-2",
    step="is a UUID that refers to the user",
    incident="Foreign keys were left out for the sake of migrations.",
)
def foreign_key_missing(change: Change) -> None:
    change.schema(f'{_TABLE} DROP CONSTRAINT "magic_link_tokens_userId_fkey"')


@mutant(
    fault="expiresAt may be null.",
    violates="NFR-2",
    step='the column "expiresAt"',
    incident="Optional in the model, so optional in the table; null then never expires.",
)
def expiry_nullable(change: Change) -> None:
    change.schema(f'{_TABLE} ALTER COLUMN "expiresAt" DROP NOT NULL')


@mutant(
    fault="createdAt has no default.",
    violates="NFR-2",
    step="now by default",
    incident="The ORM fills it in, and whatever else writes rows does not.",
)
def created_at_without_default(change: Change) -> None:
    change.schema(f'{_TABLE} ALTER COLUMN "createdAt" DROP DEFAULT')


@mutant(
    fault="There is no primary key.",
    violates="NFR-2",
    step="is a UUID and the primary key",
    incident="The hash was unique already.",
)
def primary_key_missing(change: Change) -> None:
    change.schema(f"{_TABLE} DROP CONSTRAINT magic_link_tokens_pkey")


@mutant(
    fault="usedAt cannot be null: unused tokens have the epoch there.",
    violates="NFR-2",
    falls_with="AC-2 FR-6 FR-8 EC-4",
    step="is a time with its zone, optional",
    incident="A house rule against nulls.",
)
def used_at_not_nullable(change: Change) -> None:
    from reference_app.magic_link import repository

    unused = "'1970-01-01T00:00:00Z'"
    change.schema(
        f'{_TABLE} ALTER COLUMN "usedAt" SET DEFAULT {unused}',
        f'{_TABLE} ALTER COLUMN "usedAt" SET NOT NULL',
    )
    change.rewrite(repository, "_SPEND", '"usedAt" IS NULL', f'"usedAt" = {unused}')
    change.rewrite(repository, "_STATE", '"usedAt" IS NOT NULL', f'"usedAt" <> {unused}')


@mutant(
    fault="tokenHash may be null.",
    violates="NFR-2",
    step='the column "tokenHash" of "magic_link_tokens" is text of 64 characters, required',
    incident="The ORM's columns are optional unless somebody says otherwise.",
)
def hash_nullable(change: Change) -> None:
    change.schema(f'{_TABLE} ALTER COLUMN "tokenHash" DROP NOT NULL')


def _rename_in_queries(change: Change, old: str, new: str) -> None:
    from reference_app.magic_link import repository

    for name in ("_STORE", "_DELETE", "_SPEND", "_STATE"):
        text = getattr(repository, name)
        if old in text:
            change.rewrite(repository, name, old, new)


@mutant(
    fault="The table of tokens is called verification.",
    violates="NFR-2 AC-2 AC-8 FR-3",
    step="the stored token is the SHA-256 hash of the one in the mail",
    incident="A ready-made library brings a table of its own.",
)
def table_of_another_name(change: Change) -> None:
    change.schema("ALTER TABLE magic_link_tokens RENAME TO verification")
    _rename_in_queries(change, "magic_link_tokens", "verification")


@mutant(
    fault="The user's id is in a column identifier.",
    violates="NFR-2",
    step='the column "userId"',
    incident="A ready-made library's table, which holds more than login links.",
)
def user_id_in_another_column(change: Change) -> None:
    change.schema(f'{_TABLE} RENAME COLUMN "userId" TO identifier')
    _rename_in_queries(change, '"userId"', "identifier")
