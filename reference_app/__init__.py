"""A magic-link login on FastAPI and PostgreSQL, written to be copied."""
