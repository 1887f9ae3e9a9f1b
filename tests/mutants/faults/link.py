"""The link in the mail (FR-4, AC-1)."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from fastapi import Request

from reference_app.magic_link.endpoints import Service
from reference_app.magic_link.schemas import LinkRequest, LinkRequested
from reference_app.magic_link.service import MagicLinkService
from tests.mutants.change import Change
from tests.mutants.model import mutant

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

_GIVENS = "AC-2 AC-3 AC-4 AC-5 AC-6 AC-8 AC-10"
_LINK = 'the mail holds a link to "/auth/magic-link/verify" with a token'
_headers: ContextVar[dict[bytes, bytes]] = ContextVar("headers")


class _KeepsHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            _headers.set(dict(scope["headers"]))
        await self.app(scope, receive, send)


def _link_to(
    change: Change,
    base: str,
    *,
    headers: tuple[bytes, ...] = (),
    trusted: Callable[[str, str], bool] = lambda host, own: True,
) -> None:
    """Build the link from the first of the request's headers whose host is trusted, or from `base`.

    `trusted` is called with that host and the service's own.
    """
    mail_body = MagicLinkService._mail_body

    def mail_body_with_base(self: MagicLinkService, raw_token: str) -> str:
        sent = [_headers.get()[name].decode() for name in headers if name in _headers.get()]
        hosts = [each.rpartition("//")[2].rstrip("/") for each in sent]
        host = self._app_base_url.removeprefix("https://")
        found = [each for each in hosts if trusted(each, host)]
        own = base.format(own=host)
        other = MagicLinkService(
            self._repository, self._mail, f"https://{found[0]}" if found else own, self._log
        )
        return mail_body(other, raw_token)

    change.middleware(_KeepsHeaders)
    change.replace(MagicLinkService, "_mail_body", mail_body_with_base)


@mutant(
    fault="The link's host is the request's Host header.",
    violates="FR-4",
    step="the link leads to the configured address",
    incident="Whoever asks for somebody's link chooses where the token goes.",
)
def link_from_the_host_header(change: Change) -> None:
    _link_to(change, "https://{own}", headers=(b"host",))


@mutant(
    fault="The link's host is X-Forwarded-Host, where a request has one.",
    violates="FR-4",
    step="the link that is mailed leads to no forged host",
    incident="Trusting the proxy's headers without a proxy; seen in a starter kit.",
)
def link_from_the_forwarded_host(change: Change) -> None:
    _link_to(change, "https://{own}", headers=(b"x-forwarded-host",))


@mutant(
    fault="The link leads where the request comes from, if that name ends as the service's does.",
    violates="FR-4",
    step="the link that is mailed leads to no forged host",
    incident="Subdomains were to be allowed, and the dot was forgotten.",
)
def link_from_an_origin_that_ends_alike(change: Change) -> None:
    _link_to(change, "https://{own}", headers=(b"origin",), trusted=str.endswith)


@mutant(
    fault="The link leads where the request comes from, if that name begins as the service's does.",
    violates="FR-4",
    step="the link that is mailed leads to no forged host",
    incident="Any port was to be allowed, and the name may go on as well.",
)
def link_from_an_origin_that_begins_alike(change: Change) -> None:
    _link_to(change, "https://{own}", headers=(b"origin",), trusted=str.startswith)


@mutant(
    fault="The link begins with http.",
    violates="FR-4",
    step="the link leads to the configured address",
    incident="The scheme is taken from behind the proxy that ends TLS.",
)
def link_without_tls(change: Change) -> None:
    _link_to(change, "http://{own}")


@mutant(
    fault="The link has its scheme twice.",
    violates="FR-4",
    falls_with="AC-1 FR-1 FR-2 FR-3 " + _GIVENS,
    step="the link leads to the configured address",
    incident="APP_BASE_URL has a scheme in one environment and none in another.",
)
def link_with_two_schemes(change: Change) -> None:
    _link_to(change, "https://https://{own}")


def _rewrite_link(change: Change, old: str, new: str) -> None:
    mail_body = MagicLinkService._mail_body

    def rewritten(self: MagicLinkService, raw_token: str) -> str:
        return mail_body(self, raw_token).replace(old, new)

    change.replace(MagicLinkService, "_mail_body", rewritten)


@mutant(
    fault="The token is behind a # instead of in the query.",
    violates="AC-1 FR-4",
    falls_with="FR-1 FR-2 FR-3 FR-6 NFR-3 EC-1 EC-2 " + _GIVENS,
    step=_LINK,
    incident="To keep it out of access logs; the page behind the link reads the query.",
)
def token_in_the_fragment(change: Change) -> None:
    _rewrite_link(change, "?token=", "#token=")


@mutant(
    fault="The link goes to /login/verify.",
    violates="AC-1 FR-4",
    falls_with="FR-1 FR-2 FR-3 FR-6 NFR-3 EC-1 EC-2 " + _GIVENS,
    step=_LINK,
    incident="The front end's route, which knew the token and went away.",
)
def link_to_another_path(change: Change) -> None:
    _rewrite_link(change, "/auth/magic-link/verify", "/login/verify")


@mutant(
    fault="The link leads to the callbackURL that the request names.",
    violates="FR-4",
    step="the link that is mailed leads to no forged host",
    incident="So that one service serves several front ends; the list of them was to come later.",
)
def link_to_the_callback(change: Change) -> None:
    base, mail_body = ContextVar[str]("base"), MagicLinkService._mail_body

    async def request_link(body: LinkRequest, request: Request, service: Service) -> LinkRequested:
        base.set((await request.json()).get("callbackURL", ""))
        await service.request(body.email)
        return LinkRequested()

    def mail_body_with_base(self: MagicLinkService, raw_token: str) -> str:
        other = MagicLinkService(
            self._repository, self._mail, base.get() or self._app_base_url, self._log
        )
        return mail_body(other, raw_token)

    change.endpoint("POST", "/auth/magic-link/request", request_link, status_code=202)
    change.replace(MagicLinkService, "_mail_body", mail_body_with_base)


@mutant(
    fault="The link has a parameter before the token.",
    violates="FR-4",
    step="the link leads to the configured address",
    incident="The campaign's source, for the statistics.",
)
def parameter_before_the_token(change: Change) -> None:
    _rewrite_link(change, "?token=", "?source=email&amp;token=")


@mutant(
    fault="The link has a parameter after the token.",
    violates="FR-4",
    step="the link leads to the configured address",
    incident="Where to go after the login, taken from the request.",
)
def parameter_after_the_token(change: Change) -> None:
    mail_body = MagicLinkService._mail_body

    def with_place(self: MagicLinkService, raw_token: str) -> str:
        return mail_body(self, raw_token).replace(raw_token, f"{raw_token}&amp;next=/account")

    change.replace(MagicLinkService, "_mail_body", with_place)


def _link_to_part(change: Change, part: Callable[[SplitResult], str | None]) -> None:
    """Build the link from a part of the configured address."""
    mail_body = MagicLinkService._mail_body

    def mail_body_with_part(self: MagicLinkService, raw_token: str) -> str:
        base = f"https://{part(urlsplit(self._app_base_url))}"
        other = MagicLinkService(self._repository, self._mail, base, self._log)
        return mail_body(other, raw_token)

    change.replace(MagicLinkService, "_mail_body", mail_body_with_part)


@mutant(
    fault="A path in APP_BASE_URL is left out of the link.",
    violates="FR-4",
    step="the link leads to the configured address",
    incident="new URL('/auth/…', base) begins at the root.",
)
def link_without_the_path(change: Change) -> None:
    _link_to_part(change, lambda base: base.netloc)


@mutant(
    fault="A port in APP_BASE_URL is left out of the link.",
    violates="FR-4",
    step="the link leads to the configured address",
    incident="The link is built from the address's hostname.",
)
def link_without_the_port(change: Change) -> None:
    _link_to_part(change, lambda base: f"{base.hostname}{base.path}")
