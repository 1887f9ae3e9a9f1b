"""A refusal with 429: of an address, of everybody, or of those who share one allowance."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import cast

import pytest

from conformance.observe.evidence import Evidence, Exchange
from conformance.outcomes import CantTell, Failed
from conformance.steps import actions, allowance
from conformance.steps.scene import Scene
from conformance.target.testbed import Testbed


def answer(status: int) -> Exchange:
    sent = json.dumps({"email": "ann@example.com"}).encode()
    return Exchange("POST", "http://127.0.0.1/", (), sent, status, (), b"{}")


def scene(monkeypatch: pytest.MonkeyPatch, control: int, *, afresh: bool = False) -> Scene:
    """Return a scene in which a fresh address gets `control`."""
    monkeypatch.setattr(actions, "request_link", lambda *_: answer(control))
    scene = Scene(cast("Testbed", SimpleNamespace(shared={})), Evidence())
    scene.starts_afresh = afresh
    scene.answers = [*[answer(202)] * 5, answer(429), answer(202)]
    return scene


def test_a_fresh_address_that_is_refused_as_well_shows_a_further_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limited = scene(monkeypatch, 429)
    with pytest.raises(CantTell, match="the target has a further limit than FR-7's"):
        actions.suspect_further_limit(limited, answer(429), "the first request")
    # What can be judged under it is judged: the next scenarios begin an hour later.
    assert limited.testbed.shared["further_limit"] is True


@pytest.mark.parametrize(("status", "control"), [(429, 202), (503, 429), (202, 429)])
def test_any_other_refusal_is_about_the_address(
    monkeypatch: pytest.MonkeyPatch, status: int, control: int
) -> None:
    judged = scene(monkeypatch, control)
    actions.suspect_further_limit(judged, answer(status), "the first request")
    assert judged.testbed.shared == {}


def test_a_crowd_that_starts_afresh_shares_an_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failed, match="each for an address and from a client of its own"):
        allowance.nobody_refused(scene(monkeypatch, 429, afresh=True))


def test_a_crowd_within_an_hour_of_others_may_have_met_a_wider_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(CantTell):
        allowance.nobody_refused(scene(monkeypatch, 429))
    with pytest.raises(Failed):
        allowance.nobody_refused(scene(monkeypatch, 202))
