"""A fair share of the kill matrix for every commit: in turn, all of it.

A turn is an hour, by default that of the commit. The mutants of a turn are every thirteenth one in
an order that a hash fixes, so that thirteen turns in a row have them all, and so have thirteen
commits at the same hour of thirteen days or weeks. A mutant that alone violates some id is always
among them. Of the permitted variants five thirteenths are.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence

from tests.mutants.harness_run import ROOT
from tests.mutants.model import Mutant
from tests.variants.model import Variant

# Prime to 24 and to 168.
PARTS = 13
_PARTS_OF_VARIANTS = 5


def turn_of_the_commit() -> int:
    """Return the hour of the commit that is checked out, counted from 1970."""
    command = ["git", "log", "-1", "--format=%ct"]
    return int(subprocess.check_output(command, cwd=ROOT, text=True)) // 3600


def sample(entries: Sequence[Mutant | Variant], turn: int) -> list[Mutant | Variant]:
    """Return the mutants and variants of a turn, in their order."""
    # What only a long exploration finds is left to the whole matrix.
    mutants = [each for each in entries if isinstance(each, Mutant) and not each.explore]
    variants = [each.name for each in entries if isinstance(each, Variant)]
    chosen = {*_part([each.name for each in mutants], turn), *_indispensable(mutants)}
    for further in range(_PARTS_OF_VARIANTS):
        chosen |= _part(variants, turn + further)
    return [each for each in entries if each.name in chosen]


def _part(names: Iterable[str], turn: int) -> set[str]:
    shuffled = sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())
    return set(shuffled[turn % PARTS :: PARTS])


def _indispensable(mutants: Sequence[Mutant]) -> set[str]:
    """Return the mutants without which some id would be violated by none."""
    uses = Counter(id_ for each in mutants for id_ in each.violates)
    return {each.name for each in mutants if any(uses[id_] == 1 for id_ in each.violates)}
