"""Draws sequences: who is there, and what they do one after the other.

Each person is inclined to do some things more often than others, so that a sequence has people who
keep asking, people who open everything, people who wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from conformance.requirements.magic_link import REQUEST_LIMIT
from conformance.steps.model.commands import (
    Ask,
    Command,
    Guess,
    LogIn,
    Mangle,
    Open,
    Reinstate,
    Restart,
    Suspend,
    Visit,
    Wait,
)
from conformance.steps.model.world import Kind

_LENGTH = 50
_INCLINATIONS = (0.1, 1.0, 1.0, 3.0)
_BUSY = (0.2, 1.0, 1.0, 3.0)
# Which link is opened: the newest, or one that is so much older.
_BACK = (0, 0, 0, 1, 1, 2)
# In seconds: a little, and just below and above 15 and 60 minutes, alone or together.
_HALF_AN_HOUR, _LATE = 1_815, 915
_WAITS = (60, 300, 885, 915, 1800, 2700, 3585, 3615)


@dataclass(frozen=True)
class Abilities:
    """What can be done at a target; `kinds` are those of the people that there can be."""

    kinds: tuple[Kind, ...]
    troubles: tuple[str, ...] = ()
    time: bool = False
    passwords: bool = False
    suspending: bool = False
    protected: bool = False
    instances: bool = False


@dataclass(frozen=True)
class Sequence:
    """The people of a sequence, and what they do."""

    people: tuple[Kind, ...]
    commands: tuple[Command, ...]


def openings(abilities: Abilities) -> Iterator[Sequence]:
    """Yield what is played first: a little of everything, then what shows a reading by itself."""
    ask, wait = Ask(0), Wait(_HALF_AN_HOUR)
    visit = [Visit(0)] if abilities.protected else []
    yield _alone(ask, Open(0), *visit, Open(0), Mangle(0))
    if abilities.passwords:
        yield _alone(LogIn(0))
    if abilities.time:
        yield _alone(ask, Wait(_LATE), Open(0))
    yield _alone(ask, ask, Open(0, back=1))
    yield _alone(ask, ask, Open(0), Open(0, back=1))
    if abilities.troubles:
        yield _alone(Ask(0, abilities.troubles[0]), *[ask] * REQUEST_LIMIT)
    if abilities.time:
        often = [ask] * REQUEST_LIMIT
        yield _alone(*often, wait, *often, wait, ask)


def _alone(*commands: Command) -> Sequence:
    return Sequence((Kind.ACTIVE,), commands)


def draw(random: Random, abilities: Abilities) -> Sequence:
    """Return a sequence; the same state of `random` gives the same one."""
    further = [kind for kind in abilities.kinds if kind not in {Kind.ACTIVE, Kind.STRANGER}]
    third = random.choice([Kind.ACTIVE, *further])
    people = (Kind.ACTIVE, Kind.ACTIVE, third, Kind.STRANGER)
    makers = [_makers(kind, random, abilities) for kind in people]
    weights = [[weight * random.choice(_INCLINATIONS) for weight, _ in each] for each in makers]
    busy = [random.choice(_BUSY) for _ in people]
    commands = []
    for _ in range(_LENGTH):
        [who] = random.choices(range(len(people)), busy)
        [(_, make)] = random.choices(makers[who], weights[who])
        commands.append(make(who))
    return Sequence(people, tuple(commands))


Maker = Callable[[int], Command]


def _makers(kind: Kind, random: Random, abilities: Abilities) -> list[tuple[float, Maker]]:
    """Return what somebody can do, with how often it is done."""

    def elsewhere() -> bool:
        return abilities.instances and random.random() < 0.2

    makers: list[tuple[float, Maker]] = [(8, lambda who: Ask(who, elsewhere=elsewhere()))]
    if abilities.troubles:
        makers.append((1.5, lambda who: Ask(who, random.choice(abilities.troubles))))
    if abilities.time:
        makers.append((1.5, lambda _: Wait(random.choice(_WAITS))))
    if abilities.instances:
        makers.append((0.05, lambda _: Restart()))
    if kind is Kind.STRANGER:
        return makers
    makers += [
        (10, lambda who: Open(who, random.choice(_BACK), random.random() < 0.15, elsewhere())),
        (0.5, Mangle),
        (0.2, lambda _: Guess()),
    ]
    if abilities.passwords and kind is Kind.ACTIVE:
        makers.append((1.5, LogIn))
    if abilities.protected:
        makers.append((1, Visit))
    if abilities.suspending:
        makers += [(0.3, Suspend), (3 if kind is Kind.SUSPENDED else 1, Reinstate)]
    return makers
