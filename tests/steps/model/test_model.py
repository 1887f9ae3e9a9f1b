"""The model sees what each of its rules is about, by that rule, and leaves readings alone."""

from __future__ import annotations

from random import Random

import pytest

from conformance.requirements.specification import load_specification
from conformance.steps.model.commands import Ask, LogIn, Open, Wait
from conformance.steps.model.exploring import Exploration, Explorer
from conformance.steps.model.rules import RULES, Rule
from conformance.steps.model.sequences import draw
from tests.steps.model.fake import ABILITIES, FakeService, Row, User
from tests.steps.model.faults import FAULTS, LoginsEmptyTheCount, PasswordsRevokeLinks
from tests.steps.model.readings import READINGS

_STEPS = 4_000
_SEED = 1


def never() -> bool:
    return False


def explored(service: FakeService, rules: tuple[Rule, ...] = RULES) -> Exploration:
    explorer = Explorer(service, rules)
    explorer.explore(Random(_SEED), ABILITIES, _STEPS, never)
    explorer.shorten(never)
    return explorer.done


def test_every_rule_has_a_fault_and_an_id() -> None:
    assert sorted(FAULTS) == sorted(rule.expected for rule in RULES)
    assert {rule.id for rule in RULES} <= set(load_specification().requirements)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.id}: {rule.expected}")
def test_a_fault_is_found_by_its_rule_and_by_no_other(rule: Rule) -> None:
    fault = FAULTS[rule.expected]
    found = explored(fault()).found
    assert found is not None
    assert found.difference.rule is rule
    without = Explorer(fault(), [other for other in RULES if other is not rule])
    passed = without.play(found.people, found.commands)
    assert passed is None or passed.difference.rule.id != rule.id


@pytest.mark.parametrize("service", READINGS, ids=lambda service: service.__name__)
def test_nothing_is_said_against_another_reading(service: type[FakeService]) -> None:
    done = explored(service())
    assert done.found is None, done.found and done.found.lines
    assert done.steps >= _STEPS
    assert done.settled


def test_every_rule_has_something_to_judge() -> None:
    applied = explored(FakeService()).applied
    assert set(applied) == {rule.id for rule in RULES}


def test_what_is_found_is_as_short_as_it_can_be() -> None:
    found = explored(LoginsEmptyTheCount()).found
    assert found is not None
    assert len(found.commands) == 7
    assert [type(command) for command in found.commands].count(Open) == 1
    assert sorted(found.evidence) == ["200", *["202"] * 6]


def test_it_is_written_in_gherkin() -> None:
    found = explored(PasswordsRevokeLinks()).found
    assert found is not None
    who = found.lines[0][1][-1]
    assert found.lines == (
        ("Given", f"a registered user {who}"),
        ("When", f"{who} requests a link (202)"),
        ("And", f"{who} logs in with the password (200)"),
        ("And", f"{who} opens the newest link (400 TOKEN_INVALID)"),
    )


class WrongOnce(FakeService):
    """Takes one of all tokens for an old one."""

    opened_so_far = 0

    def is_live(self, row: Row) -> bool:
        live = super().is_live(row)
        self.opened_so_far += live
        return live and self.opened_so_far != 10


def test_what_does_not_show_again_is_said_to() -> None:
    done = explored(WrongOnce())
    assert done.found is not None
    assert not done.repeated


def test_a_reading_that_was_seen_is_binding() -> None:
    class RevokedFromTheTenthOn(FakeService):
        sent = 0

        def after_sending(self, row: Row) -> None:
            self.sent += 1
            if self.sent > 10:
                old = [r for r in self.rows_of(row.user) if r is not row and not r.used]
                self.rows = [r for r in self.rows if r not in old]

    found = explored(RevokedFromTheTenthOn()).found
    assert found is not None
    assert found.difference.rule.id == "FR-6"
    assert [type(command) for command in found.commands] == [Ask, Ask, Open]


def test_the_same_seed_draws_the_same() -> None:
    one, other = (draw(Random(7), ABILITIES) for _ in range(2))
    assert one == other
    assert draw(Random(8), ABILITIES) != one


def test_what_cannot_be_done_is_not_drawn() -> None:
    from conformance.steps.model.sequences import Abilities
    from conformance.steps.model.world import Kind

    poor = Abilities(kinds=(Kind.ACTIVE, Kind.STRANGER))
    commands = {
        type(command) for seed in range(50) for command in draw(Random(seed), poor).commands
    }
    assert not commands & {Wait, LogIn}
    assert commands >= {Ask, Open}


def test_an_exploration_ends_when_it_is_over() -> None:
    explorer = Explorer(FakeService())
    explorer.explore(Random(_SEED), ABILITIES, _STEPS, lambda: explorer.done.sequences == 3)
    assert explorer.done.sequences == 3


class CountsTwice(FakeService):
    """Counts a request twice when the password was used before."""

    def after_a_password(self, user: User) -> None:
        user.counted.append(self.now)


def test_the_limit_is_held_in_both_directions() -> None:
    found = explored(CountsTwice()).found
    assert found is not None
    assert found.difference.rule.id == "FR-7"
    assert found.difference.found == "429"
