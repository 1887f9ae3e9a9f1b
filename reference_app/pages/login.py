"""GET /: log in with a link or with a password, or see that you are logged in."""

from __future__ import annotations

from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from reference_app.auth.dependencies import Auth, SessionStarter
from reference_app.auth.sessions import COOKIE_NAME
from reference_app.errors import Unauthenticated
from reference_app.pages.forms import LINK_FORM, LOGOUT_FORM, PASSWORD_FORM
from reference_app.pages.page import Form, page
from reference_app.pages.problems import PageRoute

router = APIRouter(route_class=PageRoute)

_LOGIN = f"""<section>
<h2>With a link</h2>
{LINK_FORM}
</section>
<section>
<h2>With your password</h2>
{PASSWORD_FORM}
</section>"""


@router.api_route("/", methods=["GET", "HEAD"])
async def start_page(request: Request, auth: Auth) -> HTMLResponse:
    """Show the forms, or who is logged in."""
    try:
        user = await auth.authenticate(request.cookies.get(COOKIE_NAME))
    except Unauthenticated:
        return page("Log in", _LOGIN)
    who = f'<p class="address">as {escape(user.email)}</p>'
    return page("You are logged in", f"{who}\n{LOGOUT_FORM}")


@router.post("/login/password")
async def log_in(form: Form, auth: Auth, sessions: SessionStarter) -> RedirectResponse:
    """Log in by password, as POST /auth/login does."""
    user_id = await auth.log_in(form.get("email", ""), form.get("password", ""))
    response = RedirectResponse("/", 303)
    sessions.start(response, user_id)
    return response


@router.post("/logout")
async def log_out(_: Form) -> RedirectResponse:
    """Forget the session in this browser."""
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE_NAME, path="/")
    return response
