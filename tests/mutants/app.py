"""The reference with the fault that the environment variable MUTANT names."""

from __future__ import annotations

import os

from fastapi import FastAPI

from tests.mutants.change import Change
from tests.mutants.registry import all_mutants


def create_app() -> FastAPI:
    """Return the mutant as an ASGI application; without MUTANT, the reference as it is."""
    change = Change()
    name = os.environ.get("MUTANT")
    if name:
        all_mutants()[name].alter(change)
    return change.build()
