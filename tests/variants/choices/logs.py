"""Other lines in the log."""

from __future__ import annotations

from reference_app.magic_link.repository import Recipient
from reference_app.magic_link.service import MagicLinkService
from reference_app.mail.sender import EmailSendError
from tests.mutants.change import Change
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
