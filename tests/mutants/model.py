"""What a mutant declares, and the registry that they are all in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.mutants.change import Change

Alter = Callable[[Change], None]


@dataclass(frozen=True)
class Mutant:
    """A faulty implementation.

    `violates` are the ids that must fail, `falls_with` those that may fail by necessity.
    `failing_step` is part of a step at which one of the violated ids must fail. `incident` says
    why a fault like this is realistic. `explore` is how many steps people do one after another, 0
    for none.
    """

    name: str
    fault: str
    violates: frozenset[str]
    falls_with: frozenset[str]
    failing_step: str
    incident: str
    alter: Alter
    explore: int = field(default=0, kw_only=True)

    @property
    def signature(self) -> tuple[tuple[str, ...], str]:
        """What it is told apart by: the violated ids and the failing step."""
        return tuple(sorted(self.violates)), self.failing_step


MUTANTS: dict[str, Mutant] = {}


def mutant(
    *,
    fault: str,
    violates: str,
    step: str,
    incident: str,
    falls_with: str = "",
    explore: int = 0,
) -> Callable[[Alter], Alter]:
    """Register a function as a mutant, under its own name with dashes.

    `violates` and `falls_with` are ids separated by blanks.
    """

    def register(alter: Alter) -> Alter:
        name = alter.__name__.replace("_", "-")
        if name in MUTANTS:
            raise ValueError(f"there are two mutants {name}")
        MUTANTS[name] = Mutant(
            name, fault, _ids(violates), _ids(falls_with), step, incident, alter, explore=explore
        )
        return alter

    return register


def _ids(text: str) -> frozenset[str]:
    return frozenset(text.split())
