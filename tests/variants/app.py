"""The reference with the other choice that the environment variable VARIANT names."""

from __future__ import annotations

import os

from fastapi import FastAPI

from tests.mutants.change import Change
from tests.variants.registry import all_variants


def create_app() -> FastAPI:
    """Return the variant as an ASGI application; without VARIANT, the reference as it is."""
    change = Change()
    name = os.environ.get("VARIANT")
    if name:
        all_variants()[name].alter(change)
    return change.build()
