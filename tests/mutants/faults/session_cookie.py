"""The cookie that a link sets, against the one that a password sets (FR-6, AC-2)."""

from __future__ import annotations

from fastapi import Response

from reference_app.auth import sessions
from reference_app.auth.sessions import Sessions
from tests.mutants.change import Change
from tests.mutants.model import mutant

_VERIFY = "/auth/magic-link/verify"
_COOKIE = 'the answer sets the session cookie "auth_token"'


class _AlteredCookie(Sessions):
    old, new = "", ""

    def start(self, response: Response, user_id: str) -> None:
        super().start(response, user_id)
        cookie = response.headers["set-cookie"]
        response.headers["set-cookie"] = cookie.replace(self.old, self.new)


class _Readable(_AlteredCookie):
    old = "; HttpOnly"


@mutant(
    fault="The cookie that a link sets is not httpOnly.",
    violates="AC-2 FR-6",
    falls_with="FR-5 FR-8",
    step=_COOKIE,
    incident="The front end wanted to read it after the redirect.",
)
def link_cookie_readable_by_scripts(change: Change) -> None:
    change.sessions(_Readable, _VERIFY)


class _NotSecure(_AlteredCookie):
    old = "; Secure"


@mutant(
    fault="The cookie that a link sets lacks Secure, which password login's has.",
    violates="FR-6",
    step="both cookies have the same attributes",
    incident="Two places that set a cookie, one of them hardened.",
)
def link_cookie_not_secure(change: Change) -> None:
    change.sessions(_NotSecure, _VERIFY)


class _AnySite(_AlteredCookie):
    old, new = "; SameSite=lax", "; SameSite=none"


@mutant(
    fault="The cookie that a link sets has SameSite=None, password login's has Lax.",
    violates="FR-6",
    step="both cookies have the same attributes",
    incident="Mail clients with built-in browsers lost the session, and this made it work.",
)
def link_cookie_for_any_site(change: Change) -> None:
    change.sessions(_AnySite, _VERIFY)


class _OfTheBrowserSession(_AlteredCookie):
    old = f"; Max-Age={int(sessions.LIFETIME.total_seconds())}"


@mutant(
    fault="The cookie that a link sets goes with the browser's session.",
    violates="FR-6",
    step="both sessions live equally long",
    incident="Max-Age was not copied along.",
)
def link_cookie_of_the_browser_session(change: Change) -> None:
    change.sessions(_OfTheBrowserSession, _VERIFY)
