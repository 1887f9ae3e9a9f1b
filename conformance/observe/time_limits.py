"""Breaks off code of somebody else's that takes too long: a search in a text, an import."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Literal

# What a limit counts: seconds, or seconds of this process's processor time, so that a busy machine
# does not count.
Measure = Literal["time", "processor time"]
_TIMERS = {
    "time": (signal.ITIMER_REAL, signal.SIGALRM),
    "processor time": (signal.ITIMER_VIRTUAL, signal.SIGVTALRM),
}


class TimeIsUp(BaseException):
    """The time is up. `except Exception` in the code that takes so long does not catch it."""


@contextmanager
def at_most(seconds: float, measure: Measure = "time") -> Iterator[None]:
    """Raise `TimeIsUp` in the with-block when its time is up.

    It takes a signal, which reaches the main thread only: in another thread there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    timer, number = _TIMERS[measure]
    before = signal.signal(number, _interrupt)
    signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, before)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    del signum, frame
    raise TimeIsUp
