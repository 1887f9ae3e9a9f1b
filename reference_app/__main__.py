"""`python -m reference_app serve`, `… migrate` and `… retention`.

A missing or wrong setting, or a database that cannot be reached or migrated, ends with one
sentence and exit code 2.
"""

from __future__ import annotations

import argparse
import socket
import sys
from typing import TYPE_CHECKING

import psycopg
import uvicorn

from reference_app.logs import make_logger, open_log, route_library_logs
from reference_app.main import create_app
from reference_app.migrations import migrate
from reference_app.migrations.users_table import MigrationError
from reference_app.retention import delete_old_rows
from reference_app.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from fastapi import FastAPI

# Longer than a mail may take, shorter than the half a minute that service managers wait.
SHUTDOWN_TIMEOUT_SECONDS = 25


def worker_app() -> FastAPI:
    """Return the application of one process of the server, whose libraries log as it does."""
    settings = load_settings()
    route_library_logs(make_logger(open_log(settings), settings.log_level))
    return create_app(settings)


def serve(settings: Settings) -> None:
    """Run until stopped; what is in flight is finished first. Raises SettingsError."""
    _expect_free(settings.host, settings.port)
    route_library_logs(make_logger(open_log(settings), settings.log_level))
    uvicorn.run(
        "reference_app.__main__:worker_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=None,
        # It would write down the token in the link's query.
        access_log=False,
        # The application never looks at the client's address or the scheme.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_SECONDS,
    )


def _expect_free(host: str, port: int) -> None:
    """Raise SettingsError when the server could not listen: it would end without a sentence."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.create_server(address[:2], family=family):
            return
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "that is no host name"
        raise SettingsError(f"Nothing can listen at HOST and PORT: {reason}.") from None


def retention(settings: Settings) -> None:
    """Delete old rows and say how many."""
    tokens, attempts = delete_old_rows(
        settings.database_url.get_secret_value(), token_days=settings.token_retention_days
    )
    print(f"Deleted {tokens} tokens and {attempts} attempts.")  # noqa: T201


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m reference_app")
    parser.add_argument("command", choices=["serve", "migrate", "retention"])
    command = parser.parse_args(arguments).command
    try:
        settings = load_settings()
        if command == "migrate":
            migrate(settings.database_url.get_secret_value())
            return 0
        if command == "retention":
            retention(settings)
            return 0
        serve(settings)
    except (SettingsError, MigrationError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    except psycopg.errors.UndefinedTable:
        print("The tables are missing: run `python -m reference_app migrate`.", file=sys.stderr)  # noqa: T201
        return 2
    except psycopg.OperationalError:
        print("The database at DATABASE_URL cannot be reached.", file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
