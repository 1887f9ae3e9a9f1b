"""A target that attacks whoever looks at it: `python -m tests.hostile.target PORT KIND`.

Until it is asked for a link by POST it behaves; what it does to itself or to others at its start is
in `starting.py`.
"""

from __future__ import annotations

import gzip
import json
import os
import secrets
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.hostile import mailing, starting

ACCEPTED = json.dumps({"message": "If that email is registered, a link has been sent."}).encode()
KIND = sys.argv[2]
FOREVER = 600
MEGABYTE = 1_000_000
NASTY = "\x1b]0;owned\x07\x1b[2J\u202e::error::forged\n::stop-commands::x\n##[error]forged"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        ready = KIND != "is never ready"
        self.reply(200 if ready else 503, b"here", "text/plain")

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"] or 0)))
        if KIND in ANSWERS:
            ANSWERS[KIND](self)
            self.close_connection = True
            return
        mailing.send(KIND, asked.get("email", ""), secrets.token_hex(32))
        self.reply(202, ACCEPTED)

    def reply(
        self,
        status: int,
        body: bytes,
        kind: str = "application/json",
        *,
        claimed: str = "",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", claimed or str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def without_end(self, first: bytes, again: bytes, pause: float = 0.0) -> None:
        """Send until nobody listens any more."""
        self.wfile.write(first)
        begun = time.monotonic()
        while time.monotonic() < begun + FOREVER:
            self.wfile.write(again)
            self.wfile.flush()
            time.sleep(pause)

    def reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def die(_: Handler) -> None:
    print("a fatal mistake", flush=True)  # noqa: T201
    os._exit(7)


def stop_listening(handler: Handler) -> None:
    assert isinstance(handler.server, ThreadingHTTPServer)
    handler.server.socket.close()


def answer_late(handler: Handler) -> None:
    time.sleep(8)
    handler.reply(202, ACCEPTED)


def halt(pid: int) -> Callable[[Handler], None]:
    return lambda _: os.kill(pid, signal.SIGSTOP)


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
ANSWERS: dict[str, Callable[[Handler], object]] = {
    "answers with a page": lambda it: it.reply(200, b"<h1>It works!</h1>", "text/html"),
    "answers with half a body": lambda it: it.reply(202, b'{"message": "If', claimed="400"),
    "answers with ten megabytes": lambda it: it.reply(202, b" " * 10 * MEGABYTE),
    "answers with a packed bomb": lambda it: it.reply(
        202, gzip.compress(b"0" * 100 * MEGABYTE), headers=(("Content-Encoding", "gzip"),)
    ),
    "redirects to itself": lambda it: it.reply(307, b"", headers=(("Location", it.path),)),
    "announces without end": lambda it: it.without_end(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "sends headers without end": lambda it: it.without_end(OK, b"x: y\r\n", 0.001),
    "sends a body without end": lambda it: it.without_end(
        CHUNKED, b"1000\r\n%b\r\n" % (b"x" * 4096)
    ),
    "sends trailers without end": lambda it: it.without_end(CHUNKED + b"0\r\n", b"x: y\r\n", 0.001),
    "sends a byte at a time": lambda it: it.without_end(b"", b"H", 0.5),
    "never answers": lambda _: time.sleep(FOREVER),
    "hangs up": lambda _: None,
    "resets the connection": Handler.reset,
    "answers in another language": lambda it: it.wfile.write(b"220 mail.example.com ESMTP\r\n"),
    "answers with noise": lambda it: it.wfile.write(secrets.token_bytes(MEGABYTE)),
    "claims a negative length": lambda it: it.reply(202, ACCEPTED, claimed="-1"),
    "nests its errors": lambda it: it.reply(500, b'{"error": ' * 100_000),
    "counts in huge numbers": lambda it: it.reply(202, b'{"message": %b}' % (b"9" * 100_000)),
    "sets ten thousand cookies": lambda it: it.reply(
        202, ACCEPTED, headers=(("Set-Cookie", "auth_token=eyJ.e.x; Max-Age=\u00b2"),) * 10_000
    ),
    "steers terminals": lambda it: it.reply(500, json.dumps({"error": NASTY}).encode()),
    "dies": die,
    "stops listening": stop_listening,
    "halts itself": halt(os.getpid()),
    "halts the harness": halt(os.getppid()),
    "is slow": answer_late,
}

starting.act(KIND)
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
