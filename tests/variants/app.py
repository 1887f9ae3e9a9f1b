"""The reference with the other choice that the environment variable VARIANT names."""

from __future__ import annotations

import os
from functools import cache

from fastapi import FastAPI

from tests.mutants.change import Change
from tests.variants.registry import all_variants


@cache
def _change(name: str) -> Change:
    # Once in a process, however many instances it serves.
    change = Change()
    if name:
        all_variants()[name].alter(change)
    return change


def create_app() -> FastAPI:
    """Return the variant as an ASGI application; without VARIANT, the reference as it is."""
    return _change(os.environ.get("VARIANT", "")).build()
