"""GET /auth/magic-link/verify: the page behind the link, its form, and the one for a new link.

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
from reference_app.pages.forms import BACK, token_form
from reference_app.pages.page import Form, page
from reference_app.pages.problems import PageRoute

router = APIRouter(route_class=PageRoute)

_MAILED = f"""<p>If that email is registered, a link has been sent.
It works once, for 15 minutes.</p>
<p class="quiet">Nothing there? Look in the spam folder, or ask again.</p>
{BACK}"""


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


@router.post("/login/link")
async def ask_for_link(form: Form, magic_link: Service) -> HTMLResponse:
    """Mail a link, as POST /auth/magic-link/request does; the same page for every address."""
    await magic_link.request(form.get("email", ""))
    return page("Look in your mail", _MAILED)
