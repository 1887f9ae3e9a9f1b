"""POST /auth/login, GET /auth/me, GET /account."""

from __future__ import annotations

from fastapi import APIRouter, Response

from reference_app.auth.dependencies import Auth, CurrentUser, SessionStarter
from reference_app.auth.schemas import Account, Credentials, LoggedIn, Me

router = APIRouter()


@router.post("/auth/login")
async def log_in(
    credentials: Credentials,
    response: Response,
    service: Auth,
    sessions: SessionStarter,
) -> LoggedIn:
    """Log in by password (AC-10)."""
    user_id = await service.log_in(credentials.email, credentials.password)
    sessions.start(response, user_id)
    return LoggedIn(userId=user_id)


@router.get("/auth/me")
async def me(user: CurrentUser) -> Me:
    """Return who is logged in."""
    return Me.model_validate({"userId": user.id, "email": user.email, "status": user.status})


@router.get("/account")
async def account(user: CurrentUser) -> Account:
    """Show the account of who is logged in."""
    return Account(userId=user.id, email=user.email, hasPassword=user.password_hash is not None)
