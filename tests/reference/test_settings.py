"""Settings and the command line."""

from __future__ import annotations

import re
import socket

import pytest

from conformance.target.database.postgres import EmbeddedPostgres, create_database
from conformance.target.launch.ports import free_port
from reference_app.__main__ import main
from reference_app.main import create_app
from reference_app.settings import SettingsError, load_settings
from tests.reference.conftest import Database

COMPLETE = {
    "DATABASE_URL": "postgresql://127.0.0.1:1/none",
    "APP_BASE_URL": "app.example.com",
    "JWT_SECRET": "0123456789abcdef" * 2,
    "MAIL_PROVIDER": "smtp",
    "MAIL_FROM": "login@example.com",
    "SMTP_HOST": "127.0.0.1",
}
NO_BASE_URLS = (
    *("https://", "http:///path", "ftp://x", "https://x:port", "https://x:99999", "https://a b"),
    *("https://x?query", "https://x#fragment", "https://user@x", "https://x\nSet-Cookie:"),
)
NO_BASE_URL = "must be a host name, or a URL with http or https, without a query."


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", None, "DATABASE_URL is not set."),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL must start with postgresql://."),
        (
            "JWT_SECRET",
            "secret",
            "JWT_SECRET is shorter than 32 bytes, and ENVIRONMENT is not development.",
        ),
        (
            "JWT_SECRET",
            "changeme" * 8,
            "JWT_SECRET has fewer than 8 different characters, and ENVIRONMENT is not development.",
        ),
        (
            "JWT_PREVIOUS_SECRETS",
            "0123456789abcdef0123456789abcdef short",
            "JWT_PREVIOUS_SECRETS is shorter than 32 bytes, and ENVIRONMENT is not development.",
        ),
        (
            "TOKEN_RETENTION_DAYS",
            "0",
            "TOKEN_RETENTION_DAYS input should be greater than or equal to 1.",
        ),
        ("MAIL_PROVIDER", "pigeon", "MAIL_PROVIDER input should be 'smtp' or 'sendgrid'."),
        (
            "MAIL_PROVIDER",
            "sendgrid",
            "SENDGRID_API_KEY is not set, and MAIL_PROVIDER is sendgrid.",
        ),
        ("SMTP_HOST", "", "SMTP_HOST is not set, and MAIL_PROVIDER is smtp."),
        ("SMTP_USERNAME", "login", "SMTP_USERNAME and SMTP_PASSWORD are set only together."),
        ("SMTP_PASSWORD", "secret", "SMTP_USERNAME and SMTP_PASSWORD are set only together."),
        ("SMTP_TLS", "ssl", "SMTP_TLS input should be 'starttls', 'implicit' or 'none'."),
        ("MAIL_FROM", "nobody", "MAIL_FROM must be a mail address."),
        ("MAIL_LOCALE", "tlh", "MAIL_LOCALE must be one of en, de, fr."),
        (
            "APP_BASE_URL",
            "http://app.example.com",
            "APP_BASE_URL has http, and ENVIRONMENT is not development.",
        ),
        (
            "SENDGRID_BASE_URL",
            "http://sendgrid.example.com",
            "SENDGRID_BASE_URL has http, and ENVIRONMENT is not development.",
        ),
        *(("APP_BASE_URL", url, f"APP_BASE_URL {NO_BASE_URL}") for url in NO_BASE_URLS),
        *(
            (
                "SENDGRID_BASE_URL",
                url,
                "SENDGRID_BASE_URL must be a URL with http or https, without a query.",
            )
            for url in ("sendgrid.example.com", *NO_BASE_URLS)
        ),
        *(
            (f"{name}_SECONDS", value, f"{name}_SECONDS input should be a finite number.")
            for name in ("DATABASE_TIMEOUT", "MAIL_TIMEOUT", "MAIL_PACING_FLOOR")
            for value in ("inf", "nan")
        ),
        *(
            ("MAIL_FROM", f"a@example.com{text}", "MAIL_FROM must be a mail address.")
            for text in ("\r\nBcc: b@example.com", "\n")
        ),
    ],
)
@pytest.mark.parametrize("command", ["serve", "migrate", "retention"])
def test_a_wrong_setting_is_named_in_one_sentence(
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    name: str,
    value: str | None,
    sentence: str,
) -> None:
    if value is None:
        environment.delenv(name)
    else:
        environment.setenv(name, value)
    assert main([command]) == 2
    captured = capsys.readouterr()
    assert (captured.err, captured.out) == (sentence + "\n", "")


