"""A mail provider with an HTTP API, on loopback; each kind says what its calls look like."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from conformance.observe.mail.faults import ActiveFault, Effect, Fault
from conformance.observe.mail.http_server import (
    CutConnectionError,
    HttpServer,
    Request,
    Response,
)
from conformance.observe.mail.mailbox import Sink, listen_error
from conformance.observe.mail.message import Message

if TYPE_CHECKING:
    from conformance.observe.settings import MailPart

MAX_CALL_BYTES = 30 * 1024 * 1024


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


@dataclass(frozen=True)
class Call:
    """A call that sends mail.

    `messages` are those that it describes, none if they cannot be read; `refusal` says what is
    wrong with it, `accepted` answers it otherwise. A rehearsal is validated and sends nothing.
    """

    messages: Sequence[Message]
    refusal: Response | None
    accepted: Response
    is_rehearsal: bool = False


class ApiSink(Sink):
    """Answers calls as the provider does; all meet the same faults, rehearsals too.

    An attempt is any call that is not a rehearsal. `port` 0 takes a free one. Raises SinkError when
    the port is taken.
    """

    faults: ClassVar[frozenset[Fault]] = frozenset(API_FAULTS)

    def __init__(self, key: str, port: int = 0) -> None:
        super().__init__()
        self.key = key
        self._server = HttpServer(self._handle, MAX_CALL_BYTES)
        try:
            self.port = self._thread.run(self._server.listen(self.host, port))
        except OSError as error:
            self._thread.close()
            raise listen_error(self.name, port, error) from error

    @classmethod
    def opened(cls, part: MailPart, directory: Path) -> ApiSink:
        """Start the sink with the described key."""
        del directory
        return cls(part.key, part.port)

    @property
    def base_url(self) -> str:
        """What takes the place of the provider's own address."""
        return f"http://{self.host}:{self.port}"

    @abstractmethod
    def _read(self, request: Request) -> Call | Response:
        """Return the call that a request makes, or the answer to one that sends nothing."""

    @abstractmethod
    def _error(self, status: int, message: str) -> Response:
        """Return an error as the provider writes it; `message` may be empty."""

    async def _handle(self, request: Request) -> Response:
        call = self._read(request)
        if isinstance(call, Response):
            return call
        if not call.is_rehearsal:
            self.begin_attempt()
        if self._active is not None and self._active.meets(call.messages):
            return await self._fail(self._active, call)
        if call.refusal is not None:
            return call.refusal
        await asyncio.sleep(self.acceptance_delay())
        if not call.is_rehearsal:
            for message in call.messages:
                self.accept(message)
        return call.accepted

    async def _fail(self, active: ActiveFault, call: Call) -> Response:
        active.hits += 1
        if not call.is_rehearsal:
            active.refused += call.messages
        fault = API_FAULTS[active.fault]
        if fault.effect is Effect.HANG:
            await active.released.wait()
        else:
            await asyncio.sleep(self.acceptance_delay())
        if fault.effect is not Effect.REFUSE:
            raise CutConnectionError
        return self._error(fault.status, fault.message)

    async def _shut_down(self) -> None:
        await self._server.shut_down()
