"""Expected failures: known failures that a run shows and does not count, each with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from conformance.outcomes import Outcome, UsageError
from conformance.requirements.user_files import read_toml
from conformance.run.result import ScenarioResult

_DECIDED = frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.INAPPLICABLE})


class ExpectedFailure(BaseModel):
    """A requirement's id or a scenario's name that is known to fail, why, and until when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str | None = None
    scenario: str | None = None
    reason: str
    expires: date | None = None

    @model_validator(mode="after")
    def _names_one_thing(self) -> ExpectedFailure:
        if (self.id is None) == (self.scenario is None):
            raise ValueError("an expected failure has either `id` or `scenario`")
        if not self.reason.strip():
            raise ValueError("an expected failure needs a `reason`")
        return self

    def __str__(self) -> str:
        return self.id or f"“{self.scenario}”"

    @property
    def subject(self) -> str:
        """The id or the name that it is about."""
        return self.id or self.scenario or ""

    def covers(self, result: ScenarioResult) -> bool:
        """Return whether this is about that scenario."""
        return result.name == self.scenario if self.scenario else self.id in result.ids

    @property
    def expired(self) -> bool:
        """Whether its last day is over."""
        return self.expires is not None and self.expires < date.today()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    # `pin` is the older name.
    expected: list[ExpectedFailure] = Field(
        default=[], validation_alias=AliasChoices("expected_failure", "pin")
    )


def load_expected_failures(path: Path) -> list[ExpectedFailure]:
    """Read a TOML file of `[[expected_failure]]` tables; raises `UsageError`.

    A table has `id` or `scenario`, `reason` and, if wanted, `expires` (a date).
    """
    try:
        return _File.model_validate(read_toml(path)).expected
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{path}: {where}: {first['msg']}") from error


def mark_expected_failures(
    results: Sequence[ScenarioResult], expected: Sequence[ExpectedFailure]
) -> list[ScenarioResult]:
    """Return the results, failed ones with the reason why that was expected."""
    valid = [each for each in expected if not each.expired]
    marked = []
    for result in results:
        reasons = (each.reason for each in valid if each.covers(result))
        failed = result.outcome is Outcome.FAILED
        marked.append(replace(result, expected_failure=next(reasons, None)) if failed else result)
    return marked


def stale_expected_failures(
    results: Sequence[ScenarioResult],
    expected: Sequence[ExpectedFailure],
    written: Mapping[str, int],
) -> list[str]:
    """Return a sentence for each that is out of date: expired, passing, or matching nothing.

    `written` says how many scenarios there are of an id or a name. Where one was not run or not
    decided, it might have failed.
    """
    sentences = []
    for each in expected:
        covered = [result for result in results if each.covers(result)]
        decided = [result.outcome for result in covered if result.outcome in _DECIDED]
        if not covered and not written.get(each.subject):
            sentences.append(f"the expected failure of {each} matches no scenario")
        elif covered and each.expired:
            sentences.append(f"the expected failure of {each} expired on {each.expires}")
        elif Outcome.FAILED not in decided and len(decided) >= written.get(each.subject, 1):
            sentences.append(f"the expected failure of {each} is no longer needed: nothing failed")
    return sentences
