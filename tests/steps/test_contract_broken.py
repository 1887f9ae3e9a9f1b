"""Targets that do not conform fail the requirement that they break, and no other."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import pytest
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from tests.steps.contract_stub import (
    COOKIE,
    COVERED,
    ENOUGH,
    LOGIN,
    REQUEST,
    SENT,
    VERIFY,
    Stub,
    contract_run,
)


class OkInsteadOfAccepted(Stub):
    def sent(self) -> Response:
        return JSONResponse({"message": SENT}, 200)


class OtherMessage(Stub):
    def sent(self) -> Response:
        return JSONResponse({"message": "Sent."}, 202)


class HtmlMessage(Stub):
    def sent(self) -> Response:
        return HTMLResponse(f'{{"message": "{SENT}"}}', 202)


class TruncatedMessage(Stub):
    def sent(self) -> Response:
        return Response('{"message": ', 202, media_type="application/json")


class UnknownAddressNotFound(Stub):
    def request(self, email: str, body: dict[str, Any]) -> Response:
        if not email.startswith("r"):
            return JSONResponse({"error": "NOT_FOUND"}, 404)
        return super().request(email, body)


class OtherLimit(Stub):
    def limited(self) -> Response:
        return JSONResponse({"error": "SLOW_DOWN"}, 429)


class OtherOutage(Stub):
    def sent(self) -> Response:
        return JSONResponse({"error": "MAIL_DOWN"}, 503)


class CrashesOnMalformedBodies(Stub):
    def malformed(self, path: str) -> Response:
        return Response(status_code=500)


class AcceptsMissingEmail(Stub):
    def malformed(self, path: str) -> Response:
        return self.sent() if path.endswith("request") else super().malformed(path)


class AcceptsMissingToken(Stub):
    def malformed(self, path: str) -> Response:
        return self.verified("") if path.endswith("verify") else super().malformed(path)


class CrashesOnNul(Stub):
    def verify(self, token: str, body: dict[str, Any]) -> Response:
        return Response(status_code=500) if "\x00" in token else super().verify(token, body)


class CrashesOnNonAscii(Stub):
    def verify(self, token: str, body: dict[str, Any]) -> Response:
        return super().verify(token, body) if token.isascii() else Response(status_code=500)


class UnknownTokenNotFound(Stub):
    def refused(self, code: str) -> Response:
        return JSONResponse({"error": code}, 404)


class MalformedTokenUnprocessable(Stub):
    def verify(self, token: str, body: dict[str, Any]) -> Response:
        if len(token) != 64:
            return JSONResponse({"detail": "64 characters expected"}, 422)
        return super().verify(token, body)


class OtherCodes(Stub):
    def refused(self, code: str) -> Response:
        return super().refused("UNKNOWN")


class NoSession(Stub):
    def verified(self, token: str) -> Response:
        return JSONResponse({"userId": "u-1"})


class SetsAndDeletesSession(Stub):
    def verified(self, token: str) -> Response:
        response = super().verified(token)
        response.headers.append("set-cookie", "auth_token=; Max-Age=0; Path=/")
        return response


class OddErrors(Stub):
    """Answers that are JSON in name only, one after the other."""

    def refused(self, code: str) -> Response:
        content, media_type = next(self.odd)
        return Response(content, 400, media_type=media_type)

    odd = cycle(
        [
            ("[" * 200_000, "application/json"),
            ('{"error": {"code": ["TOKEN_INVALID"]}}', "application/json"),
            ('{"error": NaN, "a": 1e999}', "application/json"),
            (b"\xff\xfe\x00", "application/json; charset=utf-16"),
            ("{}", "application/json; charset=nobody-knows"),
            ("{}", "application/"),
            ("{}", ";;="),
            ('"\\ud800"', "application/problem+json"),
            ("x: &a [*a]", "application/yaml"),
        ]
    )


class ReadableSession(Stub):
    def verified(self, token: str) -> Response:
        cookie = COOKIE.replace("; HttpOnly", "")
        return JSONResponse({"userId": "u-1"}, headers={"set-cookie": cookie})


class NumberedUser(Stub):
    def verified(self, token: str) -> Response:
        return JSONResponse({"userId": 1}, headers={"set-cookie": COOKIE})


class NoContentOnSuccess(Stub):
    def verified(self, token: str) -> Response:
        return Response(status_code=204, headers={"set-cookie": COOKIE})


class EchoedToken(Stub):
    def verified(self, token: str) -> Response:
        return JSONResponse({"userId": "u-1", "token": token}, headers={"set-cookie": COOKIE})


class SessionInTheBody(Stub):
    def verified(self, token: str) -> Response:
        jwt = COOKIE.split(";")[0].removeprefix("auth_token=")
        return JSONResponse({"userId": "u-1", "jwt": jwt}, headers={"set-cookie": COOKIE})


class LoginWithoutCookie(Stub):
    def logged_in(self) -> Response:
        return JSONResponse({"id": "u-1"})


class LoginRedirects(Stub):
    def logged_in(self) -> Response:
        return RedirectResponse("/", 302, headers={"set-cookie": COOKIE})


class LoginForEverybody(Stub):
    def login(self, email: str, body: dict[str, Any]) -> Response:
        return self.logged_in()


class LoginCrashes(Stub):
    def login(self, email: str, body: dict[str, Any]) -> Response:
        response = super().login(email, body)
        return response if response.status_code == 200 else Response(status_code=500)


BROKEN: list[tuple[type[Stub], set[tuple[str, tuple[str, ...]]]]] = [
    (OkInsteadOfAccepted, {(REQUEST, ("FR-1", "FR-2"))}),
    (OtherMessage, {(REQUEST, ("FR-2",))}),
    (HtmlMessage, {(REQUEST, ("FR-2",))}),
    (TruncatedMessage, {(REQUEST, ("FR-2",))}),
    (UnknownAddressNotFound, {(REQUEST, ("FR-1", "FR-2"))}),
    (OtherLimit, {(REQUEST, ("EC-3",))}),
    (OtherOutage, {(REQUEST, ("FR-1",)), (REQUEST, ("FR-1", "FR-2"))}),
    (
        CrashesOnMalformedBodies,
        {(REQUEST, ("FR-1", "FR-2")), (VERIFY, ("FR-5",)), (LOGIN, ("AC-10",))},
    ),
    (AcceptsMissingEmail, {(REQUEST, ("FR-1", "FR-2"))}),
    (AcceptsMissingToken, {(VERIFY, ("FR-5",))}),
    (CrashesOnNul, {(VERIFY, ("EC-6",))}),
    (CrashesOnNonAscii, {(VERIFY, ("EC-6",))}),
    (UnknownTokenNotFound, {(VERIFY, ("EC-6",))}),
    (MalformedTokenUnprocessable, {(VERIFY, ("EC-6",))}),
    (OtherCodes, {(VERIFY, ("EC-6",))}),
    (NoSession, {(VERIFY, ("FR-6",))}),
    (SetsAndDeletesSession, {(VERIFY, ("FR-6",))}),
    (OddErrors, {(VERIFY, ("EC-6",))}),
    (ReadableSession, {(VERIFY, ("FR-6",))}),
    (NumberedUser, {(VERIFY, ("FR-6",))}),
    (NoContentOnSuccess, {(VERIFY, ("FR-6",))}),
    (EchoedToken, {(VERIFY, ("NFR-1",))}),
    (SessionInTheBody, {(VERIFY, ("FR-6",))}),
    (LoginWithoutCookie, {(LOGIN, ("AC-10",))}),
    (LoginRedirects, {(LOGIN, ("AC-10",))}),
    (LoginForEverybody, {(LOGIN, ("AC-10",))}),
    (LoginCrashes, {(LOGIN, ("AC-10",))}),
]


@pytest.mark.parametrize(("variant", "broken"), BROKEN)
def test_broken_targets_fail_what_they_break(
    variant: type[Stub], broken: set[tuple[str, tuple[str, ...]]]
) -> None:
    failures = contract_run(variant(), ENOUGH if variant is OtherLimit else COVERED).failures
    assert {(failure.operation, failure.requirement_ids) for failure in failures} == broken


def test_a_failure_tells_expected_found_and_how_to_see_it_again() -> None:
    (failure,) = contract_run(OtherCodes()).failures
    assert failure.expected.startswith("400 ")
    assert '{"error": "TOKEN_INVALID"}' in failure.expected
    assert failure.found == '400 (application/json) {"error":"UNKNOWN"}'
    assert failure.reproduce.startswith("curl -i -X POST http://127.0.0.1:")
    assert " -H 'x-run: 1' " in failure.reproduce
    assert "\n" not in failure.reproduce


def test_the_shortest_reproduction_of_each_kind_comes_first() -> None:
    lengths = [
        len(failure.reproduce) for failure in contract_run(CrashesOnMalformedBodies()).failures
    ]
    assert len(lengths) >= 3
    assert lengths == sorted(lengths)
