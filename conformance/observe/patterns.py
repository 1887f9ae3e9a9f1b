"""Regular expressions of a description, on what a target wrote: a search takes only so long."""

from __future__ import annotations

import re

from conformance.observe.time_limits import TimeIsUp, at_most
from conformance.outcomes import CantTell

# Of processor time. While it searches Python looks for signals, and lets nothing else run.
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
        """Return whether the text holds a match; raises `CantTell` when that takes too long."""
        if not self._is_slow:
            try:
                with at_most(_SECONDS, "processor time"):
                    return self._pattern.search(text) is not None
            except TimeIsUp:
                self._is_slow = True
        raise CantTell(
            f"{self._key}: the search for {self._pattern.pattern!r} takes too long on a line of "
            "the log: write it without repetitions within repetitions"
        )
