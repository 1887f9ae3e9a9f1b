"""What AC-9 and its neighbours compare: all groups on one target, in workers one group each."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from conformance.observe.evidence import Evidence, Exchange
from conformance.steps import actions, comparison, enumeration
from conformance.steps.scene import Scene
from conformance.target.accounts.supply import Kind
from conformance.target.testbed import Testbed

ANSWER = Exchange("POST", "http://127.0.0.1:1/", (), b"", 202)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the kinds of address that links are requested for."""
    asked: list[str] = []

    def ask(scene: Scene, address: str) -> Exchange:
        asked.append(address.split("@")[0].rstrip("0123456789"))
        return ANSWER

    monkeypatch.setattr(actions, "ask", ask)
    monkeypatch.setattr(comparison, "unknown_address", lambda: "stranger@example.com")
    return asked


def scene(*, alone: bool) -> Scene:
    def take(kind: Kind, count: int) -> list[SimpleNamespace]:
        return [SimpleNamespace(email=f"{kind}{number}@example.com") for number in range(count)]

    testbed = SimpleNamespace(
        alone=alone,
        shared={},
        mailbox=None,
        accounts=SimpleNamespace(take=take, plentiful=False),
    )
    return Scene(cast("Testbed", testbed), Evidence())


def test_on_one_target_all_groups_share_the_registered_users(asked: list[str]) -> None:
    alone = scene(alone=True)
    enumeration.compare_unknown(alone)
    enumeration.compare_suspended(alone)
    assert {kind: asked.count(kind) for kind in set(asked)} == {
        "active": 16,
        "stranger": 16,
        "suspended": 16,
    }


def test_in_workers_a_group_is_compared_by_itself(asked: list[str]) -> None:
    in_a_worker = scene(alone=False)
    enumeration.compare_suspended(in_a_worker)
    assert {kind: asked.count(kind) for kind in set(asked)} == {"active": 16, "suspended": 16}
    enumeration.compare_suspended(in_a_worker)
    assert len(asked) == 32
    enumeration.compare_unknown(in_a_worker)
    assert asked.count("stranger") == 16
