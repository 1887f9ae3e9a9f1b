"""A small target: `python target.py PORT MODE`, with the mode `honest` or `html`.

It mails a link to whoever asks when SMTP_PORT is set, and keeps its tokens in memory; in mode
`html` it answers everything with a page.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import smtplib
import sys
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MESSAGE = "If that email is registered, a link has been sent."
MODE = sys.argv[2]
JSON = "application/json"
KNOWN = os.environ.get("KNOWN", "").split()
live: set[str] = set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        return self.reply(200, b"here", "text/plain")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        if MODE == "html":
            return self.reply(200, b"<h1>It works!</h1>", "text/html")
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
        if "SMTP_PORT" in os.environ:
            send(address, token)
        return self.reply(202, json.dumps({"message": MESSAGE}).encode(), JSON)

    def verify(self, token: str) -> None:
        if token not in live:
            return self.reply(400, b'{"error": "TOKEN_INVALID"}', JSON)
        live.discard(token)
        user = hashlib.sha256(token.encode()).hexdigest()[:32]
        return self.reply(200, json.dumps({"userId": user}).encode(), JSON)

    def reply(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
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


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
