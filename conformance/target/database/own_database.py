"""A database that the harness makes for one target, and drops again."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass

import psycopg

from conformance.outcomes import HarnessFault
from conformance.target.database.postgres import EmbeddedPostgres, create_database, drop_database


@dataclass(frozen=True)
class OwnDatabase:
    """A database called `name` on the server whose maintenance database is `server_url`."""

    server_url: str
    name: str
    url: str


def make_database(
    stack: ExitStack, server_url: str | None, template: OwnDatabase | None = None
) -> OwnDatabase:
    """Make an empty database or a copy of `template`, until the stack is closed.

    It is made on the template's server, else on `server_url`, else on an embedded one.
    """
    if template is not None:
        server_url = template.server_url
    elif server_url is None:
        embedded = EmbeddedPostgres()
        stack.callback(embedded.close)
        server_url = embedded.url
    name = f"conformance_{secrets.token_hex(6)}"
    copied = {"template": template.name} if template is not None else {}
    try:
        url = create_database(server_url, name, **copied)
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise HarnessFault(f"no database could be made on the server: {reason}") from error
    stack.callback(drop_database, server_url, name)
    return OwnDatabase(server_url, name, url)
