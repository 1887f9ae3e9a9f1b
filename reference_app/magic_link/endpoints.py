"""POST /auth/magic-link/request and POST /auth/magic-link/verify."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response

from reference_app.auth.dependencies import SessionStarter
from reference_app.auth.schemas import LoggedIn
from reference_app.magic_link.schemas import LinkRequest, LinkRequested, TokenPresented
from reference_app.magic_link.service import MagicLinkService

router = APIRouter(prefix="/auth/magic-link")


async def magic_link_service(request: Request) -> MagicLinkService:
    """Return the application's service."""
    return cast("MagicLinkService", request.app.state.magic_link)


Service = Annotated[MagicLinkService, Depends(magic_link_service)]


@router.post("/request", status_code=202)
async def request_link(body: LinkRequest, service: Service) -> LinkRequested:
    """Mail a link to whoever has this address (FR-1 to FR-4)."""
    await service.request(body.email)
    return LinkRequested()


@router.post("/verify")
async def verify_token(
    body: TokenPresented, response: Response, service: Service, sessions: SessionStarter
) -> LoggedIn:
    """Exchange a token for a session, once (FR-5, FR-6)."""
    user_id = await service.verify(body.token)
    sessions.start(response, user_id)
    return LoggedIn(userId=user_id)
