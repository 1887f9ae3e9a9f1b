"""Users, as they were before anybody thought of links."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("CREATE TYPE user_status AS ENUM ('invited', 'active', 'suspended')")
    op.execute(
        """
        CREATE TABLE users (
            id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            name VARCHAR(80) NOT NULL DEFAULT 'somebody',
            email VARCHAR(320) NOT NULL UNIQUE,
            "passwordHash" VARCHAR(255),
            status user_status NOT NULL DEFAULT 'active'
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE users")
    op.execute("DROP TYPE user_status")
