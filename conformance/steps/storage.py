"""What is stored in the database about a token (AC-2, AC-8, NFR-1)."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import datetime
from typing import LiteralString

from psycopg import sql
from pytest_bdd import then

from conformance.observe.database import Database, Row, Table
from conformance.observe.mail.links import token_of
from conformance.observe.mail.message import Message, bare_address
from conformance.observe.token_forms import halves, plain_forms
from conformance.outcomes import CantTell, Failed, Inapplicable, Untested
from conformance.steps import actions
from conformance.steps.scene import Scene
from conformance.target.database.minting import stored_hash

_LIFETIME_SECONDS = 900.0
# In seconds. The two columns may be filled by two clocks, one reading after the other (reading 20).
_LIFETIME_TOLERANCE = 5.0


def note_rows(scene: Scene) -> None:
    """Note which token rows there are, so that one that is added later can be recognised."""
    database = scene.testbed.database
    if database is None or (scene.testbed.accounts.plentiful and _names_users(database)):
        return
    with contextlib.suppress(Untested, Inapplicable):
        scene.older_rows |= {identity(row) for row in _rows(scene)}


def new_rows(scene: Scene) -> list[Row]:
    """Return the token rows that were added for the user since `note_rows`.

    Raises `Inapplicable` where there is no table to look into, which is NFR-2's to judge.
    """
    return [row for row in _rows(scene) if identity(row) not in scene.older_rows]


def _rows(scene: Scene) -> list[Row]:
    """Return the user's token rows; every row of a table that does not say whose they are."""
    database = scene.testbed.need_database()
    if database.find_tokens() is None:
        raise Inapplicable("there is no table of tokens (NFR-2) to look into")
    if not _names_users(database):
        return database.all_token_rows()
    return database.token_rows("userId", scene.user.known_id)


def _names_users(database: Database) -> bool:
    table = database.find_tokens()
    return table is not None and database.find_column(table, "userId") is not None


def identity(row: Row) -> Hashable:
    """Return what identifies a row, whatever becomes of its times."""
    lasting = (str(value) for value in row.values() if not isinstance(value, datetime))
    return str(row["id"]) if "id" in row else tuple(lasting)


def _hashed_rows(scene: Scene, token: str) -> list[Row]:
    """Return the rows that hold a token's SHA-256 hash where NFR-2 puts it."""
    database = scene.testbed.need_database()
    table = database.find_tokens()
    if table is None or database.find_column(table, "tokenHash") is None:
        return []
    return database.token_rows("tokenHash", stored_hash(token))


def _own_row(scene: Scene) -> Row | None:
    """Return the token's row: by its hash, else as the one that was added for the user."""
    rows = _hashed_rows(scene, scene.token) or new_rows(scene)
    if len(rows) > 1:
        raise CantTell(f"{len(rows)} rows were added: which of them is the token's is not known")
    return rows[0] if rows else None


def _expected_row(scene: Scene) -> Row:
    row = _own_row(scene)
    if row is None:
        raise Failed("the rows that were added for the token", expected="one", found="none")
    return row


def _judged_elsewhere(name: str) -> Inapplicable:
    return Inapplicable(f"there is no {name} to look at, which is NFR-2's to judge")


@then("it expires 15 minutes after it was made")
def expires_after_15_minutes(scene: Scene) -> None:
    lifetime = _lifetime(_own_row(scene))
    if abs(lifetime - _LIFETIME_SECONDS) > _LIFETIME_TOLERANCE:
        raise Failed("expiresAt - createdAt", expected="15 minutes", found=f"{lifetime:.1f} s")


@then("every unused link of a user who asked once expires 15 minutes after it was made")
def all_expire_after_15_minutes(scene: Scene) -> None:
    # An expiry that is computed once, when the service starts, shows in the course of a run. Older
    # links of one user, and used ones, may have been made to expire early (reading 5); the link of
    # this example is its user's newest, even where the user asked before.
    rows = _rows_of_links(scene, {scene.token, *_tokens_of_others(scene)})
    looked_at: list[Row | None] = [*rows] or [_own_row(scene)]
    lifetimes = [_lifetime(row) for row in looked_at if not _is_used(row)]
    if not lifetimes:
        raise CantTell("every link that was found in the database is used")
    scene.evidence.note(f"unused links that were looked at: {len(lifetimes)}")
    short = [each for each in lifetimes if each < _LIFETIME_SECONDS - _LIFETIME_TOLERANCE]
    if short:
        raise Failed(
            f"expiresAt - createdAt of {len(short)} of {len(lifetimes)} unused links",
            expected="15 minutes",
            found=f"{min(short):.1f} to {max(short):.1f} s",
        )


def _rows_of_links(scene: Scene, tokens: Iterable[str]) -> list[Row]:
    database = scene.testbed.need_database()
    table = database.find_tokens()
    for name in ("createdAt", "expiresAt", "tokenHash", "usedAt"):
        if table is None or database.find_column(table, name) is None:
            return []
    return database.token_times([stored_hash(token) for token in tokens])


def _tokens_of_others(scene: Scene) -> list[str]:
    clock = scene.testbed.clock
    if clock is None or clock.how == "aged":
        return _only_tokens(scene)
    # Either clock may fill `createdAt`, and the target's alone was moved in other scenarios.
    scene.evidence.note("the links of other users are left out: the target's clock was moved")
    return []


