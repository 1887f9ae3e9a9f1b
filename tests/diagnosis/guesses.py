"""Likely faults: how often the first guess is right, with the fault itself left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from conformance.outcomes import Outcome
from conformance.report.diagnosis import KnownFault, Likeness, liken
from conformance.report.symptom import symptom
from tests.diagnosis.places import changed_places
from tests.diagnosis.stored import Stored
from tests.mutants.model import Mutant
from tests.mutants.registry import all_mutants


class Guess(StrEnum):
    """What a first guess was worth.

    Right: the guessed fault changes a place that the fault changes, and violates a requirement that
    it violates. Near: one of the two. Wrong: neither.
    """

    RIGHT = "right"
    SILENT = "silent"
    NEAR = "near"
    WRONG = "wrong"


@dataclass(frozen=True)
class Guessed:
    """A fault, and what the first guess about it was."""

    mutant: Mutant
    guess: Guess
    first: Likeness | None


def known_fault(stored: Stored) -> KnownFault:
    """Return a fault as the list of known faults has it."""
    failed = [each for each in stored.report.scenarios if each.outcome is Outcome.FAILED]
    mutant, picture = stored.mutant, {each.name: symptom(each) for each in failed}
    return KnownFault(mutant.name, mutant.fault, tuple(sorted(mutant.violates)), picture)


def left_out(stored: Sequence[Stored]) -> list[Guessed]:
    """Guess every fault of the reference from all others.

    What a focused run left out counts as passed: nothing but the declared ids fails.
    """
    known = {each.mutant.name: known_fault(each) for each in stored if each.reference}
    return [
        _guessed(each, [fault for name, fault in known.items() if name != each.mutant.name])
        for each in stored
        if each.reference
    ]


def recognised(stored: Sequence[Stored]) -> int:
    """Count the faults that are named first when they are in the list."""
    known = [known_fault(each) for each in stored if each.reference]
    return sum(
        guessed.first is not None and guessed.first.name == each.mutant.name
        for each in stored
        if each.reference
        for guessed in [_guessed(each, known)]
    )


def _guessed(stored: Stored, known: Sequence[KnownFault]) -> Guessed:
    report = stored.report
    undecided = {
        each.name
        for each in report.scenarios
        if each.outcome not in (Outcome.PASSED, Outcome.FAILED)
    }
    first = next(iter(liken(known_fault(stored).picture, known, undecided)), None)
    worth = Guess.SILENT if first is None else _worth(stored.mutant, all_mutants()[first.name])
    return Guessed(stored.mutant, worth, first)


def _worth(fault: Mutant, guessed: Mutant) -> Guess:
    same = (changed_places(fault) & changed_places(guessed), fault.violates & guessed.violates)
    if all(same):
        return Guess.RIGHT
    return Guess.NEAR if any(same) else Guess.WRONG
