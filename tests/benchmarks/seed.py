"""`python -m tests.benchmarks.seed USERS REQUESTS FILE`: fill the tables of the reference.

What `prepare` of a description calls. The database at DATABASE_URL is migrated first. FILE gets
what that took, as JSON: wall and processor seconds, those of the database's process included.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import psutil
import psycopg

from reference_app.migrations import migrate

_USERS = """
    INSERT INTO users (email, "createdAt")
    SELECT 'user' || n || '@example.com', now() - mod(n, 365) * interval '1 day'
    FROM generate_series(1, %s) AS n
"""
# Of the past year, the youngest a day old. Every other link was used.
_TOKENS = """
    INSERT INTO magic_link_tokens ("userId", "tokenHash", "createdAt", "expiresAt", "usedAt")
    SELECT id, encode(sha256(email::bytea), 'hex'), at, at + interval '15 minutes',
        CASE WHEN mod(n, 2) = 0 THEN at + interval '1 minute' END
    FROM (
        SELECT id, email, n, now() - (1 + mod(n, 365)) * interval '1 day' AS at
        FROM (SELECT id, email, row_number() OVER () AS n FROM users LIMIT %s) AS numbered
    ) AS requested
"""
_ATTEMPTS = """
    INSERT INTO magic_link_attempts ("addressKey", "attemptedAt")
    SELECT "tokenHash", "createdAt" FROM magic_link_tokens
"""


def fill(database_url: str, users: int, requests: int) -> float:
    """Add users, and a request of so many of them; return the database's processor seconds.

    The tables are left as autovacuum leaves them sooner or later.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        server = psutil.Process(connection.info.backend_pid)
        connection.execute(_USERS, (users,))
        connection.execute(_TOKENS, (requests,))
        connection.execute(_ATTEMPTS)
        connection.execute("VACUUM ANALYZE")
        used = server.cpu_times()
    return used.user + used.system


def main(users: str, requests: str, file: str) -> None:
    """Migrate, fill, and note what it took."""
    began = time.monotonic()
    url = os.environ["DATABASE_URL"]
    migrate(url)
    processor = fill(url, int(users), int(requests)) + time.process_time()
    taken = {"wall": time.monotonic() - began, "processor": processor}
    Path(file).write_text(json.dumps(taken), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