def _only_tokens(scene: Scene) -> list[str]:
    """Return the tokens of people for whom links were requested and who got one mail."""
    mails: dict[str, list[Message]] = defaultdict(list)
    for message in scene.testbed.need_mailbox().messages():
        for address in scene.testbed.requested.intersection(map(bare_address, message.recipients)):
            mails[address].append(message)
    return [
        token
        for [message, *further] in mails.values()
        if not further
        for link in message.magic_links()
        if (token := token_of(link))
    ]


def _is_used(row: Row | None) -> bool:
    return row is not None and row.get("usedAt") is not None


def _lifetime(row: Row | None) -> float:
    if row is None:
        raise _judged_elsewhere("row of the token")
    try:
        seconds: float = (row["expiresAt"] - row["createdAt"]).total_seconds()
    except (KeyError, TypeError, AttributeError):
        raise _judged_elsewhere("pair of times, expiresAt and createdAt,") from None
    return seconds


@then("a token is stored that belongs to the user")
def belongs_to_user(scene: Scene) -> None:
    scene.testbed.need_database().tokens()
    row = _expected_row(scene)
    known = scene.user.id
    if known is not None and str(row.get("userId", known)) != known:
        raise Failed("userId of the row", expected=known, found=row["userId"])


@then("the token is not yet marked as used in the database")
def not_yet_used(scene: Scene) -> None:
    used_at = _used_at(scene)
    if used_at is not None:
        raise Failed("usedAt of a new token", expected=None, found=used_at)


@then("the token is marked as used in the database")
def token_marked_used(scene: Scene) -> None:
    if _used_at(scene) is None:
        raise Failed("usedAt of the token", expected="a time", found=None)


def _used_at(scene: Scene) -> object:
    database = scene.testbed.need_database()
    database.column(database.tokens(), "usedAt")
    return _expected_row(scene)["usedAt"]


@then("the other user's token is not marked as used")
def other_not_used(scene: Scene) -> None:
    rows = _hashed_rows(scene, scene.other_token)
    if not rows or "usedAt" not in rows[0]:
        raise _judged_elsewhere("usedAt of the other user's token")
    if rows[0]["usedAt"] is not None:
        raise Failed("the other user's row", expected="unused", found="used")


@then("the token is in no table of the database, in no plain encoding")
def token_nowhere(scene: Scene) -> None:
    database = scene.testbed.need_database()
    forms = [*plain_forms(scene.token), *halves(scene.token)]
    for table in database.tables():
        _expect_none_holds(database, table, forms)


def _expect_none_holds(database: Database, table: Table, forms: list[str]) -> None:
    found = _rows_that_hold(database, table, forms)
    if found:
        columns = ", ".join(_columns_that_hold(database, table, forms))
        found_where = f"{found}, in {columns}" if columns else found
        raise Failed(f"rows of {table} that hold the token", expected=0, found=found_where)


@then("the database holds the token's SHA-256 hash in lower-case hex")
def hash_in_lower_case(scene: Scene) -> None:
    database = scene.testbed.need_database()
    if database.find_tokens() is None or _own_row(scene) is None:
        raise _judged_elsewhere("row of the token")
    hashed = stored_hash(scene.token)
    if not any(_rows_that_hold(database, each, [hashed], "LIKE") for each in database.tables()):
        raise Failed("rows that hold the token's hash", expected="one at least", found="none")


def _rows_that_hold(
    database: Database, table: Table, forms: list[str], like: LiteralString = "ILIKE"
) -> int:
    """Return how many rows hold one of these texts in any column; in any case, unless `LIKE`."""
    patterns = [f"%{_escaped(form)}%" for form in forms]
    statement = sql.SQL("SELECT count(*) AS n FROM {} AS t WHERE t::text {} ANY ({})")
    filled = statement.format(table.identifier, sql.SQL(like), sql.Literal(patterns))
    [row] = database.query(filled)
    return int(row["n"])


def _columns_that_hold(database: Database, table: Table, forms: list[str]) -> list[str]:
    statement = sql.SQL(
        "SELECT DISTINCT key FROM {} AS t, jsonb_each_text(to_jsonb(t)) WHERE value ILIKE ANY ({})"
    ).format(table.identifier, sql.Literal([f"%{_escaped(form)}%" for form in forms]))
    return sorted(row["key"] for row in database.query(statement))


def _escaped(text: str) -> str:
    # No text of PostgreSQL's holds NUL, and no query may.
    return text.replace("\0", "").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@then("no token is stored for the user")
def none_stored(scene: Scene) -> None:
    actions.expect_accepted(scene, scene.answer, "the user's request")
    rows = new_rows(scene)
    if rows:
        raise Failed("token rows that the request left", expected=0, found=len(rows))


@then("the stored token is the SHA-256 hash of the one in the mail")
def stored_as_hash(scene: Scene) -> None:
    database = scene.testbed.need_database()
    table = database.tokens()
    if database.find_column(table, "tokenHash") is not None:
        found = len(_hashed_rows(scene, scene.token))
    else:
        # In a column of another name, which is NFR-2's to judge, it is a hash all the same.
        found = _rows_that_hold(database, table, [stored_hash(scene.token)])
    if found != 1:
        raise Failed(
            "rows whose tokenHash is the lower-case hex SHA-256 of the mailed token",
            expected=1,
            found=found,
        )


@then("the token itself is nowhere in the table of tokens")
def token_not_in_table(scene: Scene) -> None:
    database = scene.testbed.need_database()
    _expect_none_holds(database, database.tokens(), [scene.token])
