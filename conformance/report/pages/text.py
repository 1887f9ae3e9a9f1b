"""Text for pages: code in prose, outcomes and durations in words, anchors."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

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
