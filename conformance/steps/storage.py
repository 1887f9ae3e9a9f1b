"""What stands in the database about a token (AC-2, AC-8, NFR-1)."""

from __future__ import annotations

import hashlib

from psycopg import sql
from pytest_bdd import parsers, then

from conformance.outcomes import Failed
from conformance.steps.scene import Scene


def stored_hash(token: str) -> str:
    """Return what NFR-1 says is stored for a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@then("the token is marked as used in the database")
def token_marked_used(scene: Scene) -> None:
    rows = scene.testbed.need_database().token_rows("tokenHash", stored_hash(scene.token))
    if not rows:
        raise Failed("the token's row", expected="one with its SHA-256 hash", found="none")
    if rows[0].get("usedAt") is None:
        raise Failed("usedAt of the token", expected="a time", found=rows[0].get("usedAt"))


@then("the stored token is the SHA-256 hash of the one in the mail")
def stored_as_hash(scene: Scene) -> None:
    rows = scene.testbed.need_database().token_rows("tokenHash", stored_hash(scene.token))
    if len(rows) != 1:
        raise Failed(
            "rows whose tokenHash is the lower-case hex SHA-256 of the mailed token",
            expected=1,
            found=len(rows),
        )


@then(parsers.parse('the token itself stands nowhere in the table "{name}"'))
def token_not_in_table(scene: Scene, name: str) -> None:
    database = scene.testbed.need_database()
    del name  # the description may spell it otherwise
    table = database.tokens()
    statement = sql.SQL("SELECT t::text AS line FROM {} AS t WHERE t::text ILIKE {}").format(
        table.identifier, sql.Literal(f"%{scene.token}%")
    )
    rows = database.query(statement)
    if rows:
        raise Failed(f"rows of {table} that hold the token itself", expected=0, found=len(rows))
