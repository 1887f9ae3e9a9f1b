"""A request as a curl command on one line, true to the byte."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.observe.evidence import Exchange

# The harness's own, without meaning for the answer.
_OMITTED = {"accept", "accept-encoding", "connection"}


def curl_command(exchange: Exchange) -> str:
    """Return a command for bash that sends the request of `exchange` again."""
    parts = ["curl", "-i", "-X", exchange.method]
    for name, value in exchange.request_headers:
        if name.lower() not in _OMITTED:
            parts += ["-H", shlex.quote(f"{name}: {value}")]
    body = exchange.request_body
    url = shlex.quote(exchange.url)
    if not body:
        return " ".join([*parts, url])
    text = body.decode("utf-8", errors="replace")
    if text.encode() == body and text.isprintable():
        return " ".join([*parts, "--data-raw", shlex.quote(text), url])
    # printf reaches every byte, NUL included, which no argument can hold.
    return " ".join([f"printf '{_octal(body)}' |", *parts, "--data-binary", "@-", url])


def _octal(body: bytes) -> str:
    return "".join(f"\\{byte:03o}" for byte in body)
