"""Reads what a target says: a plain value comes out, or None; never an error, never slowly.

JSON is read as far as it can be passed on: text that no encoding takes (half of a surrogate pair)
and values nested deeper than any requirement needs are not JSON here.
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
    """Tell whether a JSON value can be walked through recursively and written down as UTF-8."""
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
    """Return the seconds since 1970 of a date as HTTP and mail write it, None when it is none."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, LookupError):
        return None


def without_lone_surrogates(text: str) -> str:
    """Return text that any encoding takes; half of a surrogate pair becomes a question mark."""
    return text.encode("utf-8", errors="replace").decode("utf-8")
