"""What happens in a run. Events are sent as they are, within a process and from one to another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from conformance.observe.mail.mailbox import Sink
from conformance.outcomes import ExitCode
from conformance.run.result import HarnessError, ScenarioResult
from conformance.target.testbed import Testbed


@dataclass(frozen=True)
class RunStarted:
    """So many scenarios are going to run."""

    scenarios: int


@dataclass(frozen=True)
class OpeningFailed:
    """A target could not be opened: what the command says, and with which code it ends."""

    code: ExitCode
    message: str


@dataclass(frozen=True)
class TargetOpened:
    """A target is up. `facts` say where it was reached, how it is observed and controlled."""

    facts: dict[str, Any]

    @classmethod
    def on(cls, testbed: Testbed) -> Self:
        """Return the event for the target of a testbed."""
        return cls(
            {
                "base_url": testbed.wire.base_url,
                "mail": testbed.mailbox.name if testbed.mailbox else None,
                "database": "by SQL" if testbed.database else None,
                "clock": testbed.clock.how if testbed.clock else None,
                "logs": testbed.logs.path.name if testbed.logs else None,
            }
        )


@dataclass(frozen=True)
class WorkersGivenUp:
    """There are fewer workers than might be; `why` is for the user."""

    why: str


@dataclass(frozen=True)
class ScenarioStarted:
    """A scenario that shows the requirements `ids` begins."""

    name: str
    ids: tuple[str, ...]


@dataclass(frozen=True)
class ScenarioEnded:
    """The scenario at `place` in the order of the run has ended."""

    place: int
    result: ScenarioResult


@dataclass(frozen=True)
class TimeSpent:
    """Where the time of one testbed went: seconds by part, see `result.PARTS`."""

    seconds: dict[str, float]

    @classmethod
    def on(cls, testbed: Testbed) -> Self:
        """Return the event for a testbed that has done its part."""
        mailbox, instances = testbed.mailbox, testbed.instances
        return cls(
            {
                "starting": sum(instances.start_seconds) if instances is not None else 0.0,
                "answers": sum(testbed.wire.elapsed),
                "mail_provider": sum(mailbox.delays) if isinstance(mailbox, Sink) else 0.0,
            }
        )


@dataclass(frozen=True)
class RunEnded:
    """Everything was run that could be. `partial`: scenarios were left out by choice.

    `broken_off` says why the run did not go on to its end, "" if it did.
    """

    partial: bool
    interrupted: bool
    broken_off: str = ""


Event = (
    RunStarted
    | OpeningFailed
    | TargetOpened
    | WorkersGivenUp
    | ScenarioStarted
    | ScenarioEnded
    | TimeSpent
    | HarnessError
    | RunEnded
)
Listener = Callable[[Event], None]
