"""Mail through SendGrid's v3 API."""

from __future__ import annotations

import asyncio
from email.utils import parseaddr
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httpx2

from reference_app.mail.message import plain_text
from reference_app.mail.sender import EmailSendError

if TYPE_CHECKING:
    from reference_app.settings import Settings

SEND_PATH = "/v3/mail/send"


class SendGridSender:
    """An EmailSender.

    A rehearsal is the same call in sandbox mode, addressed to the application itself: SendGrid
    validates it and delivers nothing. So both meet the same latency and the same outage from the
    first request on. While the latest real call was refused, a rehearsal is a real call too.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.sendgrid_api_key is None:
            raise ValueError("SENDGRID_API_KEY is not set")
        self._from_name, self._from_address = parseaddr(settings.mail_from)
        self._timeout_seconds = settings.mail_timeout_seconds
        self._client = httpx2.AsyncClient(
            base_url=settings.sendgrid_base_url,
            headers={"Authorization": f"Bearer {settings.sendgrid_api_key.get_secret_value()}"},
            timeout=settings.mail_timeout_seconds,
        )
        self._latest_refused = False

    async def send(self, to: str, subject: str, html: str) -> None:
        """Deliver to one recipient."""
        try:
            status = await self._post(self._payload(to, subject, html, sandbox=False))
            if status != HTTPStatus.ACCEPTED:
                raise EmailSendError(f"HTTP {status}, so nothing was queued")
        except EmailSendError:
            self._latest_refused = True
            raise
        self._latest_refused = False

    async def rehearse(self, subject: str, html: str) -> None:
        """Have the same mail validated, or sent to ourselves if the latest was refused."""
        if self._latest_refused:
            await self.send(self._from_address, subject, html)
        else:
            await self._post(self._payload(self._from_address, subject, html, sandbox=True))

    async def aclose(self) -> None:
        """Close the kept connections."""
        await self._client.aclose()

    def _payload(self, to: str, subject: str, html: str, *, sandbox: bool) -> dict[str, Any]:
        sender = {"email": self._from_address}
        if self._from_name:
            sender["name"] = self._from_name
        return {
            "personalizations": [{"to": [{"email": to}]}],
            "from": sender,
            "subject": subject,
            "content": [
                {"type": "text/plain", "value": plain_text(html)},
                {"type": "text/html", "value": html},
            ],
            # Click tracking would send the token through a redirect of the provider's.
            "tracking_settings": {
                "click_tracking": {"enable": False, "enable_text": False},
                "open_tracking": {"enable": False},
            },
            "mail_settings": {"sandbox_mode": {"enable": sandbox}},
        }

    async def _post(self, payload: dict[str, Any]) -> int:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._client.post(SEND_PATH, json=payload)
        except (httpx2.HTTPError, TimeoutError) as error:
            raise EmailSendError(type(error).__name__) from error
        if not response.is_success:
            raise EmailSendError(f"HTTP {response.status_code}")
        return response.status_code
