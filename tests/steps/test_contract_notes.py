"""What schemathesis found noteworthy is noted once, though every contract scenario judges it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from conformance.observe.evidence import Evidence
from conformance.steps import contract
from conformance.steps.openapi.model import ContractResult
from conformance.steps.scene import Scene
from conformance.target.testbed import Testbed


def test_notes_stay_with_the_scenario_that_sent_the_requests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = SimpleNamespace(
        seed=1, requests=2, phases={}, statuses={}, failures=(), reached=True, notes=("one", "two")
    )
    monkeypatch.setattr(contract, "_run", lambda scene: cast("ContractResult", result))
    testbed = cast("Testbed", SimpleNamespace(shared={}))
    scenes = [Scene(testbed, Evidence()) for _ in range(3)]
    for scene in scenes:
        contract.run(scene)
        contract.nothing_contradicts(scene, "FR-1")
    assert [scene.evidence.notes for scene in scenes] == [["one", "two"], [], []]
