"""The page for each error: what happened, and what to do now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fastapi.routing import APIRoute

from reference_app.errors import (
    ApiError,
    EmailSendFailed,
    InvalidCredentials,
    RateLimitExceeded,
    SchemaOutdated,
    ServiceUnavailable,
    TokenExpired,
    TokenInvalid,
    TokenUsed,
)
from reference_app.pages.forms import BACK, LINK_FORM, PASSWORD_FORM
from reference_app.pages.page import ForeignForm, page

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Request, Response
    from fastapi.responses import HTMLResponse


class _Problem(NamedTuple):
    title: str
    advice: str
    way_on: str


_NEW_LINK = "Ask for a new one:"

_PROBLEMS: dict[type[ApiError], _Problem] = {
    TokenUsed: _Problem("This link has been used", f"A link works once. {_NEW_LINK}", LINK_FORM),
    TokenExpired: _Problem(
        "This link has expired", f"A link works for 15 minutes. {_NEW_LINK}", LINK_FORM
    ),
    TokenInvalid: _Problem(
        "This link is not valid", f"Perhaps a part of it was cut off. {_NEW_LINK}", LINK_FORM
    ),
    RateLimitExceeded: _Problem(
        "Too many links",
        "An address gets five links an hour. Use the newest mail, or try again later.",
        BACK,
    ),
    EmailSendFailed: _Problem("The mail could not be sent", "Try again in a moment.", BACK),
    **dict.fromkeys(
        (ServiceUnavailable, SchemaOutdated),
        _Problem("This does not work just now", "Try again in a moment.", BACK),
    ),
    InvalidCredentials: _Problem(
        "Not logged in", "Email and password do not fit.", f"{PASSWORD_FORM}\n{BACK}"
    ),
    ForeignForm: _Problem(
        "That form came from elsewhere",
        "Log in from this site's own page, with a browser of the last years.",
        BACK,
    ),
}


def problem_page(error: ApiError) -> HTMLResponse:
    """Return the page for an error, with the error's own status."""
    problem = _PROBLEMS[type(error)]
    return page(problem.title, f"<p>{problem.advice}</p>\n{problem.way_on}", error.status)


class PageRoute(APIRoute):
    """A route for people: errors become pages where they are JSON elsewhere."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Let the error handlers know how to show this request's errors."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            request.state.show_error = problem_page
            return await handle(request)

        return handled
