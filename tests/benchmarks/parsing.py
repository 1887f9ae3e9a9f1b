"""Whether reading what a target sends takes time in proportion to its length, at its worst.

Each text was found to take quadratic time, or is of a kind that did. It is read at one length and
at four times that: a linear parser takes about four times as long, a quadratic one sixteen.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from conformance.observe.evidence import masked
from conformance.observe.logs import Logs
from conformance.observe.mail.links import magic_links_of
from conformance.observe.mail.message import message_from_source
from conformance.observe.reading import read_json
from conformance.observe.settings import LogPart
from conformance.target.database.postgres import EmbeddedPostgres
from tests.benchmarks.result import Result

_GROWTH = 4
# Between linear and quadratic, and clear of what a busy machine adds.
_LINEAR_WITHIN = 10
_LENGTH = 500_000
# Below this the machine's memory is what is measured.
_TELLING_MILLISECONDS = 100.0
_REPEATS = 3


def _mail(text: str) -> object:
    return message_from_source(text.encode())


def _html(text: str) -> object:
    return magic_links_of("", text)


def _text(text: str) -> object:
    return magic_links_of(text, "")


def _log(text: str) -> object:
    with TemporaryDirectory() as directory:
        path = Path(directory, "app.log")
        path.write_text(f"{text}\n", encoding="utf-8")
        return Logs(path, LogPart()).since(0)


_HTML = "Content-Type: text/html"
_MULTIPART = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
# What reads it, how the text begins, and what is repeated.
_TEXTS: dict[str, tuple[Callable[[str], object], str, str]] = {
    "masking: begun JWTs": (masked, "", "-eyJ"),
    "masking: begun JSON secrets": (masked, "", '"token":"\\\\"'),
    "JSON: nested lists": (read_json, "", "["),
    "HTML: begun tags": (_html, "", "<a "),
    "HTML: begun attributes": (_html, "", "<a b='"),
    "HTML: begun comments": (_html, "", "<!--"),
    "HTML: blanks in a tag": (_html, "<a ", " "),
    "link: closing brackets": (_text, "http://a.example/", ")"),
    "link: the path again and again": (_text, "http://a.example", "/auth/magic-link/verify?"),
    "links: one after the other": (
        _text,
        "",
        "http://a/auth/magic-link/verify?token=1 ",
    ),
    "mail: a long subject": (_mail, "Subject: ", "=?utf-8?q?a?= "),
    "mail: comments in an address": (_mail, "To: ", "("),
    "mail: parameters of a header": (_mail, f'{_HTML}; a="', ";"),
    "mail: levels of multipart": (_mail, "", _MULTIPART),
    "mail: lines of a part": (_mail, _MULTIPART * 10, "\n"),
    "mail: a charset of Python's": (
        _mail,
        "Content-Type: text/html; charset=punycode\r\n\r\na-",
        "b",
    ),
    "log: a line of nested JSON": (_log, '{"level":', "["),
    "log: begun colours": (_log, "", "\x1b["),
    "log: begun warnings of a runtime": (_log, "", "a.py:1:"),
}


def run(_: EmbeddedPostgres | None, __: Path) -> Result:
    """Measure every text at both lengths."""
    result = Result("parsing-growth")
    worst = 0.0
    for what, (read, begin, repeated) in _TEXTS.items():
        short, long = (
            _milliseconds(read, begin + repeated * (length // len(repeated) + 1))
            for length in (_LENGTH, _GROWTH * _LENGTH)
        )
        result.add(what, f"ms for {_LENGTH:,} characters", short)
        result.add(what, f"ms for {_GROWTH * _LENGTH:,}", long)
        result.add(what, "times as long", long / short)
        if long >= _TELLING_MILLISECONDS:
            worst = max(worst, long / short)
    result.ratios[f"the worst growth for {_GROWTH} times the length"] = worst
    result.aims[f"{_GROWTH} times the length takes at most {_LINEAR_WITHIN} times as long"] = (
        worst <= _LINEAR_WITHIN
    )
    return result


def _milliseconds(read: Callable[[str], object], text: str) -> float:
    """Return the shortest of some times: the others are the machine's."""

    def once() -> float:
        begun = time.perf_counter()
        read(text)
        return time.perf_counter() - begun

    return 1000 * min(once() for _ in range(_REPEATS))
