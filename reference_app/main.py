"""Puts the application together."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING

from fastapi import FastAPI

from reference_app import health, metrics
from reference_app.auth import endpoints as auth_endpoints
from reference_app.auth.passwords import Passwords
from reference_app.auth.repository import UserRepository
from reference_app.auth.service import AuthService
from reference_app.auth.sessions import Sessions
from reference_app.correlation import RequestId
from reference_app.errors import install_error_handlers
from reference_app.limits import BodyLimit
from reference_app.logs import make_logger
from reference_app.magic_link import endpoints as magic_link_endpoints
from reference_app.migrations import Schema, migrate
from reference_app.pages import link, login
from reference_app.resources import Resources
from reference_app.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from reference_app.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the ASGI application; without settings, read them from the environment now.

    Raises SettingsError.
    """
    settings = settings or load_settings()
    resources = Resources(settings)
    log = make_logger(resources.log_stream, settings.log_level)
    passwords = Passwords()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if settings.migrate_on_start:
            await asyncio.to_thread(migrate, settings.database_url.get_secret_value())
        async with resources.opened():
            with closing(passwords):
                yield

    app = FastAPI(
        title="Magic link",
        lifespan=lifespan,
        # The documentation pages load scripts from elsewhere; the contract is written down anyway.
        openapi_url=None,
        # The redirect to the path without a slash would name the host that the request names.
        redirect_slashes=False,
        # It would write down the token in the link's query.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.users = UserRepository(resources.pool)
    app.state.sessions = Sessions(
        settings.jwt_secret.get_secret_value(),
        secure_cookie=settings.cookie_secure,
        previous_secrets=[each.get_secret_value() for each in settings.jwt_previous_secrets],
    )
    app.state.schema = Schema(resources.pool)
    app.state.auth = AuthService(app.state.users, passwords, app.state.sessions)
    app.state.magic_link = resources.magic_link(log)
    app.add_middleware(BodyLimit)
    app.add_middleware(RequestId)
    install_error_handlers(app, log)
    # They are asked in this order, so the ones with most requests come first.
    app.include_router(magic_link_endpoints.router)
    app.include_router(auth_endpoints.router)
    app.include_router(health.router)
    app.include_router(link.router)
    app.include_router(login.router)
    if settings.metrics:
        app.include_router(metrics.router)
    return app
