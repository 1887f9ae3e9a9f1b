"""What a contract run needs and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.requirements.magic_link import REQUEST, VERIFY


@dataclass(frozen=True)
class ContractInputs:
    """The target and what is alive in it.

    `headers` go with every request. `next_token` is asked right before the token is sent and
    returns one that is live, each of them once, or None when no more can be had; `next_email`
    likewise returns a registered address that was not used yet. A request for a link may revoke
    older ones, so the two must not belong to the same users. What they raise ends the run.
    `credentials` are email and password for `/auth/login`. `absent` are paths that the target does
    not have yet.
    """

    base_url: str
    headers: Mapping[str, str]
    next_token: Callable[[], str | None]
    next_email: Callable[[], str | None]
    credentials: tuple[str, str] | None
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ContractFailure:
    """One way in which an answer is not what the spec says.

    `operation` is method and path, `requirement_ids` are the sentences that it breaks, `reproduce`
    is a curl command on one line, which may hold a token or a password.
    """

    operation: str
    requirement_ids: tuple[str, ...]
    expected: str
    found: str
    reproduce: str


@dataclass(frozen=True)
class ContractResult:
    """What a run saw.

    `failures` has one entry for each kind, the shortest reproduction first. `statuses` counts the
    answers by method and path, then by status; `phases` counts the requests by phase. `elapsed` is
    in seconds. The same `seed` makes the same requests, as far as time allows; only the fresh
    addresses in them are new in each run. `reached` is what `reached` says of the statuses: a run
    without failures that did not reach these has shown nothing.
    """

    failures: tuple[ContractFailure, ...]
    notes: tuple[str, ...]
    statuses: Mapping[str, Mapping[int, int]]
    phases: Mapping[str, int]
    requests: int
    seed: int
    elapsed: float
    reached: bool


_EXPECTED = {REQUEST: {202}, VERIFY: {200, 400}}


def reached(
    statuses: Mapping[str, Mapping[int, int]], absent: frozenset[str] = frozenset()
) -> bool:
    """Return whether request answered 202, and verify 200 as well as 400, where they are there."""
    return all(
        expected <= set(statuses.get(f"POST {path}", {}))
        for path, expected in _EXPECTED.items()
        if path not in absent
    )
