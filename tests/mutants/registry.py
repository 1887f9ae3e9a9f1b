"""Every mutant, by name."""

from __future__ import annotations

import importlib
import pkgutil

from tests.mutants import faults
from tests.mutants.model import MUTANTS, Mutant


def all_mutants() -> dict[str, Mutant]:
    """Return every mutant, in the order of the modules that hold them."""
    for module in pkgutil.iter_modules(faults.__path__):
        importlib.import_module(f"{faults.__name__}.{module.name}")
    return MUTANTS
