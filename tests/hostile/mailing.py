"""What a hostile target mails, or tries to."""

from __future__ import annotations

import contextlib
import os
import smtplib
import socket
import threading
import time
from collections.abc import Callable

LINK = "https://login.example.com/auth/magic-link/verify?token="
HEAD = "From: login@example.com\r\nTo: {}\r\nSubject: Your link\r\n"
_kept: list[socket.socket] = []


def plain(address: str, text: str, *further: str) -> bytes:
    return "\r\n".join([HEAD.format(address) + "\r\n".join(further), text]).encode()


def connect() -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", int(os.environ["SMTP_PORT"]))


def deliver(address: str, *messages: bytes) -> None:
    with connect() as connection:
        for message in messages:
            connection.sendmail("login@example.com", [address], message)


def as_one_should(address: str, token: str) -> None:
    deliver(address, plain(address, LINK + token))


def nested(address: str) -> bytes:
    """Return a mail with two thousand levels of multipart."""
    levels = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(2_000)
    )
    return (HEAD.format(address) + levels).encode()


def without_end(address: str) -> None:
    """Go on sending a message, for longer than anybody waits."""

    def go_on() -> None:
        with socket.create_connection(("127.0.0.1", int(os.environ["SMTP_PORT"]))) as connection:
            envelope = f"HELO us\r\nMAIL FROM:<us@example.com>\r\nRCPT TO:<{address}>\r\nDATA\r\n"
            connection.sendall(envelope.encode())
            with contextlib.suppress(OSError):
                while True:
                    connection.sendall(b"x" * 10_000 + b"\r\n")
                    time.sleep(0.01)

    threading.Thread(target=go_on, daemon=True).start()


def in_silence(address: str, token: str) -> None:
    """Open a hundred connections that never say a word, then mail as one should."""
    place = ("127.0.0.1", int(os.environ["SMTP_PORT"]))
    _kept.extend(socket.create_connection(place) for _ in range(100))
    as_one_should(address, token)


WAYS: dict[str, Callable[[str, str], None]] = {
    "mails nothing": lambda address, token: None,
    "mails no link": lambda address, token: deliver(address, plain(address, "Hello.")),
    "mails a thousand times": lambda address, token: deliver(
        address, *[plain(address, LINK + token)] * 1_000
    ),
    "nests its mail": lambda address, token: deliver(address, nested(address)),
    "mails a hundred thousand tags": lambda address, token: deliver(
        address, plain(address, "<a <!--" * 100_000, "Content-Type: text/html\r\n")
    ),
    "names no known charset": lambda address, token: deliver(
        address, plain(address, "\x00", 'Content-Type: text/plain; charset="\x00"\r\n')
    ),
    "mails without end": lambda address, token: without_end(address),
    "opens silent connections": in_silence,
}


def send(kind: str, address: str, token: str) -> None:
    if address and "SMTP_PORT" in os.environ:
        WAYS.get(kind, as_one_should)(address, token)
