"""Where the raw token must not appear (NFR-1)."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from fastapi import Response

from reference_app import main
from reference_app.logs import make_logger
from reference_app.magic_link import repository, service
from reference_app.magic_link.endpoints import Service
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.schemas import LinkRequest
from reference_app.magic_link.tokens import generate_token
from tests.mutants.change import Change
from tests.mutants.model import mutant

_REQUEST = "/auth/magic-link/request"
_last_token: ContextVar[str] = ContextVar("last_token", default="")


def _remembered_token() -> str:
    token = generate_token()
    _last_token.set(token)
    return token


async def _told_in_the_body(body: LinkRequest, magic_link: Service) -> dict[str, Any]:
    await magic_link.request(body.email)
    return {
        "message": "If that email is registered, a link has been sent.",
        "token": _last_token.get(),
    }


@mutant(
    fault="The answer to a request holds the token.",
    violates="NFR-1",
    falls_with="FR-2",
    step="no answer so far holds the token",
    incident="A help for the front end's tests, never taken out; it has a CVE elsewhere.",
)
def token_in_the_answer(change: Change) -> None:
    change.replace(service, "generate_token", _remembered_token)
    change.endpoint("POST", _REQUEST, _told_in_the_body, status_code=202)


async def _told_in_a_header(
    body: LinkRequest, response: Response, magic_link: Service
) -> dict[str, str]:
    await magic_link.request(body.email)
    response.headers["x-debug-token"] = _last_token.get()
    return {"message": "If that email is registered, a link has been sent."}


@mutant(
    fault="A header of the answer to a request holds the token.",
    violates="NFR-1",
    step="no answer so far holds the token",
    incident="A debug header that the staging proxy was to strip, and production's does not.",
)
def token_in_a_header(change: Change) -> None:
    change.replace(service, "generate_token", _remembered_token)
    change.endpoint("POST", _REQUEST, _told_in_a_header, status_code=202)


class _LogsTheLink:
    def __init__(self, log: Any, at: str = "magic_link_sent") -> None:
        self._log = log
        self._at = at

    def __getattr__(self, level: str) -> Any:
        def write(event: str, **fields: Any) -> None:
            if event == self._at:
                fields["link"] = f"https://login/auth/magic-link/verify?token={_last_token.get()}"
            getattr(self._log, level)(event, **fields)

        return write


@mutant(
    fault="The link is in the log line of the mail that was sent.",
    violates="NFR-1",
    falls_with="NFR-4",
    step="the log holds no token",
    incident="Logging the mail's content was the way to try the login before there was a mailbox.",
)
def token_in_the_log(change: Change) -> None:
    change.replace(service, "generate_token", _remembered_token)
    change.replace(main, "make_logger", lambda *given: _LogsTheLink(make_logger(*given)))


@mutant(
    fault="The link is in the log line of a mail that could not be sent.",
    violates="NFR-1",
    falls_with="NFR-4",
    step="the log holds no token",
    incident="For support, who could mail it by hand.",
)
def token_in_the_log_of_a_failure(change: Change) -> None:
    def make(*given: Any) -> Any:
        return _LogsTheLink(make_logger(*given), "magic_link_email_failed")

    change.replace(service, "generate_token", _remembered_token)
    change.replace(main, "make_logger", make)


@mutant(
    fault="The whole link is stored beside the hash, for the resend button.",
    violates="AC-8 NFR-1",
    falls_with="FR-3",
    step="the token itself is nowhere in the table of tokens",
    incident="A support feature added later, by somebody who did not know why there is a hash.",
)
def link_stored_beside_the_hash(change: Change) -> None:
    accept_request = MagicLinkRepository.accept_request

    async def store_link_too(self: MagicLinkRepository, *given: Any) -> Any:
        recipient = await accept_request(self, *given)
        async with self._pool.connection() as connection:
            await connection.execute(
                'UPDATE magic_link_tokens SET link = %s WHERE "tokenHash" = %s',
                (f"/auth/magic-link/verify?token={_last_token.get()}", given[1]),
            )
        return recipient

    change.schema("ALTER TABLE magic_link_tokens ADD COLUMN link TEXT")
    change.replace(service, "generate_token", _remembered_token)
    change.replace(repository.MagicLinkRepository, "accept_request", store_link_too)
