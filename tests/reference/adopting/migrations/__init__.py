"""The service's own history, in `alembic_version`."""
