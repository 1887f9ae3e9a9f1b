"""How long a provider takes to accept a message, learnt from the recent deliveries.

A rehearsal over SMTP must stop before the message itself, and there a provider spends most of its
time. So a rehearsal repeats what a recent delivery met at that point: the time of one drawn at
random, which has the same distribution, or, when the last delivery was refused, that refusal.

Each process learns for itself. It goes by its deliveries once it has seen LEARNT_AFTER of them;
until then a floor under both (MAIL_PACING_FLOOR_SECONDS) hides the difference from a provider that
is faster than the floor. What remains: the first few mails through a slower provider; a provider
that changes its pace, for up to WINDOW deliveries; the first request in an outage that only shows
at the end of the message. After such an outage, strangers are still told 503 until one delivery is
accepted, or for REFUSAL_MEMORY_SECONDS.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass

WINDOW = 20
LEARNT_AFTER = 3
REFUSAL_MEMORY_SECONDS = 30.0


@dataclass(frozen=True)
class Acceptance:
    """What one delivery met: how long the provider took, and whether it took the message."""

    seconds: float
    accepted: bool
    at: float


class AcceptanceTimes:
    """The recent deliveries of this process. Times are the event loop's, in seconds."""

    def __init__(self) -> None:
        self._accepted: deque[Acceptance] = deque(maxlen=WINDOW)
        self._last: Acceptance | None = None

    @property
    def learning(self) -> bool:
        """Tell whether too few deliveries were seen to go by."""
        return len(self._accepted) < LEARNT_AFTER

    def record(self, acceptance: Acceptance) -> None:
        """Take note of a delivery."""
        self._last = acceptance
        if acceptance.accepted:
            self._accepted.append(acceptance)

    def draw(self, at: float) -> Acceptance:
        """Return what a delivery started at `at` might meet."""
        last = self._last
        if last and not last.accepted and at - last.at < REFUSAL_MEMORY_SECONDS:
            return last
        if not self._accepted:
            return Acceptance(seconds=0.0, accepted=True, at=at)
        return random.choice(self._accepted)
