"""How the values of a target's rows are read, including those that Python cannot represent.

PostgreSQL has times that Python does not (`infinity`, years before 1 and after 9999), JSON may be
nested to any depth, and a database without an encoding may store any bytes. They are read as text.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader

_TEXTS = ("text", "varchar", "bpchar", "name", "json", "jsonb", "interval")


class _Text(Loader):
    """Text as it is stored; bytes that are not UTF-8 are replaced."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode("utf-8", errors="replace")


def _or_text(loader: type[Loader]) -> type[Loader]:
    """Return a loader that falls back to text where `loader` has no value."""

    class OrText(loader):  # type: ignore[misc, valid-type]
        def load(self, data: Buffer) -> Any:
            try:
                return super().load(data)
            except psycopg.DataError:
                return bytes(data).decode("utf-8", errors="replace")

    return OrText


def register_loaders(connection: psycopg.Connection[Any]) -> None:
    """Let a connection read values that Python cannot represent as text."""
    adapters = connection.adapters
    for name in _TEXTS:
        adapters.register_loader(name, _Text)
    adapters.register_loader("date", _or_text(DateLoader))
    adapters.register_loader("timestamp", _or_text(TimestampLoader))
    adapters.register_loader("timestamptz", _or_text(TimestamptzLoader))
