"""Targets that conform, each in its own way, have no failures."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from tests.steps.contract_stub import COOKIE, LOGIN, REQUEST, SENT, VERIFY, Stub, contract_run


class Unprocessable(Stub):
    def malformed(self, path: str) -> Response:
        return JSONResponse({"detail": [{"loc": ["body"], "msg": "Field required"}]}, 422)


class NotFoundForOtherMethods(Stub):
    def wrong_method(self) -> Response:
        return HTMLResponse("<h1>Not found</h1>", 404)


class NotImplementedMethods(Stub):
    def wrong_method(self) -> Response:
        return Response(status_code=501)


class HtmlOnBrokenJson(Stub):
    def broken_json(self, path: str) -> Response:
        return HTMLResponse("<pre>SyntaxError</pre>", 400)


class TooLargeTokens(Stub):
    def verify(self, token: str, body: dict[str, Any]) -> Response:
        return Response(status_code=413) if len(token) > 64 else super().verify(token, body)


class Charset(Stub):
    def sent(self) -> Response:
        return JSONResponse({"message": SENT}, 202, media_type="application/json; charset=utf-8")

    def refused(self, code: str) -> Response:
        return JSONResponse({"error": code}, 400, media_type="Application/JSON;charset=UTF-8")


class TalkativeErrors(Stub):
    def refused(self, code: str) -> Response:
        return JSONResponse({"error": code, "message": "no", "statusCode": 400}, 400)

    def limited(self) -> Response:
        return JSONResponse({"error": "RATE_LIMIT_EXCEEDED", "retryAfter": 60}, 429)


class EverythingInvalid(Stub):
    def refused(self, code: str) -> Response:
        return super().refused("TOKEN_INVALID")


class ValidatedAddresses(Stub):
    def request(self, email: str, body: dict[str, Any]) -> Response:
        if "@" not in email:
            return JSONResponse({"detail": "not an address"}, 422)
        return super().request(email, body)


class ForbiddenMembers(Stub):
    def request(self, email: str, body: dict[str, Any]) -> Response:
        return self.malformed("") if len(body) > 1 else super().request(email, body)

    def verify(self, token: str, body: dict[str, Any]) -> Response:
        return self.malformed("") if len(body) > 1 else super().verify(token, body)


class StrictContentType(Stub):
    def other_content_type(self, path: str) -> Response | None:
        return Response(status_code=415)


class FurtherMembers(Stub):
    def verified(self, token: str) -> Response:
        content = {"userId": "u-1", "email": "ada@example.com"}
        return JSONResponse(content, headers={"set-cookie": COOKIE})


class FurtherCookies(Stub):
    def verified(self, token: str) -> Response:
        response = JSONResponse({"userId": "u-1"})
        response.headers.append("set-cookie", "csrf=1; Path=/")
        response.headers.append("set-cookie", COOKIE)
        response.headers.append("set-cookie", "lang=en; Path=/")
        return response


class DeletesAndSetsSession(Stub):
    def verified(self, token: str) -> Response:
        response = JSONResponse({"userId": "u-1"})
        response.headers.append("set-cookie", "auth_token=; Max-Age=0; Path=/")
        response.headers.append("set-cookie", COOKIE)
        return response


class FurtherLimiter(Stub):
    """One by caller, as many stand before an application."""

    seen = 0

    def request(self, email: str, body: dict[str, Any]) -> Response:
        self.seen += 1
        if self.seen > 3:
            return Response("Too many requests, please try again later.", 429)
        return super().request(email, body)


class RedirectedLogin(Stub):
    def login(self, email: str, body: dict[str, Any]) -> Response:
        response = super().login(email, body)
        return response if response.status_code == 200 else RedirectResponse("/login", 302)


CONFORMING: list[tuple[type[Stub], str]] = [
    (Stub, f"{REQUEST} answers 202 to text/plain"),
    (Unprocessable, ""),
    (NotFoundForOtherMethods, ""),
    (NotImplementedMethods, "DELETE /auth/login is answered 501"),
    (HtmlOnBrokenJson, f"{REQUEST} answers some malformed bodies with an HTML page"),
    (TooLargeTokens, ""),
    (Charset, ""),
    (TalkativeErrors, ""),
    (EverythingInvalid, ""),
    (ValidatedAddresses, ""),
    (ForbiddenMembers, ""),
    (StrictContentType, ""),
    (FurtherMembers, f"{VERIFY} answers further members: email"),
    (FurtherCookies, ""),
    (DeletesAndSetsSession, ""),
    (FurtherLimiter, f"{REQUEST} has a further limiter: it answered 429 out of turn"),
    (RedirectedLogin, f"{LOGIN} answers 302 to credentials that are not valid"),
]


@pytest.mark.parametrize(("variant", "note"), CONFORMING)
def test_conforming_targets_have_no_failures(variant: type[Stub], note: str) -> None:
    result = contract_run(variant())
    assert result.failures == ()
    assert result.reached
    assert not note or note in result.notes


class SendingFails(Stub):
    def request(self, email: str, body: dict[str, Any]) -> Response:
        if "@" not in email:
            return self.malformed("")
        return JSONResponse({"error": "EMAIL_SEND_FAILED"}, 503)


def test_a_mail_outage_is_no_failure_but_reaches_nothing() -> None:
    result = contract_run(SendingFails())
    assert result.failures == ()
    assert f"{REQUEST} answered 503 EMAIL_SEND_FAILED" in result.notes
    assert not result.reached
