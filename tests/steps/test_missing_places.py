"""What is missing in the database undoes only what needs it: each place of NFR-2 in turn."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.observe.database import Database
from conformance.observe.evidence import Evidence
from conformance.outcomes import CantTell, Failed, Inapplicable, Untested
from conformance.steps import storage
from conformance.steps.scene import Scene
from conformance.target.accounts.supply import Account
from conformance.target.testbed import Testbed
from tests.conftest import OpenDatabase

TOKENS = "magic_link_tokens"
COLUMNS = ("id", "userId", "tokenHash", "expiresAt", "usedAt", "createdAt")
USER, TOKEN, OTHER_TOKEN = "ann", "a1" * 32, "b2" * 32
EXCEPTIONS = (Failed, CantTell, Untested, Inapplicable)
STEPS: dict[str, Callable[[Scene], object]] = {
    "AC-2": storage.token_marked_used,
    "AC-8": storage.stored_as_hash,
    "FR-3": storage.belongs_to_user,
    "FR-6": storage.other_not_used,
    "FR-8": storage.expires_after_15_minutes,
    "NFR-1": storage.hash_in_lower_case,
    "NFR-3": storage.new_rows,
}
NO_TABLE = {
    **dict.fromkeys(("AC-2", "AC-8", "FR-3"), "Failed"),
    **dict.fromkeys(("FR-6", "FR-8", "NFR-1", "NFR-3"), "Inapplicable"),
}


def sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def md5(token: str) -> str:
    return hashlib.md5(token.encode()).hexdigest()


class Service:
    """Writes rows as a service would; a hash that has no column of its own goes into `digest`."""

    def __init__(
        self,
        open_database: OpenDatabase,
        table: str = TOKENS,
        lacking: str = "",
        digest: Callable[[str], str] = sha256,
    ) -> None:
        columns = [name for name in COLUMNS if name != lacking]
        columns += ["digest"] if lacking == "tokenHash" else []
        defined = [f'"{c}" {"timestamptz" if c.endswith("At") else "text"}' for c in columns]
        self.database = open_database(f"CREATE TABLE {table} ({', '.join(defined)})")
        self._table, self._columns, self._digest, self._count = table, columns, digest, 0

    def store(self, token: str, user: str, *, used: bool = False) -> None:
        self._count += 1
        values = {
            "id": str(self._count),
            "userId": user,
            "tokenHash": self._digest(token),
            "digest": self._digest(token),
            "expiresAt": "2031-01-01T12:15:00Z",
            "usedAt": "2031-01-01T12:01:00Z" if used else None,
            "createdAt": "2031-01-01T12:00:00Z",
        }
        names = ", ".join(f'"{name}"' for name in self._columns)
        places = ", ".join("%s" for _ in self._columns)
        statement: Any = f"INSERT INTO {self._table} ({names}) VALUES ({places})"
        self.database.query(statement, [values[name] for name in self._columns])


def a_scene(database: Database) -> Scene:
    testbed = SimpleNamespace(
        database=database,
        need_database=lambda: database,
        accounts=SimpleNamespace(plentiful=False),
    )
    account = Account("ann@example.com", USER, None)
    scene = Scene(cast("Testbed", testbed), Evidence(), account=account)
    scene.token, scene.other_token = TOKEN, OTHER_TOKEN
    return scene


def judged(service: Service, *, stores: bool = True) -> dict[str, str]:
    """Return what does not pass after a login by a user of a list, who had an older row."""
    service.store("an older token", USER)
    scene = a_scene(service.database)
    storage.note_rows(scene)
    if stores:
        service.store(TOKEN, USER, used=True)
    return dict(_judged(scene))


def _judged(scene: Scene) -> Iterator[tuple[str, str]]:
    for id_, step in STEPS.items():
        try:
            step(scene)
        except EXCEPTIONS as error:
            yield id_, type(error).__name__


def test_the_table_of_the_spec(open_database: OpenDatabase) -> None:
    service = Service(open_database)
    service.store(OTHER_TOKEN, "bob")
    assert judged(service) == {}


def test_another_user_s_token_that_is_used_as_well(open_database: OpenDatabase) -> None:
    service = Service(open_database)
    service.store(OTHER_TOKEN, "bob", used=True)
    assert judged(service) == {"FR-6": "Failed"}


def test_a_table_of_another_name_is_none(open_database: OpenDatabase) -> None:
    assert judged(Service(open_database, "verification")) == NO_TABLE


@pytest.mark.parametrize(
    ("lacking", "undone"),
    [
        ("id", {}),
        ("userId", {}),
        ("tokenHash", {"FR-6": "Inapplicable"}),
        ("expiresAt", {"FR-8": "Inapplicable"}),
        ("usedAt", {"AC-2": "Failed", "FR-6": "Inapplicable"}),
        ("createdAt", {"FR-8": "Inapplicable"}),
    ],
)
def test_a_column_that_is_missing(
    lacking: str, undone: dict[str, str], open_database: OpenDatabase
) -> None:
    service = Service(open_database, lacking=lacking)
    service.store(OTHER_TOKEN, "bob")
    assert judged(service) == undone


def test_another_hash(open_database: OpenDatabase) -> None:
    service = Service(open_database, digest=md5)
    service.store(OTHER_TOKEN, "bob")
    assert judged(service) == {"AC-8": "Failed", "NFR-1": "Failed", "FR-6": "Inapplicable"}


def test_a_row_that_is_never_written(open_database: OpenDatabase) -> None:
    service = Service(open_database)
    service.store(OTHER_TOKEN, "bob")
    assert judged(service, stores=False) == {
        **dict.fromkeys(("AC-2", "AC-8", "FR-3"), "Failed"),
        **dict.fromkeys(("FR-8", "NFR-1"), "Inapplicable"),
    }


def test_a_row_more_beside_the_token_s(open_database: OpenDatabase) -> None:
    service = Service(open_database)
    service.store(OTHER_TOKEN, "bob")
    scene = a_scene(service.database)
    storage.note_rows(scene)
    service.store("a code for the app", USER)
    service.store(TOKEN, USER, used=True)
    assert dict(_judged(scene)) == {}


@pytest.mark.parametrize("lacking", ["", "id", "userId"])
def test_what_is_added_is_told_from_what_was_there(
    lacking: str, open_database: OpenDatabase
) -> None:
    service = Service(open_database, lacking=lacking)
    service.store("an older token", USER)
    scene = a_scene(service.database)
    storage.note_rows(scene)
    assert storage.new_rows(scene) == []
    service.database.query(
        'UPDATE magic_link_tokens SET "createdAt" = "createdAt" - interval \'1 hour\''
    )
    assert storage.new_rows(scene) == []
    service.store(TOKEN, USER)
    assert len(storage.new_rows(scene)) == 1
