"""Users, magic-link tokens (NFR-2) and attempts (FR-7)."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_UP = (
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
    # Addresses are looked up without regard to case; so two that differ only in case must not be.
    "CREATE UNIQUE INDEX users_lower_email_key ON users (lower(email))",
    # UNIQUE is also the index on "tokenHash".
    """
    CREATE TABLE magic_link_tokens (
        id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
        "userId" UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
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

_DOWN = (
    "DROP TABLE magic_link_attempts",
    "DROP TABLE magic_link_tokens",
    "DROP TABLE users",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    """Drop the tables."""
    for statement in _DOWN:
        op.execute(statement)
