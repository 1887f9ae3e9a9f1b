"""Alive is not ready, and ready means that a login would work."""

from __future__ import annotations

import pytest

from conformance.target.database.postgres import EmbeddedPostgres, create_database
from conformance.target.launch.ports import free_port
from reference_app.migrations import Schema, migrate
from tests.reference.conftest import Database, Reference, Start
from tests.reference.processes import await_that

READY = (200, {"status": "ready"})
OUTDATED = (503, {"error": "SCHEMA_OUTDATED"})
UNAVAILABLE = (503, {"error": "SERVICE_UNAVAILABLE"})


def readiness(reference: Reference) -> tuple[int, object]:
    assert reference.client.get("/health/live").status_code == 200
    response = reference.client.get("/health/ready")
    return response.status_code, response.json()


def test_without_a_database_it_is_alive_and_not_ready(start: Start) -> None:
    nowhere = f"postgresql://127.0.0.1:{free_port()}/none"
    assert readiness(start(database_url=nowhere, database_timeout_seconds=0.1)) == UNAVAILABLE


def test_it_is_ready_once_the_migrations_have_run(postgres: EmbeddedPostgres, start: Start) -> None:
    url = create_database(postgres.url, "readiness")
    reference = start(database_url=url)
    assert readiness(reference) == OUTDATED
    migrate(url)
    assert readiness(reference) == READY
    # In the middle of a deployment: the old code goes on under a later schema.
    Database(url).rows("UPDATE magic_link_version SET version_num = 'later'")
    assert readiness(reference) == READY


def test_before_the_migrations_each_request_is_answered_and_the_log_says_what_to_do(
    postgres: EmbeddedPostgres, start: Start
) -> None:
    reference = start(database_url=create_database(postgres.url, "unmigrated"))
    answers = [reference.request_link("ada@example.com"), reference.verify("0" * 64)]
    assert [(each.status_code, each.json()) for each in answers] == [OUTDATED] * 2
    form = {"Sec-Fetch-Site": "same-origin"}
    page = reference.client.post("/login/token", data={"token": "x"}, headers=form)
    assert page.status_code == 503
    assert "This does not work just now" in page.text
    errors = [line for line in reference.log_lines() if line["level"] == "error"]
    assert [line["event"] for line in errors] == ["schema_outdated"] * 3
    assert {line["message"] for line in errors} == {"Run `python -m reference_app migrate`."}


def test_it_is_not_ready_between_two_migrations(
    start: Start, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = create_database(postgres.url, "between")
    migrate(url)
    Database(url).rows("UPDATE magic_link_version SET version_num = 'earlier'")
    prepare = Schema.__init__

    def with_an_earlier_revision(self: Schema, pool: object) -> None:
        prepare(self, pool)  # type: ignore[arg-type]
        self._outdated.add("earlier")

    monkeypatch.setattr(Schema, "__init__", with_an_earlier_revision)
    assert readiness(start(database_url=url)) == OUTDATED


def test_a_database_that_takes_no_writes_does_not_serve(
    postgres: EmbeddedPostgres, start: Start
) -> None:
    url = create_database(postgres.url, "standby")
    migrate(url)
    reference = start(database_url=url, database_timeout_seconds=0.5)
    # So short a time that a busy machine may miss it now and then.
    await_that(lambda: readiness(reference) == READY)
    database = Database(postgres.url)
    database.rows("ALTER DATABASE standby SET default_transaction_read_only = on")
    database.rows(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname='standby'"
    )
    assert readiness(reference) == UNAVAILABLE
    database.rows("ALTER DATABASE standby RESET default_transaction_read_only")
    await_that(lambda: readiness(reference) == READY)
