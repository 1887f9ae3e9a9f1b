"""What an application holds open: the log, the connections to the database, the mail."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from reference_app import metrics
from reference_app.database import make_pool
from reference_app.logs import open_log
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.service import MagicLinkService
from reference_app.magic_link.texts import TEXTS
from reference_app.mail.sendgrid import SendGridSender
from reference_app.mail.smtp import SmtpSender

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from structlog.typing import FilteringBoundLogger

    from reference_app.mail.sender import EmailSender
    from reference_app.settings import Settings


class Resources:
    """Made with the application, opened and closed with its lifespan."""

    def __init__(self, settings: Settings) -> None:
        """Raise SettingsError when the log cannot be written."""
        self._settings = settings
        self.log_stream = open_log(settings)
        self.pool = make_pool(settings)
        self.mail = _make_sender(settings)

    def magic_link(self, log: FilteringBoundLogger) -> MagicLinkService:
        """Return the service that uses them."""
        return MagicLinkService(
            MagicLinkRepository(self.pool),
            self.mail,
            self._settings.app_base_url,
            log,
            TEXTS[self._settings.mail_locale],
        )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Have them open for the block.

        Does not wait for the database: until it answers, readiness says 503.
        """
        metrics.watch(self.pool)
        await self.pool.open()
        try:
            yield
        finally:
            await self.pool.close()
            await self.mail.aclose()
            if self._settings.log_file is not None:
                self.log_stream.close()


def _make_sender(settings: Settings) -> EmailSender:
    if settings.mail_provider == "sendgrid":
        return SendGridSender(settings)
    return SmtpSender(settings)
