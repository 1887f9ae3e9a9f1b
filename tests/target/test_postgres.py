"""The embedded server: reachable as others are, and gone without a trace."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from conformance.target.database.postgres import EmbeddedPostgres, create_database, drop_database


def databases(server: EmbeddedPostgres) -> set[str]:
    with psycopg.connect(server.url) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def test_it_is_reached_over_tcp_with_a_password(postgres: EmbeddedPostgres) -> None:
    assert "@127.0.0.1:" in postgres.url
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        # What a race is decided by must be PostgreSQL's default, not a setting of ours.
        isolation = connection.execute("SHOW default_transaction_isolation").fetchone()
        assert isolation == ("read committed",)
    host = f"host=127.0.0.1 port={postgres.port} user=postgres dbname=postgres"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"{host} password=wrong")


def test_databases_come_and_go(postgres: EmbeddedPostgres) -> None:
    name = 'odd "name"'
    url = create_database(postgres.url, name)
    # An open connection does not keep it.
    with closing(psycopg.connect(url)) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == (name,)
        drop_database(postgres.url, name)
        assert name not in databases(postgres)
    drop_database(postgres.url, name)


def settings(url: str, *names: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [str(connection.execute(f"SHOW {name}").fetchone()) for name in names]


def test_a_copy_has_the_settings_of_its_template(postgres: EmbeddedPostgres) -> None:
    names = ("search_path", "timezone", "app.tenant", "default_transaction_read_only")
    template = create_database(postgres.url, "template")
    with psycopg.connect(template, autocommit=True) as connection:
        for change in (
            """ALTER DATABASE template SET search_path = "$user", 'odd, one', public""",
            "ALTER DATABASE template SET timezone = 'Asia/Tokyo'",
            "ALTER DATABASE template SET app.tenant = 'it''s = mine'",
            "ALTER ROLE postgres IN DATABASE template SET default_transaction_read_only = on",
        ):
            connection.execute(change)
    copy = create_database(postgres.url, "copy", template="template")
    assert settings(copy, *names) == settings(template, *names)
    assert settings(copy, "search_path") == ["""('"$user", "odd, one", public',)"""]
    other = create_database(postgres.url, "other")
    assert settings(other, "timezone") != settings(template, "timezone")
    for name in ("copy", "template", "other"):
        drop_database(postgres.url, name)


def test_it_restarts_with_its_data_and_leaves_nothing() -> None:
    server = EmbeddedPostgres()
    try:
        create_database(server.url, "kept")
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url)
        server.start()
        assert "kept" in databases(server)
        pid = int((server.directory / "data" / "postmaster.pid").read_text().split()[0])
    finally:
        server.close()
    assert not server.directory.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    server.close()


def test_a_start_that_is_broken_off_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(_: EmbeddedPostgres) -> None:
        raise KeyboardInterrupt

    tmp_path.chmod(0o755)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(EmbeddedPostgres, "_initialise", interrupted)
    with pytest.raises(KeyboardInterrupt):
        EmbeddedPostgres()
    assert list(tmp_path.iterdir()) == []
