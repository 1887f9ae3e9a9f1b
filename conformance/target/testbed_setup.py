"""Opens a testbed from a target description, step by step, and closes it in reverse."""

from __future__ import annotations

import secrets
import shutil
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from conformance.observe.addresses import allowing, decide
from conformance.observe.connection import Locked, without_pg_variables
from conformance.observe.database import Database
from conformance.observe.logs import Logs
from conformance.observe.mail.mailbox import Mailbox
from conformance.observe.session import SignatureCheck
from conformance.observe.settings import DatabasePart, LogPart
from conformance.observe.wire import Wire
from conformance.target.accounts.pool import (
    PoolAccounts,
    as_json,
    hand_to_command,
    invented,
    listed,
)
from conformance.target.accounts.supply import Account, Accounts
from conformance.target.clock.kinds import Clock, FakedClock
from conformance.target.controls import choose_accounts, choose_clock
from conformance.target.database.postgres import OwnDatabase, make_database
from conformance.target.description import TargetDescription
from conformance.target.launch.instances import Instances
from conformance.target.launch.launched import OutputFile
from conformance.target.launch.placeholders import environment, fill, placeholders
from conformance.target.launch.ports import free_port
from conformance.target.launch.process import undisturbed
from conformance.target.launch.running import RunningTarget
from conformance.target.launch.scratch import make_directory
from conformance.target.mailbox import open_mailbox
from conformance.target.testbed import Testbed

APP_BASE_URL = "login.example.com"
CLOCK_FILE = "clock"


@dataclass(frozen=True)
class Permissions:
    """What the caller allows beyond the safe default: only loopback."""

    remote: bool = False


