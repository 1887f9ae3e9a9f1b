"""What an exploration says about each id, and where it says nothing."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.observe.evidence import Evidence, Exchange
from conformance.outcomes import CantTell, Failed, Inapplicable
from conformance.steps import exploration
from conformance.steps.exploration import Explored, explore, nothing_contradicts
from conformance.steps.model.commands import Ask, LogIn
from conformance.steps.model.exploring import Exploration, Found
from conformance.steps.model.rules import RULES, Difference
from conformance.steps.model.world import Kind
from conformance.steps.scene import Scene
from conformance.target.accounts.pool import PoolAccounts
from conformance.target.testbed import Testbed

SEEN = Exchange("POST", "http://127.0.0.1/auth/login", (), b"{}", status=401)
RULE = next(rule for rule in RULES if rule.id == "AC-10")
LINES = (("Given", "a registered user A"), ("When", "A logs in with the password (401)"))
FOUND = Found((Kind.ACTIVE,), (Ask(0), LogIn(0)), Difference(RULE, "401"), LINES, [SEEN])


def scene(**points: Any) -> Scene:
    testbed = SimpleNamespace(mailbox=None, clock=None, shared={}, **points)
    return Scene(cast("Testbed", testbed), Evidence())


def after(explored: Explored) -> Scene:
    found = scene()
    found.explored = explored
    return found


def explored(found: Found | None = None, *, repeated: bool = True) -> Explored:
    done = Exploration(applied=Counter(["AC-10"]), found=found, repeated=repeated)
    return Explored(1, done, steps=250)


def test_nothing_found_passes() -> None:
    nothing_contradicts(after(explored()), "AC-10")


def test_what_is_found_fails_its_own_id_and_is_shown() -> None:
    found = after(explored(FOUND))
    with pytest.raises(Failed, match="the last of 2 steps: A logs in with the password") as failure:
        nothing_contradicts(found, "AC-10")
    assert (failure.value.expected, failure.value.found) == (RULE.expected, "401")
    assert found.evidence.exchanges == [SEEN]
    assert tuple(found.evidence.within_step) == LINES
    assert found.evidence.notes == []


def test_what_did_not_show_again_is_a_note() -> None:
    found = after(explored(FOUND, repeated=False))
    with pytest.raises(Failed):
        nothing_contradicts(found, "AC-10")
    assert "did not show again" in found.evidence.notes[0]


@pytest.mark.parametrize(
    ("explored", "id_", "why"),
    [
        (explored(FOUND), "FR-6", "it ended with what contradicts AC-10"),
        (explored(), "FR-6", "bears on it"),
        (Explored(1, undecided="a further limit"), "AC-10", "a further limit"),
        (Explored(1, Exploration(found=FOUND), undecided="a doubt"), "AC-10", "a doubt"),
    ],
)
def test_other_ids_lose_nothing(explored: Explored, id_: str, why: str) -> None:
    with pytest.raises(Inapplicable, match=why):
        nothing_contradicts(after(explored), id_)


@pytest.mark.parametrize(
    ("points", "why"),
    [
        ({}, "without a mailbox"),
        (
            {"mailbox": object(), "accounts": PoolAccounts([], recyclable=True)},
            "accounts by the dozen",
        ),
    ],
)
def test_too_little_to_explore_with_is_said(points: dict[str, Any], why: str) -> None:
    poor = scene()
    vars(poor.testbed).update(points)
    explore(poor)
    with pytest.raises(Inapplicable, match=why):
        nothing_contradicts(poor, "AC-10")


def test_it_is_done_once_for_all_scenarios(monkeypatch: pytest.MonkeyPatch) -> None:
    found = scene()
    monkeypatch.setattr(exploration, "_explore", lambda _: explored(FOUND))
    explore(found)
    monkeypatch.setattr(exploration, "_explore", lambda _: explored())
    explore(found)
    assert found.explored is not None
    assert found.explored.done.found is FOUND
    assert found.evidence.measurements[0]["steps"] == 250


def test_what_is_a_further_limit_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise CantTell("the target has a further limit")

    monkeypatch.setattr(exploration, "_abilities", lambda _: None)
    monkeypatch.setattr(exploration, "LiveService", lambda *_: None)
    monkeypatch.setattr(exploration, "_play", refuse)
    limited = scene()
    explore(limited)
    with pytest.raises(Inapplicable, match="a further limit"):
        nothing_contradicts(limited, "FR-7")
