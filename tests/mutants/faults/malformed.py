"""Tokens and bodies that are none (EC-6, FR-1, FR-5)."""

from __future__ import annotations

import re
from typing import Any

from fastapi import Request, Response

from reference_app.auth.dependencies import SessionStarter
from reference_app.auth.schemas import LoggedIn
from reference_app.errors import ApiError, TokenInvalid
from reference_app.magic_link.endpoints import Service
from reference_app.magic_link.schemas import LinkRequested
from reference_app.magic_link.service import MagicLinkService
from tests.mutants.change import Change
from tests.mutants.model import mutant


class _Unprocessable(ApiError):
    status = 422
    code = "INVALID_REQUEST"


def _before_verify(change: Change, look: Any) -> None:
    """Give each token to `look` first; verify what it returns."""
    verify = MagicLinkService.verify

    async def verify_after(self: MagicLinkService, raw_token: str) -> str:
        return await verify(self, look(raw_token))

    change.replace(MagicLinkService, "verify", verify_after)


@mutant(
    fault="A token of more than 64 characters ends in a 500.",
    violates="EC-6",
    falls_with="FR-5",
    step='the answer is 400 with the error "TOKEN_INVALID", or says that it is too large',
    incident="The raw token went to a column of 64 characters before anything looked at it.",
)
def long_token_500(change: Change) -> None:
    def look(token: str) -> str:
        if len(token) > 64:
            raise RuntimeError("value too long for type character varying(64)")
        return token

    _before_verify(change, look)


@mutant(
    fault="A token with a NUL in it ends in a 500.",
    violates="EC-6",
    falls_with="FR-5",
    step='the answer is 400 with the error "TOKEN_INVALID", or says that it is too large',
    incident="PostgreSQL's text cannot hold it, and says so with an exception.",
)
def nul_token_500(change: Change) -> None:
    def look(token: str) -> str:
        if "\x00" in token:
            raise RuntimeError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        return token

    _before_verify(change, look)


@mutant(
    fault="A token with half of a surrogate pair in it ends in a 500.",
    violates="EC-6 FR-5",
    step="the answer is a refusal",
    incident="JSON can spell it, and no encoder can write it: UnicodeEncodeError in the hash.",
)
def surrogate_token_500(change: Change) -> None:
    def look(token: str) -> str:
        # What the reference has put in its place by now.
        if token == "?a":
            raise RuntimeError("surrogates not allowed")
        return token

    _before_verify(change, look)


@mutant(
    fault="A token that is not 64 hex characters is answered with 422.",
    violates="EC-6",
    falls_with="FR-5 NFR-4",
    step='the answer is 400 with the error "TOKEN_INVALID", or says that it is too large',
    incident="The schema says what a token looks like, and the validator answers in its own way.",
)
def malformed_token_422(change: Change) -> None:
    def look(token: str) -> str:
        if not re.fullmatch("[0-9a-f]{64}", token):
            raise _Unprocessable
        return token

    _before_verify(change, look)


@mutant(
    fault="An unknown token is answered with 404.",
    violates="EC-6",
    falls_with="FR-5 NFR-3 EC-7 EC-8",
    step='the answer is 400 with the error "TOKEN_INVALID", or says that it is too large',
    incident="Nothing was found, and that is what 404 is for.",
)
def unknown_token_404(change: Change) -> None:
    change.replace(TokenInvalid, "status", 404)


@mutant(
    fault="Of a token only the first 64 characters count.",
    violates="EC-6",
    falls_with="FR-5",
    step='the answer is 400 with the error "TOKEN_INVALID", or says that it is too large',
    incident="Cut to the column's length, so that nothing overflows.",
)
def further_characters_ignored(change: Change) -> None:
    _before_verify(change, lambda token: token[:64])


@mutant(
    fault="Whatever stands before the token is cut off: a pasted link logs in.",
    violates="EC-6 FR-5",
    step='the answer is 400 with the error "TOKEN_INVALID"',
    incident="People paste the link into the field for the code, and support asked for it.",
)
def pasted_link_is_accepted(change: Change) -> None:
    _before_verify(change, lambda token: token.rpartition("token=")[2])


async def _unchecked_request(request: Request, magic_link: Service) -> LinkRequested:
    body = await request.json()
    await magic_link.request(body["email"])
    return LinkRequested()


@mutant(
    fault="A request without an email ends in a 500.",
    violates="FR-1",
    falls_with="AC-6 EC-1 FR-2",
    step="no answer contradicts FR-1",
    incident="Types are not checks.",
)
def missing_email_500(change: Change) -> None:
    change.endpoint("POST", "/auth/magic-link/request", _unchecked_request, status_code=202)


async def _unchecked_verify(
    request: Request, response: Response, magic_link: Service, starter: SessionStarter
) -> LoggedIn:
    body = await request.json()
    user_id = await magic_link.verify(body["token"])
    starter.start(response, user_id)
    return LoggedIn(userId=user_id)


@mutant(
    fault="A verify without a token ends in a 500.",
    violates="FR-5",
    falls_with="EC-6",
    step="the answer is a refusal",
    incident="Types are not checks, here either.",
)
def missing_token_500(change: Change) -> None:
    change.endpoint("POST", "/auth/magic-link/verify", _unchecked_verify)


async def _named_code(
    request: Request, response: Response, magic_link: Service, starter: SessionStarter
) -> LoggedIn:
    body = await request.json()
    if not isinstance(body, dict) or not isinstance(body.get("code"), str):
        raise TokenInvalid
    user_id = await magic_link.verify(body["code"])
    starter.start(response, user_id)
    return LoggedIn(userId=user_id)


@mutant(
    fault="Verify takes the token under the name code.",
    violates="AC-2 FR-5 FR-6",
    falls_with="AC-3 AC-4 AC-5 AC-10 EC-4 EC-5 EC-6 EC-7 EC-8 FR-3 FR-8 NFR-3 NFR-4 NFR-5",
    step="the answer is 200 with the user's id",
    incident="The front end and the back end agreed on a name, and the contract has another.",
)
def token_under_another_name(change: Change) -> None:
    change.endpoint("POST", "/auth/magic-link/verify", _named_code)
