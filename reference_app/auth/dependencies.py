"""What endpoints depend on: the services of the application, and who is logged in."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request, Response

from reference_app.auth.repository import User
from reference_app.auth.service import AuthService
from reference_app.auth.sessions import COOKIE_NAME, Sessions


# All async: a plain `def` would be run in a thread, at several times the cost.
async def auth_service(request: Request) -> AuthService:
    """Return the application's service."""
    return cast("AuthService", request.app.state.auth)


Auth = Annotated[AuthService, Depends(auth_service)]


async def session_starter(request: Request) -> Sessions:
    """Return what starts a session, for every way to log in."""
    return cast("Sessions", request.app.state.sessions)


async def current_user(request: Request, response: Response, service: Auth) -> User:
    """Return who is logged in, or answer 401: the guard of every protected endpoint.

    What is answered is for this user alone: nothing on the way may keep it.
    """
    response.headers["Cache-Control"] = "no-store"
    return await service.authenticate(request.cookies.get(COOKIE_NAME))


CurrentUser = Annotated[User, Depends(current_user)]
SessionStarter = Annotated[Sessions, Depends(session_starter)]
