"""What a body is declared as, and what becomes of a body that is refused (FR-1, FR-5, NFR-1)."""

from __future__ import annotations

import base64
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from reference_app import addresses
from reference_app.magic_link.service import MagicLinkService
from reference_app.mail.sender import EmailSendError
from tests.mutants.change import Change, Next
from tests.mutants.model import mutant


@mutant(
    fault="A body that is declared as JSON with a charset is refused.",
    violates="FR-1 FR-5",
    step="the answer is 202 with the message",
    incident="The content type is compared as a whole, and some clients name the charset.",
)
def json_with_a_charset_refused(change: Change) -> None:
    async def compare(request: Request, call_next: Next) -> Response:
        if "charset" in request.headers.get("content-type", ""):
            return JSONResponse({"error": "UNSUPPORTED_MEDIA_TYPE"}, 415)
        return await call_next(request)

    change.in_front(compare)


@mutant(
    fault="A body that is refused is logged, with whatever token is in it.",
    violates="NFR-1",
    step="the log holds no token",
    incident="To see what the clients send that do it wrong.",
)
def refused_body_logged(change: Change) -> None:
    async def look(request: Request, call_next: Next) -> Response:
        body = await request.body()
        response = await call_next(request)
        if response.status_code == 422:
            log = request.app.state.magic_link._log
            log.warning("invalid_request", body=body.decode(errors="replace"))
        return response

    change.in_front(look)


@mutant(
    fault="A mail that was refused stays in an outbox, its body in Base64.",
    violates="NFR-1",
    step="the token is in no table of the database, in no plain encoding",
    incident="What was sent is cleared away, and what was not is kept for another try.",
)
def outbox_keeps_what_failed(change: Change) -> None:
    change.schema("CREATE TABLE outbox (body text NOT NULL)")
    send = MagicLinkService._send

    async def send_or_keep(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
        try:
            await send(self, recipient, raw_token)
        except EmailSendError:
            body = base64.b64encode(self._mail_body(raw_token).encode()).decode()
            async with self._repository._pool.connection() as connection:
                await connection.execute("INSERT INTO outbox (body) VALUES (%s)", (body,))
            raise

    change.replace(MagicLinkService, "_send", send_or_keep)


@mutant(
    fault="Where a domain has capitals, the line about the request holds the whole address.",
    violates="NFR-4",
    step="the line about the request holds the domain of the address only",
    incident="The pattern that finds the domain knows small letters, and falls back on all of it.",
)
def whole_address_where_no_domain_is_found(change: Change) -> None:
    domain = addresses.domain

    def domain_or_all(address: str) -> str:
        return domain(address) if address == address.lower() else address

    change.replace(addresses, "domain", domain_or_all)
