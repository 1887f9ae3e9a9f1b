"""Run by alembic, on the connection that `migrate` holds."""

from __future__ import annotations

from alembic import context

from reference_app.migrations import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
