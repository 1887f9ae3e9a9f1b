"""Times within text: in JSON, in lists of text, in keys and in notes of any form."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial

# What PostgreSQL looks for; what it finds is read more closely here.
PATTERN = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\m1[6-9]\d{8}(\d{3}|\d{6})?\M"
_ISO = re.compile(
    r"(?<![\w.-])(?P<minute>\d{4}-\d\d-\d\d[T ]\d\d:\d\d)(?P<second>:\d\d)?"
    r"(?P<rest>(?:[.,]\d+)?(?:Z|[+-]\d\d(?::?\d\d)?)?)(?![\w:])"
)
_EPOCH = re.compile(r"(?<![\w.-])(?P<number>1[6-9]\d{8}(?:\d{3}|\d{6})?)(?![\w-])")
_CLOCK = re.compile(r"\b\d{1,2}:\d\d:\d\d\b")
_SECONDS_DIGITS = 10
# A number, or a date, that lies further off is something else, or long past.
_REACH = timedelta(days=30)


def moved_back(text: str, by: timedelta, now: datetime) -> str:
    """Return `text` with every time near `now` moved back by `by`, in the form that it had."""
    moved = _ISO.sub(partial(_moved_iso, by=by, now=now), text)
    return _EPOCH.sub(partial(_moved_epoch, by=by, now=now), moved)


def has_another_form(text: str) -> bool:
    """Return whether `text` holds a time of day in a form that `moved_back` leaves as it is."""
    return bool(_CLOCK.search(_ISO.sub("", text)))


def _moved_iso(found: re.Match[str], by: timedelta, now: datetime) -> str:
    written = found["minute"] + (found["second"] or "")
    try:
        when = datetime.fromisoformat(written)
    except ValueError:
        return found[0]
    # The zone does not matter for either question.
    if abs(when.replace(tzinfo=UTC) - now) > _REACH:
        return found[0]
    separator = written[len("2031-01-01")]
    precision = "seconds" if found["second"] else "minutes"
    return (when - by).isoformat(separator, precision) + found["rest"]


def _moved_epoch(found: re.Match[str], by: timedelta, now: datetime) -> str:
    digits = found["number"]
    scale = 10 ** (len(digits) - _SECONDS_DIGITS)
    if abs(int(digits) / scale - now.timestamp()) > _REACH.total_seconds():
        return digits
    return str(int(digits) - round(by.total_seconds() * scale))
