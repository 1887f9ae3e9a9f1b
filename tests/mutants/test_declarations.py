"""The mutants' declarations, and that each finds the seam that it changes."""

from __future__ import annotations

import multiprocessing
from collections import Counter

import pytest

from conformance.requirements.specification import load_specification
from reference_app import main
from tests.mutants.change import Change
from tests.mutants.express.runner import all_express_mutants
from tests.mutants.model import Mutant
from tests.mutants.registry import all_mutants
from tests.variants.model import Variant
from tests.variants.registry import all_variants

MUTANTS = all_mutants()
DECLARED: dict[str, Mutant] = {**MUTANTS, **all_express_mutants()}
ENTRIES: dict[str, Mutant | Variant] = {**MUTANTS, **all_variants()}
SETTINGS = {
    "database_url": "postgresql://nobody@127.0.0.1:1/none",
    "app_base_url": "login.example.com",
    "jwt_secret": "0123456789abcdef" * 2,
    "mail_provider": "smtp",
    "mail_from": "login@example.com",
    "smtp_host": "127.0.0.1",
}


def test_names_are_not_shared_by_mutants_and_variants() -> None:
    assert len(ENTRIES) == len(MUTANTS) + len(all_variants())


@pytest.mark.parametrize("mutant", DECLARED.values(), ids=DECLARED)
def test_a_mutant_is_declared_in_the_words_of_the_spec(mutant: Mutant) -> None:
    assert mutant.violates
    assert not mutant.violates & mutant.falls_with
    assert mutant.violates | mutant.falls_with <= set(load_specification().requirements)
    assert mutant.failing_step
    assert mutant.fault.endswith(".")
    assert mutant.incident.endswith(".")


def test_every_requirement_has_mutants() -> None:
    violated = Counter(id_ for mutant in MUTANTS.values() for id_ in mutant.violates)
    assert set(violated) == set(load_specification().requirements)


def test_the_mutants_differ() -> None:
    assert len(MUTANTS) >= 80
    assert len({mutant.signature for mutant in MUTANTS.values()}) >= 50


def _build(name: str) -> None:
    change = Change()
    # It hashes a password at every start, which is of no interest here.
    change.replace(main, "Passwords", lambda: None)
    ENTRIES[name].alter(change)
    change.settings(**SETTINGS)
    change.build()
    change.build()


@pytest.mark.parametrize("name", [name for name in ENTRIES if name != "rs256"])
def test_its_seams_are_there_for_more_than_one_instance(name: str) -> None:
    # In a process of its own: an altered reference cannot be unaltered.
    child = multiprocessing.get_context("fork").Process(target=_build, args=(name,))
    child.start()
    child.join(20)
    assert child.exitcode == 0
