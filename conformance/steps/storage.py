"""What stands in the database about a token (AC-2, AC-8, NFR-1)."""

from __future__ import annotations

from collections import defaultdict

from psycopg import sql
from pytest_bdd import parsers, then

from conformance.observe.database import Row
from conformance.observe.mail import Message, bare_address, token_of
from conformance.observe.token_forms import halves, plain_forms
from conformance.outcomes import CantTell, Failed, Point, Untested
from conformance.steps import actions
from conformance.steps.scene import Scene
from conformance.target.database.minting import stored_hash

_LIFETIME_SECONDS = 900.0
# In seconds. The two columns may be filled by two clocks, one reading after the other (reading 20).
_LIFETIME_TOLERANCE = 5.0


def tokens_of_user(scene: Scene) -> list[Row]:
    """Return the user's token rows."""
    if scene.user.id is None:
        raise Untested(Point.ACCOUNTS, "the user's id is not described")
    return scene.testbed.need_database().token_rows("userId", scene.user.id)


def older_rows(scene: Scene) -> set[str]:
    """Return the ids of token rows that an account of a fixed list has from other scenarios."""
    testbed, account = scene.testbed, scene.account
    if testbed.accounts.plentiful or testbed.database is None or account is None:
        return set()
    return {str(row["id"]) for row in tokens_of_user(scene)} if account.id else set()


def new_rows(scene: Scene) -> list[Row]:
    """Return the user's token rows but for those that were remembered as older."""
    older: set[str] = scene.remembered["older_rows"]
    return [row for row in tokens_of_user(scene) if str(row["id"]) not in older]


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
    tokens = {scene.token, *_tokens_of_others(scene)}
    hashes = [stored_hash(token) for token in tokens]
    rows = scene.testbed.need_database().token_times(hashes)
    lifetimes = [_lifetime(row) for row in rows if row["usedAt"] is None]
    if not lifetimes:
        raise CantTell("no unused link was found in the database by its hash")
    scene.evidence.note(f"unused links that were looked at: {len(lifetimes)}")
    short = [each for each in lifetimes if each < _LIFETIME_SECONDS - _LIFETIME_TOLERANCE]
    if short:
        raise Failed(
            f"expiresAt - createdAt of {len(short)} of {len(lifetimes)} unused links",
            expected="15 minutes",
            found=f"{min(short):.1f} to {max(short):.1f} s",
        )


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


def _lifetime(row: Row) -> float:
    expires, created = row["expiresAt"], row["createdAt"]
    try:
        seconds: float = (expires - created).total_seconds()
    except (TypeError, AttributeError):
        raise Failed(
            "the times of the row",
            expected="expiresAt and createdAt, two times of one kind",
            found=f"{expires!r} and {created!r}",
        ) from None
    return seconds


@then("it belongs to the user and is not used")
def belongs_to_user(scene: Scene) -> None:
    row = _own_row(scene)
    if scene.user.id is not None and str(row["userId"]) != scene.user.id:
        raise Failed("userId of the row", expected=scene.user.id, found=row["userId"])
    if row["usedAt"] is not None:
        raise Failed("usedAt of a new token", expected=None, found=row["usedAt"])


def _own_row(scene: Scene) -> Row:
    database = scene.testbed.need_database()
    for name in ("expiresAt", "createdAt", "userId", "usedAt"):
        database.column(database.tokens(), name)
    rows = database.token_rows("tokenHash", stored_hash(scene.token))
    if not rows:
        raise Failed("the token's row", expected="one with its SHA-256 hash", found="none")
    return rows[0]


@then("the other user's token is not marked as used")
def other_not_used(scene: Scene) -> None:
    token = scene.remembered["other_token"]
    rows = scene.testbed.need_database().token_rows("tokenHash", stored_hash(token))
    if not rows or rows[0].get("usedAt") is not None:
        raise Failed("the other user's row", expected="unused", found="used" if rows else "none")


@then("the token stands in no table of the database, in no plain encoding")
def token_nowhere(scene: Scene) -> None:
    database = scene.testbed.need_database()
    forms = [*plain_forms(scene.token), *halves(scene.token)]
    patterns = [f"%{_escaped(form)}%" for form in forms]
    for table in database.tables():
        statement = sql.SQL("SELECT count(*) AS n FROM {} AS t WHERE t::text ILIKE ANY ({})")
        [row] = database.query(statement.format(table.identifier, sql.Literal(patterns)))
        if row["n"]:
            raise Failed(f"rows of {table} that hold the token", expected=0, found=row["n"])


def _escaped(text: str) -> str:
    # No text of PostgreSQL's holds NUL, and no query may.
    return text.replace("\0", "").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@then("no token is stored for the user")
def none_stored(scene: Scene) -> None:
    actions.expect_accepted(scene.answer, "the user's request")
    rows = new_rows(scene)
    if rows:
        raise Failed("token rows that the request left", expected=0, found=len(rows))


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
        table.identifier, sql.Literal(f"%{_escaped(scene.token)}%")
    )
    rows = database.query(statement)
    if rows:
        raise Failed(f"rows of {table} that hold the token itself", expected=0, found=len(rows))
