"""What a target description says of each point of observation: mail, database, session, log."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from conformance.observe.mail.kinds import KINDS
from conformance.requirements.magic_link import TOKENS_TABLE, USERS_TABLE

_PRINTABLE = re.compile(r"[!-~]*")
# The first two would say in a second place what is connected to; the third, another database than
# the one that the path names.
_REFUSED_IN_DATABASE_URLS = ("service", "servicefile", "dbname")


def _http_url(value: str) -> str:
    if not _is_url(value, {"http", "https"}) or not urlsplit(value).hostname:
        raise ValueError("expected a URL such as http://127.0.0.1:8000")
    return _printable(value).rstrip("/")


def _service_url(value: str) -> str:
    url = _http_url(value)
    if "@" in urlsplit(url).netloc:
        raise ValueError(
            "expected a URL without a user and a password, which reports would show: a header of "
            "the description can hold them (`headers`)"
        )
    return url


def _postgres_url(value: str) -> str:
    if not value.startswith(("postgresql://", "postgres://")):
        raise ValueError("expected a URL such as postgresql://user:password@127.0.0.1:5432/name")
    try:
        given = conninfo_to_dict(_printable(value))
        parameters = {name for name, _ in parse_qsl(urlsplit(value).query)}
    except (psycopg.Error, ValueError) as error:
        # What libpq says of a wrong escape may have the password in it.
        reason = "a % that is not an escape is written %25" if "percent" in str(error) else error
        raise ValueError(
            f"expected a URL of PostgreSQL ({' '.join(str(reason).split())})"
        ) from None
    for port in filter(None, str(given.get("port") or "").split(",")):
        if not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536):
            raise ValueError(f"expected a port between 1 and 65535 instead of {port[:20]}")
    for name in _REFUSED_IN_DATABASE_URLS:
        if name in parameters:
            raise ValueError(f"expected a URL without the parameter `{name}`")
    return value


def _is_url(value: str, schemes: set[str]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and (parts.port is None or parts.port > 0)
    except ValueError:
        # Brackets that do not match, a port that is not a number.
        return False


def _printable(value: str) -> str:
    if not _PRINTABLE.fullmatch(value):
        raise ValueError("expected visible ASCII characters only, others escaped (%20)")
    return value


def _path(value: str) -> str:
    if not value.startswith("/"):
        raise ValueError("expected a path that begins with /")
    return _printable(value)


def _path_or_url(value: str) -> str:
    return _path(value) if value.startswith("/") else _http_url(value)


def _endpoint(value: str) -> str:
    method, _, path = value.partition(" ")
    if not re.fullmatch("[A-Z]+", method) or not path.startswith("/"):
        raise ValueError('expected a method and a path, such as "GET /auth/me"')
    _printable(path)
    return value


def _header(value: str) -> str:
    if not re.fullmatch(r"[\t -~\x80-\xff]*", value):
        raise ValueError("expected a value of one line, in Latin-1")
    return value


def _header_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", value):
        raise ValueError("expected the name of a header, such as X-Requested-With")
    return value


def _variable(value: str) -> str:
    if not value or "=" in value:
        raise ValueError("expected the name of a variable, without `=`")
    return value


def _regex(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"expected a regular expression ({error})") from error
    return value


def _mail_kind(value: str) -> str:
    if value not in KINDS:
        raise ValueError(f"expected one of {', '.join(KINDS)}")
    return value


HttpUrl = Annotated[str, AfterValidator(_http_url)]
ServiceUrl = Annotated[str, AfterValidator(_service_url)]
PostgresUrl = Annotated[str, AfterValidator(_postgres_url)]
UrlPath = Annotated[str, AfterValidator(_path)]
PathOrUrl = Annotated[str, AfterValidator(_path_or_url)]
Visible = Annotated[str, AfterValidator(_printable)]
Headers = dict[
    Annotated[str, AfterValidator(_header_name)], Annotated[str, AfterValidator(_header)]
]
Variable = Annotated[str, AfterValidator(_variable)]
Endpoint = Annotated[str, AfterValidator(_endpoint)]
Regex = Annotated[str, AfterValidator(_regex)]
MailKind = Annotated[str, AfterValidator(_mail_kind)]


class Part(BaseModel):
    """A table of a target description: no unknown keys, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabasePart(Part):
    """The target's database.

    Without `url` a launched target gets a new one, on `server` or on the embedded server. A
    database given by `url` is written to only when it is called `disposable`.
    """

    url: PostgresUrl | None = None
    server: PostgresUrl | None = None
    disposable: bool = False
    schema_name: str | None = Field(default=None, alias="schema")
    users: str = USERS_TABLE
    tokens: str = TOKENS_TABLE
    columns: dict[str, str] = {}

    @model_validator(mode="after")
    def _one_of_both(self) -> DatabasePart:
        if self.url and self.server:
            raise ValueError("`url` and `server` exclude each other: keep one of them")
        return self


class MailPart(Part):
    """Where the target's mail goes.

    `kind` is one of `conformance.observe.mail.kinds`. `port` fixes the port of a sink of the
    harness, for a target that runs already.
    """

    kind: MailKind = "smtp"
    port: int = Field(default=0, ge=0, le=65535)
    delay_ms: float = Field(default=150.0, ge=0, le=5000)
    starttls: bool = False
    key: str = "SG.conformance"
    url: HttpUrl | None = None
    path: Path | None = None

    @model_validator(mode="after")
    def _complete(self) -> MailPart:
        for key, example in KINDS[self.kind].needs.items():
            if getattr(self, key) is None:
                raise ValueError(f'kind "{self.kind}" needs `{key}`, such as {example}')
        return self


class SessionPart(Part):
    """What the session JWT is verified with; without any of these its signature is not judged.

    `jwks` is a URL, or a path of the target's own such as `/.well-known/jwks.json`.
    """

    secret: str | None = None
    public_key_file: Path | None = None
    jwks: PathOrUrl | None = None


class LogPart(Part):
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
