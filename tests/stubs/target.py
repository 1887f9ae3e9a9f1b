"""A small target that goes wrong on purpose: `python target.py PORT MODE`.

It mails a link to whoever asks when SMTP_PORT is set, and keeps its tokens in memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import signal
import smtplib
import socket
import sys
import time
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

MESSAGE = "If that email is registered, a link has been sent."
MODE = sys.argv[2]
JSON = "application/json"
KNOWN = os.environ.get("KNOWN", "").split()
live: set[str] = set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if MODE == "never-ready":
            return self.reply(503, b"not yet", "text/plain")
        return self.reply(200, b"here", "text/plain")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        match MODE:
            case "dies":
                print("a fatal mistake", flush=True)  # noqa: T201
                os._exit(7)
            case "html":
                return self.reply(200, b"<h1>It works!</h1>", "text/html")
            case "truncated":
                self.reply(202, b'{"message": "If that em', JSON, claimed=400)
                self.close_connection = True
                return None
            case "huge":
                return self.reply(202, b" " * 10_000_000, JSON)
            case "redirects":
                return self.reply(307, b"", JSON, location=self.path)
        return self.honest(body)

    def honest(self, body: bytes) -> None:
        try:
            given = json.loads(body)
        except ValueError:
            return self.reply(400, b"{}", JSON)
        if self.path == "/auth/magic-link/request":
            return self.request_link(given["email"])
        return self.verify(given["token"])

    def request_link(self, address: str) -> None:
        if KNOWN and address not in KNOWN:
            return self.reply(404, b'{"error": "NO_SUCH_USER"}', JSON)
        token = secrets.token_hex(32)
        live.add(token)
        if MODE != "no-mail" and "SMTP_PORT" in os.environ:
            send(address, token)
        return self.reply(202, json.dumps({"message": MESSAGE}).encode(), JSON)

    def verify(self, token: str) -> None:
        if token not in live:
            return self.reply(400, b'{"error": "TOKEN_INVALID"}', JSON)
        live.discard(token)
        user = hashlib.sha256(token.encode()).hexdigest()[:32]
        return self.reply(200, json.dumps({"userId": user}).encode(), JSON)

    def reply(
        self, status: int, body: bytes, kind: str, *, claimed: int = 0, location: str = ""
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(claimed or len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def send(address: str, token: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "login@example.com", address, "Your link"
    mail.set_content(f"https://login.example.com/auth/magic-link/verify?token={token}\n")
    with smtplib.SMTP("127.0.0.1", int(os.environ["SMTP_PORT"])) as connection:
        connection.send_message(mail)


def leave_daemons() -> None:
    """Start two daemons: one in a session of its own, one that was forked twice and listens."""
    for number in range(2):
        if os.fork() == 0:
            os.setsid()
            if number == 1 and os.fork():
                os._exit(0)
            kept = socket.create_server(("127.0.0.1", 0))
            with Path("daemons").open("a") as file:
                file.write(f"{os.getpid()}\n")
            signal.sigwait({signal.SIGUSR1})
            kept.close()
    while len(Path("daemons").read_text().split() if Path("daemons").exists() else ()) < 2:
        time.sleep(0.01)


def write_reports() -> None:
    """Go on writing a report of our own into the directory of the run's."""
    if os.fork() == 0:
        os.setsid()
        while True:
            for name in ("report.json", "report.html"):
                with contextlib.suppress(OSError):
                    Path("conformance-report", name).write_text('{"forged": true}')
            time.sleep(0.01)


if MODE == "leaves-daemons":
    leave_daemons()
if MODE == "writes-reports":
    write_reports()


def tell_environments() -> None:
    """Write down what can be read of the environment of every process above."""
    process = psutil.Process()
    with Path("environments").open("w") as file:
        # Not of those that started the command: they are the tests.
        for above in process.parents()[:2]:
            json.dump(above.environ(), file)


if MODE == "tells":
    tell_environments()
if MODE == "exits":
    print("line one\nthe setting FLAVOUR is missing", flush=True)  # noqa: T201
    sys.exit(3)
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