@pytest.mark.parametrize("host", ["mail.example.com", "192.0.2.1", "127.0.0.1.example.com"])
def test_credentials_do_not_go_out_in_clear(environment: pytest.MonkeyPatch, host: str) -> None:
    for name, value in {"USERNAME": "login", "PASSWORD": "secret", "HOST": host}.items():
        environment.setenv(f"SMTP_{name}", value)
    load_settings(smtp_tls="starttls")
    load_settings(smtp_tls="implicit")
    load_settings(smtp_tls="none", environment="development")
    for own in ("localhost", "127.0.0.1", "::1"):
        load_settings(smtp_tls="none", smtp_host=own)
    with pytest.raises(SettingsError, match=r"^SMTP_TLS is none, and .* would be sent in clear.$"):
        load_settings(smtp_tls="none")


def test_metrics_are_refused_where_each_process_would_show_its_own(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("METRICS", "true")
    assert load_settings().metrics
    environment.setenv("WORKERS", "2")
    with pytest.raises(SettingsError, match=r"^METRICS is true, and WORKERS is more than 1"):
        load_settings()


def test_development_may_have_a_short_secret(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("JWT_SECRET", "short")
    environment.setenv("ENVIRONMENT", "development")
    assert load_settings().jwt_secret.get_secret_value() == "short"


def test_the_application_reads_the_environment_when_it_is_made(
    environment: pytest.MonkeyPatch,
) -> None:
    create_app()
    environment.delenv("MAIL_FROM")
    with pytest.raises(SettingsError, match="MAIL_FROM is not set"):
        create_app()


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("app.example.com", "https://app.example.com"),
        ("app.example.com:8443/", "https://app.example.com:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_the_base_url_is_https_unless_it_says_otherwise(
    environment: pytest.MonkeyPatch, value: str, url: str
) -> None:
    environment.setenv("APP_BASE_URL", value)
    assert load_settings().app_base_url == url


def test_secrets_do_not_show(environment: pytest.MonkeyPatch) -> None:
    assert "0123456789abcdef" * 2 not in repr(load_settings())


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LOG_FILE", "/nowhere/app.log", "LOG_FILE cannot be written: No such file or directory."),
        ("LOG_FILE", "/", "LOG_FILE cannot be written: Is a directory."),
        ("HOST", "192.0.2.1", r"Nothing can listen at HOST and PORT: Cannot assign .*"),
        ("HOST", "no host", r"Nothing can listen at HOST and PORT: .*"),
        ("HOST", f"{'a' * 70}.example.com", r"Nothing can listen at HOST and PORT: .*"),
    ],
)
def test_where_it_cannot_serve_it_says_so(
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    sentence: str,
) -> None:
    environment.setenv(name, value)
    assert main(["serve"]) == 2
    captured = capsys.readouterr()
    assert re.fullmatch(sentence + "\n", captured.err)
    assert captured.out == ""


def test_a_port_that_is_taken_is_named(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environment.setenv("PORT", str(taken.getsockname()[1]))
        assert main(["serve"]) == 2
    expected = r"Nothing can listen at HOST and PORT: Address already in use.*\.\n"
    assert re.fullmatch(expected, capsys.readouterr().err)


def test_migrate_says_when_there_is_no_database(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("DATABASE_URL", f"postgresql://127.0.0.1:{free_port()}/none")
    assert main(["migrate"]) == 2
    assert capsys.readouterr().err == "The database at DATABASE_URL cannot be reached.\n"


def test_migrate_makes_the_tables_and_may_be_repeated(
    environment: pytest.MonkeyPatch, postgres: EmbeddedPostgres
) -> None:
    url = create_database(postgres.url, "migrate_twice")
    environment.setenv("DATABASE_URL", url)
    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0
    columns = Database(url).rows(
        """
        SELECT column_name, data_type, is_nullable, character_maximum_length
        FROM information_schema.columns WHERE table_name = 'magic_link_tokens'
        ORDER BY ordinal_position
        """
    )
    assert columns == [
        ("id", "uuid", "NO", None),
        ("userId", "uuid", "NO", None),
        ("tokenHash", "character varying", "NO", 64),
        ("expiresAt", "timestamp with time zone", "NO", None),
        ("usedAt", "timestamp with time zone", "YES", None),
        ("createdAt", "timestamp with time zone", "YES", None),
    ]
