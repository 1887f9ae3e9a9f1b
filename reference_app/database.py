"""The connection pool. Queries are in the repositories, nowhere else."""

from __future__ import annotations

import asyncio
import select
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from psycopg import AsyncConnection, OperationalError
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from reference_app.settings import Settings

CONNECT_TIMEOUT_SECONDS = 5
# The pool's own attempts to connect wait ever longer: after an outage of minutes it would come
# back minutes late. Given up soon, they start afresh with the next request.
RECONNECT_TIMEOUT_SECONDS = 2.0


class Pool(AsyncConnectionPool[AsyncConnection[TupleRow]]):
    """Gives out connections that live, for a bounded time.

    Everything that goes wrong between here and PostgreSQL is a psycopg.OperationalError.
    """

    def __init__(self, database_url: str, *, max_size: int, timeout_seconds: float) -> None:
        """Make a closed pool.

        `timeout_seconds` bounds the wait for a connection and each statement; twice that bounds
        the whole, also when the server is stuck. To give up on such a server takes psycopg up to
        ten seconds more.
        """
        milliseconds = max(1, int(timeout_seconds * 1000))
        super().__init__(
            database_url,
            kwargs={
                # Outside a transaction block every statement commits by itself.
                "autocommit": True,
                "connect_timeout": CONNECT_TIMEOUT_SECONDS,
                # A standby takes no writes: after a failover, look for the new primary.
                "target_session_attrs": "read-write",
                "options": f"-c statement_timeout={milliseconds}"
                f" -c idle_in_transaction_session_timeout={milliseconds}",
                # For a network that swallows everything.
                "keepalives_idle": 30,
                "tcp_user_timeout": 2 * milliseconds,
            },
            min_size=min(2, max_size),
            max_size=max_size,
            timeout=timeout_seconds,
            reconnect_timeout=RECONNECT_TIMEOUT_SECONDS,
            check=self._expect_silence,
            open=False,
        )

    @asynccontextmanager
    async def connection(
        self,
        timeout: float | None = None,  # noqa: ASYNC109 - the method that this one bounds has it
    ) -> AsyncIterator[AsyncConnection[TupleRow]]:
        """Lend a connection, on which every statement outside `transaction()` commits by itself."""
        deadline = asyncio.get_running_loop().time() + 2 * self.timeout
        connection = await self.getconn(timeout)
        try:
            async with asyncio.timeout_at(deadline):
                yield connection
        except TimeoutError as error:
            raise OperationalError("the database did not answer in time") from error
        finally:
            # Also rolls back what was left open, and replaces a connection that broke.
            await self.putconn(connection)

    async def _expect_silence(self, connection: AsyncConnection[Any]) -> None:
        # An idle connection has nothing to say but that it ends. One look, no round trip.
        poller = select.poll()
        poller.register(connection.fileno(), select.POLLIN)
        if poller.poll(0):
            await connection.close()
            # The others went with it, most likely: a request each would have to find that out.
            await self.drain()
            raise OperationalError("the server has closed the connection")


def make_pool(settings: Settings) -> Pool:
    """Return the application's pool, closed."""
    return Pool(
        settings.database_url.get_secret_value(),
        max_size=settings.database_pool_size,
        timeout_seconds=settings.database_timeout_seconds,
    )
