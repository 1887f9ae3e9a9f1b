"""Magic-link tokens (NFR-2) and attempts (FR-7); users, where there are none yet."""

from __future__ import annotations

from alembic import op

from reference_app.migrations.users_table import UNIQUE_ADDRESSES, existing_id_type

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_USERS = (
    """
    CREATE TABLE users (
        id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
        email TEXT NOT NULL UNIQUE,
        "passwordHash" TEXT,
        status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
        "createdAt" TIMESTAMPTZ NOT NULL DEFAULT NOW(),
        "updatedAt" TIMESTAMPTZ NOT NULL DEFAULT NOW()
    )
    """,
    UNIQUE_ADDRESSES,
)

_MAGIC_LINK = (
    # UNIQUE is also the index on "tokenHash".
    """
    CREATE TABLE magic_link_tokens (
        id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
        "userId" {id_type} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        "tokenHash" VARCHAR(64) NOT NULL UNIQUE,
        "expiresAt" TIMESTAMPTZ NOT NULL,
        "usedAt" TIMESTAMPTZ,
        "createdAt" TIMESTAMPTZ DEFAULT NOW()
    )
    """,
    """
    CREATE INDEX magic_link_tokens_user_created_idx
        ON magic_link_tokens ("userId", "createdAt")
    """,
    """
    CREATE TABLE magic_link_attempts (
        id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        "addressKey" TEXT NOT NULL,
        "attemptedAt" TIMESTAMPTZ NOT NULL
    )
    """,
    """
    CREATE INDEX magic_link_attempts_address_time_idx
        ON magic_link_attempts ("addressKey", "attemptedAt")
    """,
)


def upgrade() -> None:
    """Create the tables."""
    id_type = existing_id_type(op.get_bind())
    if id_type is None:
        for statement in _USERS:
            op.execute(statement)
    for statement in _MAGIC_LINK:
        op.execute(statement.format(id_type=id_type or "UUID"))


def downgrade() -> None:
    """Drop the tables but users, which may be somebody else's."""
    op.execute("DROP TABLE magic_link_attempts, magic_link_tokens")
