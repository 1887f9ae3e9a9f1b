"""The targets that need no description: the reference, and whatever runs at a URL."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from conformance.observe.mail.kinds import KINDS
from conformance.target.description import TargetDescription, parse_description

MailKind = Literal["smtp", "sendgrid"]

_ENVIRONMENT = {
    "DATABASE_URL": "{database_url}",
    "APP_BASE_URL": "{app_base_url}",
    "JWT_SECRET": "{jwt_secret}",
    "MAIL_FROM": "login@example.com",
    "MAIL_TIMEOUT_SECONDS": "5",
    # The harness is the mail provider, on this machine.
    "SMTP_TLS": "none",
    "MIGRATE_ON_START": "true",
    "PORT": "{port}",
}


def reference_in_process(mail: MailKind = "smtp") -> TargetDescription:
    """Return the reference, served in the harness's own process, time moved by freezegun."""
    environment = _reference_environment(mail) | {"LOG_FILE": "{scratch}/app.log"}
    return _reference(
        mail,
        in_process={
            "app": "reference_app.main:create_app",
            "environment": environment,
            "preload": ["reference_app.main"],
        },
        log={"file": "{scratch}/app.log", "format": "json"},
    )


def reference_launched(mail: MailKind = "smtp", clock: str = "age") -> TargetDescription:
    """Return the reference as a process of its own, time moved by ageing its rows."""
    return _reference(
        mail,
        launch={
            "command": ["{python}", "-m", "reference_app", "serve"],
            "environment": _reference_environment(mail),
            "ready_path": "/health/ready",
        },
        clock={"kind": clock},
        log={"format": "json"},
    )


def _reference_environment(mail: MailKind) -> dict[str, str]:
    return _ENVIRONMENT | {"MAIL_PROVIDER": mail, **KINDS[mail].variables}


def _reference(mail: MailKind, **parts: Any) -> TargetDescription:
    data = {
        "name": "reference implementation",
        "protected": ["GET /auth/me", "GET /account"],
        "database": {},
        "mail": {"kind": mail},
        "accounts": {"kind": "insert", "password_hash": "argon2"},
        **parts,
    }
    return parse_description(data, "the reference's description", Path.cwd())


def bare_url(
    base_url: str, email: str | None, password: str | None, headers: dict[str, str]
) -> TargetDescription:
    """Return whatever runs at a URL, with at most one known account."""
    data: dict[str, Any] = {"name": base_url, "base_url": base_url, "headers": headers}
    if email is not None:
        listed = {"email": email} | ({"password": password} if password else {})
        data["accounts"] = {"kind": "list", "listed": [listed]}
    return parse_description(data, "the command line", Path.cwd())
