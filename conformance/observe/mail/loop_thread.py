"""An asyncio event loop in a thread of its own, for servers inside a synchronous program."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

CALL_TIMEOUT_SECONDS = 10.0


class SteadyLoop(asyncio.SelectorEventLoop):
    """Keeps timers right for servers in threads of the harness.

    While freezegun starts it fakes `time.monotonic` for a moment, loop clocks included: a timer set
    within that moment would fire minutes late, or never.
    """

    def time(self, _clock: Callable[[], float] = time.monotonic) -> float:
        """Return the real monotonic time; a default argument is out of freezegun's reach."""
        return _clock()


class LoopThread:
    """Runs coroutines on its loop until it is closed; then no thread and no task is left."""

    def __init__(self, name: str) -> None:
        self._loop = SteadyLoop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and return its result."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return future.result(CALL_TIMEOUT_SECONDS)

    def close(self, shut_down: Coroutine[Any, Any, None] | None = None) -> None:
        """Run `shut_down`, cancel what still runs, then stop the loop and its thread."""
        try:
            if shut_down is not None:
                self.run(shut_down)
            self.run(_cancel_other_tasks())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(CALL_TIMEOUT_SECONDS)
            self._loop.close()


async def _cancel_other_tasks() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