class TestbedOpening:
    """Opens a testbed step by step; `close` undoes every step that was taken, in reverse."""

    __test__ = False

    def __init__(
        self,
        description: TargetDescription,
        permissions: Permissions,
        template: OwnDatabase | None = None,
    ) -> None:
        self.description = description
        self._own_database: OwnDatabase | None = None
        self._permissions = permissions
        self._template = template
        self._is_prepared = False
        self._stack = ExitStack()
        self._text = description.model_dump_json()
        self._jwt_secret = secrets.token_hex(32)
        self._mailbox: Mailbox | None = None
        self._database_url: str | None = None
        self._pool: list[Account] = []
        self._output: OutputFile | None = None
        self._values: dict[str, str] = {}
        self._clock: Clock | None = None
        self._target = RunningTarget(None, 0, description.base_url)

    def close(self) -> None:
        """Stop what was started and remove what was made."""
        with undisturbed():
            self._stack.close()

    def open(self) -> Testbed:
        """Return the running testbed.

        Raises `UsageError` for what the description says wrong, `TargetLost` for a target
        that cannot be reached or started; whatever was opened by then is closed.
        """
        try:
            self.prepare()
            # A restart puts another instance in the place of the one that is started here.
            self._stack.callback(self._target.stop)
            self._target.start()
            return self._assemble()
        except BaseException:
            self.close()
            raise

    def prepare(self) -> OwnDatabase | None:
        """Do what comes before the target is started, only once; return the database made for it.

        A `template` database is one in which that was done already. Raises what `open` does.
        """
        if self._is_prepared:
            return self._own_database
        self._is_prepared = True
        try:
            self._provide()
            if self._target.instances is not None and self._template is None:
                self._target.instances.prepare()
        except BaseException:
            self.close()
            raise
        return self._own_database

    def _provide(self) -> None:
        self._stack.enter_context(allowing(remote=self._permissions.remote))
        for key, url in self.description.urls.items():
            decide(key, url)
        self._stack.enter_context(without_pg_variables())
        self._scratch = make_directory("run")
        self._stack.callback(shutil.rmtree, self._scratch, ignore_errors=True)
        self._open_database()
        self._open_mailbox()
        self._invent_accounts()
        # Closed after the target has stopped: what runs in frozen time must not see it jump back.
        self._stack.callback(self._close_clock)
        if self.description.started_here:
            self._describe_instances()

    def _uses(self, placeholder: str) -> bool:
        return "{" + placeholder in self._text

    def _open_database(self) -> None:
        part = self.description.database
        if part is not None and part.url is not None:
            self._database_url = part.url
            return
        if not self.description.started_here or (part is None and not self._uses("database_")):
            return
        server_url = part.server if part is not None else None
        self._own_database = make_database(self._stack, server_url, self._template)
        self._database_url = self._own_database.url

    def _open_mailbox(self) -> None:
        self._mailbox = open_mailbox(self.description)
        if self._mailbox is not None:
            self._stack.callback(self._mailbox.close)

    def _invent_accounts(self) -> None:
        part = self.description.accounts
        if part is not None and part.kind in {"environment", "command"}:
            self._pool = invented(part.count)
        elif part is not None and part.kind == "list":
            self._pool = listed(part.listed)

    def _describe_instances(self) -> None:
        description, port = self.description, free_port()
        self._values = placeholders(
            port=port,
            database_url=self._database_url or "",
            app_base_url=description.app_base_url or APP_BASE_URL,
            jwt_secret=self._jwt_secret,
            scratch=self._scratch,
            accounts_json=as_json(self._pool),
            mail=self._mailbox.placeholder_values() if self._mailbox is not None else {},
        )
        self._output = OutputFile(self._scratch / "output.log")
        instances = Instances(description, self._values, self._output, self._preset())
        self._target = RunningTarget(instances, port, None)

    def _preset(self) -> dict[str, str]:
        """Return the variables that the chosen clock needs in the target's environment."""
        if self.description.clock.kind != "faketime":
            return {}
        FakedClock(self._scratch / CLOCK_FILE)
        return FakedClock.environment(self._scratch / CLOCK_FILE)

    def _assemble(self) -> Testbed:
        description, target = self.description, self._target
        wire = Wire(target.base_url, description.headers, target.why_lost)
        # Two connections, so that what is done to the target does not pass for seeing something.
        database, control = self._connect_database(), self._connect_database()
        if control is not None:
            # A locked catalogue is not a reason to give up: the mailbox and the wire may be seen.
            with suppress(Locked):
                control.users()
        uses_secret = description.started_here and self._uses("jwt_secret")
        secret = self._jwt_secret if uses_secret else description.session.secret
        self._clock = choose_clock(description, control, self._scratch / CLOCK_FILE)
        return Testbed(
            description=description,
            wire=wire,
            accounts=self._accounts(wire, control),
            app_base_url=self._app_base_url(),
            signature=SignatureCheck(
                description.session, description.directory, wire.base_url, secret
            ),
            mailbox=self._mailbox,
            database=database,
            clock=self._clock,
            logs=self._logs(),
            instances=target.instances,
            restart=target.restart if description.started_here else None,
        )

    def _connect_database(self) -> Database | None:
        if self._database_url is None:
            return None
        part = self.description.database or DatabasePart()
        writable = self._own_database is not None or part.disposable
        database = Database(self._database_url, part, writable=writable)
        self._stack.callback(database.close)
        return database

    def _app_base_url(self) -> str | None:
        if self.description.app_base_url is not None:
            return self.description.app_base_url
        return APP_BASE_URL if self._uses("app_base_url") else None

    def _accounts(self, wire: Wire, database: Database | None) -> Accounts:
        part = self.description.accounts
        if part is not None and part.kind == "command":
            command = [fill(word, self._values, "accounts.command") for word in part.command]
            env = environment({}, [], {})
            hand_to_command(command, self._pool, self.description.directory, env)
        recyclable = self._clock is not None and self._clock.how != "waited"
        return choose_accounts(
            part, wire, database, PoolAccounts(self._pool, recyclable=recyclable)
        )

    def _close_clock(self) -> None:
        if self._clock is not None:
            self._clock.close()

    def _logs(self) -> Logs | None:
        part = self.description.log
        if part is not None and part.file is not None:
            name = fill(str(part.file), self._values, "log.file") if self._values else part.file
            return Logs(self.description.directory / name, part)
        if self.description.launch is not None and self._output is not None:
            return Logs(self._output.path, part or LogPart())
        return None
