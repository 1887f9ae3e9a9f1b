"""What each requirement takes: the points by which it is judged, its gravity, where to look."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from conformance.outcomes import Point
from conformance.requirements.specification import sort_key

_TABLE = Path(__file__).with_name("requirements.toml")
# Active accounts of a fixed list that a whole run takes; with a clock, each again after its hour.
_MANY, _MANY_WITHOUT_CLOCK = 300, 700


class Gravity(IntEnum):
    """What a failure means for the users of a service; the gravest comes first."""

    TAKEOVER = 0
    EXPOSURE = 1
    BEHAVIOUR = 2
    FORM = 3


@dataclass(frozen=True)
class Facts:
    """A table of `requirements.toml`, which explains its keys."""

    gravity: Gravity
    look_at: str
    needs: frozenset[Point]
    decided_by: frozenset[Point]
    slices: frozenset[str]


@lru_cache(maxsize=1)
def facts() -> Mapping[str, Facts]:
    """Return the facts of every requirement id, in the order of reports."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            id_: Facts(
                gravity=Gravity[table[id_]["gravity"].upper()],
                look_at=table[id_]["look_at"],
                needs=frozenset(map(Point, table[id_]["needs"])),
                decided_by=frozenset(map(Point, table[id_].get("decided_by", []))),
                slices=frozenset(table[id_].get("slices", [])),
            )
            for id_ in sorted(table, key=sort_key)
        }
    )


def untested_without(point: Point) -> frozenset[str]:
    """Return the ids that end `untested` when this point alone is missing."""
    return frozenset(id_ for id_, known in facts().items() if point in known.needs)


def undecided_without(point: Point) -> frozenset[str]:
    """Return the ids that end `cant_tell` when this point alone is missing."""
    return frozenset(id_ for id_, known in facts().items() if point in known.decided_by)


def missing_for(missing: Iterable[Point]) -> dict[str, tuple[Point, ...]]:
    """Return every id, in the order of reports, with those of the missing points that it needs."""
    gone = set(missing)
    return {
        id_: tuple(point for point in Point if point in gone & (known.needs | known.decided_by))
        for id_, known in facts().items()
    }


def ids_of_slice(name: str) -> tuple[str, ...]:
    """Return the ids that a slice of the service can be judged by, in the order of reports."""
    return tuple(id_ for id_, known in facts().items() if name in known.slices)


def many_accounts(*, movable: bool) -> int:
    """Return how many active accounts a whole run takes; `movable` is the clock."""
    return _MANY if movable else _MANY_WITHOUT_CLOCK
