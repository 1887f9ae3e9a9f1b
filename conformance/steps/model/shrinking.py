"""Makes a sequence that shows a difference shorter, as long as it still shows it."""

from __future__ import annotations

from collections.abc import Callable

from conformance.steps.model.commands import Command, simpler

Commands = tuple[Command, ...]
Replay = Callable[[Commands], Commands | None]
"""Plays commands at a service; returns those up to the difference, None when nothing differs."""


def shortest(commands: Commands, replay: Replay, over: Callable[[], bool]) -> None:
    """Replay ever shorter sequences, until none of them differs or it is `over`.

    First large parts are left out, then single commands; then what is left is made simpler.
    """
    size = max(len(commands) // 2, 1)
    while size:
        shorter = _without(commands, size, replay, over)
        if shorter == commands:
            size //= 2
        commands = shorter
    for number in range(len(commands)):
        for plain in simpler(commands[number]):
            if not over():
                commands = replay((*commands[:number], plain, *commands[number + 1 :])) or commands


def _without(commands: Commands, size: int, replay: Replay, over: Callable[[], bool]) -> Commands:
    """Leave out every part of that size that is not needed."""
    start = 0
    # The last command is the one that differs.
    while start < len(commands) - 1 and not over():
        rest = commands[start + size : -1]
        shorter = replay((*commands[:start], *rest, commands[-1]))
        if shorter is None:
            start += size
        else:
            commands = shorter
    return commands
