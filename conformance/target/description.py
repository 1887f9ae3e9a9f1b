"""The target description: how to reach, control and observe one implementation (TOML)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    Field,
    ValidationError,
    model_validator,
)

from conformance.observe.settings import (
    DatabasePart,
    Endpoint,
    Headers,
    HttpUrl,
    LogPart,
    MailPart,
    Part,
    ServiceUrl,
    SessionPart,
    UrlPath,
    Variable,
    Visible,
)
from conformance.outcomes import UsageError
from conformance.requirements.user_files import read_toml
from conformance.target.validation import problem_of

# Deeper than any description or any JSON that registers an account.
_DEEPEST = 50
_TOO_DEEP = f"is nested deeper than {_DEEPEST} levels"


class Launch(Part):
    """How the harness starts the target as a process of its own.

    `command`, `prepare` and the values of `environment` may hold placeholders; see
    `conformance.target.launch.placeholders`.
    """

    command: list[str] = Field(min_length=1)
    directory: Path = Path()
    environment: dict[Variable, str] = {}
    inherit: list[Variable] = []
    prepare: list[list[str]] = []
    ready_path: UrlPath | None = None
    ready_seconds: float = Field(default=30.0, gt=0, le=600)


class InProcess(Part):
    """A Python ASGI application served in the harness's own process.

    `app` names a factory as `module:callable`; it is called without arguments while `environment`
    is in `os.environ`. `prepare` commands run before, as for `Launch`. `preload` names modules
    that are imported once, without that environment, for all targets that run side by side.
    """

    app: str = Field(pattern=r"^[\w.]+:[\w.]+$")
    environment: dict[Variable, str] = {}
    prepare: list[list[str]] = []
    preload: list[str] = []


class ListedAccount(Part):
    """An account that exists already."""

    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    id: str | None = None
    password: str | None = None
    status: Literal["active", "suspended"] = "active"
    passwordless: bool = False


class Registration(Part):
    """An HTTP call that makes an active account.

    `body` is sent as JSON; its values may hold `{email}` and `{password}`. `id_member` names the
    member of the answer that holds the new user's id.
    """

    endpoint: Endpoint = "POST /auth/register"
    body: dict[str, Any] = {"email": "{email}", "password": "{password}"}
    id_member: str | None = None


class AccountsPart(Part):
    """Where the test accounts come from.

    `insert` writes them into the users table; `environment` hands them to the launched target as
    JSON (placeholder `{accounts_json}`), `command` to a command by its standard input; `register`
    calls `registration`; `list` takes `listed` as they are.
    """

    kind: Literal["insert", "environment", "command", "register", "list"] = "insert"
    password_hash: str | None = None
    active_status: str = "active"
    suspended_status: str = "suspended"
    columns: dict[str, str | int | bool] = {}
    command: list[str] = []
    count: int = Field(default=60, ge=1, le=1000)
    registration: Registration = Registration()
    listed: list[ListedAccount] = []

    @model_validator(mode="after")
    def _complete(self) -> AccountsPart:
        if self.kind == "command" and not self.command:
            raise ValueError('kind "command" needs `command`')
        if self.kind == "list" and not self.listed:
            raise ValueError('kind "list" needs at least one [[accounts.listed]]')
        return self


class ClockPart(Part):
    """How the harness moves the target's time forward.

    `auto`: freezegun in process, ageing where there is a database that may be written to, else
    none. `http` POSTs `{"seconds": n}` to `url`, n being the whole shift since the start. `wait`
    really waits.
    """

    kind: Literal["auto", "age", "freezegun", "faketime", "http", "wait", "none"] = "auto"
    url: HttpUrl | None = None
    epoch_columns: list[str] = []

    @model_validator(mode="after")
    def _complete(self) -> ClockPart:
        if self.kind == "http" and self.url is None:
            raise ValueError('kind "http" needs `url`')
        return self


class TargetDescription(Part):
    """One implementation. Exactly one of `base_url`, `launch` and `in_process` says how to run it.

    `directory` is where relative paths start; it is the description's own folder.
    """

    name: str = "target"
    base_url: ServiceUrl | None = None
    launch: Launch | None = None
    in_process: InProcess | None = None
    app_base_url: Visible | None = None
    headers: Headers = {}
    protected: list[Endpoint] = []
    database: DatabasePart | None = None
    mail: MailPart | None = None
    accounts: AccountsPart | None = None
    clock: ClockPart = ClockPart()
    session: SessionPart = SessionPart()
    log: LogPart | None = None
    directory: Path = Field(default=Path(), exclude=True)

    @model_validator(mode="after")
    def _coherent(self) -> TargetDescription:
        ways = [self.base_url, self.launch, self.in_process]
        if sum(way is not None for way in ways) != 1:
            raise ValueError("exactly one of `base_url`, [launch] and [in_process] must be given")
        if not self.started_here:
            self._refuse_what_needs_a_launch()
        if self.clock.kind == "faketime" and self.launch is None:
            raise ValueError('[clock] kind "faketime" needs [launch]')
        if self.clock.kind == "freezegun" and self.in_process is None:
            raise ValueError('[clock] kind "freezegun" needs [in_process]')
        return self

    def _refuse_what_needs_a_launch(self) -> None:
        if self.database is not None and self.database.url is None:
            raise ValueError("[database] needs `url` for a target that runs already")
        if self.accounts is not None and self.accounts.kind == "environment":
            raise ValueError('[accounts] kind "environment" needs [launch]')

    @property
    def started_here(self) -> bool:
        """Whether the harness starts the target itself."""
        return self.base_url is None

    @property
    def urls(self) -> dict[str, str | None]:
        """What the harness may connect to by itself, by the keys that say it."""
        database, mail = self.database or DatabasePart(), self.mail or MailPart()
        jwks = self.session.jwks
        return {
            "base_url": self.base_url,
            "database.url": database.url,
            "database.server": database.server,
            "mail.url": mail.url,
            "clock.url": self.clock.url,
            # A path is one of the target's own.
            "session.jwks": None if jwks is None or jwks.startswith("/") else jwks,
        }

    @property
    def prepare(self) -> list[list[str]]:
        """The commands that run before the target is started."""
        part = self.launch or self.in_process
        return part.prepare if part is not None else []


def load_description(path: Path) -> TargetDescription:
    """Read a description from a TOML file; every fault is a `UsageError` of one sentence."""
    return parse_description(read_toml(path), str(path), path.resolve().parent)


def parse_description(data: dict[str, Any], source: str, directory: Path) -> TargetDescription:
    """Validate what a TOML file holds; `source` names it in messages."""
    if "directory" in data:
        raise UsageError(f"{source}: unknown key `directory`: [launch] has one")
    problem = _unfit(data)
    if problem:
        raise UsageError(f"{source}: {problem}")
    try:
        return TargetDescription.model_validate({**data, "directory": directory})
    except ValidationError as error:
        problems = "; ".join(problem_of(item, TargetDescription) for item in error.errors())
        raise UsageError(f"{source}: {problems}") from error


def _unfit(data: dict[str, Any]) -> str:
    """Return what no key can have, "" when there is none of it: NUL, or tables without an end."""
    todo: list[tuple[str, int, Any]] = [("", 0, data)]
    while todo:
        key, depth, value = todo.pop()
        if depth > _DEEPEST:
            return _TOO_DEEP
        if "\0" in key or (isinstance(value, str) and "\0" in value):
            return f"{key!a} has a NUL character, which no command, variable or URL can have"
        items: Iterable[tuple[object, Any]] = ()
        if isinstance(value, dict):
            items = value.items()
        elif isinstance(value, list):
            items = enumerate(value)
        todo += [(f"{key}.{name}".lstrip("."), depth + 1, item) for name, item in items]
    return ""
