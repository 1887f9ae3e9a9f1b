"""The sample of the kill matrix: a share each turn, all of it in thirteen."""

from __future__ import annotations

import pytest

from tests.mutants.matrix import chosen
from tests.mutants.model import Mutant
from tests.mutants.sample import PARTS, sample, turn_of_the_commit
from tests.variants.model import Variant

EVERYTHING = chosen([])
# What only a long exploration finds is left to the whole matrix.
MUTANTS = [each for each in EVERYTHING if isinstance(each, Mutant) and not each.explore]
VARIANTS = [each for each in EVERYTHING if isinstance(each, Variant)]


def _names(turn: int, kind: type[Mutant | Variant] = Mutant) -> set[str]:
    return {each.name for each in sample(EVERYTHING, turn) if isinstance(each, kind)}


@pytest.mark.parametrize("step", [1, 24, 168], ids=["hourly", "daily", "weekly"])
def test_the_turns_together_have_everything(step: int) -> None:
    turns = range(494_860, 494_860 + PARTS * step, step)
    for kind, entries in ((Mutant, MUTANTS), (Variant, VARIANTS)):
        everything = {each.name for each in entries}
        assert set[str]().union(*(_names(turn, kind) for turn in turns)) == everything


@pytest.mark.parametrize("turn", range(PARTS))
def test_a_turn_has_its_share_and_what_alone_violates_an_id(turn: int) -> None:
    names = _names(turn)
    assert len(MUTANTS) / PARTS - 1 < len(names) < len(MUTANTS) / PARTS + 10
    violated = [id_ for each in MUTANTS for id_ in each.violates]
    alone = {each.name for each in MUTANTS if any(violated.count(i) == 1 for i in each.violates)}
    assert alone <= names
    assert len(_names(turn, Variant)) >= 12


def test_the_same_commit_has_the_same_turn() -> None:
    assert turn_of_the_commit() == turn_of_the_commit() > 490_000
