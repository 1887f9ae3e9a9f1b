"""What a browser holds already decides what it gets (AC-1, AC-2, FR-3, FR-6)."""

from __future__ import annotations

from contextlib import suppress

import jwt
from fastapi import Request, Response
from fastapi.responses import JSONResponse

from reference_app.auth.dependencies import SessionStarter
from reference_app.auth.schemas import LoggedIn
from reference_app.auth.sessions import COOKIE_NAME, Sessions
from reference_app.errors import TokenInvalid
from reference_app.magic_link import endpoints
from reference_app.magic_link.schemas import LinkRequest, LinkRequested, TokenPresented
from tests.mutants.change import Change, Next
from tests.mutants.model import mutant


def _is_stale(request: Request) -> bool:
    held = request.cookies.get(COOKIE_NAME)
    sessions: Sessions = request.app.state.sessions
    return held is not None and sessions.user_id(held) is None


@mutant(
    fault="A session that is none any more is cleared away, behind the one that a login sets.",
    violates="AC-2 FR-6",
    step='the answer sets the session cookie "auth_token"',
    incident="A middleware tidies up cookies after every answer.",
)
def stale_session_cleared_last(change: Change) -> None:
    async def tidy(request: Request, call_next: Next) -> Response:
        response = await call_next(request)
        if _is_stale(request):
            response.delete_cookie(COOKIE_NAME, path="/", httponly=True)
        return response

    change.in_front(tidy)


@mutant(
    fault="Whoever brings a session that is none any more is refused at every door.",
    violates="AC-1 AC-2 FR-3 FR-6",
    step="the answer is 202 with the message",
    incident="The guard was put in front of everything, for good measure.",
)
def stale_session_refused_everywhere(change: Change) -> None:
    async def guard(request: Request, call_next: Next) -> Response:
        if _is_stale(request):
            return JSONResponse({"error": "UNAUTHENTICATED"}, 401)
        return await call_next(request)

    change.in_front(guard)


@mutant(
    fault="A session that a request brings is renewed, and its signature is not looked at.",
    violates="FR-6",
    step="only logins that succeeded set the session cookie",
    incident="A sliding session: the middleware that renews decodes, and another one verifies.",
)
def forged_session_is_renewed(change: Change) -> None:
    async def renew(request: Request, call_next: Next) -> Response:
        response = await call_next(request)
        if "set-cookie" not in response.headers:
            with suppress(jwt.InvalidTokenError):
                held = request.cookies.get(COOKIE_NAME, "")
                claims = jwt.decode(held, options={"verify_signature": False})
                request.app.state.sessions.start(response, claims["sub"])
        return response

    change.in_front(renew)


@mutant(
    fault="A link only works in the kind of browser that asked for it.",
    violates="AC-2 FR-6",
    step="the answer is 200 with the user's id",
    incident="The token was bound to the User-Agent, against phishing; people read mail on phones.",
)
def link_bound_to_the_browser(change: Change) -> None:
    asked_with = dict[str, str]()

    async def request_link(
        body: LinkRequest, request: Request, service: endpoints.Service
    ) -> LinkRequested:
        asked_with[body.email] = request.headers.get("user-agent", "")
        await service.request(body.email)
        return LinkRequested()

    async def verify_token(
        body: TokenPresented,
        request: Request,
        response: Response,
        service: endpoints.Service,
        starter: SessionStarter,
    ) -> LoggedIn:
        user_id = await service.verify(body.token)
        user = await request.app.state.users.by_id(user_id)
        agent = request.headers.get("user-agent", "")
        if asked_with.get(user.email, agent) != agent:
            raise TokenInvalid
        starter.start(response, user_id)
        return LoggedIn(userId=user_id)

    change.endpoint("POST", "/auth/magic-link/request", request_link, status_code=202)
    change.endpoint("POST", "/auth/magic-link/verify", verify_token)


@mutant(
    fault="A browser that holds a session keeps it, whoever's link is opened there.",
    violates="AC-2 FR-6",
    step='the answer sets the session cookie "auth_token"',
    incident="A login page that sends people on who have a session, before it looks at the token.",
)
def logged_in_already_gets_no_session(change: Change) -> None:
    async def keep(request: Request, call_next: Next) -> Response:
        response = await call_next(request)
        held = request.cookies.get(COOKIE_NAME)
        sessions: Sessions = request.app.state.sessions
        if held is not None and sessions.user_id(held) is not None:
            del response.headers["set-cookie"]
        return response

    change.in_front(keep)


@mutant(
    fault="Whoever is logged in is mailed a link of their own, whatever address they ask for.",
    violates="AC-1 FR-3",
    step="exactly one mail goes out to the user",
    incident="The form knows who is logged in, and fills the address in.",
)
def mailed_to_who_is_logged_in(change: Change) -> None:
    async def request_link(
        body: LinkRequest, request: Request, service: endpoints.Service
    ) -> LinkRequested:
        held = request.app.state.sessions.user_id(request.cookies.get(COOKIE_NAME, ""))
        user = await request.app.state.users.by_id(held) if held is not None else None
        await service.request(user.email if user is not None else body.email)
        return LinkRequested()

    change.endpoint("POST", "/auth/magic-link/request", request_link, status_code=202)
