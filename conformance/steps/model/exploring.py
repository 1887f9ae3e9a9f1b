"""Explores: plays drawn sequences until something differs, then looks for the shortest of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from random import Random
from typing import Any

from conformance.steps.model.model import Model
from conformance.steps.model.playing import Line, Player
from conformance.steps.model.readings import Readings
from conformance.steps.model.rules import RULES, Difference, Rule
from conformance.steps.model.sequences import Abilities, draw, openings
from conformance.steps.model.service import Service
from conformance.steps.model.shrinking import Commands, shortest
from conformance.steps.model.world import Kind

Over = Callable[[], bool]
"""Tells whether the time for something is over."""


@dataclass(frozen=True)
class Found:
    """A sequence that ends with a difference.

    `lines` say it in Gherkin, `evidence` is what the service has seen of it.
    """

    people: Sequence[Kind]
    commands: Commands
    difference: Difference
    lines: tuple[Line, ...]
    evidence: Any


@dataclass
class Exploration:
    """What an exploration did and found.

    `applied` counts for each id what its rules judged. `settled` are the readings that the service
    has shown to take, in sentences. `repeated`: what was found showed again when it was repeated.
    """

    steps: int = 0
    sequences: int = 0
    applied: Counter[str] = field(default_factory=Counter)
    settled: list[str] = field(default_factory=list)
    found: Found | None = None
    repeated: bool = False


class Explorer:
    """Plays sequences at one service, each with new people; `done` says what became of it."""

    def __init__(self, service: Service, rules: Sequence[Rule] = RULES) -> None:
        self._service, self._rules = service, rules
        self._readings = Readings()
        self.done = Exploration()

    def explore(
        self, random: Random, abilities: Abilities, steps: int, over: Over = lambda: False
    ) -> None:
        """Play sequences until there were so many steps, something differs, or it is over.

        The first ones show which readings the service takes, the others are drawn.
        """
        done = self.done
        drawn = (draw(random, abilities) for _ in count())
        for sequence in chain(openings(abilities), drawn):
            if done.steps >= steps or over():
                return
            known = self._readings.copy()
            done.found = self.play(sequence.people, sequence.commands, self._readings)
            done.sequences += 1
            if done.found is not None:
                self._readings = known
            done.settled = self._readings.settled()
            if done.found is not None:
                return

    def shorten(self, over: Over) -> None:
        """Put the shortest sequence that shows the same difference in the place of the one found.

        What was known of the service when it was found is known each time.
        """
        if self.done.found is not None:
            commands = self.done.found.commands
            self._again(commands)
            shortest(commands, self._again, over)

    def _again(self, commands: Commands) -> Commands | None:
        before = self.done.found
        assert before is not None
        found = self.play(before.people, commands)
        if found is None or found.difference.rule is not before.difference.rule:
            return None
        self.done.found, self.done.repeated = found, True
        return found.commands

    def play(
        self, people: Sequence[Kind], commands: Commands, readings: Readings | None = None
    ) -> Found | None:
        """Play commands; return what differs, with the commands up to it.

        Without `readings` that learn from it, what is known so far counts.
        """
        model = Model(readings or self._readings.copy(), self._rules)
        player = Player(self._service, model, people)
        self._service.begin()
        played = 0
        try:
            for command in commands:
                played += 1
                player.play(command)
        except Difference as difference:
            lines, evidence = tuple(player.lines()), self._service.evidence()
            return Found(people, commands[:played], difference, lines, evidence)
        finally:
            self.done.steps += player.steps
            self.done.applied += model.applied
        return None
