"""The magic link for an application that is there already (docs/reference/adopt.md)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from fastapi import APIRouter

from reference_app import metrics
from reference_app.errors import install_own_error_handlers
from reference_app.logs import make_logger
from reference_app.magic_link import endpoints
from reference_app.pages import link
from reference_app.resources import Resources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI, Response

    from reference_app.settings import Settings


class StartsSessions(Protocol):
    """What the application's own password login calls as well, so that sessions are the same."""

    def start(self, response: Response, user_id: str) -> None:
        """Set the session cookie of this user on a response."""


def add_magic_link(app: FastAPI, settings: Settings, sessions: StartsSessions) -> None:
    """Add the two endpoints, the page behind the link, and what has to start and end with them.

    Users are read from the application's own table; password login, sessions and every other
    answer stay its own.
    """
    resources = Resources(settings)
    log = make_logger(resources.log_stream, settings.log_level)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with resources.opened():
            yield

    app.state.sessions = sessions
    app.state.magic_link = resources.magic_link(log)
    install_own_error_handlers(app, log)
    # The application's lifespan takes in the lifespan of a router that it includes.
    router = APIRouter(lifespan=lifespan)
    router.include_router(endpoints.router)
    router.include_router(link.router)
    if settings.metrics:
        router.include_router(metrics.router)
    app.include_router(router)
