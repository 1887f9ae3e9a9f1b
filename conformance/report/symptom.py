"""What a failure looks like, in a form that is the same for the same fault on every run.

What differs from one request to the next (ids, addresses, times, tokens) and how often something
was found is left out; statuses, codes, and the sign of a difference stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

_LIMIT = 200
# What is looked at of a text, which a target can make as long as it likes.
_READ = 2000
_CHANGING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-fA-F]{16,}\b"
    r"|[^\s'\x22<>()\[\],;:]{1,64}@[\w.-]+|127\.0\.0\.1:\d+|\d{4}-\d\d-\d\d[T ][\d:.+]+|\b\d{10,}\b"
)
# How often an answer came, and its media type: some steps give them and others do not.
_ASIDE = re.compile(r"\b\d+ times |\(application/json\) ")
_NUMBER = re.compile(r"(?<![\w.])(?P<sign>[-+]?)(?P<digits>\d+(?:\.\d+)?)(?P<unit> (?:ms|s)\b)?")
# Sizes of one measurement that are further apart than this are two faults.
_FACTOR = 3.0


@dataclass(frozen=True)
class Symptom:
    """How a scenario failed: the step that stopped it, and what was found there.

    `found` is constant: see the module. `size` is the first measured time, in seconds, with its
    sign; None where nothing was measured.
    """

    step: str
    found: str
    size: float | None = None

    @property
    def parts(self) -> frozenset[str]:
        """What was found, in parts: several answers to one step are several parts."""
        return frozenset(self.found.split(", "))

    def agreement(self, other: Symptom) -> float:
        """Return how far another failure of the same scenario looks the same, from 0 to 1."""
        if self.step != other.step or not self._same_size(other):
            return 0.0
        return len(self.parts & other.parts) / len(self.parts | other.parts)

    def _same_size(self, other: Symptom) -> bool:
        if not self.size or not other.size:
            return self.size == other.size
        return 1 / _FACTOR < self.size / other.size < _FACTOR


class FailedScenario(Protocol):
    """What a symptom is read from: a `ScenarioResult`, or what else has kept these."""

    @property
    def failing_step(self) -> str | None: ...  # noqa: D102

    @property
    def found(self) -> str | None: ...  # noqa: D102

    @property
    def message(self) -> str: ...  # noqa: D102


def symptom(scenario: FailedScenario) -> Symptom:
    """Return how a scenario failed."""
    found = scenario.message if scenario.found is None else scenario.found
    return Symptom(scenario.failing_step or "", constant(found), _size(found))


def constant(text: str) -> str:
    """Return a text without what differs from run to run."""
    return _constant(text[:_READ])


@lru_cache(maxsize=4096)
def _constant(text: str) -> str:
    without = _ASIDE.sub("", _CHANGING.sub("…", text))
    return _NUMBER.sub(_kind, without)[:_LIMIT]


def _kind(number: re.Match[str]) -> str:
    """Return a measured number as its sign and unit; of others, a status and 0 and 1 as such."""
    if number["unit"]:
        return f"{number['sign']}#{number['unit']}"
    digits = number["digits"]
    is_status = len(digits) == 3 and "1" <= digits[0] <= "5" and not number["sign"]
    return number[0] if is_status or digits in ("0", "1") else "#"


def _size(text: str) -> float | None:
    measured = (each for each in _NUMBER.finditer(text[:_READ]) if each["unit"])
    return next((_seconds(each) for each in measured), None)


def _seconds(number: re.Match[str]) -> float:
    value = float(number["sign"] + number["digits"])
    return value / 1000 if number["unit"] == " ms" else value
