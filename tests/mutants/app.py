"""The reference with the fault that the environment variable MUTANT names."""

from __future__ import annotations

import os
from functools import cache

from fastapi import FastAPI

from tests.mutants.change import Change
from tests.mutants.registry import all_mutants


@cache
def _change(name: str) -> Change:
    # Once in a process, however many instances it serves.
    change = Change()
    if name:
        all_mutants()[name].alter(change)
    return change


def create_app() -> FastAPI:
    """Return the mutant as an ASGI application; without MUTANT, the reference as it is."""
    return _change(os.environ.get("MUTANT", "")).build()
