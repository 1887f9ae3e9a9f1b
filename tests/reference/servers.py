"""Real servers around the reference: its own uvicorn, an SMTP sink, a stand-in for SendGrid."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse

from tests.serving import smtp_server

LINK = re.compile(r"(\S+)/auth/magic-link/verify\?token=([0-9a-f]{64})")


@contextmanager
def running(app: Any) -> Iterator[str]:
    """Serve an ASGI application from a thread and give its base URL."""
    # Named as TCP, or asyncio would not turn off Nagle's algorithm on its connections.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        # Connections wait in the listener's backlog until the server accepts them.
        listener.listen(128)
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


@dataclass
class SmtpSink:
    """Keeps every message it accepts; its behaviour is set by assigning to its fields."""

    delay: Callable[[], float] = lambda: 0.0
    data_reply: str | None = None
    data_reply_to: dict[str, str] = field(default_factory=dict)
    # While set, messages are neither accepted nor refused.
    hangs: bool = False
    waiting: int = 0
    mail_reply: str | None = None
    # How it takes leave; False: it hangs up without a word, None: it never answers.
    goodbye: str | bool | None = "221 Bye"
    goodbyes: int = 0
    on_message: Callable[[EmailMessage], None] = lambda _: None
    delivered: list[tuple[str, EmailMessage]] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    port: int = 0

    def reset(self) -> None:
        """Forget everything and accept everything at once."""
        fresh = SmtpSink(port=self.port)
        vars(self).update(vars(fresh))

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.mail_reply:
            return self.mail_reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.recipients.append(address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.waiting += 1
        while self.hangs:  # noqa: ASYNC110 - told to from another thread
            await asyncio.sleep(0.01)
        self.waiting -= 1
        await asyncio.sleep(self.delay())
        reply = self.data_reply_to.get(envelope.rcpt_tos[0], self.data_reply)
        if reply:
            return reply
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.on_message(message)
        self.delivered.extend((recipient, message) for recipient in envelope.rcpt_tos)
        return "250 OK"

    async def handle_QUIT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        self.goodbyes += 1
        if self.goodbye is None:
            # Until the client has hung up, which ends this.
            await asyncio.Event().wait()
        if self.goodbye is False:
            server.transport.abort()
        return str(self.goodbye)

    def tokens(self) -> list[str]:
        """Return the raw tokens of the delivered links, oldest first."""
        return [token_of(message) for _, message in self.delivered]


def token_of(message: EmailMessage) -> str:
    """Return the raw token of the link in a mail's text."""
    body = message.get_body(("plain",))
    assert body is not None
    match = LINK.search(body.get_content())
    assert match, "the mail has no link"
    return match[2]


@contextmanager
def smtp_sink() -> Iterator[SmtpSink]:
    """Run a sink on a free port."""
    sink = SmtpSink()
    with smtp_server(sink) as sink.port:
        yield sink


@dataclass
class SendGridSink:
    """The part of SendGrid's API that sends; keeps the calls."""

    delay: Callable[[], float] = lambda: 0.0
    status: int | None = None
    real_status: int | None = None
    calls: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    # The recipients of what was accepted for delivery.
    accepted: list[str] = field(default_factory=list)
    url: str = ""

    async def send(self, request: Request) -> JSONResponse:
        """Answer as SendGrid does: 200 in sandbox mode, otherwise 202."""
        call = await request.json()
        self.calls.append(call)
        self.keys.append(request.headers["authorization"])
        await asyncio.sleep(self.delay())
        sandbox = call["mail_settings"]["sandbox_mode"]["enable"]
        status = self.status or (200 if sandbox else self.real_status or 202)
        if status == 202:
            self.accepted.append(call["personalizations"][0]["to"][0]["email"])
        return JSONResponse({}, status_code=status)


@contextmanager
def sendgrid_sink() -> Iterator[SendGridSink]:
    """Run a stand-in for SendGrid on a free port."""
    sink = SendGridSink()
    app = FastAPI()
    app.add_api_route("/v3/mail/send", sink.send, methods=["POST"])
    with running(app) as url:
        sink.url = url
        yield sink
