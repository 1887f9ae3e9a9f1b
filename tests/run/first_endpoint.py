"""The reference as it is after the first endpoint: nobody can open a link yet."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException

from conformance.requirements.magic_link import VERIFY
from tests.mutants.change import Change


async def _not_found() -> None:
    raise HTTPException(404)


def create_app() -> FastAPI:
    """Return the reference without its verify endpoint, as an ASGI application."""
    change = Change()
    change.endpoint("POST", VERIFY, _not_found)
    return change.build()
