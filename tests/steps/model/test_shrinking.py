"""A sequence is made shorter in few replays: each one costs what the target takes."""

from __future__ import annotations

from conformance.steps.model.commands import Ask, Command, Guess, Open, Wait
from conformance.steps.model.shrinking import Commands, shortest


class Needing:
    """Differs at the last of some commands, if the others came before it in their order.

    `shown` is what differed last, after so many `replays`.
    """

    def __init__(self, *needed: Command, replays: int = 1000) -> None:
        self._needed, self._left = needed, replays
        self.shown: Commands = ()

    def replay(self, commands: Commands) -> Commands | None:
        self._left -= 1
        left = list(self._needed)
        for place, command in enumerate(commands, 1):
            if command == left[0]:
                left.pop(0)
            if not left:
                self.shown = commands[:place]
                return self.shown
        return None

    def over(self) -> bool:
        return self._left <= 0


A_LINK = (Ask(0), Open(0), Ask(0))
OTHERS = (Ask(1), Open(1), Ask(2), Wait(60), Guess(), Ask(1), Open(1), Ask(2))


def test_what_others_did_is_left_out_first() -> None:
    needing = Needing(*A_LINK, replays=4)
    long = (*OTHERS, A_LINK[0], *OTHERS, A_LINK[1], *OTHERS, A_LINK[2])
    shortest(long, needing.replay, needing.over)
    assert needing.shown == A_LINK


def test_what_is_needed_stays_in_its_order() -> None:
    needed = (Ask(1), Wait(60), Open(0))
    needing = Needing(*needed)
    shortest((*OTHERS, *needed), needing.replay, needing.over)
    assert needing.shown == needed


def test_nothing_is_replayed_once_it_is_over() -> None:
    needing = Needing(*A_LINK, replays=0)
    shortest((*OTHERS, *A_LINK), needing.replay, needing.over)
    assert needing.shown == ()
