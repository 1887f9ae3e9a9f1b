"""How long a provider takes to accept a message, learnt from the recent deliveries.

A rehearsal over SMTP must stop before the message itself, and there a provider spends most of its
time. So a rehearsal waits as long as a recent delivery did, one drawn at random: that has the same
distribution.

Each process learns for itself. It goes by its deliveries once it has seen LEARNT_AFTER of them;
until then a floor under both (MAIL_PACING_FLOOR_SECONDS) hides the difference from a provider that
is faster than the floor.
"""

from __future__ import annotations

import random
from collections import deque

WINDOW = 20
LEARNT_AFTER = 3


class AcceptanceTimes:
    """The recent deliveries of this process, in seconds each."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=WINDOW)

    @property
    def learning(self) -> bool:
        """Return whether too few deliveries were seen to go by."""
        return len(self._recent) < LEARNT_AFTER

    def record(self, seconds: float) -> None:
        """Take note of how long a delivery took that was accepted."""
        self._recent.append(seconds)

    def draw(self) -> float:
        """Return how long a delivery might take."""
        return random.choice(self._recent) if self._recent else 0.0
