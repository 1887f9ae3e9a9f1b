"""One user for an address, however it is spelled: what the magic link looks users up by."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("CREATE UNIQUE INDEX users_lower_email_key ON users (lower(email))")


def downgrade() -> None:
    op.execute("DROP INDEX users_lower_email_key")
