"""Visitors at the same moment: what is shown to each, and what an endpoint shows to everybody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import cast

import pytest

from conformance.observe.evidence import Evidence, Exchange
from conformance.observe.session import Session
from conformance.outcomes import Failed
from conformance.steps import visitors
from conformance.steps.scene import Scene
from conformance.target.accounts.supply import Account
from conformance.target.testbed import Testbed

ANN = Account("annabel.lee@example.com", "7", None)
BEN = Account("benjamin@example.com", "8", None)
SESSIONS = {
    user: cast("Session", SimpleNamespace(header_line={"cookie": user.email}))
    for user in (ANN, BEN)
}

Serve = Callable[[list[str]], list[str]]
"""What the visitors of one moment are shown; empty: a refusal."""


def own(visiting: list[str]) -> list[str]:
    return [f"You are {user}, number 78." for user in visiting]


def the_last(visiting: list[str]) -> list[str]:
    return own(visiting[-1:]) * len(visiting)


def everybody(visiting: list[str]) -> list[str]:
    return [f"Users: {ANN.email}, {BEN.email}" for _ in visiting]


def only_one_at_a_time(visiting: list[str]) -> list[str]:
    return own(visiting) if len(visiting) == 1 else ["" for _ in visiting]


def visited(serve: Serve) -> Scene:
    """Return a scene in which both have visited the one endpoint of a service."""

    def burst(method: str, path: str, headers: Sequence[dict[str, str]]) -> list[Exchange]:
        bodies = serve([each["cookie"] for each in headers])
        status = [200 if body else 401 for body in bodies]
        return [
            Exchange(method, path, (), b"", each, (), body.encode())
            for each, body in zip(status, bodies, strict=True)
        ]

    testbed = SimpleNamespace(
        wire=SimpleNamespace(burst_without_body=burst), need_protected=lambda: ["GET /me"]
    )
    scene = Scene(cast("Testbed", testbed), Evidence(), users=[ANN, BEN], sessions_of=SESSIONS)
    visitors.visit_together(scene)
    return scene


@pytest.mark.parametrize("serve", [own, everybody])
def test_what_a_visitor_is_shown_alone_may_be_shown_to_many(serve: Serve) -> None:
    visitors.taken_for_themselves(visited(serve))


@pytest.mark.parametrize(
    ("serve", "told"),
    [
        (the_last, f"with {ANN.email}'s session.*found what belongs to {BEN.email}"),
        (only_one_at_a_time, "GET /me at the same moment as others: expected 2xx"),
    ],
)
def test_visitors_who_are_mixed_up_or_turned_away(serve: Serve, told: str) -> None:
    with pytest.raises(Failed, match=told):
        visitors.taken_for_themselves(visited(serve))
