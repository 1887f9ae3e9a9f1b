"""Bodies of requests and answers."""

from __future__ import annotations

from pydantic import BaseModel

from reference_app.schemas import AnyString


class LinkRequest(BaseModel):
    """FR-1."""

    email: AnyString


class LinkRequested(BaseModel):
    """FR-2: the same for everybody."""

    message: str = "If that email is registered, a link has been sent."


class TokenPresented(BaseModel):
    """FR-5."""

    token: AnyString
