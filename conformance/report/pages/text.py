"""Text for pages: steps with their words marked, code in prose, outcomes, durations, anchors.

The classes of marked words are `s` string, `c` code, `n` number and `p` placeholder; `page.css`
colours them. All text is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup, escape

# Says where an id or a tag leads to: an address, or None for no link.
Link = Callable[[str], str | None]

_STEP_TOKENS = re.compile(
    r"(?P<s>\"[^\"]*\"|“[^”]*”)"
    r"|(?P<id>\b(?:AC|FR|NFR|EC)-\d+\b)"
    r"|(?P<p><[^<>\s][^<>]*>)"
    r"|(?P<c>\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\b(?:GET|POST|PUT|DELETE|PATCH|INFO|WARN|ERROR)\b)"
    r"|(?P<n>(?<![\w.-])\d+(?:\.\d+)?(?![\w-]))"
)
_CODE = re.compile(r"`([^`]+)`")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_WORDS = {"cant_tell": "cannot tell", "expected_failure": "failed, expected"}
_MINUTE = 60


def with_code(prose: str) -> Markup:
    """Return escaped prose, with what is in backticks as code."""
    # Escaping leaves backticks alone, so that what is found in them is escaped already.
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(prose))))  # noqa: S704


def outcome_word(outcome: str) -> str:
    """Return an outcome as people read it: `cant_tell` is `cannot tell`."""
    return _WORDS.get(outcome, outcome.replace("_", " "))


def duration(seconds: float) -> str:
    """Return a duration in seconds with its unit: `12 ms`, `3.4 s`, `2 min 5 s`."""
    if round(seconds * 1000) < 1000:
        return f"{seconds * 1000:.0f} ms"
    if round(seconds, 1) < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest} s"


def slug(title: str) -> str:
    """Return a title as an anchor: lower-case letters and digits, hyphens between words."""
    return _NOT_SLUG.sub("-", title.lower()).strip("-")


def highlight(step_text: str, link: Link | None = None) -> Markup:
    """Return a step's text, without its keyword, as HTML; `link` gives ids their address."""
    parts: list[Markup] = []
    end = 0
    for match in _STEP_TOKENS.finditer(step_text):
        parts.append(escape(step_text[end : match.start()]))
        parts.append(_token(match.lastgroup or "", match[0], link))
        end = match.end()
    parts.append(escape(step_text[end:]))
    return Markup("").join(parts)


def _token(kind: str, found: str, link: Link | None) -> Markup:
    if kind == "id":
        return _linked(escape(found), link(found) if link else None)
    return _span(kind, found)


def _span(kind: str, content: str) -> Markup:
    return Markup('<span class="{}">{}</span>').format(kind, content)


def _linked(content: Markup, address: str | None) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, content) if address else content
