"""What each mutant changes, and which of these places a report's "Where to look" means.

A place is a seam of the reference by its name (`MagicLinkService.verify`), an endpoint
(`POST /auth/magic-link/verify`), a setting, how sessions are made, or the schema.
"""

from __future__ import annotations

import tomllib
from collections.abc import Awaitable, Callable, Iterable
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp

from reference_app.auth.sessions import Sessions
from tests.mutants.change import Change, Endpoint, Next
from tests.mutants.model import Mutant

_MEANT = Path(__file__).with_name("meant.toml")


class Recorded(Change):
    """Notes what would be changed, and changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.places: set[str] = set()

    def replace(self, owner: Any, name: str, value: object) -> None:
        """Note a function, a method or a value."""
        named = getattr(owner, "__name__", type(owner).__name__)
        self.places.add(f"{named.rpartition('.')[2]}.{name}")

    def rewrite(self, owner: Any, name: str, old: str, new: str) -> None:
        """Note a text."""
        self.replace(owner, name, new)

    def settings(self, **values: Any) -> None:
        """Note settings."""
        self.places |= {f"setting {name}" for name in values}

    def schema(self, *statements: str) -> None:
        """Note the schema."""
        self.places.add("schema")

    def sessions(self, kind: type[Sessions], path: str | None = None) -> None:
        """Note how sessions are made."""
        self.places.add(f"sessions of {path or 'every login'}")

    def endpoint(self, method: str, path: str, function: Endpoint, **options: Any) -> None:
        """Note an endpoint."""
        self.places.add(f"{method} {path}")

    def middleware(self, middleware: Callable[[ASGIApp], ASGIApp]) -> None:
        """Note nothing: a mutant's middleware only hands something on to what it replaces."""

    def in_front(self, function: Callable[[Request, Next], Awaitable[Response]]) -> None:
        """Note the application as a whole."""
        self.places.add("application")

    def afterwards(self, alter: Callable[[FastAPI], None]) -> None:
        """Note the application as a whole."""
        self.places.add("application")


@cache
def changed_places(mutant: Mutant) -> frozenset[str]:
    """Return the places that a mutant of the reference changes."""
    change = Recorded()
    mutant.alter(change)
    return frozenset(change.places)


@cache
def meant() -> dict[str, list[str]]:
    """Return the patterns of places that each "Where to look" means."""
    table: dict[str, Any] = tomllib.loads(_MEANT.read_text(encoding="utf-8"))
    parts: dict[str, list[str]] = table["parts"]
    return {
        text: [pattern for name in names for pattern in parts[name]]
        for text, names in table["look_at"].items()
    }


def is_meant(looks: Iterable[str], places: Iterable[str]) -> bool:
    """Tell whether one of these "Where to look" means one of the places."""
    patterns = [pattern for look in looks for pattern in meant()[look]]
    return any(fnmatchcase(place, pattern) for place in places for pattern in patterns)
