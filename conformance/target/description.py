"""The target description: how to reach, control and observe one implementation (TOML)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from conformance.target.validation import problem_of

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class DescriptionError(Exception):
    """The description, or the call, is wrong; the message says what and how to mend it."""


def _http_url(value: str) -> str:
    if not _is_url(value, {"http", "https"}) or not urlsplit(value).hostname:
        raise ValueError("expected a URL such as http://127.0.0.1:8000")
    return value.rstrip("/")


def _postgres_url(value: str) -> str:
    if not _is_url(value, {"postgresql", "postgres"}):
        raise ValueError("expected a URL such as postgresql://user:password@127.0.0.1:5432/name")
    return value


def _is_url(value: str, schemes: set[str]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and (parts.port is None or parts.port > 0)
    except ValueError:
        # Brackets that do not match, a port that is none.
        return False


def _endpoint(value: str) -> str:
    if not re.fullmatch(r"[A-Z]+ /\S*", value):
        raise ValueError('expected a method and a path, such as "GET /auth/me"')
    return value


def _regex(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"expected a regular expression ({error})") from error
    return value


HttpUrl = Annotated[str, AfterValidator(_http_url)]
PostgresUrl = Annotated[str, AfterValidator(_postgres_url)]
Endpoint = Annotated[str, AfterValidator(_endpoint)]
Regex = Annotated[str, AfterValidator(_regex)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Launch(_Part):
    """How the harness starts the target as a process of its own.

    `command`, `prepare` and the values of `environment` may hold placeholders; see
    `conformance.target.launch.launch.placeholders`.
    """

    command: list[str] = Field(min_length=1)
    directory: Path = Path()
    environment: dict[str, str] = {}
    inherit: list[str] = []
    prepare: list[list[str]] = []
    ready_path: str | None = None
    ready_seconds: float = Field(default=30.0, gt=0, le=600)


class InProcess(_Part):
    """A Python ASGI application served in the harness's own process.

    `app` names a factory as `module:callable`; it is called without arguments while `environment`
    stands in `os.environ`. `prepare` commands run before, as for `Launch`. `preload` names modules
    that are imported once, without that environment, for all targets that stand side by side.
    """

    app: str = Field(pattern=r"^[\w.]+:[\w.]+$")
    environment: dict[str, str] = {}
    prepare: list[list[str]] = []
    preload: list[str] = []


class DatabasePart(_Part):
    """The target's database.

    Without `url` a launched target gets a new one, on `server` or on the embedded server. A
    database given by `url` is written to only when it is called `disposable`.
    """

    url: PostgresUrl | None = None
    server: PostgresUrl | None = None
    disposable: bool = False
    schema_name: str | None = Field(default=None, alias="schema")
    users: str = "users"
    tokens: str = "magic_link_tokens"
    columns: dict[str, str] = {}

    @model_validator(mode="after")
    def _one_of_both(self) -> DatabasePart:
        if self.url and self.server:
            raise ValueError("`url` and `server` exclude each other: keep one of them")
        return self


class MailPart(_Part):
    """Where the target's mail goes.

    `smtp` and `sendgrid` are sinks of the harness; `port` fixes theirs for a target that runs
    already. `mailpit` reads the API at `url`, `directory` the `.eml` files below `path`.
    """

    kind: Literal["smtp", "sendgrid", "mailpit", "directory"] = "smtp"
    port: int = Field(default=0, ge=0, le=65535)
    delay_ms: float = Field(default=150.0, ge=0, le=5000)
    starttls: bool = False
    key: str = "SG.conformance"
    url: HttpUrl | None = None
    path: Path | None = None

    @model_validator(mode="after")
    def _complete(self) -> MailPart:
        if self.kind == "mailpit" and self.url is None:
            raise ValueError('kind "mailpit" needs `url`, such as http://127.0.0.1:8025')
        if self.kind == "directory" and self.path is None:
            raise ValueError('kind "directory" needs `path`, the folder with the .eml files')
        return self


class ListedAccount(_Part):
    """An account that exists already."""

    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    id: str | None = None
    password: str | None = None
    status: Literal["active", "suspended"] = "active"
    passwordless: bool = False


class Registration(_Part):
    """An HTTP call that makes an active account.

    `body` is sent as JSON; its values may hold `{email}` and `{password}`. `id_member` names the
    member of the answer that holds the new user's id.
    """

    endpoint: Endpoint = "POST /auth/register"
    body: dict[str, Any] = {"email": "{email}", "password": "{password}"}
    id_member: str | None = None


class AccountsPart(_Part):
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


class ClockPart(_Part):
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


class SessionPart(_Part):
    """What the session JWT is verified with; without any of these its signature is not judged.

    `jwks` is a URL, or a path of the target's own such as `/.well-known/jwks.json`.
    """

    secret: str | None = None
    public_key_file: Path | None = None
    jwks: str | None = None


class LogPart(_Part):
    """Where the target logs: its captured output (launched targets) or a file.

    `events` maps the spec's log events (request_received, link_sent, token_verified,
    rate_limit_hit, expired_token, used_token, email_failure) to a regular expression.
    """

    file: Path | None = None
    format: Literal["auto", "json", "text"] = "auto"
    level_key: str | None = None
    events: dict[
        Literal[
            "request_received",
            "link_sent",
            "token_verified",
            "rate_limit_hit",
            "expired_token",
            "used_token",
            "email_failure",
        ],
        Regex,
    ] = {}


class TargetDescription(_Part):
    """One implementation. Exactly one of `base_url`, `launch` and `in_process` says how to run it.

    `directory` is where relative paths start; it is the description's own folder.
    """

    name: str = "target"
    base_url: HttpUrl | None = None
    launch: Launch | None = None
    in_process: InProcess | None = None
    app_base_url: str | None = None
    headers: dict[str, str] = {}
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
    def prepare(self) -> list[list[str]]:
        """The commands that run before the target is started."""
        part = self.launch or self.in_process
        return part.prepare if part is not None else []


def load_description(path: Path) -> TargetDescription:
    """Read a description from a TOML file; every fault is a `DescriptionError` of one sentence."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DescriptionError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DescriptionError(f"{path}: cannot be read ({error})") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DescriptionError(f"{path}: is not TOML: {error}") from error
    return parse_description(data, str(path), path.resolve().parent)


def parse_description(data: dict[str, Any], source: str, directory: Path) -> TargetDescription:
    """Validate what a TOML file holds; `source` names it in messages."""
    if "directory" in data:
        raise DescriptionError(f"{source}: unknown key `directory`: [launch] has one")
    try:
        return TargetDescription.model_validate({**data, "directory": directory})
    except ValidationError as error:
        problems = "; ".join(problem_of(item, TargetDescription) for item in error.errors())
        raise DescriptionError(f"{source}: {problems}") from error
