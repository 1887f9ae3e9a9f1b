"""Liveness (the process answers) and readiness (it can do its work)."""

from __future__ import annotations

from fastapi import APIRouter, Request

router = APIRouter(prefix="/health")


@router.get("/live")
async def live() -> dict[str, str]:
    """Answer 200 as long as the process runs."""
    return {"status": "live"}


@router.get("/ready")
async def ready(request: Request) -> dict[str, str]:
    """Answer 200 when the database answers, takes writes and is migrated, otherwise 503."""
    await request.app.state.schema.expect_current()
    return {"status": "ready"}
