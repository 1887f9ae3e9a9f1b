"""Pins: known failures that a run shows and does not count, each with a reason (TOML)."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from conformance.outcomes import Outcome, UsageError
from conformance.run.result import ScenarioResult


class Pin(BaseModel):
    """One known exception: a requirement's id or a scenario's name, why, and until when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str | None = None
    scenario: str | None = None
    reason: str
    expires: date | None = None

    @model_validator(mode="after")
    def _names_one_thing(self) -> Pin:
        if (self.id is None) == (self.scenario is None):
            raise ValueError("a pin names either `id` or `scenario`")
        if not self.reason.strip():
            raise ValueError("a pin needs a reason")
        return self

    def __str__(self) -> str:
        return self.id or f"“{self.scenario}”"

    def covers(self, result: ScenarioResult) -> bool:
        """Tell whether the pin is about this scenario."""
        return result.name == self.scenario if self.scenario else self.id in result.ids


class _PinFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pin: list[Pin] = []


def load_pins(path: Path) -> list[Pin]:
    """Read a pin file: `[[pin]]` tables with `id` or `scenario`, `reason`, optional `expires`."""
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return _PinFile.model_validate(data).pin
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file of pins") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{path}: {where}: {first['msg']}") from error


def apply_pins(results: Sequence[ScenarioResult], pins: Sequence[Pin]) -> list[ScenarioResult]:
    """Return the results, failed ones with the reason of the pin that covers them."""
    valid = [pin for pin in pins if not _expired(pin)]
    return [_pinned(result, valid) for result in results]


def _pinned(result: ScenarioResult, pins: Sequence[Pin]) -> ScenarioResult:
    if result.outcome is not Outcome.FAILED:
        return result
    reason = next((pin.reason for pin in pins if pin.covers(result)), None)
    return replace(result, pin=reason)


def stale_pins(results: Sequence[ScenarioResult], pins: Sequence[Pin]) -> list[str]:
    """Return a sentence for each pin that no longer holds: expired, passing, or naming nothing."""
    sentences = []
    for pin in pins:
        covered = [result for result in results if pin.covers(result)]
        if not covered:
            sentences.append(f"the pin for {pin} names nothing that ran")
        elif _expired(pin):
            sentences.append(f"the pin for {pin} expired on {pin.expires}")
        elif not any(result.outcome is Outcome.FAILED for result in covered):
            sentences.append(f"the pin for {pin} is not needed any more: nothing of it fails")
    return sentences


def _expired(pin: Pin) -> bool:
    return pin.expires is not None and pin.expires < date.today()
