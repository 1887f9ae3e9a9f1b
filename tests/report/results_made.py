"""Scenario results for tests of what is made from them."""

from __future__ import annotations

from typing import Any

from conformance.outcomes import Outcome
from conformance.run.result import ScenarioResult


def scenario(name: str, outcome: Outcome, *ids: str, **further: Any) -> ScenarioResult:
    further.setdefault("what", further.get("message", ""))
    return ScenarioResult(
        name=name,
        feature="Happy path",
        rule="",
        path="happy_path.feature",
        line=1,
        ids=ids,
        outcome=outcome,
        **further,
    )
