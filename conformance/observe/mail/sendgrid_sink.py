"""The SendGrid sink: SendGrid's v3 API on loopback, as far as sending mail needs it."""

from __future__ import annotations

import json
import uuid
from typing import ClassVar

from conformance.observe.mail.api_sink import ApiSink, Call
from conformance.observe.mail.http_server import Request, Response
from conformance.observe.mail.sendgrid_call import (
    CallError,
    errors_of,
    is_sandboxed,
    messages_of,
    read_call,
)

SEND_PATH = "/v3/mail/send"


class SendGridSink(ApiSink):
    """Answers `POST /v3/mail/send` as SendGrid does: 202 with X-Message-Id, or its errors.

    Calls in sandbox mode are rehearsals: they are validated, take the same time, are answered 200
    and deliver nothing. Each personalization is a message of its own.
    """

    kind: ClassVar[str] = "sendgrid"
    name: ClassVar[str] = "SendGrid sink"
    placeholders: ClassVar[dict[str, str]] = {"sendgrid_url": "base_url", "sendgrid_key": "key"}
    variables: ClassVar[dict[str, str]] = {
        "SENDGRID_BASE_URL": "{sendgrid_url}",
        "SENDGRID_API_KEY": "{sendgrid_key}",
    }

    def _read(self, request: Request) -> Call | Response:
        if request.path.rstrip("/") != SEND_PATH:
            return self._error(404, "not found")
        if request.method != "POST":
            return self._error(405, "method not allowed")
        call = read_call(request.body)
        errors = errors_of(call)
        sandboxed = is_sandboxed(call)
        accepted = Response(202, headers={"X-Message-Id": uuid.uuid4().hex[:22]})
        return Call(
            messages=[] if call is None or errors else messages_of(call),
            refusal=self._refusal(request, errors),
            accepted=Response(200) if sandboxed else accepted,
            is_rehearsal=sandboxed,
        )

    def _refusal(self, request: Request, errors: list[CallError]) -> Response | None:
        authorization = request.headers.get("authorization", "")
        if not authorization:
            return self._error(401, "Permission denied, wrong credentials")
        if authorization.split() != ["Bearer", self.key]:
            message = "The provided authorization grant is invalid, expired, or revoked"
            return self._error(401, message)
        return _errors(400, errors) if errors else None

    def _error(self, status: int, message: str) -> Response:
        return _errors(status, [CallError(message)]) if message else Response(status)


def _errors(status: int, errors: list[CallError]) -> Response:
    body = json.dumps({"errors": [error.as_json() for error in errors]}).encode()
    return Response(status, body, {"Content-Type": "application/json"})
