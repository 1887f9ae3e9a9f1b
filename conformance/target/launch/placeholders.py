"""What a target is given: the placeholders of its description, and its environment."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from conformance.observe.connection import callers_environment
from conformance.outcomes import UsageError

# What a process needs to run at all; everything else of the harness's environment stays behind.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "USER", "SHELL", "LD_LIBRARY_PATH")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_DATABASE_PLACEHOLDERS = {
    "host": "host",
    "port": "port",
    "name": "dbname",
    "user": "user",
    "password": "password",
}


def fill(text: str, values: Mapping[str, str], where: str) -> str:
    """Replace `{name}` by its value; an unknown name is a fault of the description."""

    def value_of(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            known = ", ".join(sorted(values))
            raise UsageError(f"{where}: there is no placeholder {{{name}}}: known are {known}")
        return values[name]

    return _PLACEHOLDER.sub(value_of, text)


def placeholders(
    *,
    port: int,
    database_url: str,
    app_base_url: str,
    jwt_secret: str,
    scratch: Path,
    accounts_json: str,
    mail: Mapping[str, str],
) -> dict[str, str]:
    """Return the values that a description's command and environment may refer to."""
    database = conninfo_to_dict(database_url)
    return {
        "port": str(port),
        "python": sys.executable,
        "base_url": f"http://127.0.0.1:{port}",
        "database_url": database_url,
        **{
            f"database_{name}": str(database.get(key) or "")
            for name, key in _DATABASE_PLACEHOLDERS.items()
        },
        "app_base_url": app_base_url,
        "app_base_url_with_scheme": (
            app_base_url if "://" in app_base_url else f"https://{app_base_url}"
        ),
        "jwt_secret": jwt_secret,
        "scratch": str(scratch),
        "accounts_json": accounts_json,
        **mail,
    }


def environment(
    given: Mapping[str, str], inherit: list[str], values: Mapping[str, str]
) -> dict[str, str]:
    """Return the whole environment of a target: what it needs to run, and what was named."""
    callers = callers_environment()
    for name in inherit:
        if name not in callers:
            raise UsageError(
                f"launch.inherit: {name} is not set in the environment of this command"
            )
    filled = {key: fill(value, values, f"environment.{key}") for key, value in given.items()}
    inherited = {name: callers[name] for name in (*INHERITED, *inherit) if name in callers}
    # Else what a Python target prints would stay in its buffer, unseen.
    return {"PYTHONUNBUFFERED": "1", **inherited, **filled}
