"""The reference as a launched target whose description tests take parts out of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterable
from typing import Any

import psycopg

from conformance.target.accounts.passwords import SCHEMES
from conformance.target.database.postgres import create_database
from tests.place import REPOSITORY

PASSWORD = "correct horse"
SECRET = "a secret that the harness is not told of"
APP_BASE_URL = "login.example.com"
ENVIRONMENT = {
    "PYTHONPATH": str(REPOSITORY),
    "MIGRATE_ON_START": "true",
    "PORT": "{port}",
    "DATABASE_URL": "{database_url}",
    "APP_BASE_URL": "{app_base_url}",
    "JWT_SECRET": "{jwt_secret}",
    "MAIL_FROM": "login@example.com",
    "MAIL_PROVIDER": "smtp",
    "SMTP_HOST": "{smtp_host}",
    "SMTP_PORT": "{smtp_port}",
    "SMTP_TLS": "none",
}
Accounts = list[dict[str, Any]]


def described(server: str, environment: dict[str, str] | None = None, **parts: Any) -> str:
    """Return the description; a part that is None is left out."""
    whole: dict[str, Any] = {
        "name": "reference",
        "protected": ["GET /auth/me", "GET /account"],
        "launch": {
            "command": ["{python}", "-m", "reference_app", "serve"],
            "ready_path": "/health/ready",
            "environment": ENVIRONMENT | (environment or {}),
        },
        "database": {"server": server},
        # Little, to save time: what is judged here is not the time.
        "mail": {"kind": "smtp", "delay_ms": 1},
        "accounts": {"kind": "insert", "password_hash": "argon2"},
    }
    kept = {key: value for key, value in (whole | parts).items() if value is not None}
    return "\n".join(f"{key} = {_toml(value)}" for key, value in kept.items())


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


def invent(active: int, suspended: int = 0, passwordless: int = 0) -> Accounts:
    """Return accounts as `listed` has them."""
    kinds: Iterable[tuple[int, dict[str, Any]]] = (
        (active, {"password": PASSWORD}),
        (suspended, {"password": PASSWORD, "status": "suspended"}),
        (passwordless, {"passwordless": True}),
    )
    return [
        {"email": f"{uuid.uuid4().hex}@example.com", "id": str(uuid.uuid4()), **kind}
        for count, kind in kinds
        for _ in range(count)
    ]


def made_database(server: str, accounts: Accounts) -> str:
    """Return the URL of a new database with the reference's tables and these accounts."""
    url = create_database(server, f"db_{uuid.uuid4().hex[:12]}")
    variables = settings(url, "127.0.0.1", 25, 0)
    subprocess.run([sys.executable, "-m", "reference_app", "migrate"], env=variables, check=True)
    hashed = SCHEMES["argon2"](PASSWORD)
    rows = [
        (a["id"], a["email"], None if a.get("passwordless") else hashed, a.get("status", "active"))
        for a in accounts
    ]
    statement = 'INSERT INTO users (id, email, "passwordHash", status) VALUES (%s, %s, %s, %s)'
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.executemany(statement, rows)
    return url


def settings(database: str, mail_host: str, mail_port: int, port: int) -> dict[str, str]:
    """Return the environment of a reference that is started by hand."""
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        **ENVIRONMENT,
        "PORT": str(port),
        "DATABASE_URL": database,
        "APP_BASE_URL": APP_BASE_URL,
        "JWT_SECRET": SECRET,
        "SMTP_HOST": mail_host,
        "SMTP_PORT": str(mail_port),
    }
