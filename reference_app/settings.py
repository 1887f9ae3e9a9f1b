"""Settings, from environment variables only."""

from __future__ import annotations

import ipaddress
from email.utils import parseaddr
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from reference_app.magic_link.texts import TEXTS

MINIMUM_SECRET_BYTES = 32
# `changemechangeme…` has six, 32 random hex digits hardly ever fewer than ten.
MINIMUM_SECRET_CHARACTERS = 8


class SettingsError(Exception):
    """One sentence that says which setting is missing or wrong."""


Seconds = Annotated[float, Field(allow_inf_nan=False)]


class Settings(BaseSettings):
    """Every setting is an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, frozen=True)

    environment: Literal["production", "development"] = "production"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=1, ge=1)

    database_url: SecretStr
    database_pool_size: int = Field(default=10, ge=1)
    database_timeout_seconds: Seconds = Field(default=5.0, gt=0)
    migrate_on_start: bool = False
    # How long an expired link is still called expired or used, and not unknown.
    token_retention_days: int = Field(default=30, ge=1)

    app_base_url: str
    jwt_secret: SecretStr
    # Earlier secrets, separated by blanks: sessions that they signed are still recognised.
    jwt_previous_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    cookie_secure: bool = True

    mail_provider: Literal["smtp", "sendgrid"]
    mail_from: str
    # The language of the mail.
    mail_locale: str = "en"
    mail_timeout_seconds: Seconds = Field(default=10.0, gt=0)
    mail_pacing_floor_seconds: Seconds = Field(default=0.4, ge=0)
    smtp_host: str | None = None
    # 587, or 465 with SMTP_TLS=implicit.
    smtp_port: int | None = Field(default=None, ge=1, le=65535)
    # The certificate is checked; SSL_CERT_FILE names further authorities to trust.
    smtp_tls: Literal["starttls", "implicit", "none"] = "starttls"
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    sendgrid_api_key: SecretStr | None = None
    sendgrid_base_url: str = "https://api.sendgrid.com"

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_file: str | None = None
    # Serve GET /metrics, for nobody but the operators.
    metrics: bool = False

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper_case(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("app_base_url")
    @classmethod
    def _with_scheme(cls, value: str) -> str:
        """FR-4 writes the link as https://{APP_BASE_URL}; a scheme of its own is for local use."""
        url = value if "://" in value else f"https://{value}"
        if not _is_base_url(url):
            raise ValueError("must be a host name, or a URL with http or https, without a query")
        return url.rstrip("/")

    @field_validator("sendgrid_base_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        if not _is_base_url(value):
            raise ValueError("must be a URL with http or https, without a query")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("must start with postgresql://")
        return value

    @field_validator("jwt_previous_secrets", mode="before")
    @classmethod
    def _by_blanks(cls, value: object) -> object:
        return value.split() if isinstance(value, str) else value

    @field_validator("mail_from")
    @classmethod
    def _mail_address(cls, value: str) -> str:
        _, address = parseaddr(value)
        local, _, domain = address.rpartition("@")
        if not local or not domain or not value.isprintable():
            raise ValueError("must be a mail address")
        return value

    @field_validator("mail_locale")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in TEXTS:
            raise ValueError(f"must be one of {', '.join(TEXTS)}")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.mail_provider == "smtp" and self.smtp_host is None:
            raise ValueError("SMTP_HOST is not set, and MAIL_PROVIDER is smtp")
        if (self.smtp_username is None) != (self.smtp_password is None):
            raise ValueError("SMTP_USERNAME and SMTP_PASSWORD are set only together")
        in_clear = self.smtp_tls == "none" and self.smtp_username
        if in_clear and not self._is_for_trying(self.smtp_host):
            raise ValueError(
                "SMTP_TLS is none, and SMTP_USERNAME and SMTP_PASSWORD would be sent in clear"
            )
        if self.mail_provider == "sendgrid" and self.sendgrid_api_key is None:
            raise ValueError("SENDGRID_API_KEY is not set, and MAIL_PROVIDER is sendgrid")
        for name in ("app_base_url", "sendgrid_base_url"):
            url = urlsplit(getattr(self, name))
            if url.scheme == "http" and not self._is_for_trying(url.hostname):
                raise ValueError(f"{name.upper()} has http, and ENVIRONMENT is not development")
        if self.metrics and self.workers > 1:
            raise ValueError("METRICS is true, and WORKERS is more than 1: each counts for itself")
        if self.environment != "development":
            _expect_strong("JWT_SECRET", self.jwt_secret)
            for secret in self.jwt_previous_secrets:
                _expect_strong("JWT_PREVIOUS_SECRETS", secret)
        return self

    def _is_for_trying(self, host: str | None) -> bool:
        return self.environment == "development" or _is_loopback(host or "")


def load_settings(**overrides: Any) -> Settings:
    """Read the environment.

    Raises SettingsError with one sentence that names what is wrong, without its value.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        complaints = [_complaint(detail["loc"], detail) for detail in error.errors()]
        raise SettingsError("; ".join(complaints) + ".") from None


def _is_base_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        # Reading the port checks it.
        whole = bool(url.hostname) and url.port != 0
    except ValueError:
        return False
    is_clean = text.isprintable() and not set(text) & set(" ?#@")
    return whole and is_clean and url.scheme in {"http", "https"}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _expect_strong(name: str, secret: SecretStr) -> None:
    text = secret.get_secret_value()
    if len(text.encode()) < MINIMUM_SECRET_BYTES:
        weakness = f"is shorter than {MINIMUM_SECRET_BYTES} bytes"
    elif len(set(text)) < MINIMUM_SECRET_CHARACTERS:
        weakness = f"has fewer than {MINIMUM_SECRET_CHARACTERS} different characters"
    else:
        return
    raise ValueError(f"{name} {weakness}, and ENVIRONMENT is not development")


def _complaint(location: tuple[int | str, ...], detail: Any) -> str:
    name = "_".join(str(part) for part in location).upper()
    if detail["type"] == "missing":
        return f"{name} is not set"
    reason = str(detail["msg"]).removeprefix("Value error, ")
    return f"{name} {_lower_first(reason)}" if name else reason


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
