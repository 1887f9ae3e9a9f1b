"""The settings that every implementation is served with."""

from __future__ import annotations

JWT_SECRET = "0123456789abcdef" * 2


def settings(database_url: str, smtp_port: int, app_base_url: str) -> dict[str, str]:
    """Return the environment variables that every implementation is served with."""
    return {
        "DATABASE_URL": database_url,
        "MIGRATE_ON_START": "true",
        "APP_BASE_URL": app_base_url,
        "JWT_SECRET": JWT_SECRET,
        "MAIL_PROVIDER": "smtp",
        "MAIL_FROM": "login@example.com",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(smtp_port),
        "SMTP_TLS": "none",
    }
