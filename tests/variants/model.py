"""What a permitted variant declares, and the registry that they are all in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.mutants.change import Change

Alter = Callable[[Change], None]
Describe = Callable[[dict[str, Any], Path], None]


@dataclass(frozen=True)
class Variant:
    """An implementation that conforms in another way.

    `describe` changes the description of the target where the variant needs that; it may put files
    into the directory that it is given.
    """

    name: str
    choice: str
    alter: Alter
    describe: Describe


VARIANTS: dict[str, Variant] = {}


def _as_it_is(description: dict[str, Any], directory: Path) -> None:
    pass


def variant(choice: str, describe: Describe = _as_it_is) -> Callable[[Alter], Alter]:
    """Register a function as a variant, under its own name with dashes."""

    def register(alter: Alter) -> Alter:
        name = alter.__name__.replace("_", "-")
        if name in VARIANTS:
            raise ValueError(f"there are two variants {name}")
        VARIANTS[name] = Variant(name, choice, alter, describe)
        return alter

    return register
