"""An asyncio event loop whose clock stays real while freezegun moves the time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class SteadyLoop(asyncio.SelectorEventLoop):
    """Keeps timers right for servers in threads of the harness.

    While freezegun starts it fakes `time.monotonic` for a moment, loop clocks included: a timer set
    within that moment would fire minutes late, or never.
    """

    def time(self, _clock: Callable[[], float] = time.monotonic) -> float:
        """Return the real monotonic time; a default argument is out of freezegun's reach."""
        return _clock()
