"""What a run is asked to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from conformance.run.expected_failures import ExpectedFailure
from conformance.target.description import TargetDescription
from conformance.target.testbed_setup import Permissions


@dataclass(frozen=True)
class RunOptions:
    """What a run is about: the target, the ids it is asked about, the part that is run.

    `only` is empty for a whole run. `slice` names the part of a service that is there, one of
    `SLICES`; None for all of it. `advisories` are run by choice: they decide nothing and take
    time. `seed` makes schemathesis repeat itself. `workers` is the most scenarios side by side,
    None for as many as suit the target and the machine.
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
