"""The SendGrid sink: SendGrid's v3 API on loopback, as far as sending mail needs it."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any, ClassVar

from conformance.observe.mail.faults import ActiveFault, Effect, Fault
from conformance.observe.mail.http_server import (
    CutConnectionError,
    HttpServer,
    Request,
    Response,
)
from conformance.observe.mail.mailbox import LOOPBACK, Sink, listen_error
from conformance.observe.mail.sendgrid_call import (
    CallError,
    errors_of,
    is_sandboxed,
    messages_of,
    read_call,
)

SEND_PATH = "/v3/mail/send"
MAX_CALL_BYTES = 30 * 1024 * 1024  # SendGrid's own limit


@dataclass(frozen=True)
class ApiFault:
    """What a fault does to a call, and the answer if it refuses."""

    effect: Effect
    status: int = 0
    message: str = ""


def _answer(status: int, message: str = "") -> ApiFault:
    return ApiFault(Effect.REFUSE, status, message)


API_FAULTS: dict[Fault, ApiFault] = {
    Fault.REFUSE_PERMANENT: _answer(400, "Bad Request"),
    Fault.REFUSE_TEMPORARY: _answer(503, "Service unavailable"),
    Fault.DROP: ApiFault(Effect.DROP),
    Fault.HANG: ApiFault(Effect.HANG),
    Fault.API_200: _answer(200),
    Fault.API_400: _answer(400, "Bad Request"),
    Fault.API_401: _answer(401, "The provided authorization grant is invalid or revoked"),
    Fault.API_403: _answer(403, "The from address does not match a verified Sender Identity."),
    Fault.API_413: _answer(413, "Payload too large"),
    Fault.API_429: _answer(429, "too many requests"),
    Fault.API_500: _answer(500, "Internal server error"),
    Fault.API_503: _answer(503, "Service unavailable"),
}


class SendGridSink(Sink):
    """Answers `POST /v3/mail/send` as SendGrid does: 202 with X-Message-Id, or its errors.

    Calls in sandbox mode are validated, take the same time, are answered 200 and deliver nothing;
    they meet the same faults. An attempt is any other call of mail/send. Each personalization is
    a message of its own. `port` 0 takes a free one. Raises SinkError when the port is taken.
    """

    name: ClassVar[str] = "SendGrid sink"
    faults: ClassVar[frozenset[Fault]] = frozenset(API_FAULTS)

    def __init__(self, api_key: str, port: int = 0) -> None:
        super().__init__()
        self._api_key = api_key
        self._server = HttpServer(self._handle, MAX_CALL_BYTES)
        try:
            self.port = self._thread.run(self._server.listen(self.host, port))
        except OSError as error:
            self._thread.close()
            raise listen_error(self.name, port, error) from error

    @property
    def base_url(self) -> str:
        """Return what takes the place of `https://api.sendgrid.com`."""
        return f"http://{LOOPBACK}:{self.port}"

    async def _handle(self, request: Request) -> Response:
        if request.path.rstrip("/") != SEND_PATH:
            return _errors(404, [CallError("not found")])
        if request.method != "POST":
            return _errors(405, [CallError("method not allowed")])
        return await self._send(request)

    async def _send(self, request: Request) -> Response:
        call = read_call(request.body)
        sandboxed = is_sandboxed(call)
        if not sandboxed:
            self._begin_attempt()
        active = self._active
        if active is not None:
            return await self._fail(active, call)
        refusal = self._refusal(request, errors_of(call))
        if refusal is not None or call is None:
            return refusal or _errors(400, errors_of(call))
        await asyncio.sleep(self._draw_delay())
        if sandboxed:
            return Response(200)
        for message in messages_of(call, time.monotonic()):
            self._accept(message)
        return Response(202, headers={"X-Message-Id": uuid.uuid4().hex[:22]})

    def _refusal(self, request: Request, errors: list[CallError]) -> Response | None:
        authorization = request.headers.get("authorization", "")
        if not authorization:
            return _errors(401, [CallError("Permission denied, wrong credentials")])
        if authorization.split() != ["Bearer", self._api_key]:
            message = "The provided authorization grant is invalid, expired, or revoked"
            return _errors(401, [CallError(message)])
        return _errors(400, errors) if errors else None

    async def _fail(self, active: ActiveFault, call: dict[str, Any] | None) -> Response:
        active.hits += 1
        if call is not None and not is_sandboxed(call) and not errors_of(call):
            active.refused += messages_of(call, time.monotonic())
        fault = API_FAULTS[active.fault]
        if fault.effect is Effect.HANG:
            await active.released.wait()
        else:
            await asyncio.sleep(self._draw_delay())
        if fault.effect is not Effect.REFUSE:
            raise CutConnectionError
        return _errors(fault.status, [CallError(fault.message)] if fault.message else [])

    async def _shut_down(self) -> None:
        await self._server.shut_down()


def _errors(status: int, errors: list[CallError]) -> Response:
    if not errors:
        return Response(status)
    body = json.dumps({"errors": [error.as_json() for error in errors]}).encode()
    return Response(status, body, {"Content-Type": "application/json"})
