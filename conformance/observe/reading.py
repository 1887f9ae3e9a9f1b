"""Reads what a target sent: the result is a plain value or None; no input raises an exception.

Two kinds of JSON count as no JSON here, since they cannot be passed on safely: strings that cannot
be encoded (half of a surrogate pair), and values nested deeper than any requirement needs.
"""

from __future__ import annotations

import json
import math
from email.utils import parsedate_to_datetime
from typing import Any

_DEEPEST = 50


def read_json(text: str | bytes) -> Any:
    """Return the value of a JSON text, None when it is not JSON."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if is_plain(value) else None


def is_plain(value: Any) -> bool:
    """Return whether a JSON value can be walked through recursively and written down as UTF-8."""
    level = [value]
    for _ in range(_DEEPEST):
        if not all(map(_is_writable, level)):
            return False
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return True
    return False


def _within(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def _is_writable(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def finite_number(value: Any) -> float | None:
    """Return a JSON number as a float, None for anything else and for what no float can hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def seconds_of_date(text: str) -> float | None:
    """Return a date in the form of HTTP and mail as seconds since 1970, None if it is invalid."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, LookupError):
        return None


def without_lone_surrogates(text: str) -> str:
    """Return text that can be encoded: half of a surrogate pair becomes a question mark."""
    return text.encode("utf-8", errors="replace").decode("utf-8")
