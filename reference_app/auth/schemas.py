"""Bodies of requests and answers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from reference_app.schemas import AnyString


class Credentials(BaseModel):
    """What password login takes."""

    email: AnyString
    password: AnyString


class LoggedIn(BaseModel):
    """What every login answers."""

    userId: str  # noqa: N815


class Me(BaseModel):
    """Who is logged in."""

    userId: str  # noqa: N815
    email: str
    status: Literal["active", "suspended"]


class Account(BaseModel):
    """What the account page shows."""

    userId: str  # noqa: N815
    email: str
    hasPassword: bool  # noqa: N815
