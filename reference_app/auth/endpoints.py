"""POST /auth/login, GET /auth/me, GET /account."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response

from reference_app.auth.repository import User
from reference_app.auth.schemas import Account, Credentials, LoggedIn, Me
from reference_app.auth.service import AuthService
from reference_app.auth.sessions import COOKIE_NAME, Sessions

router = APIRouter()


# All async: a plain `def` would be run in a thread, at several times the cost.
async def auth_service(request: Request) -> AuthService:
    """Return the application's service."""
    return cast("AuthService", request.app.state.auth)


async def session_starter(request: Request) -> Sessions:
    """Return what starts a session, for every way to log in."""
    return cast("Sessions", request.app.state.sessions)


async def current_user(
    request: Request, service: Annotated[AuthService, Depends(auth_service)]
) -> User:
    """Return who is logged in, or answer 401: the guard of every protected endpoint."""
    return await service.authenticate(request.cookies.get(COOKIE_NAME))


CurrentUser = Annotated[User, Depends(current_user)]
SessionStarter = Annotated[Sessions, Depends(session_starter)]


@router.post("/auth/login")
async def log_in(
    credentials: Credentials,
    response: Response,
    service: Annotated[AuthService, Depends(auth_service)],
    sessions: SessionStarter,
) -> LoggedIn:
    """Log in by password (AC-10)."""
    user_id = await service.log_in(credentials.email, credentials.password)
    sessions.start(response, user_id)
    return LoggedIn(userId=user_id)


@router.get("/auth/me")
async def me(user: CurrentUser) -> Me:
    """Tell who is logged in."""
    return Me.model_validate({"userId": user.id, "email": user.email, "status": user.status})


@router.get("/account")
async def account(user: CurrentUser) -> Account:
    """Show the account of who is logged in."""
    return Account(
        userId=user.id,
        email=user.email,
        hasPassword=user.password_hash is not None,
        createdAt=user.created_at,
    )
