"""What was seen while a scenario ran: exchanges, mails, rows, log lines, measurements.

Secrets are masked when evidence is written (`masked`), never while it is being judged.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.observe.reading import read_json
from conformance.requirements.magic_link import COOKIE

_TOKEN = re.compile(r"(?<![0-9A-Fa-f])([0-9A-Fa-f]{4})[0-9A-Fa-f]{60}(?![0-9A-Fa-f])")
# Each of these takes linear time on any text, because the target chooses the text.
_DOTTED = re.compile(r"[\w.-]+")
_JWT_BEGINS = re.compile(r"\beyJ[\w-]")
_COOKIE = re.compile(rf"({COOKIE}=)[^;,\s\"']+")
_LINK_TOKEN = re.compile(r"([?&]token=)[^&\s\"'<>]+")
_JSON_SECRET = re.compile(r'("(?:token|password|passwordHash)"\s*:\s*)"[^"\\]*(?:\\.[^"\\]*)*"')
_SECRET_MEMBERS = frozenset({"password", "passwordHash", "password_hash"})
_SHOWN_BODY = 2_000
# The harness's own, which no answer depends on.
_OMITTED_HEADERS = frozenset({"accept", "accept-encoding", "connection"})


@dataclass(frozen=True)
class Exchange:
    """One HTTP request and what came back.

    `elapsed` is in seconds from sending to the last byte; `error` says why there is no answer.
    """

    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: bytes
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    elapsed: float = 0.0
    error: str = ""

    def header(self, name: str) -> str | None:
        """Return the first header of that name, whatever its case."""
        return next(iter(self.header_values(name)), None)

    def header_values(self, name: str) -> list[str]:
        """Return every header of that name, whatever its case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def text(self) -> str:
        """The body as text; what is not UTF-8 is replaced."""
        return self.body.decode("utf-8", errors="replace")

    @property
    def shown_text(self) -> str:
        """The beginning of the body, for messages."""
        return shortened(self.text)

    def json(self) -> Any:
        """Return the body read as JSON, or None when it is not JSON."""
        return read_json(self.body)

    @property
    def members(self) -> dict[str, Any]:
        """The members of the body, none when it is not a JSON object."""
        body = self.json()
        return body if isinstance(body, dict) else {}

    @property
    def sent(self) -> dict[str, Any]:
        """The members of the request's body, none when it is not a JSON object."""
        body = read_json(self.request_body)
        return body if isinstance(body, dict) else {}

    def curl(self) -> str:
        """Return a command for bash, on one line, that sends the same request, byte for byte."""
        parts = ["curl", "-i", "-X", self.method, self.url]
        for name, value in self.request_headers:
            if name.lower() not in _OMITTED_HEADERS:
                parts += ["-H", f"{name}: {value}"]
        if not self.request_body:
            return shlex.join(parts)
        text = self.request_body.decode("utf-8", errors="replace")
        if text.encode() == self.request_body and text.isprintable():
            return shlex.join([*parts, "--data-raw", text])
        # printf reaches every byte, NUL included, which no argument can hold.
        octal = "".join(f"\\{byte:03o}" for byte in self.request_body)
        return f"printf '{octal}' | {shlex.join([*parts, '--data-binary', '@-'])}"

    def summary(self) -> str:
        """Return the answer in a line: status and the beginning of the body."""
        return self.error or f"{self.status} {shortened(self.text, 160)}".strip()

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that reports show."""
        return {
            "request": {
                "method": self.method,
                "url": self.url,
                "headers": [list(pair) for pair in self.request_headers],
                "body": shortened(self.request_body.decode("utf-8", errors="replace")),
            },
            "response": {
                "status": self.status,
                "headers": [[name, shortened(value)] for name, value in self.headers],
                "body": shortened(self.text),
                "error": self.error,
            },
            "elapsed_ms": round(self.elapsed * 1000, 1),
            "curl": shortened(self.curl()),
        }


@dataclass
class Evidence:
    """What one scenario saw, and through which points (wire, mailbox, database, …)."""

    points: set[str] = field(default_factory=set)
    exchanges: list[Exchange] = field(default_factory=list)
    mails: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    log_lines: list[str] = field(default_factory=list)
    # What the target logged as errors of its own: quoted beside a failure, see `log_errors`.
    log_errors: list[str] = field(default_factory=list)
    measurements: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # What was done within a step, as further lines of Gherkin: keyword and text.
    within_step: list[tuple[str, str]] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Keep a remark for the report; one that is there already is not repeated."""
        if text not in self.notes:
            self.notes.append(text)

    def row(self, table: str, values: Mapping[str, Any]) -> None:
        """Keep a row of the database as it was seen."""
        shown = {name: None if value is None else str(value) for name, value in values.items()}
        self.rows.append({"table": table, "values": shown})

    def as_dict(self, *, exchanges: int = 12) -> dict[str, Any]:
        """Return the shape that reports show, masked, with the last `exchanges` exchanges."""
        shown = {
            "exchanges": [exchange.as_dict() for exchange in self.exchanges[-exchanges:]],
            "exchanges_in_all": len(self.exchanges),
            "mails": _with_short_texts(self.mails[-exchanges:]),
            "rows": _with_short_texts(self.rows[-exchanges:]),
            "log_lines": _with_short_texts(self.log_lines[-exchanges:]),
            "log_errors": self.log_errors,
            "measurements": self.measurements,
        }
        result = masked(shown)
        assert isinstance(result, dict)
        return result


def masked(value: Any) -> Any:
    """Return a JSON-like value with tokens, cookies, JWTs and passwords masked."""
    if isinstance(value, str):
        return _masked_text(value)
    if isinstance(value, Mapping):
        return {
            key: "<masked>" if key in _SECRET_MEMBERS and item else masked(item)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [masked(item) for item in value]
    return value


def _with_short_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_short_texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_short_texts(item) for item in value]
    return shortened(value) if isinstance(value, str) else value


def _masked_text(text: str) -> str:
    text = _DOTTED.sub(_without_jwt, text) if "eyJ" in text else text
    text = _COOKIE.sub(r"\1<cookie>", text)
    text = _JSON_SECRET.sub(r'\1"<masked>"', text)
    text = _LINK_TOKEN.sub(r"\1<token>", text)
    return _TOKEN.sub(r"\1…<64 hex characters>", text)


def _without_jwt(dotted: re.Match[str]) -> str:
    """Cut from the first segment on that begins like a JWT's header and has two more after it."""
    segments = dotted[0].split(".")
    for number, segment in enumerate(segments[:-2]):
        begin = _JWT_BEGINS.search(segment)
        if begin and segments[number + 1]:
            return ".".join([*segments[:number], f"{segment[: begin.start()]}<jwt>"])
    return dotted[0]


def shortened(text: str, limit: int = _SHOWN_BODY) -> str:
    """Return a text of at most `limit` characters, with its length where it was longer."""
    if len(text) <= limit:
        return text
    # Masked before it is cut: half a token would not be known for one, and be shown.
    return f"{_masked_text(text)[:limit]}… ({len(text)} characters in all)"
