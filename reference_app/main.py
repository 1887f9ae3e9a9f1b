"""Puts the application together."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from reference_app import health
from reference_app.auth import endpoints as auth_endpoints
from reference_app.auth.passwords import Passwords
from reference_app.auth.repository import UserRepository
from reference_app.auth.service import AuthService
from reference_app.auth.sessions import Sessions
from reference_app.correlation import RequestId
from reference_app.database import make_pool
from reference_app.errors import install_error_handlers
from reference_app.limits import BodyLimit
from reference_app.logs import make_logger, open_log
from reference_app.magic_link import endpoints as magic_link_endpoints
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.service import MagicLinkService
from reference_app.mail.sendgrid import SendGridSender
from reference_app.mail.smtp import SmtpSender
from reference_app.migrations import Schema, migrate
from reference_app.pages import link, login
from reference_app.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from reference_app.mail.sender import EmailSender
    from reference_app.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the ASGI application; without settings, read them from the environment now.

    Raises SettingsError.
    """
    settings = settings or load_settings()
    log_stream = open_log(settings)
    log = make_logger(log_stream, settings.log_level)
    pool = make_pool(settings)
    mail = make_sender(settings)
    passwords = Passwords()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if settings.migrate_on_start:
            await asyncio.to_thread(migrate, settings.database_url.get_secret_value())
        # Does not wait for the database: until it answers, readiness says 503.
        await pool.open()
        try:
            yield
        finally:
            await pool.close()
            await mail.aclose()
            passwords.close()
            if settings.log_file is not None:
                log_stream.close()

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
    app.state.users = UserRepository(pool)
    app.state.sessions = Sessions(
        settings.jwt_secret.get_secret_value(),
        secure_cookie=settings.cookie_secure,
        previous_secrets=[each.get_secret_value() for each in settings.jwt_previous_secrets],
    )
    app.state.schema = Schema(pool)
    app.state.auth = AuthService(app.state.users, passwords, app.state.sessions)
    app.state.magic_link = MagicLinkService(
        MagicLinkRepository(pool), mail, settings.app_base_url, log
    )
    app.add_middleware(BodyLimit)
    app.add_middleware(RequestId)
    install_error_handlers(app, log)
    # They are asked in this order, so the ones with most requests come first.
    app.include_router(magic_link_endpoints.router)
    app.include_router(auth_endpoints.router)
    app.include_router(health.router)
    app.include_router(link.router)
    app.include_router(login.router)
    return app


def make_sender(settings: Settings) -> EmailSender:
    """Return the sender for MAIL_PROVIDER."""
    if settings.mail_provider == "sendgrid":
        return SendGridSender(settings)
    return SmtpSender(settings)
