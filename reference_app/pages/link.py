"""GET /auth/magic-link/verify: the page behind the link, and the form on it.

The page never spends the token, and never looks it up: mail scanners and previews open links too.
One button POSTs the token as a form. That has a path of its own, since the verify endpoint of the
specification takes JSON alone.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from reference_app.auth.dependencies import SessionStarter
from reference_app.errors import TokenInvalid
from reference_app.magic_link.endpoints import Service
from reference_app.pages.forms import token_form
from reference_app.pages.page import Form, page
from reference_app.pages.problems import PageRoute

router = APIRouter(route_class=PageRoute)


@router.api_route("/auth/magic-link/verify", methods=["GET", "HEAD"])
async def link_page(token: str = "") -> HTMLResponse:
    """Show the button."""
    if not token:
        raise TokenInvalid
    return page("Log in", f"<p>One more step: press the button.</p>\n{token_form(token)}")


@router.post("/login/token")
async def spend_token(
    form: Form, magic_link: Service, sessions: SessionStarter
) -> RedirectResponse:
    """Exchange the token for a session, as POST /auth/magic-link/verify does."""
    user_id = await magic_link.verify(form.get("token", ""))
    # 303: going back or reloading never posts the form again.
    response = RedirectResponse("/", 303)
    sessions.start(response, user_id)
    return response
