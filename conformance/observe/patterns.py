"""Regular expressions of a description, on what a target wrote: a search takes only so long."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from conformance.outcomes import CantTell

# Of processor time, so that a busy machine makes no pattern slow.
_SECONDS = 2.0


class Pattern:
    """A regular expression that a description has at `key`.

    One like `(a+)+$` can take years on one line. A search that takes too long is broken off, and
    from then on the pattern is not tried again.
    """

    def __init__(self, key: str, pattern: str) -> None:
        self._key = key
        self._pattern = re.compile(pattern)
        self._is_slow = False

    def found_in(self, text: str) -> bool:
        """Tell whether the text holds a match; raises `CantTell` when that takes too long."""
        if not self._is_slow:
            try:
                with _only_so_long():
                    return self._pattern.search(text) is not None
            except _TimeIsUp:
                self._is_slow = True
        raise CantTell(
            f"{self._key}: the search for {self._pattern.pattern!r} takes too long on a line of "
            "the log: write it without repetitions within repetitions"
        )


class _TimeIsUp(Exception):
    pass


@contextmanager
def _only_so_long() -> Iterator[None]:
    """Raise `_TimeIsUp` in the with-block when its time is up; signals reach the main thread only.

    While it searches Python looks for signals, and lets nothing else run.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    del signum, frame
    raise _TimeIsUp
