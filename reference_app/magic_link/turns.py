"""One request at a time for an address, within this process.

Requests for one address wait for one another in PostgreSQL (FR-7). If each of a burst held a
connection while it waits, no connection would be left for people who log in.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from psycopg import OperationalError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Turns:
    """Lets those who name the same address through one after another, in the order they came."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        # A lock lives as long as somebody waits for it or has it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncIterator[None]:
        """Wait for the turn and have it for the block; raise OperationalError when it is late."""
        lock = self._locks.setdefault(address.casefold(), asyncio.Lock())
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await lock.acquire()
        except TimeoutError as error:
            raise OperationalError("the address was held up by others") from error
        try:
            yield
        finally:
            lock.release()
