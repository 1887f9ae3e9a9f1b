"""Other lines in the log."""

from __future__ import annotations

from typing import Any

from reference_app import addresses, main
from reference_app.errors import RateLimitExceeded
from reference_app.logs import make_logger
from reference_app.magic_link.repository import Recipient
from reference_app.magic_link.service import MagicLinkService
from reference_app.mail.sender import EmailSendError
from tests.mutants.change import Change
from tests.mutants.faults.log_lines import Relevelled
from tests.variants.model import variant


@variant("The lines about a mail hold the address that it goes to (reading 32).")
def address_in_the_lines_about_mails(change: Change) -> None:
    send = MagicLinkService._send

    async def send_and_log(
        self: MagicLinkService, recipient: Recipient | None, raw_token: str
    ) -> None:
        to = recipient.email if recipient else ""
        try:
            await send(self, recipient, raw_token)
        except EmailSendError:
            self._log.error("mail_refused", to=to)
            raise
        self._log.info("mail_accepted", to=to)

    change.replace(MagicLinkService, "_send", send_and_log)


@variant("A request beyond the limit is not logged as received, only as refused (reading 47).")
def refused_requests_are_not_received(change: Change) -> None:
    request, event = MagicLinkService.request, "magic_link_requested"

    async def request_and_log(self: MagicLinkService, email: str) -> None:
        refused = False
        try:
            await request(self, email)
        except RateLimitExceeded:
            refused = True
            raise
        finally:
            if not refused:
                self._log.info(event, email_domain=addresses.domain(email), accepted=True)

    def level_of(found: str, usual: str, fields: dict[str, Any]) -> str | None:
        return usual if found != event or "accepted" in fields else None

    change.replace(MagicLinkService, "request", request_and_log)
    change.replace(main, "make_logger", lambda *given: Relevelled(make_logger(*given), level_of))
