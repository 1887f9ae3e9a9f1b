"""Mail goes out over TLS, to a provider whose certificate is trusted, unless SMTP_TLS is none."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from conformance.observe.mail.certificate import self_signed
from tests.reference.conftest import Database, Start
from tests.reference.servers import SmtpSink
from tests.serving import smtp_server

CREDENTIALS = {"smtp_username": "login", "smtp_password": "secret"}


class Provider(SmtpSink):
    """A sink that asks for credentials; `logins` says of each whether it came over TLS."""

    logins: list[bool]

    def authenticate(self, _: Any, session: Any, *__: Any) -> AuthResult:
        self.logins.append(session.ssl is not None)
        return AuthResult(success=True)


@contextmanager
def provider(**options: Any) -> Iterator[Provider]:
    """Run a provider on a free port, with or without TLS."""
    sink = Provider()
    sink.logins = []
    options = {"authenticator": sink.authenticate, "auth_require_tls": False, **options}
    with smtp_server(sink, **options) as sink.port:
        yield sink


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The context of a server whose certificate this process trusts."""
    certificate, context = self_signed("127.0.0.1")
    file = tmp_path / "authority.pem"
    file.write_text(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return context


def asked(start: Start, database: Database, sink: Provider, **settings: Any) -> int:
    """Return the status of a request for a link, mailed by this provider with credentials."""
    database.add_user("ada@example.com")
    reference = start(smtp_port=sink.port, **CREDENTIALS, **settings)
    return reference.request_link("ada@example.com").status_code


def test_it_starts_tls_before_it_says_who_it_is(
    start: Start, database: Database, tls: ssl.SSLContext
) -> None:
    with provider(tls_context=tls, require_starttls=True) as sink:
        assert asked(start, database, sink, smtp_tls="starttls") == 202
        assert (len(sink.delivered), sink.logins) == (1, [True])


def test_tls_from_the_first_byte(start: Start, database: Database, tls: ssl.SSLContext) -> None:
    with provider(ssl_context=tls) as sink:
        assert asked(start, database, sink, smtp_tls="implicit") == 202
        assert (len(sink.delivered), len(sink.logins)) == (1, 1)


@pytest.mark.parametrize("kind", ["starttls", "implicit"])
def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    start: Start, database: Database, kind: str
) -> None:
    _, context = self_signed("127.0.0.1")
    with provider(**{"tls_context" if kind == "starttls" else "ssl_context": context}) as sink:
        assert asked(start, database, sink, smtp_tls=kind) == 503
        assert (sink.delivered, sink.logins) == ([], [])


def test_a_provider_that_offers_no_tls_gets_nothing(start: Start, database: Database) -> None:
    with provider() as sink:
        assert asked(start, database, sink, smtp_tls="starttls") == 503
        assert (sink.delivered, sink.logins) == ([], [])


def test_without_tls_if_it_is_told_so(start: Start, database: Database) -> None:
    with provider() as sink:
        assert asked(start, database, sink, smtp_tls="none") == 202
        assert (len(sink.delivered), sink.logins) == (1, [False])
