"""What a mutant of the Express target declares: the same as any other, and its edits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.change import Change
from tests.mutants.model import Mutant


@dataclass(frozen=True)
class Edit:
    """A change to one file of the target: `old`, which must stand there exactly once, is `new`."""

    file: str
    old: str
    new: str

    def apply(self, target: Path) -> None:
        """Edit the file below `target`. Raises ValueError when `old` is not there exactly once."""
        path = target / self.file
        text = path.read_text(encoding="utf-8")
        found = text.count(self.old)
        if found != 1:
            raise ValueError(f"{self.file} holds {self.old!r} {found} times, not once")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


@dataclass(frozen=True)
class ExpressMutant(Mutant):
    """A faulty Express target. Its fault is its edits; `alter` is not for it."""

    edits: tuple[Edit, ...]


def _not_for_the_reference(_: Change) -> None:
    raise TypeError("a mutant of the Express target does not alter the reference")


def express_mutant(
    name: str,
    *,
    fault: str,
    violates: str,
    step: str,
    incident: str,
    edits: Sequence[Edit],
    falls_with: str = "",
) -> ExpressMutant:
    """Declare a mutant; `violates` and `falls_with` are ids separated by blanks."""
    return ExpressMutant(
        f"express-{name}",
        fault,
        frozenset(violates.split()),
        frozenset(falls_with.split()),
        step,
        incident,
        _not_for_the_reference,
        tuple(edits),
    )
