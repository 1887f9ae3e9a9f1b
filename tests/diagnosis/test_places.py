"""What mutants change is known, and what "Where to look" means."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from conformance.requirements.facts import facts
from tests.diagnosis.places import changed_places, is_meant, meant
from tests.mutants.registry import all_mutants

MUTANTS = all_mutants()


def test_every_mutant_changes_a_place() -> None:
    assert [name for name, each in MUTANTS.items() if not changed_places(each)] == []


def test_to_note_a_change_changes_nothing() -> None:
    first = changed_places.__wrapped__(MUTANTS["hashed-with-md5"])
    assert first == changed_places.__wrapped__(MUTANTS["hashed-with-md5"])
    assert first == {"service.hash_token"}


def test_every_place_to_look_has_a_meaning() -> None:
    assert meant().keys() == {each.look_at for each in facts().values()}


@pytest.mark.parametrize("look", meant())
def test_a_meaning_is_less_than_everything(look: str) -> None:
    places = {place for each in MUTANTS.values() for place in changed_places(each)}
    fitting = {place for place in places if any(fnmatchcase(place, each) for each in meant()[look])}

    assert 0 < len(fitting) < len(places) / 3


def test_a_place_is_meant_by_what_names_it() -> None:
    spent = facts()["EC-8"].look_at

    assert is_meant([spent], ["repository._SPEND"])
    assert not is_meant([spent], ["main.make_logger"])
    assert not is_meant([], ["repository._SPEND"])
