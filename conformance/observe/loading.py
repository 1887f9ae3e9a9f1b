"""How the values of a target's rows are read: whatever is stored, a value comes out.

PostgreSQL knows times that Python does not (`infinity`, years before 1 and after 9999), JSON may
be nested without an end, and a database without an encoding holds any bytes.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader

_TEXTS = ("text", "varchar", "bpchar", "name", "json", "jsonb", "interval")


class _Text(Loader):
    """Text as it is written; what is not UTF-8 is replaced."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode("utf-8", errors="replace")


def _or_text(loader: type[Loader]) -> type[Loader]:
    """Return a loader that gives the text of what `loader` has no value for."""

    class OrText(loader):  # type: ignore[misc, valid-type]
        def load(self, data: Buffer) -> Any:
            try:
                return super().load(data)
            except psycopg.DataError:
                return bytes(data).decode("utf-8", errors="replace")

    return OrText


def register_loaders(connection: psycopg.Connection[Any]) -> None:
    """Let a connection read every value of the types that may hold what Python cannot."""
    adapters = connection.adapters
    for name in _TEXTS:
        adapters.register_loader(name, _Text)
    adapters.register_loader("date", _or_text(DateLoader))
    adapters.register_loader("timestamp", _or_text(TimestampLoader))
    adapters.register_loader("timestamptz", _or_text(TimestamptzLoader))
