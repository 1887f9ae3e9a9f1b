"""What a target description says of each point of observation: mail, database, session, log."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from conformance.requirements.magic_link import TOKENS_TABLE, USERS_TABLE


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


class SessionPart(Part):
    """What the session JWT is verified with; without any of these its signature is not judged.

    `jwks` is a URL, or a path of the target's own such as `/.well-known/jwks.json`.
    """

    secret: str | None = None
    public_key_file: Path | None = None
    jwks: str | None = None


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
