"""What a run is asked to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from conformance.run.expected_failures import ExpectedFailure
from conformance.target.description import TargetDescription
from conformance.target.testbed_setup import Permissions

# In seconds. A run takes half a minute; one that really waits for links to expire takes hours.
TIME_LIMIT = 1_800.0
TIME_LIMIT_WHEN_WAITING = 21_600.0


@dataclass(frozen=True)
class RunOptions:
    """What a run is about: the target, the ids it is asked about, the part that is run.

    `only` are ids and scenarios (see `selector_of`), empty for a whole run. The scenarios `first`
    run before all others. `exitfirst` ends the run at the first failure. `slice` names the part of
    a service that is there, one of `SLICES`; None for all of it. `gate` leaves out what decides
    none of the ids asked about. `advisories` are run by choice:
    they decide nothing and take time. `seed` makes what is drawn repeat itself. `workers` is the
    most scenarios side by side, None for as many as suit the target and the machine. `time_limit`
    is in seconds, 0 for none; it holds for a supervised run. `explore` is how many steps people do
    one after another, None for no exploration.
    """

    description: TargetDescription
    asked: tuple[str, ...]
    only: tuple[str, ...] = ()
    expected_failures: Sequence[ExpectedFailure] = ()
    permissions: Permissions = field(default_factory=Permissions)
    seed: int = 0
    advisories: bool = False
    workers: int | None = 1
    slice: str | None = None
    gate: bool = False
    time_limit: float = 0.0
    explore: int | None = None
    first: tuple[str, ...] = ()
    exitfirst: bool = False


def default_time_limit(description: TargetDescription) -> float:
    """Return after how many seconds a run is broken off unless somebody says otherwise."""
    return TIME_LIMIT_WHEN_WAITING if description.clock.kind == "wait" else TIME_LIMIT
