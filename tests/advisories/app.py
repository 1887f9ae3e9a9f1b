"""The reference as CARELESSNESS alters it."""

from __future__ import annotations

import os
from functools import cache

from fastapi import FastAPI

from tests.advisories import careful, careless, careless_provider
from tests.mutants.change import Change

_ALTERATIONS = {
    "none": careful.alter,
    "everywhere": careless.alter,
    "with the provider": careless_provider.alter,
}


@cache
def _change(name: str) -> Change:
    # Once in a process, however many instances it serves.
    change = Change()
    _ALTERATIONS[name](change)
    return change


def create_app() -> FastAPI:
    """Return the altered reference as an ASGI application."""
    return _change(os.environ["CARELESSNESS"]).build()
