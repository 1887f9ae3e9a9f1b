"""Findings: what they name as broken, and where they say to look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.outcomes import Outcome
from conformance.report.causes import Cause, causes
from conformance.report.feedback_item import places
from tests.diagnosis.places import changed_places, is_meant
from tests.diagnosis.stored import Stored


@dataclass(frozen=True)
class Blamed:
    """What is named for one mutant, against what it declares.

    `failed` counts the ids that failed, `beyond` those of them that are not declared,
    `named_beyond` those of these that are named as broken, `unnamed` the declared ids that are only
    told as consequences, `findings` the causes.
    """

    name: str
    failed: int
    beyond: int
    named_beyond: int
    unnamed: int
    none_named: bool
    findings: int


def blamed(stored: Stored) -> Blamed:
    """Return what the report of a mutant names."""
    report, declared = stored.report, stored.mutant.violates
    failed = set(report.ids(Outcome.FAILED))
    found = causes(report)
    named = {id_ for cause in found for id_ in cause.ids}
    return Blamed(
        stored.mutant.name,
        len(failed),
        len(failed - declared),
        len(named - declared),
        len(failed & declared - named),
        not named & declared,
        len(found),
    )


@dataclass(frozen=True)
class Looked:
    """A finding of a mutant, with where to look; `right`: that is where the fault is."""

    name: str
    cause: Cause
    places: tuple[str, ...]
    right: bool
    first: bool


def looked(stored: Sequence[Stored]) -> list[Looked]:
    """Return every finding of the reference's mutants."""
    return [
        Looked(
            each.mutant.name,
            cause,
            tuple(shown := places(cause)),
            is_meant(shown, changed_places(each.mutant)),
            number == 0,
        )
        for each in stored
        if each.reference
        for number, cause in enumerate(causes(each.report))
    ]
