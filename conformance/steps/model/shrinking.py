"""Makes a sequence that shows a difference shorter, as long as it still shows it."""

from __future__ import annotations

from collections.abc import Callable

from conformance.steps.model.commands import Command, simpler

Commands = tuple[Command, ...]
Replay = Callable[[Commands], Commands | None]
"""Plays commands at a service; returns those up to the difference, None when nothing differs."""


def shortest(commands: Commands, replay: Replay, over: Callable[[], bool]) -> None:
    """Replay ever shorter sequences, until none of them differs or it is `over`.

    First all that one person does is left out, and all commands of one kind, then large parts, then
    single commands; then what is left is made simpler.
    """
    commands = _without_groups(commands, _who, replay, over)
    commands = _without_groups(commands, type, replay, over)
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


def _who(command: Command) -> int | None:
    return getattr(command, "who", None)


def _without_groups(
    commands: Commands, group: Callable[[Command], object], replay: Replay, over: Callable[[], bool]
) -> Commands:
    """Leave out every group that is not needed; that of the last command is."""
    for each in dict.fromkeys(map(group, commands)):
        if each != group(commands[-1]) and not over():
            rest = tuple(command for command in commands if group(command) != each)
            commands = replay(rest) or commands
    return commands


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
